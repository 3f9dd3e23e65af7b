// SPDX-License-Identifier: Apache-2.0
//
// Size: the number of elements, known while reading.

#include "model/ops/support/shape.h"

static gy_status size_infer(gy_node *node, gy_error *err)
{
    gy_tensor *made;
    void *data;
    GY_TRY(gy_tensor_constant(&made, &data, node->arena, node->name, GY_INT64, NULL, 0, err));
    *(int64_t *)data = (int64_t)node->inputs[0]->count;
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_size = {
    .domain = "",
    .type = "Size",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = size_infer,
    .types = "all",
};
