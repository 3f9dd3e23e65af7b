// SPDX-License-Identifier: Apache-2.0
//
// What is versioned in the work tree: datasets by their pointer files, outputs by gyre.lock.

#include "store/outs.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/path.h"
#include "store/git.h"
#include "store/paths.h"
#include "store/pointer.h"

// Datasets and outputs of the work tree that grow.
typedef struct outs_found {
    gy_dataset *items;
    size_t count, capacity;
    const gy_store *store;
    gy_arena *arena;
} outs_found;

static gy_status add(outs_found *found, const gy_dataset *item, gy_error *err)
{
    gy_dataset *more =
        gy_arena_grow(found->arena, found->items, found->count, &found->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", found->count + 1);
    found->items = more;
    found->items[found->count++] = *item;
    return GY_OK;
}

static gy_status has_pointer(bool *has, const outs_found *found, const char *path, gy_error *err)
{
    char *name =
        gy_arena_format(found->arena, "%s/%s" GY_POINTER_ENDING, found->store->project, path);
    if (name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    *has = gy_file_exists(name);
    return GY_OK;
}

// A lock comes from anywhere, as all that git brings does: it names no file outside the project,
// nor what belongs to git or to the project itself.
static bool is_inside(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 2 && memcmp(part, "..", 2) == 0) ||
            (length == 4 && memcmp(part, ".git", 4) == 0) ||
            (length == 5 && memcmp(part, ".gyre", 5) == 0))
            return false;
    }
    return true;
}

static gy_status take_lock(outs_found *found, const char *lock, gy_error *err)
{
    char *bytes, *full = gy_store_path(found->store, lock, found->arena);
    size_t length, count, above = strlen(lock) - strlen(GY_LOCK_NAME);
    gy_locked_path *outs;
    const char *folder = gy_arena_copy(found->arena, lock, above > 0 ? above - 1 : 0);
    if (full == NULL || folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_file_read(&bytes, &length, full, GY_LOCK_BYTES_MAX, found->arena, err));
    GY_TRY(gy_lock_outs(&outs, &count, bytes, length, lock, found->arena, err));
    for (size_t i = 0; i < count; i++) {
        bool is_dataset = false;
        const char *path = gy_path_join(found->arena, folder, outs[i].path);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (!outs[i].is_stored)
            continue;
        if (!is_inside(path))
            return gy_fail(err, GY_FORMAT, "%s names '%s', which is not inside the project", lock,
                           outs[i].path);
        GY_TRY(has_pointer(&is_dataset, found, path, err));
        if (!is_dataset)
            GY_TRY(
                add(found,
                    &(gy_dataset){
                        .path = path, .pointer = outs[i].stored, .is_output = true, .lock = lock},
                    err));
    }
    return GY_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const gy_dataset *)a)->path, ((const gy_dataset *)b)->path);
}

// ---- chosen ones

static gy_status choose_one(outs_found *chosen, const outs_found *outs, const char *name,
                            gy_error *err)
{
    bool is_dataset = false;
    gy_dataset item = {0};
    GY_TRY(has_pointer(&is_dataset, chosen, name, err));
    for (size_t i = 0; !is_dataset && i < outs->count; i++)
        if (strcmp(outs->items[i].path, name) == 0)
            return add(chosen, &outs->items[i], err);
    item.path = name;
    GY_TRY(gy_path_pointer(&item.pointer, chosen->store, name, err));
    return add(chosen, &item, err);
}

gy_status gy_outs_choose(gy_dataset **chosen, size_t *chosen_count, gy_store *store,
                         const char *const *paths, size_t count, gy_arena *arena, gy_error *err)
{
    gy_path_list datasets, locks;
    outs_found all = {.store = store, .arena = arena}, some = all, *found = &all;
    char **names = NULL;
    size_t name_count = 0;
    GY_TRY(gy_path_datasets(&datasets, &locks, store, arena, err));
    for (size_t i = 0; i < locks.count; i++)
        GY_TRY(take_lock(&all, locks.items[i], err));
    if (count > 0)
        GY_TRY(gy_path_choose(&names, &name_count, store, paths, count, arena, err));
    for (size_t i = 0; i < name_count; i++)
        GY_TRY(choose_one(&some, &all, names[i], err));
    for (size_t i = 0; count == 0 && i < datasets.count; i++) {
        gy_dataset item = {.path = datasets.items[i]};
        GY_TRY(gy_path_pointer(&item.pointer, store, item.path, err));
        GY_TRY(add(&all, &item, err));
    }
    if (count > 0)
        found = &some;
    else if (all.count > 1)
        qsort(all.items, all.count, sizeof(*all.items), by_path);
    *chosen = found->items;
    *chosen_count = found->count;
    return GY_OK;
}

gy_status gy_store_contents(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                            const char *const *paths, size_t count, gy_arena *arena, gy_error *err)
{
    return gy_outs_choose(datasets, dataset_count, store, paths, count, arena, err);
}

// ---- at a revision

gy_status gy_outs_at(gy_locked_path **outs, size_t *count, const gy_store *store, const char *lock,
                     const char *revision, gy_arena *arena, gy_error *err)
{
    gy_text shown = {0};
    char *full = gy_store_path(store, lock, arena);
    if (full == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status = gy_git_show(&shown, full, revision, arena, err);
    char *bytes = status != GY_OK
                      ? NULL
                      : gy_arena_copy(arena, shown.bytes == NULL ? "" : shown.bytes, shown.length);
    if (status == GY_OK)
        status = bytes == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", lock)
                               : gy_lock_outs(outs, count, bytes, shown.length, lock, arena, err);
    gy_text_release(&shown);
    return status;
}

const gy_pointer *gy_outs_find(const gy_locked_path *outs, size_t count, const gy_dataset *output)
{
    const char *path = output->path + strlen(output->lock) - strlen(GY_LOCK_NAME);
    for (size_t i = 0; i < count; i++)
        if (outs[i].is_stored && strcmp(outs[i].path, path) == 0)
            return &outs[i].stored;
    return NULL;
}

gy_status gy_store_version(gy_pointer *pointer, gy_store *store, const gy_dataset *dataset,
                           const char *revision, gy_arena *arena, gy_error *err)
{
    if (!dataset->is_output) {
        char *path =
            gy_arena_format(arena, "%s/%s" GY_POINTER_ENDING, store->project, dataset->path);
        return path == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path")
                            : gy_pointer_read(pointer, path, revision, err);
    }
    const gy_pointer *found = &dataset->pointer;
    gy_locked_path *outs;
    size_t count;
    if (revision != NULL) {
        GY_TRY(gy_outs_at(&outs, &count, store, dataset->lock, revision, arena, err));
        found = gy_outs_find(outs, count, dataset);
    }
    if (found == NULL)
        return gy_fail(err, GY_NOT_FOUND, "%s of '%s' does not name '%s'", dataset->lock, revision,
                       dataset->path);
    *pointer = *found;
    return GY_OK;
}
