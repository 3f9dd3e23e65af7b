// SPDX-License-Identifier: Apache-2.0
//
// RMSNormalization: as LayerNormalization, but the mean stays.

#include "model/ops/support/norm.h"

static const gy_norm_kind kind = {.read = gy_norm_read_axes, .keeps_mean = true};

const gy_op gy_op_rms_normalization = {
    .domain = "",
    .type = "RMSNormalization",
    .opset_min = 23,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = gy_norm_infer,
    .eval = gy_norm_eval,
    .emit = gy_norm_emit,
    .family = &kind,
};
