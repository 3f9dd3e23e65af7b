// SPDX-License-Identifier: Apache-2.0
//
// GlobalAveragePool: the mean of each plane.

#include "model/ops/support/pool.h"

static const gy_pool pool = {.kind = GY_POOL_AVERAGE, .is_global = true};

const gy_op gy_op_global_average_pool = {
    .domain = "",
    .type = "GlobalAveragePool",
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
