// SPDX-License-Identifier: Apache-2.0
//
// Trees as bytes, both ways.

#include "store/tree.h"

#include <assert.h>
#include <string.h>

#include "store/bytes.h"

static const uint8_t magic[8] = {'g', 'y', 'r', 'e', 't', 'r', 'e', 'e'};

enum { HEAD_BYTES = 12, NAME_BYTES_MAX = 255, EXECUTABLE = 1 };

static gy_status grow(void **items, size_t *capacity, size_t count, size_t item_bytes,
                      gy_arena *arena, gy_error *err)
{
    if (count >= UINT32_MAX / 2)
        return gy_fail(err, GY_LIMIT, "over %u files in one dataset", UINT32_MAX / 2);
    void *more = gy_arena_grow(arena, *items, count, capacity, item_bytes);
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a list of %zu files", count + 1);
    *items = more;
    return GY_OK;
}

gy_status gy_listing_add_file(gy_listing *listing, const gy_list_file *file, gy_error *err)
{
    GY_TRY(grow((void **)&listing->files, &listing->file_capacity, listing->file_count,
                sizeof(*file), listing->arena, err));
    listing->files[listing->file_count++] = *file;
    return GY_OK;
}

gy_status gy_listing_add_folder(gy_listing *listing, const gy_list_folder *folder, gy_error *err)
{
    GY_TRY(grow((void **)&listing->folders, &listing->folder_capacity, listing->folder_count,
                sizeof(*folder), listing->arena, err));
    listing->folders[listing->folder_count++] = *folder;
    return GY_OK;
}

// Write the path of a folder, ending in a slash, so that it ends at `end`; returns its start.
static char *put_folder_path(char *end, const gy_listing *listing, uint32_t folder)
{
    for (; folder != 0; folder = listing->folders[folder].parent) {
        size_t length = strlen(listing->folders[folder].name);
        *--end = '/';
        end -= length;
        memcpy(end, listing->folders[folder].name, length);
    }
    return end;
}

static size_t folder_path_length(const gy_listing *listing, uint32_t folder)
{
    size_t length = 0;
    for (; folder != 0; folder = listing->folders[folder].parent)
        length += strlen(listing->folders[folder].name) + 1;
    return length;
}

char *gy_listing_path(const gy_listing *listing, const gy_list_file *file, gy_arena *arena)
{
    size_t above = folder_path_length(listing, file->folder), length = strlen(file->name);
    char *path = gy_arena_take(arena, above + length + 1, 1);
    if (path == NULL)
        return NULL;
    put_folder_path(path + above, listing, file->folder);
    memcpy(path + above, file->name, length);
    return path;
}

char *gy_listing_folder_path(const gy_listing *listing, uint32_t folder, gy_arena *arena)
{
    size_t length = folder_path_length(listing, folder);
    char *path = gy_arena_take(arena, length + 1, 1);
    if (path != NULL)
        put_folder_path(path + length, listing, folder);
    return path;
}

// ---- writing

static void add_varint(gy_text *out, uint64_t value)
{
    uint8_t bytes[GY_VARINT_BYTES_MAX];
    gy_text_append(out, bytes, gy_put_varint(bytes, value));
}

static void add_name(gy_text *out, const char *name)
{
    size_t length = strlen(name);
    add_varint(out, length);
    gy_text_append(out, name, length);
}

static void make_tree(gy_text *out, gy_list_folder *folder, const gy_listing *listing)
{
    uint8_t head[HEAD_BYTES];
    memcpy(head, magic, sizeof(magic));
    gy_put32(head + 8, GY_TREE_VERSION);
    gy_text_append(out, head, sizeof(head));
    add_varint(out, folder->file_count);
    add_varint(out, folder->folder_count);
    folder->samples = folder->file_count;
    folder->bytes = 0;
    for (uint32_t i = 0; i < folder->file_count; i++) {
        const gy_list_file *file = &listing->files[folder->file_first + i];
        uint8_t flags = file->executable ? EXECUTABLE : 0;
        assert(file->has_id);
        add_name(out, file->name);
        gy_text_append(out, &flags, 1);
        add_varint(out, file->mark.size_bytes);
        gy_text_append(out, file->id.bytes, sizeof(file->id.bytes));
        folder->bytes += file->mark.size_bytes;
    }
    for (uint32_t i = 0; i < folder->folder_count; i++) {
        const gy_list_folder *below = &listing->folders[folder->folder_first + i];
        add_name(out, below->name);
        add_varint(out, below->samples);
        add_varint(out, below->bytes);
        gy_text_append(out, below->id.bytes, sizeof(below->id.bytes));
        folder->samples += below->samples;
        folder->bytes += below->bytes;
    }
}

gy_status gy_tree_write(gy_pointer *pointer, gy_listing *listing, gy_writer *writer, gy_error *err)
{
    gy_text tree = {0};
    gy_status status = GY_OK;
    // Backwards: what is below a folder stands behind it.
    for (size_t i = listing->folder_count; status == GY_OK && i > 0; i--) {
        gy_list_folder *folder = &listing->folders[i - 1];
        tree.length = 0;
        make_tree(&tree, folder, listing);
        status = tree.status;
        if (status != GY_OK) {
            status = gy_fail(err, status, "no memory for a tree of %u files", folder->file_count);
            break;
        }
        gy_id_of_bytes(&folder->id, tree.bytes, tree.length);
        if (writer != NULL && !gy_writer_has(writer, &folder->id))
            status = gy_writer_put_bytes(writer, &folder->id, tree.bytes, tree.length, err);
    }
    gy_text_release(&tree);
    if (status == GY_OK)
        *pointer = (gy_pointer){.root = listing->folders[0].id,
                                .samples = listing->folders[0].samples,
                                .bytes = listing->folders[0].bytes,
                                .is_folder = true};
    return status;
}

// ---- reading

gy_status gy_tree_open(gy_tree_reader *reader, const uint8_t *bytes, size_t size_bytes,
                       gy_error *err)
{
    *reader = (gy_tree_reader){.at = bytes, .end = bytes + size_bytes};
    if (size_bytes < HEAD_BYTES || memcmp(bytes, magic, sizeof(magic)) != 0)
        return gy_fail(err, GY_FORMAT, "not a tree");
    if (gy_get32(bytes + 8) == 0)
        return gy_fail(err, GY_FORMAT, "a tree says format 0, the first is 1");
    if (gy_get32(bytes + 8) != GY_TREE_VERSION)
        return gy_fail(err, GY_UNSUPPORTED,
                       "a tree has format %u, this gyre reads %d: it was made by a newer gyre",
                       gy_get32(bytes + 8), GY_TREE_VERSION);
    reader->at += HEAD_BYTES;
    if (!gy_get_varint(&reader->files_left, &reader->at, reader->end) ||
        !gy_get_varint(&reader->folders_left, &reader->at, reader->end) ||
        reader->files_left > size_bytes || reader->folders_left > size_bytes)
        return gy_fail(err, GY_FORMAT, "a tree is damaged: its counts");
    return GY_OK;
}

// A name that stays in its folder, and out of ours and git's.
static bool name_is_sound(const char *name, size_t length)
{
    static const char *const refused[] = {".", "..", ".git", ".gyre"};
    if (length == 0 || length > NAME_BYTES_MAX || memchr(name, '/', length) != NULL ||
        memchr(name, '\0', length) != NULL)
        return false;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (strlen(refused[i]) == length && memcmp(name, refused[i], length) == 0)
            return false;
    return true;
}

static bool is_ascending(const gy_tree_entry *before, const gy_tree_entry *after)
{
    if (before->name == NULL || before->is_folder != after->is_folder)
        return true;
    size_t common =
        before->name_length < after->name_length ? before->name_length : after->name_length;
    int order = memcmp(before->name, after->name, common);
    return order < 0 || (order == 0 && before->name_length < after->name_length);
}

static bool read_entry(gy_tree_entry *entry, gy_tree_reader *reader)
{
    uint64_t name_length;
    if (!gy_get_varint(&name_length, &reader->at, reader->end) ||
        name_length > (uint64_t)(reader->end - reader->at))
        return false;
    entry->name = (const char *)reader->at;
    entry->name_length = (size_t)name_length;
    reader->at += name_length;
    if (!name_is_sound(entry->name, entry->name_length))
        return false;
    if (entry->is_folder) {
        if (!gy_get_varint(&entry->samples, &reader->at, reader->end))
            return false;
    } else {
        if (reader->at == reader->end || *reader->at > EXECUTABLE)
            return false;
        entry->executable = *reader->at++ == EXECUTABLE;
    }
    if (!gy_get_varint(&entry->bytes, &reader->at, reader->end) || reader->end - reader->at < 32)
        return false;
    memcpy(entry->id.bytes, reader->at, 32);
    reader->at += 32;
    return is_ascending(&reader->last, entry);
}

gy_status gy_tree_next(bool *more, gy_tree_entry *entry, gy_tree_reader *reader, gy_error *err)
{
    *more = reader->files_left + reader->folders_left > 0;
    if (!*more)
        return reader->at == reader->end
                   ? GY_OK
                   : gy_fail(err, GY_FORMAT, "a tree is damaged: bytes behind its end");
    *entry = (gy_tree_entry){.is_folder = reader->files_left == 0};
    if (!read_entry(entry, reader))
        return gy_fail(err, GY_FORMAT, "a tree is damaged: the entry behind '%.*s'",
                       (int)reader->last.name_length,
                       reader->last.name == NULL ? "" : reader->last.name);
    if (entry->is_folder)
        reader->folders_left--;
    else
        reader->files_left--;
    reader->last = *entry;
    return GY_OK;
}

static gy_status take_entry(gy_listing *listing, uint32_t folder, const gy_tree_entry *entry,
                            gy_error *err)
{
    gy_list_folder *above = &listing->folders[folder];
    char *name = gy_arena_copy(listing->arena, entry->name, entry->name_length);
    if (name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a name");
    if (!entry->is_folder) {
        above->file_count++;
        gy_list_file file = {.name = name,
                             .id = entry->id,
                             .mark.size_bytes = entry->bytes,
                             .folder = folder,
                             .has_id = true,
                             .executable = entry->executable};
        return gy_listing_add_file(listing, &file, err);
    }
    if (above->depth + 1 > GY_TREE_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "a dataset of over %d folders deep", GY_TREE_DEPTH_MAX);
    above->folder_count++;
    gy_list_folder below = {.name = name,
                            .parent = folder,
                            .depth = above->depth + 1,
                            .id = entry->id,
                            .samples = entry->samples,
                            .bytes = entry->bytes};
    return gy_listing_add_folder(listing, &below, err);
}

static gy_status take_tree(gy_listing *listing, uint32_t folder, const uint8_t *bytes,
                           size_t size_bytes, gy_error *err)
{
    gy_tree_reader reader;
    gy_tree_entry entry;
    bool more;
    GY_TRY(gy_tree_open(&reader, bytes, size_bytes, err));
    listing->folders[folder].file_first = (uint32_t)listing->file_count;
    listing->folders[folder].folder_first = (uint32_t)listing->folder_count;
    for (;;) {
        GY_TRY(gy_tree_next(&more, &entry, &reader, err));
        if (!more)
            return GY_OK;
        GY_TRY(take_entry(listing, folder, &entry, err));
    }
}

gy_status gy_listing_of_version(gy_listing *listing, gy_store *store, const gy_pointer *pointer,
                                gy_arena *arena, gy_error *err)
{
    *listing = (gy_listing){.arena = arena, .is_folder = pointer->is_folder};
    gy_list_folder root = {.name = "", .id = pointer->root};
    GY_TRY(gy_listing_add_folder(listing, &root, err));
    if (!pointer->is_folder) {
        gy_list_file file = {.name = "",
                             .id = pointer->root,
                             .mark.size_bytes = pointer->bytes,
                             .has_id = true,
                             .executable = pointer->executable};
        listing->folders[0].file_count = 1;
        return gy_listing_add_file(listing, &file, err);
    }
    GY_TRY(gy_store_open_packs(store, err));
    gy_arena scratch = GY_ARENA_INIT;
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < listing->folder_count; i++) {
        char *bytes;
        size_t size_bytes;
        gy_arena_rewind(&scratch, (gy_arena_mark){NULL, 0});
        status = gy_store_read(&bytes, &size_bytes, store, &listing->folders[i].id, &scratch, err);
        if (status == GY_OK)
            status = take_tree(listing, (uint32_t)i, (const uint8_t *)bytes, size_bytes, err);
    }
    gy_arena_release(&scratch);
    return status;
}
