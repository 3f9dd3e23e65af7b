// SPDX-License-Identifier: Apache-2.0
//
// GroupNormalization: groups of channels together, a scale a channel.

#include "model/ops/support/norm.h"

static gy_status read_norm(gy_norm *norm, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t groups = gy_node_int(node, "num_groups", 0);
    if (x->rank < 2 || groups < 1 || x->shape[1] % (size_t)groups != 0)
        return gy_node_fail(node, GY_FORMAT, err, "%lld groups of an input of %zu dimensions",
                            (long long)groups, x->rank);
    norm->rows = x->shape[0] * (size_t)groups;
    norm->scale_rows = (size_t)groups;
    norm->per_row = x->shape[1] / (size_t)groups;
    norm->inner = 1;
    for (size_t i = 2; i < x->rank; i++)
        norm->inner *= x->shape[i];
    norm->count = norm->per_row * norm->inner;
    return GY_OK;
}

static const gy_norm_kind kind = {.read = read_norm};

const gy_op gy_op_group_normalization = {
    .domain = "",
    .type = "GroupNormalization",
    .opset_min = 21,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = gy_norm_infer,
    .eval = gy_norm_eval,
    .emit = gy_norm_emit,
    .family = &kind,
};
