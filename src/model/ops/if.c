// SPDX-License-Identifier: Apache-2.0
//
// If whose condition is known while reading, as of what hangs on shapes: the branch that is taken
// stands in its place (see infer.c). Any other is refused here.

#include "model/op.h"

static gy_status if_infer(gy_node *node, gy_error *err)
{
    return gy_node_fail(node, GY_UNSUPPORTED, err,
                        "If is supported only where its condition '%s' is known while reading (of "
                        "constants and shapes)",
                        node->inputs[0]->name);
}

const gy_op gy_op_if = {
    .domain = "",
    .type = "If",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 64,
    .infer = if_infer,
    .types = "any, with a condition of constants and shapes",
};
