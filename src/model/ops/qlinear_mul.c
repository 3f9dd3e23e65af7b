// SPDX-License-Identifier: Apache-2.0
//
// QLinearMul (com.microsoft): the product of bytes on their scales, as bytes on the output's.

#include "model/ops/support/qlinear.h"

static const gy_qlinear_kind kind = GY_QLINEAR_MUL;

const gy_op gy_op_qlinear_mul = {
    .domain = "com.microsoft",
    .type = "QLinearMul",
    .opset_min = 1,
    .inputs_min = 7,
    .inputs_max = 8,
    .outputs_max = 1,
    .infer = gy_qlinear_pair_infer,
    .eval = gy_qlinear_pair_eval,
    .emit = gy_qlinear_pair_emit,
    .is_kept = true,
    .family = &kind,
    .types = "int8 uint8",
};
