// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_RANDOM_H
#define GYRE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/** PCG32 (O'Neill 2014): small, fast, the same numbers everywhere. Seeds are always explicit. */
typedef struct gy_random {
    uint64_t state, stream;
} gy_random;

/** Start a sequence: one for each seed and stream. */
void gy_random_init(gy_random *random, uint64_t seed, uint64_t stream);
/** Uniform in 0 to 2^32 - 1. */
uint32_t gy_random_next(gy_random *random);
/** Uniform in [0, bound), without bias; bound at least 1. */
uint32_t gy_random_below(gy_random *random, uint32_t bound);
/** Uniform in [0, 1), 53 bits. */
double gy_random_unit(gy_random *random);
/** Shuffle numbers in place (Fisher-Yates). */
void gy_random_shuffle(gy_random *random, uint32_t *numbers, size_t count);

#endif
