// SPDX-License-Identifier: Apache-2.0
//
// CastLike: Cast to the type of another input.

#include "model/ops/support/cast.h"

static gy_status cast_like_infer(gy_node *node, gy_error *err)
{
    return gy_cast_infer(node, node->inputs[1]->dtype, err);
}

const gy_op gy_op_cast_like = {
    .domain = "",
    .type = "CastLike",
    .opset_min = 15,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = cast_like_infer,
    .eval = gy_cast_eval,
    .emit = gy_cast_emit,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64 bool",
};
