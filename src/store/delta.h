// SPDX-License-Identifier: Apache-2.0
//
// Which stored chunks a new chunk is told by.
#ifndef GYRE_STORE_DELTA_H
#define GYRE_STORE_DELTA_H

#include "base/map.h"
#include "store/store.h"

/** From features to the newest stored chunk that has them. Zero-initialise all but arena. */
typedef struct gy_delta_index {
    gy_arena *arena;
    struct gy_delta_slot *slots;
    size_t capacity;
    bool built;
    // The chunks of the older version of the file that is being written, in order.
    const gy_id *older;
    size_t older_count;
    gy_id_map older_at; // id to place in older, plus one
} gy_delta_index;

/** Fill from the packs of the store. Bounded: the newest two million features. */
gy_status gy_delta_build(gy_delta_index *index, const gy_store *store, gy_error *err) GY_CHECKED;

/** Tell the chunks of the older version; count 0: none. The ids are the caller's. */
gy_status gy_delta_set_older(gy_delta_index *index, const gy_id *ids, size_t count,
                             gy_error *err) GY_CHECKED;

/** Bytes packed against bases. */
typedef struct gy_delta {
    size_t packed_bytes; // 0: nothing found that helps
    gy_id bases[GY_PACK_BASES_MAX];
    uint8_t base_count, depth;
} gy_delta;

/**
 * Pack a chunk against the stored chunks most like it.
 * @param packed where to, at most capacity bytes.
 * @return GY_OK also when nothing helps; GY_NO_MEMORY.
 */
gy_status gy_delta_pack(gy_delta *delta, void *packed, size_t capacity, const uint8_t *bytes,
                        size_t size_bytes, const gy_features *features, const gy_delta_index *index,
                        const gy_store *store, gy_reader *reader, gy_error *err) GY_CHECKED;

#endif
