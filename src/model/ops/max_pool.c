// SPDX-License-Identifier: Apache-2.0
//
// MaxPool: the greatest value of each window.

#include "model/ops/support/pool.h"

static const gy_pool pool = {.kind = GY_POOL_MAX, .is_global = false};

const gy_op gy_op_max_pool = {
    .domain = "",
    .type = "MaxPool",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 2,
    .infer = gy_pool_infer,
    .eval = gy_pool_eval,
    .emit = gy_pool_emit,
    .is_kept = true,
    .family = &pool,
    .types = "float32 int8 uint8",
};
