// SPDX-License-Identifier: Apache-2.0
//
// Softmax and its logarithm: the greatest is taken off, e^ of the rest is summed in 16 lanes.
#ifndef GYRE_MODEL_OPS_SUPPORT_SOFTMAX_H
#define GYRE_MODEL_OPS_SUPPORT_SOFTMAX_H

#include "model/op.h"

gy_status gy_softmax_infer(gy_node *node, gy_error *err);
gy_status gy_softmax_eval(const gy_node *node, gy_error *err);
void gy_softmax_emit(const gy_node *node, gy_text *out);

/** The axis as a view of outer × count × inner elements. */
typedef struct gy_axis_view {
    size_t outer, count, inner;
} gy_axis_view;
void gy_axis_view_of(gy_axis_view *view, const gy_tensor *x, size_t axis, size_t end);
gy_status gy_softmax_view(gy_axis_view *view, const gy_node *node, gy_error *err) GY_CHECKED;

/** What a Softmax does that Hardmax and others do not. */
typedef struct gy_softmax {
    bool is_log;
    bool is_flat; // before opset 13: all axes from `axis` on are one
} gy_softmax;

#endif
