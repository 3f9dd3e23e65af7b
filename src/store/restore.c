// SPDX-License-Identifier: Apache-2.0
//
// Restoring: items are sorted by where they stand in the packs, so that each block is decoded once;
// threads take a block each. No byte gets a name before its hash is right.

#define _GNU_SOURCE
#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/thread.h"
#include "store/cache.h"

void gy_restore_name(char name[GY_RESTORE_NAME_BYTES], uint32_t file)
{
    snprintf(name, GY_RESTORE_NAME_BYTES, "%u", file);
}

gy_status gy_restore_add(gy_restore *restore, uint32_t file, gy_error *err)
{
    gy_restore_item *more = gy_arena_grow(restore->arena, restore->items, restore->count,
                                          &restore->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to restore %zu files", restore->count + 1);
    restore->items = more;
    restore->items[restore->count++].file = file;
    return GY_OK;
}

typedef struct numbered_path {
    const char *path;
    uint32_t file;
} numbered_path;

static int by_path(const void *a, const void *b)
{
    return strcmp(((const numbered_path *)a)->path, ((const numbered_path *)b)->path);
}

gy_status gy_restore_add_changes(gy_restore *restore, const gy_change *changes, size_t count,
                                 gy_error *err)
{
    const gy_listing *version = restore->version;
    numbered_path *paths = GY_NEW(restore->arena, numbered_path, version->file_count);
    if (paths == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", version->file_count);
    for (size_t i = 0; i < version->file_count; i++) {
        char *path = gy_listing_path(version, &version->files[i], restore->arena);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", version->file_count);
        paths[i] = (numbered_path){path, (uint32_t)i};
    }
    if (version->file_count > 1)
        qsort(paths, version->file_count, sizeof(*paths), by_path);
    // Both are sorted by path, and every path that a change brings is in the version.
    for (size_t i = 0, at = 0; i < count; i++) {
        if (changes[i].kind == GY_CHANGE_REMOVED)
            continue;
        while (strcmp(paths[at].path, changes[i].path) != 0)
            at++;
        GY_TRY(gy_restore_add(restore, paths[at].file, err));
    }
    return GY_OK;
}

// ---- writing

typedef struct output {
    const char *dataset, *path;
    int file;
} output;

static gy_status write_piece(void *context, const uint8_t *bytes, size_t size_bytes, gy_error *err)
{
    const output *out = context;
    if (gy_io_write_all(out->file, bytes, size_bytes) != 0)
        return gy_fail(err, GY_IO, "cannot write '%s/%s': %s", out->dataset, out->path,
                       strerror(errno));
    return GY_OK;
}

static gy_status open_output(output *out, const gy_restore *restore, const gy_list_file *entry,
                             const char *name, gy_error *err)
{
    *out = (output){.dataset = restore->path, .path = entry->name};
    out->file = gy_io_open_at(restore->folder, name, O_WRONLY | O_CREAT | O_EXCL,
                              entry->executable ? 0777 : 0666);
    if (out->file < 0)
        return gy_fail(err, GY_IO, "cannot create '%s/%s': %s", restore->path, entry->name,
                       strerror(errno));
    return GY_OK;
}

static gy_status close_output(output *out, gy_list_file *entry, gy_status status)
{
    struct stat found;
    if (status == GY_OK && fstat(out->file, &found) == 0)
        gy_stat_mark_set(&entry->mark, &found);
    close(out->file);
    return status;
}

// An object in one block: verified before the file is made.
static gy_status restore_known(const gy_restore *restore, const gy_restore_item *item,
                               gy_reader *reader, const char *name, gy_error *err)
{
    gy_list_file *entry = &restore->version->files[item->file];
    const uint8_t *bytes;
    size_t size_bytes = item->place.length;
    gy_status status = gy_reader_at(&bytes, reader, restore->store,
                                    &restore->store->packs[item->pack], &item->place, NULL);
    gy_id found;
    if (status == GY_OK)
        gy_id_of_bytes(&found, bytes, size_bytes);
    if (status != GY_OK || gy_id_compare(&found, &entry->id) != 0) {
        gy_object object; // another pack may hold a good copy
        GY_TRY(gy_reader_get(&object, reader, restore->store, &entry->id, err));
        if (object.is_recipe)
            return gy_fail(err, GY_FORMAT, "object %s is damaged", gy_id_text(&entry->id).text);
        bytes = object.bytes;
        size_bytes = object.size_bytes;
    }
    output out;
    GY_TRY(open_output(&out, restore, entry, name, err));
    return close_output(&out, entry, write_piece(&out, bytes, size_bytes, err));
}

// A large object: its pieces are written as they come, in a file that no one sees before it is
// right.
static gy_status restore_stream(const gy_restore *restore, const gy_restore_item *item,
                                gy_reader *reader, const char *name, gy_error *err)
{
    gy_list_file *entry = &restore->version->files[item->file];
    output out;
    GY_TRY(open_output(&out, restore, entry, name, err));
    return close_output(
        &out, entry, gy_reader_stream(reader, restore->store, &entry->id, write_piece, &out, err));
}

static gy_status restore_item(const gy_restore *restore, const gy_restore_item *item,
                              gy_reader *reader, gy_arena *scratch, gy_error *err)
{
    char number[GY_RESTORE_NAME_BYTES];
    const char *name = number;
    gy_arena_mark mark = gy_arena_here(scratch);
    gy_restore_name(number, item->file);
    if (!restore->by_number)
        name = gy_listing_path(restore->version, &restore->version->files[item->file], scratch);
    gy_status status = name == NULL     ? gy_fail(err, GY_NO_MEMORY, "no memory for a path")
                       : item->is_known ? restore_known(restore, item, reader, name, err)
                                        : restore_stream(restore, item, reader, name, err);
    gy_arena_rewind(scratch, mark);
    return status;
}

static gy_status restore_runs(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const gy_restore *restore = context;
    gy_arena scratch = GY_ARENA_INIT;
    gy_status status = GY_OK;
    for (size_t run = begin; status == GY_OK && run < end; run++)
        for (size_t i = restore->runs[run]; status == GY_OK && i < restore->runs[run + 1]; i++)
            status =
                restore_item(restore, &restore->items[i], &restore->readers[worker], &scratch, err);
    gy_arena_release(&scratch);
    return status;
}

// ---- order

static int by_place(const void *a, const void *b)
{
    const gy_restore_item *left = a, *right = b;
    if (left->is_known != right->is_known)
        return left->is_known ? 1 : -1; // large ones first
    if (left->is_known && left->pack != right->pack)
        return left->pack < right->pack ? -1 : 1;
    if (left->is_known && left->place.block != right->place.block)
        return left->place.block < right->place.block ? -1 : 1;
    return left->file < right->file ? -1 : left->file > right->file;
}

static bool starts_run(const gy_restore_item *before, const gy_restore_item *after)
{
    return !before->is_known || !after->is_known || before->pack != after->pack ||
           before->place.block != after->place.block;
}

static gy_status find_runs(gy_restore *restore, gy_error *err)
{
    for (size_t i = 0; i < restore->count; i++) {
        gy_restore_item *item = &restore->items[i];
        const gy_id *id = &restore->version->files[item->file].id;
        if (!gy_store_find(&item->pack, &item->place, restore->store, id,
                           restore->store->pack_count))
            return gy_fail(
                err, GY_NOT_FOUND, "object %s of '%s' is not in the store%s%s", gy_id_text(id).text,
                restore->path, restore->store->broken_packs == NULL ? "" : "; ",
                restore->store->broken_packs == NULL ? "" : restore->store->broken_packs);
        item->is_known = !item->place.is_recipe;
    }
    if (restore->count > 1)
        qsort(restore->items, restore->count, sizeof(*restore->items), by_place);
    restore->runs = GY_NEW(restore->arena, size_t, restore->count + 1);
    restore->run_count = 0;
    if (restore->runs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to restore %zu files", restore->count);
    for (size_t i = 0; i < restore->count; i++)
        if (i == 0 || starts_run(&restore->items[i - 1], &restore->items[i]))
            restore->runs[restore->run_count++] = i;
    restore->runs[restore->run_count] = restore->count;
    return GY_OK;
}

gy_status gy_restore_run(gy_restore *restore, int folder, gy_restore_names names, gy_error *err)
{
    size_t threads = restore->threads == 0 ? gy_thread_count() : restore->threads;
    restore->folder = folder;
    restore->by_number = names == GY_RESTORE_NUMBERS;
    GY_TRY(gy_store_open_packs(restore->store, err));
    GY_TRY(gy_zstd_open(err));
    GY_TRY(find_runs(restore, err));
    restore->readers = GY_NEW(restore->arena, gy_reader, threads);
    if (restore->readers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu threads", threads);
    for (size_t i = 0; i < threads; i++)
        restore->readers[i].arena = (gy_arena)GY_ARENA_INIT;
    gy_status status = gy_thread_loop(restore->run_count, 1, threads, restore_runs, restore, err);
    for (size_t i = 0; i < threads; i++)
        gy_reader_release(&restore->readers[i]);
    return status;
}
