// SPDX-License-Identifier: Apache-2.0
//
// Cast between numeric types. Between integers as in C; from a float to an integer cut towards
// zero, where ONNX says nothing held within the type's bounds, NaN as 0; to bool: not 0.

#include "model/ops/support/cast.h"

static gy_status cast_infer(gy_node *node, gy_error *err)
{
    int64_t wanted = gy_node_int(node, "to", 0);
    gy_dtype to;
    gy_error inner;
    if (gy_onnx_dtype(&to, (uint64_t)wanted, &inner) != GY_OK)
        return gy_node_fail(node, inner.status, err, "Cast to %s", inner.message);
    return gy_cast_infer(node, to, err);
}

const gy_op gy_op_cast = {
    .domain = "",
    .type = "Cast",
    .opset_min = 6,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = cast_infer,
    .eval = gy_cast_eval,
    .emit = gy_cast_emit,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64 bool",
};
