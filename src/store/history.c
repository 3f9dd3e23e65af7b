// SPDX-License-Identifier: Apache-2.0
//
// gyre log: the versions of datasets, as git's history has their pointers, and of outputs, as it
// has gyre.lock.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/git.h"
#include "store/outs.h"
#include "store/paths.h"
#include "store/pointer.h"

enum { COMMITS_MAX = 1000000, TEXTS_A_COMMIT = 4 };

// A list of versions that grows.
typedef struct versions {
    gy_store *store;
    gy_version_info *items;
    size_t count, capacity;
    gy_arena *arena;
} versions;

static gy_status add_version(versions *list, const gy_version_info *version, gy_error *err)
{
    gy_version_info *more =
        gy_arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu versions", list->count + 1);
    list->items = more;
    list->items[list->count++] = *version;
    return GY_OK;
}

// The next text of a NUL-separated list, as a copy; NULL: the end, or no memory.
static char *take_text(const gy_text *log, size_t *at, gy_arena *arena)
{
    if (*at >= log->length)
        return NULL;
    const char *text = log->bytes + *at;
    size_t length = strlen(text);
    *at += length + 1;
    return gy_arena_copy(arena, text, length);
}

// Read the pointer as one commit has it. A commit that removes it, or breaks it, is no version.
static gy_status read_at(gy_pointer *pointer, bool *found, const versions *list, const char *commit,
                         const char *path, gy_error *err)
{
    gy_error reason = {0};
    char *full =
        gy_arena_format(list->arena, "%s/%s" GY_POINTER_ENDING, list->store->project, path);
    if (full == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status = gy_pointer_read(pointer, full, commit, &reason);
    *found = status == GY_OK;
    if (status != GY_OK && status != GY_NOT_FOUND && status != GY_FORMAT)
        return gy_fail(err, status, "%s", reason.message);
    return GY_OK;
}

// What git says of the next commit of a log.
static gy_status take_commit(gy_version_info *version, const gy_text *log, size_t *at,
                             gy_arena *arena, gy_error *err)
{
    char *commit = take_text(log, at, arena);
    char *time = take_text(log, at, arena);
    version->author = take_text(log, at, arena);
    version->subject = take_text(log, at, arena);
    if (commit == NULL || time == NULL || version->author == NULL || version->subject == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the history");
    version->commit = commit;
    version->time_s = strtoll(time, NULL, 10);
    return GY_OK;
}

// The commits that changed a file, newest first. A repository without a commit has none.
static gy_status read_log(gy_text *log, const gy_store *store, const char *path, size_t limit,
                          gy_error *err)
{
    char count[32];
    snprintf(count, sizeof(count), "--max-count=%zu", limit);
    const char *const args[] = {"--literal-pathspecs",
                                "log",
                                "-z",
                                "--format=%H%x00%at%x00%an%x00%s",
                                count,
                                "--",
                                path,
                                NULL};
    gy_status status = gy_git_run(log, store->project, args, NULL, err);
    return status == GY_REFUSED ? GY_OK : status;
}

static gy_status take_versions(versions *list, const gy_text *log, const char *path, gy_error *err)
{
    for (size_t at = 0; at < log->length;) {
        gy_version_info version = {.path = path};
        bool found = false;
        GY_TRY(take_commit(&version, log, &at, list->arena, err));
        GY_TRY(read_at(&version.pointer, &found, list, version.commit, path, err));
        if (found)
            GY_TRY(add_version(list, &version, err));
    }
    return GY_OK;
}

static gy_status log_of(versions *list, const char *path, size_t limit, gy_error *err)
{
    gy_text log = {0};
    char *pointer = gy_arena_format(list->arena, "%s" GY_POINTER_ENDING, path);
    if (pointer == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    // One more than asked for: the last one is compared with the one before it.
    gy_status status =
        read_log(&log, list->store, pointer, limit == 0 ? COMMITS_MAX : limit + 1, err);
    if (status == GY_OK)
        status = take_versions(list, &log, path, err);
    gy_text_release(&log);
    return status;
}

// ---- outputs

// A gyre.lock as each commit that changed it has it: all its outputs are looked up there.
typedef struct lock_log {
    const char *lock;
    gy_version_info *commits;
    gy_locked_path **outs;
    size_t *out_counts;
    size_t count, capacity;
} lock_log;

static gy_status read_lock_log(lock_log *locks, const versions *list, const char *lock,
                               const gy_text *log, gy_error *err)
{
    size_t commits = 0;
    for (size_t i = 0; i < log->length; i++)
        commits += log->bytes[i] == '\0';
    commits = commits / TEXTS_A_COMMIT + 1;
    *locks = (lock_log){.lock = lock,
                        .commits = GY_NEW(list->arena, gy_version_info, commits),
                        .outs = GY_NEW(list->arena, gy_locked_path *, commits),
                        .out_counts = GY_NEW(list->arena, size_t, commits)};
    if (locks->commits == NULL || locks->outs == NULL || locks->out_counts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu commits", commits);
    for (size_t at = 0; at < log->length;) {
        gy_error reason = {0};
        size_t i = locks->count++;
        locks->commits[i].is_output = true;
        GY_TRY(take_commit(&locks->commits[i], log, &at, list->arena, err));
        gy_status status = gy_outs_at(&locks->outs[i], &locks->out_counts[i], list->store, lock,
                                      locks->commits[i].commit, list->arena, &reason);
        // A commit that removes the lock, or breaks it, names nothing.
        if (status == GY_NOT_FOUND || status == GY_FORMAT || status == GY_UNSUPPORTED)
            locks->out_counts[i] = 0;
        else if (status != GY_OK)
            return gy_fail(err, status, "%s", reason.message);
    }
    return GY_OK;
}

// From the oldest to the newest a version is what differs from the one before.
static gy_status log_of_output(versions *list, lock_log *locks, const gy_dataset *output,
                               gy_error *err)
{
    if (locks->lock == NULL || strcmp(locks->lock, output->lock) != 0) {
        gy_text log = {0};
        gy_status status = read_log(&log, list->store, output->lock, COMMITS_MAX, err);
        if (status == GY_OK)
            status = read_lock_log(locks, list, output->lock, &log, err);
        gy_text_release(&log);
        GY_TRY(status);
    }
    for (size_t i = 0; i < locks->count; i++) {
        const gy_pointer *now = gy_outs_find(locks->outs[i], locks->out_counts[i], output);
        const gy_pointer *before =
            i + 1 == locks->count
                ? NULL
                : gy_outs_find(locks->outs[i + 1], locks->out_counts[i + 1], output);
        if (now == NULL || (before != NULL && gy_pointer_equal(now, before)))
            continue;
        gy_version_info version = locks->commits[i];
        version.path = output->path;
        version.pointer = *now;
        GY_TRY(add_version(list, &version, err));
    }
    return GY_OK;
}

// What each version changed against the one below it in the list.
static gy_status count_changes(versions *list, size_t first, gy_error *err)
{
    for (size_t i = first; i < list->count; i++) {
        gy_version_info *version = &list->items[i];
        const gy_pointer *before = i + 1 < list->count ? &list->items[i + 1].pointer : NULL;
        gy_change *changes;
        size_t count;
        gy_error broken = {0};
        gy_arena scratch = GY_ARENA_INIT;
        gy_status status = gy_store_compare(&changes, &count, list->store, before,
                                            &version->pointer, &scratch, &broken);
        version->counted = status == GY_OK;
        for (size_t k = 0; version->counted && k < count; k++) {
            version->added += changes[k].kind == GY_CHANGE_ADDED;
            version->removed += changes[k].kind == GY_CHANGE_REMOVED;
            version->modified += changes[k].kind == GY_CHANGE_MODIFIED;
        }
        gy_arena_release(&scratch);
        // What the store lost is not counted; a failing disk is not taken for a loss.
        if (status == GY_NO_MEMORY || status == GY_IO)
            return gy_fail(err, status, "%s", broken.message);
    }
    return GY_OK;
}

// Merge the histories of several datasets, each newest first, into one. `ends` tells where each
// ends in the list, heads where it has been read to.
static gy_status merge(versions *list, const size_t *ends, size_t *heads, size_t datasets,
                       gy_error *err)
{
    gy_version_info *merged = GY_NEW(list->arena, gy_version_info, list->count);
    if (merged == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu versions", list->count);
    for (size_t i = 0; i < datasets; i++)
        heads[i] = i == 0 ? 0 : ends[i - 1];
    for (size_t i = 0; i < list->count; i++) {
        size_t newest = datasets;
        for (size_t k = 0; k < datasets; k++)
            if (heads[k] < ends[k] && (newest == datasets || list->items[heads[k]].time_s >
                                                                 list->items[heads[newest]].time_s))
                newest = k;
        merged[i] = list->items[heads[newest]++];
    }
    list->items = merged;
    return GY_OK;
}

static gy_status check_git(const gy_store *store, gy_error *err)
{
    bool is_there;
    GY_TRY(gy_git_find(&is_there, store->project, err));
    return is_there ? GY_OK
                    : gy_fail(err, GY_UNSUPPORTED,
                              "'%s' is not in a git work tree: there is no history (see git init)",
                              store->project);
}

static gy_status log_all(gy_version_info **found, size_t *found_count, gy_store *store,
                         const gy_dataset *items, size_t count, size_t limit, gy_arena *arena,
                         gy_error *err)
{
    versions list = {.store = store, .arena = arena};
    lock_log locks = {0};
    size_t *ends = GY_NEW(arena, size_t, 2 * count);
    if (ends == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", count);
    for (size_t i = 0; i < count; i++) {
        size_t first = list.count;
        if (items[i].is_output)
            GY_TRY(log_of_output(&list, &locks, &items[i], err));
        else
            GY_TRY(log_of(&list, items[i].path, limit, err));
        GY_TRY(count_changes(&list, first, err));
        if (limit > 0 && list.count > first + limit)
            list.count = first + limit;
        ends[i] = list.count;
    }
    GY_TRY(merge(&list, ends, ends + count, count, err));
    *found = list.items;
    *found_count = limit > 0 && list.count > limit ? limit : list.count;
    return GY_OK;
}

gy_status gy_store_log(gy_version_info **found, size_t *found_count, gy_store *store,
                       const char *const *paths, size_t count, size_t limit, gy_arena *arena,
                       gy_error *err)
{
    gy_dataset *items;
    size_t item_count;
    GY_TRY(check_git(store, err));
    GY_TRY(gy_store_datasets(&items, &item_count, store, paths, count, arena, err));
    return log_all(found, found_count, store, items, item_count, limit, arena, err);
}

gy_status gy_store_history(gy_version_info **found, size_t *found_count, gy_store *store,
                           const char *const *paths, size_t count, size_t limit, gy_arena *arena,
                           gy_error *err)
{
    gy_dataset *items;
    size_t item_count;
    GY_TRY(check_git(store, err));
    GY_TRY(gy_outs_choose(&items, &item_count, store, paths, count, arena, err));
    return log_all(found, found_count, store, items, item_count, limit, arena, err);
}
