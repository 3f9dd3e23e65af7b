// SPDX-License-Identifier: Apache-2.0
//
// A dataset of the work tree against a version.
#ifndef GYRE_STORE_STATUS_H
#define GYRE_STORE_STATUS_H

#include "store/scan.h"

/** The work tree's state of one dataset, every file with its id. */
typedef struct gy_work {
    bool is_there;
    gy_data data; // open while is_there
    gy_cache cache;
    bool has_cache;
    gy_listing listing;
} gy_work;

/** Scan and hash. End with gy_work_close, whatever happened. */
gy_status gy_work_open(gy_work *work, const gy_store *store, const char *path, size_t threads,
                       gy_arena *arena, gy_error *err) GY_CHECKED;
void gy_work_close(gy_work *work);

/** The listing of a version: of the cache where that is the one, else from the store's trees. */
gy_status gy_work_version(const gy_listing **version, gy_listing *room, const gy_work *work,
                          gy_store *store, const gy_pointer *pointer, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#endif
