// SPDX-License-Identifier: Apache-2.0
//
// Which objects versions need.
#ifndef GYRE_STORE_REACH_H
#define GYRE_STORE_REACH_H

#include "base/map.h"
#include "store/refs.h"

/**
 * Called for an object that is needed and cannot be had.
 * @param need the file or folder that needs it. Not GY_OK: stop and hand it up.
 */
typedef gy_status gy_reach_missing(void *context, const gy_id *id, const char *need,
                                   const gy_error *reason, gy_error *err);

typedef struct gy_reach {
    gy_store *store;
    gy_arena *arena;
    gy_id_map marks;      // all that is needed
    const gy_id_map *bad; // objects that are there but damaged; NULL: none known
    gy_reach_missing *missing;
    void *context;
} gy_reach;

/** Mark all that one version needs. A guess is marked as a file, and as a folder if it is one. */
gy_status gy_reach_version(gy_reach *reach, const gy_ref *ref, gy_error *err) GY_CHECKED;

/** Mark one object, its chunks, and what they are told by. */
gy_status gy_reach_object(gy_reach *reach, const gy_id *id, const char *need,
                          gy_error *err) GY_CHECKED;

#endif
