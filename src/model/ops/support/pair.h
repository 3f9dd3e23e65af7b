// SPDX-License-Identifier: Apache-2.0
//
// How near two rows of numbers are: a sum in lanes over both.
#ifndef GYRE_MODEL_OPS_SUPPORT_PAIR_H
#define GYRE_MODEL_OPS_SUPPORT_PAIR_H

#include "model/ops/support/lanes.h"

typedef enum gy_pair {
    GY_PAIR_DOT,     // sum of products
    GY_PAIR_SQUARES, // sum of squared differences
    GY_PAIR_ABSOLUTE // sum of absolute differences
} gy_pair;

float gy_pair_of(const float *a, const float *b, size_t count, gy_pair kind);
/** Emit `float lane[16]` whose first is that of the rows a and b. */
void gy_pair_emit(gy_text *out, size_t count, gy_pair kind, size_t depth);

#endif
