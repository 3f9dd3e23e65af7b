// SPDX-License-Identifier: Apache-2.0
//
// Pools: one value from each window of a plane, channel by channel, taps in row order.
#ifndef GYRE_MODEL_OPS_SUPPORT_POOL_H
#define GYRE_MODEL_OPS_SUPPORT_POOL_H

#include "model/ops/support/window.h"

typedef enum gy_pool_kind {
    GY_POOL_MAX,    // the greatest tap; NaN wins; padding does not count
    GY_POOL_AVERAGE // one chain of sums from 0, divided by the number of taps that count
} gy_pool_kind;

typedef struct gy_pool {
    gy_pool_kind kind;
    bool is_global;
} gy_pool;

gy_status gy_pool_infer(gy_node *node, gy_error *err);
gy_status gy_pool_eval(const gy_node *node, gy_error *err);
void gy_pool_emit(const gy_node *node, gy_text *out);
/** The geometry of a pool node: for lowering. */
gy_status gy_pool_window(gy_window *window, const gy_node *node, gy_error *err) GY_CHECKED;

#endif
