// SPDX-License-Identifier: Apache-2.0
//
// A bundle written. Blobs have the names of their contents, so they can be put down beside those of
// the bundle that is there; the index, replaced in one step, says which of them count.

#include "model/bundle.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"

static gy_status no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory to write a bundle");
}

// ---- what may be written

static bool is_plain(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\' || *text == 0x7f)
            return false;
    return true;
}

static gy_status check_files(gy_bundle_facts *facts, const gy_bundle_file *files, size_t count,
                             gy_error *err)
{
    bool has_model = false;
    if (count == 0 || count > GY_BUNDLE_FILES_MAX)
        return gy_fail(err, count == 0 ? GY_INVALID : GY_LIMIT,
                       "a bundle of %zu files, must be 1 to %d", count, GY_BUNDLE_FILES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (gy_bundle_media_type(files[i].role) == NULL || !is_plain(files[i].name))
            return gy_fail(err, GY_INVALID, "file '%s' cannot be in a bundle as '%s'",
                           files[i].path, files[i].role);
        if (!has_model && strcmp(files[i].role, "model") == 0) {
            has_model = true;
            facts->model = files[i].id;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(files[k].name, files[i].name) == 0)
                return gy_fail(err, GY_INVALID, "two files of the bundle are named '%s'",
                               files[i].name);
    }
    if (!has_model)
        return gy_fail(err, GY_INVALID, "a bundle needs an ONNX file");
    if (!is_plain(facts->data) || !is_plain(facts->commit) || !is_plain(facts->run))
        return gy_fail(err, GY_INVALID, "data version, commit and run must be plain text");
    return GY_OK;
}

// What stands in the folder now: nothing, or a bundle with a counter.
static gy_status find_counter(uint64_t *counter, bool *is_there, const char *folder,
                              gy_arena *arena, gy_error *err)
{
    gy_bundle_parts parts;
    gy_bundle old = {0};
    gy_bundle_blob config;
    const char *index = gy_arena_format(arena, "%s/index.json", folder);
    const char *layout = gy_arena_format(arena, "%s/oci-layout", folder);
    if (index == NULL || layout == NULL)
        return no_memory(err);
    *counter = 0;
    *is_there = gy_file_exists(index);
    if (!*is_there) {
        // A folder that a killed command began has its layout, or the draft of it, and no index.
        if (!gy_file_exists(folder) || gy_file_exists(layout))
            return GY_OK;
        int file = gy_io_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        gy_folder_name *names;
        size_t count = 1;
        gy_status status =
            file < 0 ? GY_OK : gy_folder_list(&names, &count, file, folder, arena, err);
        if (file >= 0)
            close(file);
        GY_TRY(status);
        bool is_draft =
            count == 1 && file >= 0 && strcmp(names[0].name, ".oci-layout.gyre-draft") == 0;
        return count == 0 || is_draft
                   ? GY_OK
                   : gy_fail(err, GY_REFUSED,
                             "'%s' holds something that is not a bundle; name another folder",
                             folder);
    }
    GY_TRY(gy_bundle_read_parts(&parts, folder, arena, err));
    GY_TRY(gy_bundle_parse(&old, &config, folder, parts.manifest, (size_t)parts.manifest_blob.bytes,
                           arena, err));
    *counter = old.facts.counter;
    return GY_OK;
}

static gy_status choose_counter(gy_bundle_facts *facts, bool *is_there, const char *folder,
                                gy_arena *arena, gy_error *err)
{
    uint64_t old;
    GY_TRY(find_counter(&old, is_there, folder, arena, err));
    if (facts->counter == 0)
        facts->counter = old + 1;
    if (facts->counter <= old)
        return gy_fail(err, GY_REFUSED,
                       "counter %" PRIu64 " is not above %" PRIu64 ", that of the bundle in '%s'",
                       facts->counter, old, folder);
    return GY_OK;
}

// ---- writing

/** A bundle while it is written: which blobs are new, to take them back after a failure. */
typedef struct writer {
    const char *folder;
    gy_arena *arena;
    const char *written[GY_BUNDLE_FILES_MAX + 8];
    size_t count;
    gy_id kept[GY_BUNDLE_FILES_MAX + 8]; // all blobs of this bundle
    size_t kept_count;
    bool is_named; // the index names this bundle
} writer;

static gy_status put_blob(writer *to, const void *bytes, size_t size_bytes, const gy_id *id,
                          gy_error *err)
{
    const char *path = gy_bundle_blob_path(to->folder, id, to->arena);
    if (path == NULL)
        return no_memory(err);
    to->kept[to->kept_count++] = *id;
    gy_id there;
    // A blob that is there is trusted only after its bytes were looked at.
    bool exists = gy_file_exists(path);
    if (exists && gy_id_of_file(&there, path, NULL) == GY_OK && gy_id_compare(&there, id) == 0)
        return GY_OK;
    if (!exists) // another may be the old bundle's, and stays when this one fails
        to->written[to->count++] = path;
    return gy_file_replace(path, bytes, size_bytes, err);
}

static gy_status put_text(gy_bundle_blob *blob, writer *to, gy_text *text, gy_error *err)
{
    if (text->status != GY_OK) {
        gy_text_release(text);
        return no_memory(err);
    }
    *blob = gy_bundle_blob_of(text);
    gy_status status = put_blob(to, text->bytes, text->length, &blob->id, err);
    gy_text_release(text);
    return status;
}

static gy_status put_file(writer *to, gy_bundle_file *file, gy_error *err)
{
    gy_file_map map;
    GY_TRY(gy_file_map_open(&map, file->path, err));
    gy_id id;
    gy_id_of_bytes(&id, map.bytes, map.size_bytes);
    gy_status status = GY_OK;
    if (gy_id_compare(&id, &file->id) != 0)
        status = gy_fail(err, GY_REFUSED, "file '%s' changed while it was read; run it again",
                         file->path);
    else
        status = put_blob(to, map.bytes, map.size_bytes, &file->id, err);
    gy_file_map_close(&map);
    return status;
}

// The step that counts. If only the sync behind it fails, the new name may stand: then its blobs
// must stay, and also where the index cannot be read to tell.
static gy_status put_index(writer *to, const gy_bundle_blob *manifest,
                           const gy_bundle_blob *signed_by, gy_error *err)
{
    gy_text text = {0};
    gy_bundle_put_index(&text, manifest, signed_by);
    const char *path = gy_arena_format(to->arena, "%s/index.json", to->folder);
    if (text.status != GY_OK || path == NULL) {
        gy_text_release(&text);
        return no_memory(err);
    }
    gy_status status = gy_file_replace(path, text.bytes, text.length, err);
    gy_id own, there;
    gy_id_of_bytes(&own, text.bytes, text.length);
    gy_status seen = status == GY_OK ? GY_OK : gy_id_of_file(&there, path, NULL);
    to->is_named = status == GY_OK ||
                   (seen == GY_OK ? gy_id_compare(&own, &there) == 0 : seen != GY_NOT_FOUND);
    gy_text_release(&text);
    return status;
}

static gy_status put_manifests(writer *to, const gy_bundle_facts *facts,
                               const gy_bundle_file *files, size_t count, const gy_secret_key *key,
                               gy_error *err)
{
    gy_text text = {0};
    gy_bundle_blob config, manifest, empty, signed_by;
    gy_signature signature;
    gy_bundle_put_config(&text, facts, files, count);
    GY_TRY(put_text(&config, to, &text, err));
    gy_text_add(&text, GY_BUNDLE_EMPTY);
    GY_TRY(put_text(&empty, to, &text, err));
    gy_bundle_put_manifest(&text, facts, &config, files, count);
    gy_status status = text.status != GY_OK
                           ? no_memory(err)
                           : gy_sign_bytes(&signature, key, text.bytes, text.length, err);
    if (status != GY_OK) {
        gy_text_release(&text);
        return status;
    }
    GY_TRY(put_text(&manifest, to, &text, err));
    gy_bundle_put_signature(&text, &manifest, gy_sign_public_text(&key->public_key).text,
                            &signature);
    GY_TRY(put_text(&signed_by, to, &text, err));

    return put_index(to, &manifest, &signed_by, err);
}

static gy_status put_all(writer *to, const gy_bundle_facts *facts, gy_bundle_file *files,
                         size_t count, const gy_secret_key *key, gy_error *err)
{
    const char *blobs = gy_arena_format(to->arena, "%s/blobs/sha256", to->folder);
    const char *layout = gy_arena_format(to->arena, "%s/oci-layout", to->folder);
    if (blobs == NULL || layout == NULL)
        return no_memory(err);
    GY_TRY(gy_file_make_folders(to->folder, err));
    GY_TRY(gy_file_replace(layout, GY_BUNDLE_LAYOUT, strlen(GY_BUNDLE_LAYOUT), err));
    GY_TRY(gy_file_make_folders(blobs, err));
    for (size_t i = 0; i < count; i++)
        GY_TRY(put_file(to, &files[i], err));
    return put_manifests(to, facts, files, count, key, err);
}

// Remove blobs that the index names no more. What cannot be removed does no harm.
static void remove_old(const writer *to)
{
    const char *path = gy_arena_format(to->arena, "%s/blobs/sha256", to->folder);
    int folder = path == NULL ? -1 : gy_io_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    gy_folder_name *names;
    size_t count;
    if (folder < 0)
        return;
    if (gy_folder_list(&names, &count, folder, path, to->arena, NULL) == GY_OK)
        for (size_t i = 0; i < count; i++) {
            gy_id id;
            bool is_kept = false;
            if (gy_id_parse(&id, names[i].name, NULL) != GY_OK)
                continue;
            for (size_t k = 0; k < to->kept_count; k++)
                is_kept = is_kept || gy_id_compare(&id, &to->kept[k]) == 0;
            if (!is_kept)
                (void)gy_io_unlink_at(folder, names[i].name);
        }
    close(folder);
}

// After a failure: what this call put down is taken away again. The old index may still name a blob
// only if it was there before, and then it was not written.
static void take_back(const writer *to, bool was_there)
{
    char path[4096];
    for (size_t i = 0; i < to->count; i++)
        (void)unlink(to->written[i]);
    static const char *const rest[] = {"oci-layout", "blobs/sha256", "blobs", ""};
    for (size_t i = 0; !was_there && i < 4; i++) {
        if (snprintf(path, sizeof(path), "%s/%s", to->folder, rest[i]) >= (int)sizeof(path))
            continue;
        if (i == 0)
            (void)unlink(path);
        else
            (void)rmdir(path);
    }
}

gy_status gy_bundle_write(const char *folder, gy_bundle_facts *facts, gy_bundle_file *files,
                          size_t count, const char *key, gy_arena *arena, gy_error *err)
{
    assert(folder != NULL && facts != NULL && files != NULL && key != NULL);
    gy_secret_key secret;
    bool was_there;
    for (size_t i = 0; i < count && i < GY_BUNDLE_FILES_MAX; i++) {
        gy_file_map map;
        GY_TRY(gy_file_map_open(&map, files[i].path, err));
        gy_id_of_bytes(&files[i].id, map.bytes, map.size_bytes);
        files[i].bytes = map.size_bytes;
        gy_file_map_close(&map);
    }
    GY_TRY(check_files(facts, files, count, err));
    GY_TRY(gy_sign_key_read(&secret, key, err));
    GY_TRY(choose_counter(facts, &was_there, folder, arena, err));
    writer *to = GY_NEW(arena, writer, 1);
    if (to == NULL)
        return no_memory(err);
    to->folder = folder;
    to->arena = arena;
    gy_status status = put_all(to, facts, files, count, &secret, err);
    if (status == GY_OK)
        remove_old(to);
    else if (!to->is_named)
        take_back(to, was_there);
    return status;
}

gy_status gy_bundle_new_key(const char *path, gy_error *err)
{
    gy_secret_key key;
    char public_path[4096];
    if (snprintf(public_path, sizeof(public_path), "%s.pub", path) >= (int)sizeof(public_path))
        return gy_fail(err, GY_LIMIT, "path '%.40s...' is too long", path);
    // A command that was killed between the two leaves the secret half: its other half is written.
    if (gy_file_exists(path) && !gy_file_exists(public_path)) {
        GY_TRY(gy_sign_key_read(&key, path, err));
        return gy_sign_public_write(public_path, &key.public_key, err);
    }
    GY_TRY(gy_sign_generate(&key, err));
    GY_TRY(gy_sign_key_write(path, &key, err));
    gy_status status = gy_sign_public_write(public_path, &key.public_key, err);
    if (status != GY_OK)
        (void)unlink(path);
    return status;
}
