// SPDX-License-Identifier: Apache-2.0
//
// Normalisations over a run of elements that lie together: mean and variance by sums in 16 lanes,
// the variance of what is left once the mean is taken off.
#ifndef GYRE_MODEL_OPS_SUPPORT_NORM_H
#define GYRE_MODEL_OPS_SUPPORT_NORM_H

#include "model/ops/support/window.h"

/** rows runs of `count` elements each, and which scale and bias an element has. */
typedef struct gy_norm {
    size_t rows, count;
    size_t scale_rows; // rows whose scales differ: scale index starts at r % scale_rows × per_row
    size_t per_row;    // scales in a row
    size_t inner;      // elements of a row that share a scale
    float epsilon;
    bool keeps_mean; // RMS: the mean stays
} gy_norm;

static inline size_t gy_norm_scale(const gy_norm *norm, size_t row, size_t i)
{
    return row % norm->scale_rows * norm->per_row + i / norm->inner;
}

/** What tells one normalisation from the others. */
typedef struct gy_norm_kind {
    gy_status (*read)(gy_norm *norm, const gy_node *node, gy_error *err);
    bool keeps_mean;
} gy_norm_kind;

/** The runs of all axes from `axis` on, a scale for each element. */
gy_status gy_norm_read_axes(gy_norm *norm, const gy_node *node, gy_error *err);

// y = (x - mean) × (1 / sqrt(var + epsilon)) × scale + bias; inputs 1 and 2, the bias may lack.
gy_status gy_norm_infer(gy_node *node, gy_error *err);
gy_status gy_norm_eval(const gy_node *node, gy_error *err);
void gy_norm_emit(const gy_node *node, gy_text *out);

#endif
