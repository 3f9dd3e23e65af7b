// SPDX-License-Identifier: Apache-2.0
//
// LayerNormalization over all axes from `axis` on, a scale for each element.

#include "model/ops/support/norm.h"

static const gy_norm_kind kind = {.read = gy_norm_read_axes};

const gy_op gy_op_layer_normalization = {
    .domain = "",
    .type = "LayerNormalization",
    .opset_min = 17,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 3,
    .infer = gy_norm_infer,
    .eval = gy_norm_eval,
    .emit = gy_norm_emit,
    .family = &kind,
};
