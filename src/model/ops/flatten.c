// SPDX-License-Identifier: Apache-2.0
//
// Flatten: the axes before `axis` become one, those from it on another.

#include "model/ops/support/shape.h"

static gy_status flatten_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis, shape[2] = {1, 1};
    int64_t given = gy_node_int(node, "axis", 1);
    if (given < 0)
        given += (int64_t)x->rank;
    GY_TRY(gy_node_axis(&axis, node, given, x->rank, true, err));
    for (size_t i = 0; i < x->rank; i++)
        shape[i >= axis] *= x->shape[i];
    return gy_tensor_set(node->outputs[0], x->dtype, shape, 2, err);
}

const gy_op gy_op_flatten = {
    .domain = "",
    .type = "Flatten",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = flatten_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "all",
};
