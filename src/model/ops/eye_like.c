// SPDX-License-Identifier: Apache-2.0
//
// EyeLike: ones on a diagonal, made while reading.

#include "model/ops/support/cast.h"
#include "model/ops/support/shape.h"

static gy_status eye_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    gy_dtype dtype = x->dtype;
    int64_t wanted = gy_node_int(node, "dtype", 0), k = gy_node_int(node, "k", 0);
    if (x->rank != 2)
        return gy_node_fail(node, GY_FORMAT, err, "EyeLike of %zu dimensions", x->rank);
    if (wanted != 0)
        GY_TRY(gy_onnx_dtype(&dtype, (uint64_t)wanted, err));
    if (dtype != GY_FLOAT32 && dtype != GY_FLOAT64 && dtype != GY_INT32 && dtype != GY_INT64)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "EyeLike of %s is not supported",
                            gy_dtype_name(dtype));
    gy_tensor *made;
    void *data;
    GY_TRY(gy_tensor_constant(&made, &data, node->arena, node->name, dtype, x->shape, 2, err));
    for (size_t i = 0; i < x->shape[0]; i++) {
        if (k < -(int64_t)i || k >= (int64_t)x->shape[1] - (int64_t)i)
            continue;
        size_t at = i * x->shape[1] + (size_t)((int64_t)i + k);
        if (dtype == GY_FLOAT32)
            ((float *)data)[at] = 1.0f;
        else if (dtype == GY_FLOAT64)
            ((double *)data)[at] = 1.0;
        else if (dtype == GY_INT32)
            ((int32_t *)data)[at] = 1;
        else
            ((int64_t *)data)[at] = 1;
    }
    gy_node_becomes(node, made);
    return GY_OK;
}

const gy_op gy_op_eye_like = {
    .domain = "",
    .type = "EyeLike",
    .opset_min = 9,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = eye_infer,
    .types = "float32 float64 int32 int64",
};
