// SPDX-License-Identifier: Apache-2.0
//
// Softmax before opset 13: over all axes from `axis` on.

#include "model/ops/support/softmax.h"

static const gy_softmax softmax = {.is_log = false, .is_flat = true};

const gy_op gy_op_softmax_1 = {
    .domain = "",
    .type = "Softmax",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_softmax_infer,
    .eval = gy_softmax_eval,
    .emit = gy_softmax_emit,
    .family = &softmax,
};
