// SPDX-License-Identifier: Apache-2.0
//
// gyre log: the versions of datasets, as git's history has their pointers.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/git.h"
#include "store/paths.h"
#include "store/pointer.h"

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

static gy_status take_versions(versions *list, const gy_text *log, const char *path, gy_error *err)
{
    for (size_t at = 0; at < log->length;) {
        gy_version_info version = {.path = path};
        bool found = false;
        char *commit = take_text(log, &at, list->arena);
        char *time = take_text(log, &at, list->arena);
        version.author = take_text(log, &at, list->arena);
        version.subject = take_text(log, &at, list->arena);
        if (commit == NULL || time == NULL || version.author == NULL || version.subject == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu versions", list->count + 1);
        version.commit = commit;
        version.time_s = strtoll(time, NULL, 10);
        GY_TRY(read_at(&version.pointer, &found, list, commit, path, err));
        if (found)
            GY_TRY(add_version(list, &version, err));
    }
    return GY_OK;
}

static gy_status log_of(versions *list, const char *path, size_t limit, gy_error *err)
{
    gy_text log = {0};
    char count[32];
    char *pointer = gy_arena_format(list->arena, "%s" GY_POINTER_ENDING, path);
    if (pointer == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    // One more than asked for: the last one is compared with the one before it.
    snprintf(count, sizeof(count), "--max-count=%zu", limit == 0 ? 1000000 : limit + 1);
    const char *const args[] = {"--literal-pathspecs",
                                "log",
                                "-z",
                                "--format=%H%x00%at%x00%an%x00%s",
                                count,
                                "--",
                                pointer,
                                NULL};
    gy_status status = gy_git_run(&log, list->store->project, args, NULL, err);
    if (status == GY_REFUSED) // a repository without a commit
        status = GY_OK;
    else if (status == GY_OK)
        status = take_versions(list, &log, path, err);
    gy_text_release(&log);
    return status;
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

gy_status gy_store_log(gy_version_info **found, size_t *found_count, gy_store *store,
                       const char *const *paths, size_t count, size_t limit, gy_arena *arena,
                       gy_error *err)
{
    char **chosen;
    size_t chosen_count;
    versions list = {.store = store, .arena = arena};
    bool is_there;
    GY_TRY(gy_git_find(&is_there, store->project, err));
    if (!is_there)
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s' is not in a git work tree: there is no history (see git init)",
                       store->project);
    GY_TRY(gy_path_choose(&chosen, &chosen_count, store, paths, count, arena, err));
    size_t *ends = GY_NEW(arena, size_t, 2 * chosen_count);
    if (ends == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", chosen_count);
    for (size_t i = 0; i < chosen_count; i++) {
        size_t first = list.count;
        GY_TRY(log_of(&list, chosen[i], limit, err));
        GY_TRY(count_changes(&list, first, err));
        if (limit > 0 && list.count > first + limit)
            list.count = first + limit;
        ends[i] = list.count;
    }
    GY_TRY(merge(&list, ends, ends + chosen_count, chosen_count, err));
    *found = list.items;
    *found_count = limit > 0 && list.count > limit ? limit : list.count;
    return GY_OK;
}
