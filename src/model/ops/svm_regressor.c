// SPDX-License-Identifier: Apache-2.0
//
// SVMRegressor: a weighted sum of how near a sample is to each support vector; of one class: its
// sign.

#include "model/ops/support/svm.h"
#include "rt/math.h"

static bool is_one_class(const gy_node *node)
{
    return gy_node_int(node, "one_class", 0) != 0;
}

static gy_status regressor_infer(gy_node *node, gy_error *err)
{
    int64_t vectors = gy_node_int(node, "n_supports", 0);
    gy_svm_vectors *made = GY_NEW(node->arena, gy_svm_vectors, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its vectors");
    GY_TRY(gy_svm_read(made, node, vectors < 0 ? 0 : (size_t)vectors, err));
    GY_TRY(gy_table_floats(node, 1, "coefficients", made->vectors, 0.0f, err));
    GY_TRY(gy_table_floats(node, 2, "rho", 1, 0.0f, err));
    GY_TRY(gy_node_scratch(node, GY_FLOAT32, made->vectors, err));
    node->state = made;
    size_t shape[] = {node->inputs[0]->shape[0], 1};
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, 2, err);
}

static gy_status regressor_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_svm_vectors *of = node->state;
    const float *coefficients = node->tables[1]->data, *rho = node->tables[2]->data;
    float *kernel = (float *)(uintptr_t)node->scratch->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < node->inputs[0]->shape[0]; n++) {
        float sum = rho[0];
        gy_svm_kernels(kernel, node, of, n);
        for (size_t i = 0; i < of->vectors; i++)
            sum = gy_fmaf(coefficients[i], kernel[i], sum);
        y[n] = !is_one_class(node) ? sum : sum > 0.0f ? 1.0f : -1.0f;
    }
    return GY_OK;
}

static void regressor_emit(const gy_node *node, gy_text *out)
{
    const gy_svm_vectors *of = node->state;
    if (node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", node->inputs[0]->shape[0], 0);
    gy_line(out, depth, "float *kernel = %s, sum = %s[0];", node->scratch->c_name,
            node->tables[2]->c_name);
    gy_svm_emit_kernels(out, node, of, depth);
    gy_line(out, depth, "for (size_t i = 0; i < %zu; i++)", of->vectors);
    gy_line(out, depth + 1, "sum = gy_fmaf(%s[i], kernel[i], sum);", node->tables[1]->c_name);
    gy_line(out, depth, is_one_class(node) ? "%s[n] = sum > 0.0f ? 1.0f : -1.0f;" : "%s[n] = sum;",
            node->outputs[0]->c_name);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_svm_regressor = {
    .domain = "ai.onnx.ml",
    .type = "SVMRegressor",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = regressor_infer,
    .eval = regressor_eval,
    .emit = regressor_emit,
    .is_kept = true,
};
