// SPDX-License-Identifier: Apache-2.0
//
// LogSoftmax along one axis.

#include "model/ops/support/softmax.h"

static const gy_softmax softmax = {.is_log = true, .is_flat = false};

const gy_op gy_op_log_softmax = {
    .domain = "",
    .type = "LogSoftmax",
    .opset_min = 13,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_softmax_infer,
    .eval = gy_softmax_eval,
    .emit = gy_softmax_emit,
    .family = &softmax,
};
