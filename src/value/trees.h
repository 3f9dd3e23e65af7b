// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_TREES_H
#define GYRE_VALUE_TREES_H

#include "gyre/value.h"

typedef struct gy_trees_recipe {
    size_t trees; // at most 4096
    size_t leaf_rows_min;
    uint64_t seed;
    size_t threads;
} gy_trees_recipe;

/**
 * Out-of-bag class probabilities of extremely randomised trees. Each tree sees a bootstrap of
 * groups, never a part of one, and judges the groups it has not seen.
 *
 * @param probabilities [out] [rows][class_count]; each row sums to 1.
 * @param groups [rows]: rows of one number go together; numbers below rows.
 * Source: Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.
 */
gy_status gy_trees_judge(float *probabilities, const gy_samples *samples, const uint32_t *groups,
                         const gy_trees_recipe *recipe, gy_arena *scratch,
                         gy_error *err) GY_CHECKED;

#endif
