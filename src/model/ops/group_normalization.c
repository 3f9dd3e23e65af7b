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
    *norm = (gy_norm){.rows = x->shape[0] * (size_t)groups,
                      .scale_rows = (size_t)groups,
                      .per_row = x->shape[1] / (size_t)groups,
                      .inner = 1,
                      .epsilon = gy_node_float(node, "epsilon", 1e-5f)};
    for (size_t i = 2; i < x->rank; i++)
        norm->inner *= x->shape[i];
    norm->count = norm->per_row * norm->inner;
    return GY_OK;
}

static gy_status norm_infer(gy_node *node, gy_error *err)
{
    gy_norm norm = {0};
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    GY_TRY(read_norm(&norm, node, err));
    for (size_t i = 1; i < node->input_count; i++)
        if (node->inputs[i] != NULL && node->inputs[i]->count != norm.scale_rows * norm.per_row)
            return gy_node_fail(node, GY_UNSUPPORTED, err, "%zu scales, must be %zu",
                                node->inputs[i]->count, norm.scale_rows * norm.per_row);
    for (size_t i = 1; i < node->output_count; i++)
        if (node->outputs[i] != NULL)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "%s that gives its statistics is not supported", node->op->type);
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

static gy_status norm_eval(const gy_node *node, gy_error *err)
{
    gy_norm norm = {0};
    GY_TRY(read_norm(&norm, node, err));
    if (node->inputs[0]->count > 0)
        gy_norm_eval(node, &norm);
    return GY_OK;
}

static void norm_emit(const gy_node *node, gy_text *out)
{
    gy_norm norm = {0};
    if (read_norm(&norm, node, NULL) == GY_OK)
        gy_norm_emit(node, &norm, out);
}

const gy_op gy_op_group_normalization = {
    .domain = "",
    .type = "GroupNormalization",
    .opset_min = 21,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = norm_infer,
    .eval = norm_eval,
    .emit = norm_emit,
};
