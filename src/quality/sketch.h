// SPDX-License-Identifier: Apache-2.0
//
// Summaries of a stream in little memory: quantiles, how many different values, the commonest.
#ifndef GYRE_QUALITY_SKETCH_H
#define GYRE_QUALITY_SKETCH_H

#include "gyre/base.h"

// ---- quantiles

enum { GY_QUANTILE_BLOCK = 4096, GY_QUANTILE_LEVELS = 40 };

/**
 * Quantiles by compaction: sorted blocks; two full ones of a level become one of the next, where a
 * value stands for two. Deterministic, and its error is known: see gy_quantile_error.
 * 33 KB and 33 KB a level in use. Zero-initialise but for arena.
 */
typedef struct gy_quantile {
    gy_arena *arena;
    double *block; // [GY_QUANTILE_BLOCK] not sorted yet
    size_t block_count;
    double *levels[GY_QUANTILE_LEVELS]; // [GY_QUANTILE_BLOCK] sorted, or NULL
    bool full[GY_QUANTILE_LEVELS];
    bool odd[GY_QUANTILE_LEVELS]; // which half the next compaction of the level keeps
    uint64_t count;
    uint64_t error; // in ranks
} gy_quantile;

/** Add finite values. */
gy_status gy_quantile_add(gy_quantile *quantile, const double *values, size_t count,
                          gy_error *err) GY_CHECKED;

/**
 * The values at shares (0 to 1, ascending) of the sorted stream.
 * @param scratch is rewound.
 */
gy_status gy_quantile_at(double *values, const gy_quantile *quantile, const double *shares,
                         size_t count, gy_arena *scratch, gy_error *err) GY_CHECKED;

/** How far, as a share of all values, the rank of an answer may be from what was asked for. */
double gy_quantile_error(const gy_quantile *quantile);

// ---- different values

enum { GY_DISTINCT_BITS = 14 };

/** HyperLogLog (Flajolet et al. 2007) of 2^14 registers: standard error .8 %. Zero-initialise. */
typedef struct gy_distinct {
    uint8_t registers[1 << GY_DISTINCT_BITS];
} gy_distinct;

/** Hashes for both: of bytes, and of 64 bits. */
uint64_t gy_distinct_hash(const char *bytes, size_t length);
uint64_t gy_distinct_mix(uint64_t bits);

static inline void gy_distinct_add(gy_distinct *distinct, uint64_t hash)
{
    uint64_t rest = hash << GY_DISTINCT_BITS | UINT64_C(1) << (GY_DISTINCT_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *place = &distinct->registers[hash >> (64 - GY_DISTINCT_BITS)];
    if (rank > *place)
        *place = rank;
}

/** How many different values were added. */
double gy_distinct_count(const gy_distinct *distinct);

// ---- common values

enum { GY_COMMON_MAX = 1024, GY_COMMON_SLOTS = 2048, GY_COMMON_BYTES = 56 };

typedef struct gy_common_value {
    uint64_t hash; // with count 0: free
    uint64_t count;
    uint8_t length; // of text; longer values are cut
    char text[GY_COMMON_BYTES - 1];
} gy_common_value;

/**
 * The commonest values (Misra and Gries 1982, as refined by Anderson et al. 2017): a count is at
 * most `missed` too low; no value of more occurrences than that is missing. Zero-initialise.
 */
typedef struct gy_common {
    gy_common_value slots[GY_COMMON_SLOTS];
    size_t used;
    uint64_t missed, seen;
    bool off; // no value is common: not looked at any more
} gy_common;

/** Count one value, known by its hash. */
void gy_common_add(gy_common *common, uint64_t hash, const void *bytes, size_t length);

/** Bring the commonest to the front. @return how many there are, at most `most`. */
size_t gy_common_sort(gy_common *common, size_t most);

#endif
