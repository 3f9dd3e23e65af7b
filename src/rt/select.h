// SPDX-License-Identifier: 0BSD
//
// The chooser: which samples of an endless stream are worth sending home. A few places go to a
// uniform random draw of the stream, the others to the samples with the lowest score (the margin
// between the two best classes, say). Half of each is what won back the most accuracy per label
// where few labels are bought. The same stream and seed choose the same samples everywhere.
#ifndef GYRE_RT_SELECT_H
#define GYRE_RT_SELECT_H

#include <stddef.h>
#include <stdint.h>

/** Why a sample is kept. The numbers are on the wire. */
typedef enum gy_select_reason {
    GY_SELECT_EMPTY = 0,  // the place is free
    GY_SELECT_RANDOM = 1, // drawn
    GY_SELECT_LOW = 2     // among the lowest scores
} gy_select_reason;

/** A place for one sample. The caller keeps the sample's bytes beside it, by the same index. */
typedef struct gy_select_place {
    uint64_t print;  // tells samples apart: the first 8 bytes of the id, say
    uint32_t number; // in the stream, from 0
    float score;     // never NaN: one that was is -infinity
    gy_select_reason reason;
} gy_select_place;

/** The caller owns places. */
typedef struct gy_select {
    gy_select_place *places; // [0, random_count): drawn; the rest: low scores
    size_t count, random_count;
    uint64_t seed;
    uint32_t offered; // samples so far; at 2^32 - 1 the draw goes on with that
} gy_select;

/** Start, all places free. random_count: 0 to count; count at most 2^16. */
void gy_select_init(gy_select *select, gy_select_place *places, size_t count, size_t random_count,
                    uint64_t seed);

/**
 * Offer the next sample of the stream.
 * @param score the lower, the more worth it; NaN counts as the lowest.
 * @param print a sample whose print is in a place already is not kept twice.
 * @return the place that it takes now, whose earlier sample is dropped; -1: not kept.
 */
int32_t gy_select_offer(gy_select *select, float score, uint64_t print);

/** The lowest-margin score of a model's outputs: the greatest value less the second greatest. */
float gy_select_margin(const float *values, size_t count);

#endif
