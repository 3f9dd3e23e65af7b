// SPDX-License-Identifier: Apache-2.0
//
// Transpose: axes in another order.

#include "model/ops/support/shape.h"

static gy_status read_order(size_t *order, const gy_node *node, gy_error *err)
{
    size_t count, rank = node->inputs[0]->rank;
    uint32_t seen = 0;
    const int64_t *perm = gy_node_ints(node, "perm", &count);
    if (perm != NULL && count != rank)
        return gy_node_fail(node, GY_FORMAT, err, "perm of %zu for %zu axes", count, rank);
    for (size_t i = 0; i < rank; i++) {
        order[i] = rank - 1 - i;
        if (perm != NULL)
            GY_TRY(gy_node_axis(&order[i], node, perm[i], rank, false, err));
        seen |= 1u << order[i];
    }
    if (seen != (1u << rank) - 1)
        return gy_node_fail(node, GY_FORMAT, err, "perm names an axis twice");
    return GY_OK;
}

static gy_status transpose_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t order[GY_RANK_MAX], shape[GY_RANK_MAX];
    GY_TRY(read_order(order, node, err));
    for (size_t i = 0; i < x->rank; i++)
        shape[i] = x->shape[order[i]];
    return gy_tensor_set(node->outputs[0], x->dtype, shape, x->rank, err);
}

static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t order[GY_RANK_MAX];
    ptrdiff_t dense[GY_RANK_MAX], strides[GY_RANK_MAX] = {0};
    GY_TRY(read_order(order, node, err));
    gy_dense_strides(dense, x->shape, x->rank);
    for (size_t i = 0; i < x->rank; i++)
        strides[i] = dense[order[i]];
    gy_loop_over(loop, node->outputs[0]->shape, x->rank);
    gy_loop_strided(loop, strides, 0);
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(transpose_eval, nest)
GY_NEST_EMIT(transpose_emit, nest)

const gy_op gy_op_transpose = {
    .domain = "",
    .type = "Transpose",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = transpose_infer,
    .eval = transpose_eval,
    .emit = transpose_emit,
    .types = "all",
};
