// SPDX-License-Identifier: Apache-2.0
//
// ConstantOfShape: one value, repeated; made while reading.

#include <string.h>

#include "model/ops/support/shape.h"

static gy_status constant_of_shape_infer(gy_node *node, gy_error *err)
{
    const gy_attribute *value = gy_node_attribute(node, "value");
    const gy_tensor *one = value == NULL ? NULL : value->tensor;
    if (value != NULL && (one == NULL || one->count != 1))
        return gy_node_fail(node, GY_FORMAT, err, "ConstantOfShape without one value");
    size_t count, shape[GY_RANK_MAX];
    GY_TRY(gy_node_shape_input(shape, &count, node, 0, err));
    gy_tensor *made;
    void *data;
    gy_dtype dtype = one == NULL ? GY_FLOAT32 : one->dtype;
    GY_TRY(gy_tensor_constant(&made, &data, node->arena, node->name, dtype, shape, count, err));
    size_t size_bytes = gy_dtype_size(dtype);
    for (size_t i = 0; one != NULL && i < made->count; i++)
        memcpy((char *)data + i * size_bytes, one->data, size_bytes);
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_constant_of_shape = {
    .domain = "",
    .type = "ConstantOfShape",
    .opset_min = 9,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = constant_of_shape_infer,
    .types = "all",
};
