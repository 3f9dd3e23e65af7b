// SPDX-License-Identifier: Apache-2.0
//
// Tile: each axis repeated a number of times.

#include "model/ops/support/shape.h"

static gy_status tile_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t *repeats;
    size_t count, shape[GY_RANK_MAX];
    GY_TRY(gy_node_int_input(&repeats, &count, node, 1, err));
    if (count != x->rank)
        return gy_node_fail(node, GY_FORMAT, err, "%zu repeats for %zu axes", count, x->rank);
    for (size_t i = 0; i < count; i++) {
        if (repeats[i] < 0 || repeats[i] > INT32_MAX)
            return gy_node_fail(node, GY_FORMAT, err, "axis %zu repeated %lld times", i,
                                (long long)repeats[i]);
        shape[i] = x->shape[i] * (size_t)repeats[i];
    }
    return gy_tensor_set(node->outputs[0], x->dtype, shape, count, err);
}

// Each axis as two loops, of the repeats (which do not move the input) and of the elements.
static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    ptrdiff_t from[GY_RANK_MAX], to[GY_RANK_MAX];
    gy_dense_strides(from, x->shape, x->rank);
    gy_dense_strides(to, y->shape, y->rank);
    *loop = (gy_loop){.rank = 2 * x->rank, .operands = 2};
    for (size_t i = 0; i < x->rank; i++) {
        loop->extent[2 * i] = x->shape[i] == 0 ? 0 : y->shape[i] / x->shape[i];
        loop->extent[2 * i + 1] = x->shape[i];
        loop->stride[0][2 * i] = to[i] * (ptrdiff_t)x->shape[i];
        loop->stride[0][2 * i + 1] = to[i];
        loop->stride[1][2 * i + 1] = from[i];
    }
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(tile_eval, nest)
GY_NEST_EMIT(tile_emit, nest)

const gy_op gy_op_tile = {
    .domain = "",
    .type = "Tile",
    .opset_min = 6,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = tile_infer,
    .eval = tile_eval,
    .emit = tile_emit,
    .types = "all",
};
