// SPDX-License-Identifier: Apache-2.0
//
// gyre status: the work tree against its pointers. With a fresh cache it reads no file and no pack.

#include "store/status.h"

#include <string.h>

#include "store/compare.h"
#include "store/outs.h"
#include "store/paths.h"

// Files that were read and are as they were: spare the next one the reading.
static gy_status refresh_cache(gy_work *work, const gy_store *store, const char *path,
                               int64_t stamp_ns, gy_error *err)
{
    gy_pointer now = {0};
    if (work->data.is_folder)
        GY_TRY(gy_tree_write(&now, &work->listing, NULL, err));
    else
        now.root = work->listing.files[0].id;
    if (gy_id_compare(&now.root, &work->cache.pointer.root) == 0)
        gy_cache_save(store, path, &work->cache.pointer, &work->listing, stamp_ns);
    return GY_OK;
}

gy_status gy_work_open(gy_work *work, const gy_store *store, const char *path, size_t threads,
                       gy_arena *arena, gy_error *err)
{
    gy_error missing = {0};
    size_t hashed;
    *work = (gy_work){.data.folder = -1};
    gy_status status = gy_data_open(&work->data, store, path, arena, &missing);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", missing.message);
    work->is_there = true;
    work->has_cache = gy_cache_load(&work->cache, store, path, arena);
    const gy_listing *known = work->has_cache ? &work->cache.listing : NULL;
    GY_TRY(gy_data_scan(&work->listing, &work->data, known, threads, arena, err));
    // The clock stands before the reading: what changes after it changes its stat too.
    int64_t stamp_ns = work->listing.is_known ? 0 : gy_cache_clock_ns(store);
    GY_TRY(gy_data_hash(&hashed, &work->listing, &work->data, threads, err));
    return work->has_cache && stamp_ns > 0 ? refresh_cache(work, store, path, stamp_ns, err)
                                           : GY_OK;
}

void gy_work_close(gy_work *work)
{
    gy_cache_close(&work->cache);
    gy_data_close(&work->data);
}

gy_status gy_work_version(const gy_listing **version, gy_listing *room, const gy_work *work,
                          gy_store *store, const gy_pointer *pointer, gy_arena *arena,
                          gy_error *err)
{
    if (work->has_cache && work->cache.pointer.is_folder == pointer->is_folder &&
        gy_id_compare(&work->cache.pointer.root, &pointer->root) == 0) {
        *version = &work->cache.listing;
        return GY_OK;
    }
    *version = room;
    return gy_listing_of_version(room, store, pointer, arena, err);
}

// A copy of changes whose paths may point into the mapped cache is not needed: paths are made anew
// in the arena.
static gy_status compare_with(gy_change **changes, size_t *count, const gy_work *work,
                              gy_store *store, const gy_pointer *pointer, gy_arena *arena,
                              gy_error *err)
{
    gy_listing room;
    const gy_listing *version;
    GY_TRY(gy_work_version(&version, &room, work, store, pointer, arena, err));
    return gy_listing_compare(changes, count, version, work->is_there ? &work->listing : NULL,
                              arena, err);
}

gy_status gy_store_compare_work(gy_change **changes, size_t *count, gy_store *store,
                                const gy_pointer *before, const char *path, gy_arena *arena,
                                gy_error *err)
{
    gy_work work;
    gy_status status = gy_work_open(&work, store, path, 0, arena, err);
    if (status == GY_OK && before == NULL)
        status = gy_listing_compare(changes, count, NULL, work.is_there ? &work.listing : NULL,
                                    arena, err);
    else if (status == GY_OK)
        status = compare_with(changes, count, &work, store, before, arena, err);
    gy_work_close(&work);
    return status;
}

gy_status gy_store_datasets(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                            const char *const *paths, size_t count, gy_arena *arena, gy_error *err)
{
    char **chosen;
    size_t chosen_count;
    GY_TRY(gy_path_choose(&chosen, &chosen_count, store, paths, count, arena, err));
    *datasets = GY_NEW(arena, gy_dataset, chosen_count);
    if (*datasets == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", chosen_count);
    for (size_t i = 0; i < chosen_count; i++) {
        (*datasets)[i].path = chosen[i];
        GY_TRY(gy_path_pointer(&(*datasets)[i].pointer, store, chosen[i], err));
    }
    *dataset_count = chosen_count;
    return GY_OK;
}

static gy_status fill_status(gy_dataset *dataset, gy_store *store, gy_arena *arena, gy_error *err)
{
    gy_work work;
    gy_status status = gy_work_open(&work, store, dataset->path, 0, arena, err);
    if (status == GY_OK && !work.is_there)
        dataset->state = GY_DATASET_ABSENT;
    else if (status == GY_OK)
        status = compare_with(&dataset->changes, &dataset->change_count, &work, store,
                              &dataset->pointer, arena, err);
    if (status == GY_OK && work.is_there)
        dataset->state =
            dataset->change_count > 0 || work.data.is_folder != dataset->pointer.is_folder
                ? GY_DATASET_CHANGED
                : GY_DATASET_CLEAN;
    gy_work_close(&work);
    return status;
}

gy_status gy_store_status(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                          const char *const *paths, size_t count, gy_arena *arena, gy_error *err)
{
    GY_TRY(gy_outs_choose(datasets, dataset_count, store, paths, count, arena, err));
    for (size_t i = 0; i < *dataset_count; i++)
        GY_TRY(fill_status(&(*datasets)[i], store, arena, err));
    return GY_OK;
}
