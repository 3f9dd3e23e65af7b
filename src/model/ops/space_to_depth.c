// SPDX-License-Identifier: Apache-2.0
//
// SpaceToDepth: blocks of pixels become channels.

#include <string.h>

#include "model/ops/support/shape.h"

static gy_status read_block(size_t *block, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t given = gy_node_int(node, "blocksize", 0);
    if (x->rank != 4 || given < 1 || given > 32768 || x->shape[2] % (size_t)given != 0 ||
        x->shape[3] % (size_t)given != 0)
        return gy_node_fail(node, GY_FORMAT, err, "blocks of %lld, input of %zu dimensions",
                            (long long)given, x->rank);
    *block = (size_t)given;
    return GY_OK;
}

static gy_status space_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t b = 1;
    GY_TRY(read_block(&b, node, err));
    size_t shape[] = {x->shape[0], x->shape[1] * b * b, x->shape[2] / b, x->shape[3] / b};
    return gy_tensor_set(node->outputs[0], x->dtype, shape, 4, err);
}

// Loops: n, block row, block column, c, h, w; in mode CRD c before the block's.
static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t b = 1;
    GY_TRY(read_block(&b, node, err));
    bool column_first = strcmp(gy_node_string(node, "mode", "DCR"), "CRD") == 0;
    ptrdiff_t width = (ptrdiff_t)x->shape[3], plane = (ptrdiff_t)x->shape[2] * width;
    size_t shape[] = {x->shape[0], b, b, x->shape[1], x->shape[2] / b, x->shape[3] / b};
    ptrdiff_t strides[] = {(ptrdiff_t)x->shape[1] * plane, width,       1, plane,
                           (ptrdiff_t)b * width,           (ptrdiff_t)b};
    if (column_first) {
        shape[1] = x->shape[1];
        shape[3] = b;
        strides[1] = plane;
        strides[2] = width;
        strides[3] = 1;
    }
    gy_loop_over(loop, shape, 6);
    gy_loop_strided(loop, strides, 0);
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(space_eval, nest)
GY_NEST_EMIT(space_emit, nest)

const gy_op gy_op_space_to_depth = {
    .domain = "",
    .type = "SpaceToDepth",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = space_infer,
    .eval = space_eval,
    .emit = space_emit,
    .types = "all",
};
