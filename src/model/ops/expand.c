// SPDX-License-Identifier: Apache-2.0
//
// Expand: broadcast to a shape.

#include "model/ops/support/shape.h"

static gy_status expand_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t count, shape[GY_RANK_MAX] = {0}, other[GY_RANK_MAX], rank = x->rank;
    GY_TRY(gy_node_shape_input(other, &count, node, 1, err));
    for (size_t i = 0; i < rank; i++)
        shape[i] = x->shape[i];
    GY_TRY(gy_broadcast_shape(shape, &rank, node, other, count, err));
    return gy_tensor_set(node->outputs[0], x->dtype, shape, rank, err);
}

static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    (void)err;
    gy_loop_over(loop, node->outputs[0]->shape, node->outputs[0]->rank);
    gy_loop_broadcast(loop, node->inputs[0]);
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(expand_eval, nest)
GY_NEST_EMIT(expand_emit, nest)

const gy_op gy_op_expand = {
    .domain = "",
    .type = "Expand",
    .opset_min = 8,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = expand_infer,
    .eval = expand_eval,
    .emit = expand_emit,
    .types = "all",
};
