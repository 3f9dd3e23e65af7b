// SPDX-License-Identifier: Apache-2.0
//
// Which samples a version of a table holds. The table comes from the store; rows that name files
// have those files' ids, as the folders of the same commit hold them. It is worked out once: the
// answer is kept under .gyre/cache/members, named by what it hangs on.

#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "pipeline/cell.h"
#include "pipeline/lineage.h"
#include "pipeline/pipeline.h"

static const char magic[8] = "gymembr1";

// ---- the cache

typedef struct header {
    char magic[8];
    uint64_t count, label_count;
    gy_id digest; // of all behind it
} header;

static gy_status load(bool *found, gy_members *members, const char *path, gy_arena *arena,
                      gy_error *err)
{
    char *bytes;
    size_t length;
    header head;
    gy_id digest;
    gy_error ignored;
    *found = false;
    gy_status status = gy_file_read(&bytes, &length, path, SIZE_MAX, arena, &ignored);
    if (status == GY_NO_MEMORY)
        return gy_lineage_no_memory(err);
    if (status != GY_OK || length < sizeof(head))
        return GY_OK;
    memcpy(&head, bytes, sizeof(head));
    gy_id_of_bytes(&digest, bytes + sizeof(head), length - sizeof(head));
    if (memcmp(head.magic, magic, sizeof(magic)) != 0 ||
        gy_id_compare(&digest, &head.digest) != 0 ||
        head.count > (length - sizeof(head)) / sizeof(gy_member))
        return GY_OK;
    members->items = (const gy_member *)(const void *)(bytes + sizeof(head));
    members->count = head.count;
    members->label_count = head.label_count;
    members->labels = GY_NEW(arena, const char *, head.label_count);
    if (members->labels == NULL)
        return gy_lineage_no_memory(err);
    const char *at = bytes + sizeof(head) + head.count * sizeof(gy_member);
    for (size_t i = 0; i < head.label_count; i++) {
        members->labels[i] = at; // NUL-terminated, and the digest vouches for it
        at += strlen(at) + 1;
    }
    *found = true;
    return GY_OK;
}

static gy_status save(const gy_members *members, const char *path, gy_error *err)
{
    gy_text out = {0};
    header head = {.count = members->count, .label_count = members->label_count};
    memcpy(head.magic, magic, sizeof(magic));
    gy_text_append(&out, &head, sizeof(head));
    gy_text_append(&out, members->items, members->count * sizeof(*members->items));
    for (size_t i = 0; i < members->label_count; i++)
        gy_text_append(&out, members->labels[i], strlen(members->labels[i]) + 1);
    gy_status status = out.status == GY_OK ? GY_OK : gy_lineage_no_memory(err);
    if (status == GY_OK) {
        gy_id_of_bytes(&head.digest, out.bytes + sizeof(head), out.length - sizeof(head));
        memcpy(out.bytes, &head, sizeof(head));
        status = gy_file_replace(path, out.bytes, out.length, err);
    }
    gy_text_release(&out);
    return status;
}

// ---- working it out

// The pointer of a dataset beside a version that is not committed: the newest that was added no
// later, else the work tree's.
static const gy_pointer *added_beside(const gy_lineage *lineage, const gy_dataset *dataset,
                                      const gy_version_info *version)
{
    const gy_pointer *pointer = &dataset->pointer;
    for (size_t i = 0; i < lineage->version_count; i++)
        if (strcmp(lineage->versions[i].path, dataset->path) == 0 &&
            lineage->versions[i].time_s != 0 && lineage->versions[i].time_s <= version->time_s)
            pointer = &lineage->versions[i].pointer;
    return pointer;
}

// The pointer of a dataset at the commit of another's version, or beside it.
static gy_status pointer_beside(bool *there, gy_pointer *pointer, const gy_lineage *lineage,
                                const gy_dataset *dataset, const gy_version_info *version,
                                gy_error *err)
{
    gy_error none = {0};
    *there = true;
    const char *path =
        gy_arena_format(lineage->arena, "%s/%s.gyre", lineage->project, dataset->path);
    if (version->commit == NULL) {
        *pointer = *added_beside(lineage, dataset, version);
        return GY_OK;
    }
    gy_status status =
        path == NULL ? GY_NO_MEMORY : gy_pointer_read(pointer, path, version->commit, &none);
    *there = status == GY_OK;
    if (status == GY_NO_MEMORY)
        return gy_lineage_no_memory(err);
    return status == GY_IO ? gy_fail(err, status, "%s", none.message) : GY_OK;
}

// Ids of all files that the datasets beside a table hold, by their path from the project.
typedef struct beside {
    gy_text_map places;
    gy_id *ids;
    size_t count;
} beside;

static gy_status add_files(beside *files, const gy_lineage *lineage, const char *dataset,
                           const gy_pointer *pointer, gy_error *err)
{
    gy_entry *entries;
    size_t count;
    gy_error ignored;
    gy_status status =
        gy_store_list(&entries, &count, lineage->store, pointer, lineage->arena, &ignored);
    // A failing disk is not taken for a loss: the answer would be kept.
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", ignored.message);
    if (status != GY_OK) // a version that the store lost: its rows stay without ids
        return GY_OK;
    gy_id *grown = GY_NEW(lineage->arena, gy_id, files->count + count);
    if (grown == NULL)
        return gy_lineage_no_memory(err);
    if (files->count > 0)
        memcpy(grown, files->ids, files->count * sizeof(*grown));
    files->ids = grown;
    for (size_t i = 0; i < count; i++) {
        uint64_t *place;
        const char *name = entries[i].path[0] == '\0'
                               ? dataset
                               : gy_arena_format(lineage->arena, "%s/%s", dataset, entries[i].path);
        if (name == NULL)
            return gy_lineage_no_memory(err);
        GY_TRY(gy_text_map_at(&place, NULL, &files->places, name, strlen(name), err));
        *place = files->count;
        files->ids[files->count++] = entries[i].id;
    }
    return GY_OK;
}

static gy_status number_label(uint32_t *number, gy_members *members, gy_text_map *map,
                              const char *text, size_t length, gy_error *err)
{
    uint64_t *value;
    bool fresh;
    GY_TRY(gy_text_map_at(&value, &fresh, map, text, length, err));
    if (fresh) {
        if ((members->label_count & (members->label_count - 1)) == 0) { // at 0, 1, 2, 4, ...
            const char **grown = GY_NEW(map->arena, const char *, 2 * members->label_count + 1);
            if (grown == NULL)
                return gy_lineage_no_memory(err);
            if (members->label_count > 0)
                memcpy(grown, members->labels, members->label_count * sizeof(*grown));
            members->labels = grown;
        }
        *value = members->label_count;
        members->labels[members->label_count] = gy_arena_copy(map->arena, text, length);
        if (members->labels[members->label_count++] == NULL)
            return gy_lineage_no_memory(err);
    }
    *number = (uint32_t)*value;
    return GY_OK;
}

// The id of a row that names a file, if a dataset beside the table holds that file.
static gy_status id_of_named(bool *held, gy_id *id, const beside *files, const gy_column *column,
                             size_t row, const char *folder, gy_arena *arena, gy_error *err)
{
    *held = false;
    gy_number_text room;
    const char *text;
    size_t length;
    if (!gy_cell_text(&text, &length, &room, column, row))
        return GY_OK;
    const char *named = gy_arena_copy(arena, text, length);
    const char *joined = named == NULL ? NULL : gy_path_join(arena, folder, named);
    const char *clean = joined == NULL ? NULL : gy_path_clean(arena, joined);
    if (clean == NULL)
        return gy_lineage_no_memory(err);
    const uint64_t *place = gy_text_map_find(&files->places, clean, strlen(clean));
    *held = place != NULL;
    if (*held)
        *id = files->ids[*place];
    return GY_OK;
}

static int compare_members(const void *left, const void *right)
{
    const gy_member *a = left, *b = right;
    int order = gy_id_compare(&a->id, &b->id);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static gy_status collect(gy_members *members, const gy_table *table, const gy_marks *marks,
                         const beside *files, const char *folder, gy_arena *arena, gy_error *err)
{
    const gy_column *file =
        marks->file_column == NULL ? NULL : gy_table_column(table, marks->file_column);
    const gy_column *label =
        marks->label_column == NULL ? NULL : gy_table_column(table, marks->label_column);
    gy_text_map labels = {.arena = arena};
    gy_member *items = GY_NEW(arena, gy_member, table->rows);
    if (items == NULL)
        return gy_lineage_no_memory(err);
    for (size_t row = 0; row < table->rows; row++) {
        gy_number_text room;
        const char *text;
        size_t length;
        gy_member *item = &items[members->count];
        bool has_id = file == NULL && (table->has_id[row / 8] >> row % 8 & 1) != 0;
        if (file != NULL)
            GY_TRY(id_of_named(&has_id, &item->id, files, file, row, folder, arena, err));
        if (!has_id)
            continue;
        if (file == NULL)
            item->id = table->ids[row];
        item->row = (uint32_t)(table->first_row + row);
        item->label = UINT32_MAX;
        if (label != NULL && gy_cell_text(&text, &length, &room, label, row))
            GY_TRY(number_label(&item->label, members, &labels, text, length, err));
        members->count++;
    }
    qsort(items, members->count, sizeof(*items), compare_members);
    members->items = items;
    return GY_OK;
}

// The table of a version as a file, for the reader that goes by endings.
static gy_status read_table(gy_table *table, gy_marks *marks, const gy_lineage *lineage,
                            const gy_version_info *version, const char *cache, gy_error *err)
{
    gy_arena *arena = lineage->arena;
    const char *slash = strrchr(version->path, '/');
    const char *name = slash == NULL ? version->path : slash + 1;
    const char *dot = strrchr(version->path, '.');
    const char *path = gy_arena_format(arena, "%s/%ld-%s", cache, (long)getpid(), name);
    const char *contract =
        gy_arena_format(arena, "%s/%.*s.contract.yaml", lineage->project,
                        (int)(dot == NULL ? 0 : dot - version->path), version->path);
    if (path == NULL || contract == NULL)
        return gy_lineage_no_memory(err);
    GY_TRY(gy_file_make_folders(cache, err));
    unlink(path);
    const gy_table_options options = {.contract = gy_file_exists(contract) ? contract : NULL};
    gy_status status = gy_store_write_to(lineage->store, &version->pointer.root, path, err);
    if (status == GY_OK)
        status = gy_table_read(table, path, &options, arena, err);
    if (status == GY_OK)
        status = gy_table_marks(marks, table, &options, arena, err);
    if (status == GY_OK && marks->file_column == NULL)
        status = gy_table_ids(table, marks, arena, err);
    unlink(path);
    return status;
}

gy_status gy_members_read(gy_members *members, gy_lineage *lineage, const gy_version_info *version,
                          gy_error *err)
{
    gy_arena *arena = lineage->arena;
    gy_sha256 hash;
    gy_id key;
    bool found;
    *members = (gy_members){0};
    gy_pointer *pointers = GY_NEW(arena, gy_pointer, lineage->dataset_count);
    bool *there = GY_NEW(arena, bool, lineage->dataset_count);
    if (pointers == NULL || there == NULL)
        return gy_lineage_no_memory(err);
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, version->pointer.root.bytes, sizeof(version->pointer.root.bytes));
    gy_sha256_add(&hash, version->path, strlen(version->path));
    for (size_t i = 0; i < lineage->dataset_count; i++) {
        const gy_dataset *dataset = &lineage->datasets[i];
        there[i] = false;
        if (!gy_table_is_rows(dataset->path))
            GY_TRY(pointer_beside(&there[i], &pointers[i], lineage, dataset, version, err));
        if (there[i])
            gy_sha256_add(&hash, pointers[i].root.bytes, sizeof(pointers[i].root.bytes));
    }
    gy_sha256_end(&hash, key.bytes);
    const char *cache = gy_arena_format(arena, "%s/.gyre/cache/members", lineage->project);
    const char *path =
        cache == NULL ? NULL : gy_arena_format(arena, "%s/%s", cache, gy_id_text(&key).text);
    if (path == NULL)
        return gy_lineage_no_memory(err);
    GY_TRY(load(&found, members, path, arena, err));
    if (found)
        return GY_OK;

    gy_table *table = GY_NEW(arena, gy_table, 1);
    gy_marks marks;
    beside files = {.places.arena = arena};
    char *folder = gy_arena_copy(arena, version->path, strlen(version->path));
    if (table == NULL || folder == NULL)
        return gy_lineage_no_memory(err);
    *(strrchr(folder, '/') == NULL ? folder : strrchr(folder, '/')) = '\0';
    GY_TRY(read_table(table, &marks, lineage, version, cache, err));
    for (size_t i = 0; marks.file_column != NULL && i < lineage->dataset_count; i++)
        if (there[i])
            GY_TRY(add_files(&files, lineage, lineage->datasets[i].path, &pointers[i], err));
    GY_TRY(collect(members, table, &marks, &files, folder, arena, err));
    return save(members, path, err);
}
