// SPDX-License-Identifier: Apache-2.0
//
// InstanceNormalization: each plane, a scale a channel.

#include "model/ops/support/norm.h"

static gy_status read_norm(gy_norm *norm, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    if (x->rank < 3)
        return gy_node_fail(node, GY_FORMAT, err, "input of %zu dimensions", x->rank);
    norm->rows = x->shape[0] * x->shape[1];
    norm->scale_rows = x->shape[1];
    norm->count = norm->per_row = 1;
    for (size_t i = 2; i < x->rank; i++)
        norm->count *= x->shape[i];
    norm->inner = norm->count;
    return GY_OK;
}

static const gy_norm_kind kind = {.read = read_norm};

const gy_op gy_op_instance_normalization = {
    .domain = "",
    .type = "InstanceNormalization",
    .opset_min = 6,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = gy_norm_infer,
    .eval = gy_norm_eval,
    .emit = gy_norm_emit,
    .family = &kind,
};
