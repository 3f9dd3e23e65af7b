// SPDX-License-Identifier: Apache-2.0
//
// A dataset as the work tree holds it now.
#ifndef GYRE_STORE_SCAN_H
#define GYRE_STORE_SCAN_H

#include "store/cache.h"

/** The data of a dataset, open. */
typedef struct gy_data {
    const char *path; // relative to the project, for messages
    bool is_folder;
    int folder;         // the dataset's; of a single file, the one that holds it
    const char *single; // a single file's name in folder; NULL: a folder
} gy_data;

/** GY_NOT_FOUND: nothing there; GY_UNSUPPORTED: a link, or neither file nor folder. */
gy_status gy_data_open(gy_data *data, const gy_store *store, const char *path, gy_arena *arena,
                       gy_error *err) GY_CHECKED;
void gy_data_close(gy_data *data);

/** The folders of a listing, opened one after the other. Start: {data, listing, UINT32_MAX, -1}. */
typedef struct gy_folder_walk {
    const gy_data *data;
    const gy_listing *listing;
    uint32_t folder; // that is open
    int file;
} gy_folder_walk;

/** The descriptor of a folder; good until the next call. */
gy_status gy_folder_walk_to(int *file, gy_folder_walk *walk, uint32_t folder,
                            gy_error *err) GY_CHECKED;
void gy_folder_walk_end(gy_folder_walk *walk);

/**
 * List a dataset. Files whose stat is as the cache has it keep their id; the others have none.
 * @param cache NULL: none.
 */
gy_status gy_data_scan(gy_listing *listing, const gy_data *data, const gy_listing *cache,
                       size_t threads, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Read and hash all files that have no id. @param hashed [out] how many. */
gy_status gy_data_hash(size_t *hashed, gy_listing *listing, const gy_data *data, size_t threads,
                       gy_error *err) GY_CHECKED;

/** The name by which a file of the listing is opened in its folder. */
static inline const char *gy_data_name(const gy_data *data, const gy_list_file *file)
{
    return data->single == NULL ? file->name : data->single;
}

#endif
