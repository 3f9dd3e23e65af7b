// SPDX-License-Identifier: Apache-2.0
//
// Sums over two rows, in 16 lanes.

#include "model/ops/support/pair.h"

#include "rt/math.h"

float gy_pair_of(const float *a, const float *b, size_t count, gy_pair kind)
{
    float lane[GY_LANES] = {0};
    for (size_t i = 0; i < count; i++) {
        float s = lane[i % GY_LANES], d = a[i] - b[i];
        lane[i % GY_LANES] = kind == GY_PAIR_DOT       ? gy_fmaf(a[i], b[i], s)
                             : kind == GY_PAIR_SQUARES ? gy_fmaf(d, d, s)
                                                       : s + gy_fabsf(d);
    }
    return gy_lanes_sum(lane);
}

void gy_pair_emit(gy_text *out, size_t count, gy_pair kind, size_t depth)
{
    gy_lanes_emit(out, count, kind == GY_PAIR_DOT ? "" : "const float d = a[r] - b[r];",
                  kind == GY_PAIR_DOT       ? "gy_fmaf(a[r], b[r], s)"
                  : kind == GY_PAIR_SQUARES ? "gy_fmaf(d, d, s)"
                                            : "s + gy_fabsf(d)",
                  depth);
}
