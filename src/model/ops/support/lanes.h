// SPDX-License-Identifier: Apache-2.0
//
// Sums of many: element r goes to lane r % 16; the lanes are added by one fixed tree. The order
// hangs on the count alone, so that vectors of any width give the same bits.
#ifndef GYRE_MODEL_OPS_SUPPORT_LANES_H
#define GYRE_MODEL_OPS_SUPPORT_LANES_H

#include "model/op.h"

enum { GY_LANES = 16 };

/** The sum of the lanes; destroys them. */
static inline float gy_lanes_sum(float *lane)
{
    for (size_t half = GY_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] = lane[l] + lane[l + half];
    return lane[0];
}

/**
 * Emit at depth: `float lane[16] = {0}`, the loop that adds a value for each r below count, and the
 * tree. value is an expression in r over `lane[l]`'s old value named s: "s + x[r]". Statements that
 * it needs come before it in `prepare` (may be "").
 */
void gy_lanes_emit(gy_text *out, size_t count, const char *prepare, const char *value,
                   size_t depth);

#endif
