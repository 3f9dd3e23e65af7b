// SPDX-License-Identifier: Apache-2.0
//
// Linear models: each output one chain of fused multiply-adds from its intercept over the features.
#ifndef GYRE_MODEL_OPS_SUPPORT_LINEAR_H
#define GYRE_MODEL_OPS_SUPPORT_LINEAR_H

#include "model/ops/support/table.h"

/** Tables 0 and 1: coefficients [outputs][features] and intercepts. */
gy_status gy_linear_tables(gy_node *node, size_t outputs, gy_error *err) GY_CHECKED;
void gy_linear_sum(float *sums, const gy_node *node, size_t outputs, size_t n);
/** Emit `float s[outputs]` for sample n. */
void gy_linear_emit(const gy_node *node, size_t outputs, size_t depth, gy_text *out);

#endif
