// SPDX-License-Identifier: Apache-2.0
//
// LinearRegressor.

#include "model/ops/support/linear.h"
#include "model/ops/support/scores.h"

static size_t targets(const gy_node *node)
{
    int64_t given = gy_node_int(node, "targets", 1);
    return given < 1 || given > 65536 ? 0 : (size_t)given;
}

static gy_status regressor_infer(gy_node *node, gy_error *err)
{
    gy_post post;
    GY_TRY(gy_post_read(&post, node, err));
    GY_TRY(gy_linear_tables(node, targets(node), err));
    size_t shape[] = {node->inputs[0]->shape[0], targets(node)};
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, 2, err);
}

static gy_status regressor_eval(const gy_node *node, gy_error *err)
{
    gy_post post;
    GY_TRY(gy_post_read(&post, node, err));
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < node->inputs[0]->shape[0]; n++, y += targets(node)) {
        gy_linear_sum(y, node, targets(node), n);
        gy_post_apply(y, targets(node), post);
    }
    return GY_OK;
}

static void regressor_emit(const gy_node *node, gy_text *out)
{
    gy_post post;
    if (gy_post_read(&post, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", node->inputs[0]->shape[0], 0);
    gy_linear_emit(node, targets(node), depth, out);
    gy_post_emit(out, targets(node), post, depth);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", targets(node));
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[n * %zu + k] = s[k];\n", node->outputs[0]->c_name, targets(node));
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_linear_regressor = {
    .domain = "ai.onnx.ml",
    .type = "LinearRegressor",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = regressor_infer,
    .eval = regressor_eval,
    .emit = regressor_emit,
    .is_kept = true,
    .types = "float32 float64 int32 int64",
};
