// SPDX-License-Identifier: Apache-2.0
//
// Objects on their way into new packs. Nothing has a name in the store before gy_writer_commit.
#ifndef GYRE_STORE_WRITER_H
#define GYRE_STORE_WRITER_H

#include "base/map.h"
#include "store/delta.h"
#include "store/store.h"

enum {
    GY_GROUP_BYTES = 128 * 1024,    // small objects are compressed together up to so much
    GY_SMALL_BYTES_MAX = 64 * 1024, // an object over it is a block of its own
    GY_PACK_BYTES_MAX = 64 * 1024 * 1024,
    GY_WAVE_BYTES = 16 * 1024 * 1024 // compressed at a time, by all threads
};

typedef struct gy_writer {
    gy_store *store;
    size_t threads;
    gy_arena arena;
    gy_id_map written;    // all put so far
    gy_delta_index delta; // over the packs that were there before
    gy_reader *readers;   // [threads]
    struct gy_wave *wave;
    struct gy_draft *drafts; // packs that are whole, but not yet named; newest first
    struct gy_draft *draft;  // the one being written; NULL: none
    size_t draft_count;
    uint64_t bytes_added;
} gy_writer;

/** Start. threads 0: all. End with gy_writer_release, whatever happened. */
gy_status gy_writer_init(gy_writer *writer, gy_store *store, size_t threads,
                         gy_error *err) GY_CHECKED;
void gy_writer_release(gy_writer *writer);

/**
 * Whether an object is in the store or on its way: whole, with all that it is told by, in packs
 * whose bytes are known to be good (trust.h).
 */
bool gy_writer_has(gy_writer *writer, const gy_id *id);

/**
 * Put an object that the store has not, of at most GY_PACK_BLOCK_BYTES_MAX bytes. Order counts:
 * neighbours are compressed together.
 * @param features of a chunk that may be told by others and others by it; NULL: not.
 */
gy_status gy_writer_put(gy_writer *writer, const gy_id *id, const void *bytes, size_t size_bytes,
                        const gy_features *features, bool is_recipe, gy_error *err) GY_CHECKED;

/** Put bytes of any size under their id: whole, or in chunks with a recipe. */
gy_status gy_writer_put_bytes(gy_writer *writer, const gy_id *id, const void *bytes,
                              size_t size_bytes, gy_error *err) GY_CHECKED;

/**
 * Copy a block of an older pack as it is, with those of its objects that are to stay and are not in
 * new packs already. GY_FORMAT: it is damaged.
 */
gy_status gy_writer_copy_block(gy_writer *writer, const gy_pack *pack, uint32_t number,
                               const gy_pack_object *objects, size_t count,
                               gy_error *err) GY_CHECKED;

/** Tell the chunks of the older version of what is put next; they are copied. count 0: none. */
gy_status gy_writer_set_older(gy_writer *writer, const gy_id *ids, size_t count,
                              gy_error *err) GY_CHECKED;

/**
 * Make all that was put durable, then name it: at most 2 sync calls. The store sees the new packs.
 */
gy_status gy_writer_commit(gy_writer *writer, gy_error *err) GY_CHECKED;

#endif
