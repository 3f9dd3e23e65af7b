// SPDX-License-Identifier: Apache-2.0
//
// AveragePool: the mean of each window.

#include "model/ops/support/pool.h"

static const gy_pool pool = {.kind = GY_POOL_AVERAGE, .is_global = false};

const gy_op gy_op_average_pool = {
    .domain = "",
    .type = "AveragePool",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_pool_infer,
    .eval = gy_pool_eval,
    .emit = gy_pool_emit,
    .is_kept = true,
    .family = &pool,
    .types = "float32",
};
