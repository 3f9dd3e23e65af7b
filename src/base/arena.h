// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_ARENA_H
#define GYRE_BASE_ARENA_H

#include "gyre/base.h"

typedef struct gy_arena_block gy_arena_block;

/** Blocks that grow geometrically; the newest is first. Takes are zeroed and aligned to 64 bytes.
 */
struct gy_arena {
    gy_arena_block *blocks;
    size_t taken_bytes; // of all blocks, for the limit
    size_t limit_bytes;
    size_t takes_left; // for tests: the take after this many fails
};

// An arena on the stack: no limit, nothing fails. Ends with gy_arena_release, which leaves it
// empty.
#define GY_ARENA_INIT {.limit_bytes = SIZE_MAX, .takes_left = SIZE_MAX}
void gy_arena_release(gy_arena *arena);

/**
 * Room for one more item in an array that lives in the arena: a full one is copied to twice as
 * much.
 * @param items    count of them; NULL: none yet.
 * @param capacity [in, out] how many there is room for.
 * @return the array, which may have moved; NULL: no memory, and all is as it was.
 */
void *gy_arena_grow(gy_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t item_bytes) GY_CHECKED;

#endif
