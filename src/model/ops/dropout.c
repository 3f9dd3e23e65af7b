// SPDX-License-Identifier: Apache-2.0
//
// Dropout after training: the input as it is; the mask, if asked for, is all true.

#include <string.h>

#include "model/ops/support/shape.h"

static gy_status dropout_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *training = gy_node_input(node, 2), *x = node->inputs[0];
    bool trains =
        training != NULL && (!training->is_constant || gy_tensor_int_at(training, 0) != 0);
    if (trains)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "Dropout in training is not supported");
    gy_tensor_like(node->outputs[0], x);
    gy_tensor *mask = gy_node_output(node, 1);
    return mask == NULL ? GY_OK : gy_tensor_set(mask, GY_BOOL, x->shape, x->rank, err);
}

static gy_status dropout_eval(const gy_node *node, gy_error *err)
{
    gy_tensor *mask = gy_node_output(node, 1);
    if (mask != NULL && mask->count > 0)
        memset((void *)(uintptr_t)mask->data, 1, mask->count);
    return gy_same_eval(node, err);
}

static void dropout_emit(const gy_node *node, gy_text *out)
{
    gy_same_emit(node, out);
    gy_tensor *mask = gy_node_output(node, 1);
    if (mask != NULL && mask->count > 0)
        gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n    %s[i] = 1;\n", mask->count,
                    mask->c_name);
}

const gy_op gy_op_dropout = {
    .domain = "",
    .type = "Dropout",
    .opset_min = 7,
    .inputs_min = 1,
    .inputs_max = 3,
    .outputs_max = 2,
    .infer = dropout_infer,
    .eval = dropout_eval,
    .emit = dropout_emit,
};
