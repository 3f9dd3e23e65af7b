// SPDX-License-Identifier: Apache-2.0
//
// Identity.

#include "model/ops/support/shape.h"

const gy_op gy_op_identity = {
    .domain = "",
    .type = "Identity",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_same_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "all",
};
