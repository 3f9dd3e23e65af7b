// SPDX-License-Identifier: Apache-2.0
//
// Range: start, start + delta, ...; known while reading.

#include "model/ops/support/shape.h"

static gy_status range_infer(gy_node *node, gy_error *err)
{
    double bound[3];
    gy_dtype dtype = node->inputs[0]->dtype;
    for (size_t i = 0; i < 3; i++) {
        GY_TRY(gy_node_type(node, i, 1u << dtype, err));
        if (!node->inputs[i]->is_constant || node->inputs[i]->count != 1)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "Range whose bounds are not constants is not supported");
        bound[i] = gy_tensor_number_at(node->inputs[i], 0);
    }
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32 | 1u << GY_INT32 | 1u << GY_INT64, err));
    double steps = bound[2] == 0.0 ? -1.0 : (bound[1] - bound[0]) / bound[2];
    if (bound[2] == 0.0 || !(steps < (double)INT32_MAX))
        return gy_node_fail(node, GY_FORMAT, err, "Range of over %d steps", INT32_MAX);
    size_t count = steps <= 0.0 ? 0 : (size_t)steps;
    count += steps > (double)count ? 1 : 0;
    gy_tensor *made;
    void *data;
    GY_TRY(gy_tensor_constant(&made, &data, node->arena, node->name, dtype, &count, 1, err));
    for (size_t i = 0; i < count; i++) {
        if (dtype == GY_FLOAT32)
            ((float *)data)[i] = (float)bound[0] + (float)i * (float)bound[2];
        else if (dtype == GY_INT32)
            ((int32_t *)data)[i] = (int32_t)(bound[0] + (double)i * bound[2]);
        else
            ((int64_t *)data)[i] = (int64_t)(bound[0] + (double)i * bound[2]);
    }
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_range = {
    .domain = "",
    .type = "Range",
    .opset_min = 11,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = range_infer,
    .types = "float32 int32 int64",
};
