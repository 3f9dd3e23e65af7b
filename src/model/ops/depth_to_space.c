// SPDX-License-Identifier: Apache-2.0
//
// DepthToSpace: channels become blocks of pixels.

#include <string.h>

#include "model/ops/support/shape.h"

static gy_status read_block(size_t *block, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t given = gy_node_int(node, "blocksize", 0);
    if (x->rank != 4 || given < 1 || given > 32768 || x->shape[1] % (size_t)(given * given) != 0)
        return gy_node_fail(node, GY_FORMAT, err, "blocks of %lld, input of %zu dimensions",
                            (long long)given, x->rank);
    *block = (size_t)given;
    return GY_OK;
}

static gy_status depth_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t b = 1;
    GY_TRY(read_block(&b, node, err));
    size_t shape[] = {x->shape[0], x->shape[1] / b / b, x->shape[2] * b, x->shape[3] * b};
    return gy_tensor_set(node->outputs[0], x->dtype, shape, 4, err);
}

// Loops: n, c, h, block row, w, block column.
static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t b = 1;
    GY_TRY(read_block(&b, node, err));
    size_t c = x->shape[1] / b / b;
    bool column_first = strcmp(gy_node_string(node, "mode", "DCR"), "CRD") == 0;
    size_t shape[] = {x->shape[0], c, x->shape[2], b, x->shape[3], b};
    ptrdiff_t plane = (ptrdiff_t)(x->shape[2] * x->shape[3]), sb = (ptrdiff_t)b;
    ptrdiff_t channel = column_first ? sb * sb * plane : plane;
    ptrdiff_t row = column_first ? sb * plane : sb * (ptrdiff_t)c * plane;
    ptrdiff_t column = column_first ? plane : (ptrdiff_t)c * plane;
    ptrdiff_t strides[] = {
        (ptrdiff_t)x->shape[1] * plane, channel, (ptrdiff_t)x->shape[3], row, 1, column};
    gy_loop_over(loop, shape, 6);
    gy_loop_strided(loop, strides, 0);
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(depth_eval, nest)
GY_NEST_EMIT(depth_emit, nest)

const gy_op gy_op_depth_to_space = {
    .domain = "",
    .type = "DepthToSpace",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = depth_infer,
    .eval = depth_eval,
    .emit = depth_emit,
    .types = "all",
};
