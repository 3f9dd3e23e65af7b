// SPDX-License-Identifier: Apache-2.0
//
// Unsqueeze: new axes of size 1, named by their place in the output.

#include "model/ops/support/shape.h"

static gy_status unsqueeze_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    const int64_t *values;
    size_t count, shape[GY_RANK_MAX], from = 0;
    uint32_t axes;
    bool given;
    GY_TRY(gy_node_ints_either(&values, &count, node, 1, "axes", err));
    if (values == NULL || x->rank + count > GY_RANK_MAX)
        return gy_node_fail(node, values == NULL ? GY_FORMAT : GY_LIMIT, err,
                            "Unsqueeze of %zu dimensions by %zu, up to %d", x->rank, count,
                            GY_RANK_MAX);
    GY_TRY(gy_node_axes(&axes, &given, node, 1, "axes", x->rank + count, err));
    for (size_t i = 0; i < x->rank + count; i++)
        shape[i] = (axes >> i & 1) != 0 ? 1 : x->shape[from++];
    return gy_tensor_set(node->outputs[0], x->dtype, shape, x->rank + count, err);
}

const gy_op gy_op_unsqueeze = {
    .domain = "",
    .type = "Unsqueeze",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = unsqueeze_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "all",
};
