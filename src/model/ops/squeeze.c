// SPDX-License-Identifier: Apache-2.0
//
// Squeeze: axes of size 1 go: the given ones, or all.

#include "model/ops/support/shape.h"

static gy_status squeeze_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    uint32_t axes;
    bool given;
    GY_TRY(gy_node_axes(&axes, &given, node, 1, "axes", x->rank, err));
    size_t shape[GY_RANK_MAX], rank = 0;
    for (size_t i = 0; i < x->rank; i++) {
        bool named = given ? (axes >> i & 1) != 0 : x->shape[i] == 1;
        if (named && x->shape[i] != 1)
            return gy_node_fail(node, GY_FORMAT, err, "Squeeze of axis %zu, which has size %zu", i,
                                x->shape[i]);
        if (!named)
            shape[rank++] = x->shape[i];
    }
    return gy_tensor_set(node->outputs[0], x->dtype, shape, rank, err);
}

const gy_op gy_op_squeeze = {
    .domain = "",
    .type = "Squeeze",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = squeeze_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "all",
};
