// SPDX-License-Identifier: Apache-2.0
//
// Shape: the sizes of a value, known while reading.

#include "model/ops/support/shape.h"

static int64_t clamp(int64_t axis, size_t rank)
{
    if (axis < 0)
        axis += (int64_t)rank;
    return axis<0 ? 0 : axis>(int64_t) rank ? (int64_t)rank : axis;
}

static gy_status shape_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t start = (size_t)clamp(gy_node_int(node, "start", 0), x->rank);
    size_t end = (size_t)clamp(gy_node_int(node, "end", (int64_t)x->rank), x->rank);
    size_t count = end > start ? end - start : 0;
    gy_tensor *made;
    void *data;
    GY_TRY(gy_tensor_constant(&made, &data, node->arena, node->name, GY_INT64, &count, 1, err));
    for (size_t i = 0; i < count; i++)
        ((int64_t *)data)[i] = (int64_t)x->shape[start + i];
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_shape = {
    .domain = "",
    .type = "Shape",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = shape_infer,
    .types = "all",
};
