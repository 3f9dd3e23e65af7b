// SPDX-License-Identifier: Apache-2.0
//
// Constant: a value that stands in an attribute. It never outlives reading.

#include "model/ops/support/shape.h"

static gy_status list(gy_tensor **made, const gy_node *node, gy_dtype dtype, const void *values,
                      size_t count, bool is_single, gy_error *err)
{
    void *data;
    GY_TRY(gy_tensor_constant(made, &data, node->arena, node->name, dtype, &count,
                              is_single ? 0 : 1, err));
    const unsigned char *from = values;
    for (size_t i = 0; i < count * gy_dtype_size(dtype); i++)
        ((unsigned char *)data)[i] = from[i];
    return GY_OK;
}

static gy_status constant_infer(gy_node *node, gy_error *err)
{
    if (node->attribute_count != 1)
        return gy_node_fail(node, GY_FORMAT, err, "Constant with %zu attributes",
                            node->attribute_count);
    const gy_attribute *value = &node->attributes[0];
    gy_tensor *made = value->tensor;
    switch (value->kind) {
    case GY_ATTRIBUTE_TENSOR:
        break;
    case GY_ATTRIBUTE_FLOAT:
        GY_TRY(list(&made, node, GY_FLOAT32, &value->number, 1, true, err));
        break;
    case GY_ATTRIBUTE_INT:
        GY_TRY(list(&made, node, GY_INT64, &value->integer, 1, true, err));
        break;
    case GY_ATTRIBUTE_STRING:
        GY_TRY(list(&made, node, GY_STRING, &value->text, 1, true, err));
        break;
    case GY_ATTRIBUTE_FLOATS:
        GY_TRY(list(&made, node, GY_FLOAT32, value->floats, value->count, false, err));
        break;
    case GY_ATTRIBUTE_INTS:
        GY_TRY(list(&made, node, GY_INT64, value->ints, value->count, false, err));
        break;
    case GY_ATTRIBUTE_STRINGS:
        GY_TRY(list(&made, node, GY_STRING, value->strings, value->count, false, err));
        break;
    default:
        return gy_node_fail(node, GY_UNSUPPORTED, err, "a Constant of this kind");
    }
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_constant = {
    .domain = "",
    .type = "Constant",
    .opset_min = 1,
    .inputs_min = 0,
    .inputs_max = 0,
    .outputs_max = 1,
    .infer = constant_infer,
    .types = "all",
};
