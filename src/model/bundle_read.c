// SPDX-License-Identifier: Apache-2.0
//
// A bundle opened. The index names a manifest and a signature by their hashes; nothing of the
// manifest is believed before its signature is verified, and the texts that the signature does not
// cover must stand in their one form: no bit of a bundle is free.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "model/bundle.h"

char *gy_bundle_blob_path(const char *folder, const gy_id *id, gy_arena *arena)
{
    return gy_arena_format(arena, "%s/blobs/sha256/%s", folder, gy_id_text(id).text);
}

static const char *text_of(const gy_json *object, const char *key)
{
    const gy_json *value = gy_json_get(object, key);
    return value != NULL && value->kind == GY_JSON_STRING &&
                   strlen(value->text) == value->text_length
               ? value->text
               : NULL;
}

static bool count_of(uint64_t *number, const char *text)
{
    if (text == NULL || text[0] < '0' || text[0] > '9' || strlen(text) > 19)
        return false;
    char *end;
    *number = strtoull(text, &end, 10);
    return *end == '\0';
}

static bool read_blob(gy_bundle_blob *blob, const gy_json *descriptor)
{
    const char *digest = text_of(descriptor, "digest");
    const gy_json *size = gy_json_get(descriptor, "size");
    return digest != NULL && strncmp(digest, "sha256:", 7) == 0 &&
           gy_id_parse(&blob->id, digest + 7, NULL) == GY_OK && size != NULL &&
           size->kind == GY_JSON_NUMBER && count_of(&blob->bytes, size->text);
}

static gy_status refuse(const char *folder, const char *why, gy_error *err)
{
    return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: %s", folder, why);
}

static gy_status read_whole(char **bytes, const gy_bundle_blob *blob, const char *folder,
                            gy_arena *arena, gy_error *err)
{
    const char *path = gy_bundle_blob_path(folder, &blob->id, arena);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path in '%s'", folder);
    size_t size;
    gy_status status = gy_file_read(bytes, &size, path, GY_BUNDLE_MANIFEST_BYTES_MAX, arena, err);
    if (status == GY_NOT_FOUND)
        return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: it lacks blob %.12s", folder,
                       gy_id_text(&blob->id).text);
    GY_TRY(status);
    gy_id id;
    gy_id_of_bytes(&id, *bytes, size);
    if (size != blob->bytes || gy_id_compare(&id, &blob->id) != 0)
        return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: blob %.12s was changed", folder,
                       gy_id_text(&blob->id).text);
    return GY_OK;
}

// Whether a text is exactly what we would write.
static bool is_exact(const gy_text *own, const char *bytes, size_t length)
{
    return own->length == length && memcmp(own->bytes, bytes, length) == 0;
}

gy_status gy_bundle_read_parts(gy_bundle_parts *parts, const char *folder, gy_arena *arena,
                               gy_error *err)
{
    const char *path = gy_arena_format(arena, "%s/index.json", folder);
    char *bytes;
    size_t size;
    gy_json *index;
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path in '%s'", folder);
    GY_TRY(gy_file_read(&bytes, &size, path, GY_BUNDLE_MANIFEST_BYTES_MAX, arena, err));
    GY_TRY(gy_json_parse(&index, bytes, size, path, arena, err));
    const gy_json *list = gy_json_get(index, "manifests");
    if (list == NULL || list->kind != GY_JSON_ARRAY || list->count != 2 ||
        !read_blob(&parts->manifest_blob, &list->items[0]) ||
        !read_blob(&parts->signature_blob, &list->items[1]))
        return gy_fail(err, GY_FORMAT, "'%s' is not the index of a bundle", path);
    gy_text own = {0};
    gy_bundle_put_index(&own, &parts->manifest_blob, &parts->signature_blob);
    bool exact = is_exact(&own, bytes, size), complete = own.status == GY_OK;
    gy_text_release(&own);
    if (!complete)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the index of '%s'", folder);
    if (!exact)
        return refuse(folder, "its index is not in the form of a bundle", err);
    GY_TRY(read_whole(&parts->manifest, &parts->manifest_blob, folder, arena, err));
    return read_whole(&parts->signature, &parts->signature_blob, folder, arena, err);
}

// ---- the manifest

static bool read_signature(gy_signature *signature, const char *hex)
{
    gy_id halves[2];
    char half[65] = {0};
    if (hex == NULL || strlen(hex) != 128)
        return false;
    for (size_t i = 0; i < 2; i++) {
        memcpy(half, hex + 64 * i, 64);
        if (gy_id_parse(&halves[i], half, NULL) != GY_OK)
            return false;
        memcpy(signature->bytes + 32 * i, halves[i].bytes, 32);
    }
    return true;
}

static gy_status verify_signature(const gy_bundle_parts *parts, const gy_public_key *trusted,
                                  const char *folder, gy_arena *arena, gy_error *err)
{
    gy_json *root;
    gy_signature signature;
    GY_TRY(gy_json_parse(&root, parts->signature, (size_t)parts->signature_blob.bytes,
                         "the signature's manifest", arena, err));
    const gy_json *says = gy_json_get(root, "annotations");
    const char *key = text_of(says, "io.gyre.key");
    const gy_public_key_text expected = gy_sign_public_text(trusted);
    if (key == NULL || !read_signature(&signature, text_of(says, "io.gyre.signature")))
        return refuse(folder, "it has no signature", err);
    gy_text own = {0};
    gy_bundle_put_signature(&own, &parts->manifest_blob, key, &signature);
    bool exact = is_exact(&own, parts->signature, (size_t)parts->signature_blob.bytes);
    bool complete = own.status == GY_OK;
    gy_text_release(&own);
    if (!complete)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the signature of '%s'", folder);
    if (!exact)
        return refuse(folder, "its signature is of another manifest", err);
    if (strcmp(key, expected.text) != 0)
        return gy_fail(err, GY_REFUSED,
                       "bundle '%s' is refused: signed by %.20s..., not by %.20s...", folder, key,
                       expected.text);
    gy_error problem = {0};
    gy_status status = gy_sign_verify(trusted, &signature, parts->manifest,
                                      (size_t)parts->manifest_blob.bytes, &problem);
    if (status == GY_REFUSED)
        return refuse(folder, "the signature does not fit its manifest", err);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "%s", problem.message);
}

static bool read_file(gy_bundle_file *file, const gy_json *layer)
{
    gy_bundle_blob blob;
    const gy_json *says = gy_json_get(layer, "annotations");
    file->name = text_of(says, "org.cncf.model.filepath");
    file->role = text_of(says, "io.gyre.role");
    if (file->name == NULL || file->role == NULL || gy_bundle_media_type(file->role) == NULL ||
        !read_blob(&blob, layer))
        return false;
    file->id = blob.id;
    file->bytes = blob.bytes;
    return true;
}

static gy_status read_facts(gy_bundle_facts *facts, const gy_json *says, const char *folder,
                            gy_error *err)
{
    const char *version = text_of(says, "io.gyre.version"), *model = text_of(says, "io.gyre.model");
    const char *expires = text_of(says, "io.gyre.expires");
    if (version == NULL || strcmp(version, "1") != 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "bundle '%s' has version %.20s, this gyre knows version 1; a newer gyre may "
                       "read it",
                       folder, version == NULL ? "none" : version);
    *facts = (gy_bundle_facts){.data = text_of(says, "io.gyre.data"),
                               .commit = text_of(says, "io.gyre.commit"),
                               .run = text_of(says, "io.gyre.run")};
    if (model == NULL || gy_id_parse(&facts->model, model, NULL) != GY_OK ||
        !count_of(&facts->counter, text_of(says, "io.gyre.counter")) || facts->counter == 0)
        return gy_fail(err, GY_FORMAT, "bundle '%s' names no model or counter", folder);
    if (expires != NULL)
        GY_TRY(gy_bundle_time_read(&facts->expires_s, expires, err));
    return GY_OK;
}

gy_status gy_bundle_parse(gy_bundle *bundle, gy_bundle_blob *config, const char *folder,
                          const char *manifest, size_t size_bytes, gy_arena *arena, gy_error *err)
{
    gy_json *root;
    GY_TRY(gy_json_parse(&root, manifest, size_bytes, "the bundle's manifest", arena, err));
    GY_TRY(read_facts(&bundle->facts, gy_json_get(root, "annotations"), folder, err));
    const gy_json *layers = gy_json_get(root, "layers");
    if (layers == NULL || layers->kind != GY_JSON_ARRAY || layers->count == 0 ||
        layers->count > GY_BUNDLE_FILES_MAX || !read_blob(config, gy_json_get(root, "config")))
        return gy_fail(err, GY_FORMAT, "bundle '%s' holds no files", folder);
    bundle->file_count = layers->count;
    bundle->files = GY_NEW(arena, gy_bundle_file, layers->count);
    if (bundle->files == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu files", layers->count);
    for (size_t i = 0; i < layers->count; i++) {
        gy_bundle_file *file = &bundle->files[i];
        if (!read_file(file, &layers->items[i]))
            return gy_fail(err, GY_FORMAT, "bundle '%s': layer %zu is malformed", folder, i + 1);
        file->path = gy_bundle_blob_path(folder, &file->id, arena);
        if (file->path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path in '%s'", folder);
    }
    return GY_OK;
}

// ---- the whole

static gy_status verify_file(const gy_bundle_file *file, const char *folder, gy_error *err)
{
    gy_file_map map;
    gy_id id;
    gy_status status = gy_file_map_open(&map, file->path, err);
    if (status == GY_NOT_FOUND)
        return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: it lacks '%s'", folder,
                       file->name);
    GY_TRY(status);
    bool same = map.size_bytes == file->bytes;
    gy_id_of_bytes(&id, map.bytes, map.size_bytes);
    gy_file_map_close(&map);
    if (!same || gy_id_compare(&id, &file->id) != 0)
        return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: '%s' was changed", folder,
                       file->name);
    return GY_OK;
}

static gy_status check_age(const gy_bundle_facts *facts, const char *folder, uint64_t counter_min,
                           int64_t now_s, gy_error *err)
{
    if (facts->counter < counter_min)
        return gy_fail(err, GY_REFUSED,
                       "bundle '%s' is refused: its counter is %" PRIu64 ", %" PRIu64
                       " was seen already",
                       folder, facts->counter, counter_min);
    if (facts->expires_s != 0 && now_s != 0 && now_s > facts->expires_s)
        return gy_fail(err, GY_REFUSED, "bundle '%s' is refused: it expired at %s", folder,
                       gy_bundle_time_text(facts->expires_s).text);
    return GY_OK;
}

static gy_status check_layout(const char *folder, gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t size;
    const char *path = gy_arena_format(arena, "%s/oci-layout", folder);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path in '%s'", folder);
    GY_TRY(gy_file_read(&bytes, &size, path, GY_BUNDLE_MANIFEST_BYTES_MAX, arena, err));
    if (size != strlen(GY_BUNDLE_LAYOUT) || memcmp(bytes, GY_BUNDLE_LAYOUT, size) != 0)
        return refuse(folder, "its oci-layout is not of version 1.0.0", err);
    return GY_OK;
}

gy_status gy_bundle_peek(gy_bundle *bundle, const char *folder, gy_arena *arena, gy_error *err)
{
    gy_bundle_parts parts;
    gy_bundle_blob config;
    *bundle = (gy_bundle){0};
    GY_TRY(gy_bundle_read_parts(&parts, folder, arena, err));
    GY_TRY(gy_bundle_parse(bundle, &config, folder, parts.manifest,
                           (size_t)parts.manifest_blob.bytes, arena, err));
    bundle->manifest = parts.manifest_blob.id;
    return GY_OK;
}

gy_status gy_bundle_open(gy_bundle *bundle, const char *folder, const char *trust,
                         uint64_t counter_min, int64_t now_s, gy_arena *arena, gy_error *err)
{
    gy_bundle_parts parts;
    gy_public_key trusted;
    gy_bundle_blob config;
    char *text;
    *bundle = (gy_bundle){0};
    GY_TRY(gy_sign_public_read(&trusted, trust, err));
    GY_TRY(check_layout(folder, arena, err));
    GY_TRY(gy_bundle_read_parts(&parts, folder, arena, err));
    GY_TRY(verify_signature(&parts, &trusted, folder, arena, err));
    GY_TRY(gy_bundle_parse(bundle, &config, folder, parts.manifest,
                           (size_t)parts.manifest_blob.bytes, arena, err));
    GY_TRY(check_age(&bundle->facts, folder, counter_min, now_s, err));
    GY_TRY(read_whole(&text, &config, folder, arena, err));
    gy_text empty_text = {.bytes = (char[]){GY_BUNDLE_EMPTY}, .length = 2};
    const gy_bundle_blob empty = gy_bundle_blob_of(&empty_text);
    GY_TRY(read_whole(&text, &empty, folder, arena, err));
    for (size_t i = 0; i < bundle->file_count; i++)
        GY_TRY(verify_file(&bundle->files[i], folder, err));
    bundle->manifest = parts.manifest_blob.id;
    bundle->key = gy_arena_format(arena, "%s", gy_sign_public_text(&trusted).text);
    return bundle->key == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a key") : GY_OK;
}
