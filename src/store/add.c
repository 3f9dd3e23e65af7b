// SPDX-License-Identifier: Apache-2.0
//
// gyre add, and what gyre run keeps of a stage: scan, read what is not known, write trees, make all
// durable, then set the pointers, or replace the lock.

#define _GNU_SOURCE
#include <string.h>

#include "store/git.h"
#include "store/intake.h"
#include "store/paths.h"
#include "store/pointer.h"
#include "store/publish.h"
#include "store/trust.h"

// One path being added.
typedef struct adding {
    char *path;
    gy_data data;
    gy_cache cache;
    bool has_cache, has_old;
    gy_pointer old;
    gy_listing listing;
} adding;

typedef struct batch {
    gy_store *store;
    gy_added *added;
    adding *items;
    size_t count;
    const gy_add_options *options;
    const gy_naming *naming; // a stage's outputs, named by a lock; NULL: each by a pointer file
    gy_out *outs;            // with naming
    gy_arena *arena;
    int64_t stamp_ns;
} batch;

// A dataset inside another one would be stored twice, and its pointer ignored by git.
static gy_status refuse_nested(const batch *work, const char *path, gy_error *err)
{
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        char *pointer = gy_arena_format(work->arena, "%s/%.*s" GY_POINTER_ENDING,
                                        work->store->project, (int)(slash - path), path);
        if (pointer == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_file_exists(pointer))
            return gy_fail(err, GY_INVALID, "'%s' is part of the dataset '%.*s': add that one",
                           path, (int)(slash - path), path);
    }
    return GY_OK;
}

static gy_status find_old(adding *item, const batch *work, const gy_out *out, gy_error *err)
{
    gy_error missing = {0};
    if (out != NULL) {
        item->has_old = out->has_older;
        item->old = out->older;
        return GY_OK;
    }
    gy_status status = gy_path_pointer(&item->old, work->store, item->path, &missing);
    item->has_old = status == GY_OK;
    // A pointer that cannot be read is written anew; one of a newer gyre is not overwritten.
    if (status != GY_OK && status != GY_NOT_FOUND && status != GY_FORMAT)
        return gy_fail(err, status, "%s", missing.message);
    return GY_OK;
}

static gy_status open_item(adding *item, const batch *work, const char *path, const gy_out *out,
                           gy_error *err)
{
    item->data.folder = -1;
    GY_TRY(gy_path_resolve(&item->path, work->store, path, work->arena, err));
    GY_TRY(refuse_nested(work, item->path, err));
    GY_TRY(find_old(item, work, out, err));
    GY_TRY(gy_data_open(&item->data, work->store, item->path, work->arena, err));
    item->has_cache = gy_cache_load(&item->cache, work->store, item->path, work->arena);
    return GY_OK;
}

// What git tracks, .gitignore does not take out again.
static gy_status refuse_tracked(const batch *work, gy_error *err)
{
    gy_text tracked = {0};
    bool is_asked;
    gy_status status = gy_git_find(&is_asked, work->store->project, err);
    is_asked = is_asked && !work->options->no_git;
    for (size_t i = 0; is_asked && status == GY_OK && i < work->count; i++) {
        const char *const args[] = {"--literal-pathspecs", "ls-files", "-z", "--",
                                    work->items[i].path,   NULL};
        if (!work->items[i].has_old)
            status = gy_git_run(&tracked, work->store->project, args, NULL, err);
    }
    if (status == GY_OK && tracked.length > 0)
        status = gy_fail(err, GY_REFUSED,
                         "git tracks '%s'; take it out of git first (git rm -r --cached PATH)",
                         tracked.bytes);
    gy_text_release(&tracked);
    return status;
}

// Of a single file that was not read: what is known of this content.
static gy_status count_samples(uint64_t *samples, const adding *item, const gy_rows *rows,
                               bool was_read, const batch *work, gy_error *err)
{
    gy_error reason = {0};
    *samples = !was_read && item->has_cache ? item->cache.pointer.samples : gy_rows_end(rows);
    if ((!was_read && item->has_cache) || rows->kind != GY_ROWS_NONE ||
        work->options->count == NULL)
        return GY_OK;
    const char *path = gy_store_path(work->store, item->path, work->arena);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status = work->options->count(samples, path, &reason);
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", reason.message);
    // What cannot be read as a table is stored like any other file.
    if (status != GY_OK)
        *samples = 1;
    return GY_OK;
}

static gy_status store_item(adding *item, gy_added *added, const batch *work, gy_writer *writer,
                            gy_error *err)
{
    GY_TRY(gy_data_scan(&item->listing, &item->data, item->has_cache ? &item->cache.listing : NULL,
                        writer->threads, work->arena, err));
    gy_intake intake = {
        .writer = writer,
        .data = &item->data,
        .listing = &item->listing,
        .older_root = item->has_old && !item->old.is_folder ? &item->old.root : NULL,
        .rows.kind = item->data.is_folder ? GY_ROWS_NONE : gy_rows_kind_of(item->data.single),
        .progress = work->options->progress,
        .context = work->options->context};
    GY_TRY(gy_intake_run(&intake, err));
    added->path = item->path;
    added->files_read = intake.files_read;
    if (item->data.is_folder) {
        GY_TRY(gy_tree_write(&added->pointer, &item->listing, writer, err));
    } else {
        const gy_list_file *file = &item->listing.files[0];
        added->pointer = (gy_pointer){
            .root = file->id, .bytes = file->mark.size_bytes, .executable = file->executable};
        GY_TRY(count_samples(&added->pointer.samples, item, &intake.rows, intake.files_read > 0,
                             work, err));
    }
    added->changed = !item->has_old || !gy_pointer_equal(&item->old, &added->pointer);
    added->has_before = item->has_old;
    added->before = item->old.root;
    return GY_OK;
}

static gy_status tell_stored(const batch *work, gy_error *err)
{
    bool changed = false;
    for (size_t i = 0; i < work->count; i++)
        changed |= work->added[i].changed;
    return changed && work->options->stored != NULL
               ? work->options->stored(work->options->context, work->added, work->count, err)
               : GY_OK;
}

static gy_status publish(const batch *work, gy_error *err)
{
    gy_note *notes = GY_NEW(work->arena, gy_note, 2 * work->count + 1);
    size_t count = 0;
    if (notes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu pointer files", work->count);
    for (size_t i = 0; i < work->count; i++)
        if (work->naming == NULL || work->outs[i].is_ignored)
            GY_TRY(
                gy_ignore_path(notes, &count, work->store, work->items[i].path, work->arena, err));
    if (work->naming != NULL) {
        for (size_t i = 0; i < work->count; i++)
            work->outs[i].pointer = work->added[i].pointer;
        return gy_publish_lock(work->store, notes, count, work->naming, work->arena, err);
    }
    for (size_t i = 0; i < work->count; i++) {
        const adding *item = &work->items[i];
        const gy_added *added = &work->added[i];
        if (!added->changed)
            continue;
        gy_text text = {0};
        gy_pointer_write(&text, &added->pointer);
        char *path = gy_arena_format(work->arena, "%s" GY_POINTER_ENDING, item->path);
        char *bytes =
            text.status == GY_OK ? gy_arena_copy(work->arena, text.bytes, text.length) : NULL;
        notes[count++] = (gy_note){path, bytes, text.length};
        gy_text_release(&text);
        if (path == NULL || bytes == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a pointer file");
    }
    return gy_publish(work->store, notes, count, err);
}

static gy_status stage(const batch *work, gy_error *err)
{
    bool is_there;
    GY_TRY(gy_git_find(&is_there, work->store->project, err));
    if (work->options->no_git || !is_there)
        return GY_OK;
    gy_text paths = {0};
    for (size_t i = 0; i < work->count; i++) {
        const char *path = work->items[i].path, *slash = strrchr(path, '/');
        gy_text_add(&paths, "%s" GY_POINTER_ENDING, path);
        gy_text_append(&paths, "", 1);
        gy_text_add(&paths, "%.*s.gitignore", slash == NULL ? 0 : (int)(slash - path) + 1, path);
        gy_text_append(&paths, "", 1);
    }
    static const char *const args[] = {"--literal-pathspecs", "add", "--pathspec-from-file=-",
                                       "--pathspec-file-nul", NULL};
    gy_status status = paths.status != GY_OK
                           ? gy_fail(err, paths.status, "no memory for the paths")
                           : gy_git_run(NULL, work->store->project, args, &paths, err);
    if (status == GY_REFUSED) {
        gy_error reason = err == NULL ? (gy_error){0} : *err;
        status =
            gy_fail(err, GY_IO,
                    "stored, but not staged in git (if a repository around ignores this folder, "
                    "run 'git init' in the project, then add again): %.400s",
                    reason.message);
    }
    gy_text_release(&paths);
    return status;
}

static gy_status add_locked(batch *work, const char *const *paths, gy_error *err)
{
    gy_writer writer;
    gy_store *store = work->store;
    for (size_t i = 0; i < work->count; i++)
        GY_TRY(open_item(&work->items[i], work,
                         work->naming == NULL ? paths[i] : work->outs[i].path,
                         work->naming == NULL ? NULL : &work->outs[i], err));
    if (work->naming == NULL)
        GY_TRY(refuse_tracked(work, err));
    gy_store_close_packs(store); // another writer may have been here since they were opened
    GY_TRY(gy_trust_check(store, work->options->threads, err));
    uint64_t last_pack = store->pack_count == 0 ? 0 : store->packs[store->pack_count - 1].number;
    const char **trusted = GY_NEW(work->arena, const char *, store->pack_count);
    size_t trusted_count = 0;
    if (trusted == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu packs", store->pack_count);
    for (size_t i = 0; i < store->pack_count; i++)
        if (store->packs[i].trusted)
            trusted[trusted_count++] = store->packs[i].name;

    gy_status status = gy_writer_init(&writer, store, work->options->threads, err);
    for (size_t i = 0; status == GY_OK && i < work->count; i++)
        status = store_item(&work->items[i], &work->added[i], work, &writer, err);
    if (status == GY_OK)
        status = gy_writer_commit(&writer, err);
    for (size_t i = 0; i < work->count; i++)
        work->added[i].bytes_added = writer.bytes_added;
    gy_writer_release(&writer);
    GY_TRY(status);
    GY_TRY(tell_stored(work, err));
    GY_TRY(publish(work, err));

    for (size_t i = 0, k = 0; i < store->pack_count && k < trusted_count; i++)
        if (strcmp(store->packs[i].name, trusted[k]) == 0) {
            store->packs[i].trusted = true;
            k++;
        }
    gy_trust_save(store, last_pack);
    for (size_t i = 0; i < work->count; i++)
        gy_cache_save(store, work->items[i].path, &work->added[i].pointer, &work->items[i].listing,
                      work->stamp_ns);
    return work->naming == NULL ? stage(work, err) : GY_OK;
}

static gy_status add_batch(batch *work, const char *const *paths, gy_error *err)
{
    int lock;
    memset(work->added, 0, work->count * sizeof(*work->added));
    work->items = GY_NEW(work->arena, adding, work->count);
    if (work->items == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", work->count);
    for (size_t i = 0; i < work->count; i++)
        work->items[i].data.folder = -1;
    GY_TRY(gy_store_lock(&lock, work->store, err));
    work->stamp_ns = gy_cache_clock_ns(work->store);
    gy_status status = work->count > 0 || work->naming == NULL
                           ? add_locked(work, paths, err)
                           : gy_publish_lock(work->store, NULL, 0, work->naming, work->arena, err);
    for (size_t i = 0; i < work->count; i++) {
        gy_data_close(&work->items[i].data);
        gy_cache_close(&work->items[i].cache);
    }
    gy_file_unlock(lock);
    return status;
}

gy_status gy_store_add(gy_added *added, gy_store *store, const char *const *paths, size_t count,
                       const gy_add_options *options, gy_arena *arena, gy_error *err)
{
    static const gy_add_options plain = {0};
    batch work = {.store = store,
                  .added = added,
                  .count = count,
                  .options = options == NULL ? &plain : options,
                  .arena = arena};
    return add_batch(&work, paths, err);
}

gy_status gy_outs_keep(gy_out *outs, size_t count, gy_store *store, const gy_naming *naming,
                       gy_arena *arena, gy_error *err)
{
    static const gy_add_options plain = {0};
    batch work = {.store = store,
                  .added = GY_NEW(arena, gy_added, count),
                  .count = count,
                  .options = &plain,
                  .outs = outs,
                  .naming = naming,
                  .arena = arena};
    if (work.added == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu outputs", count);
    return add_batch(&work, NULL, err);
}
