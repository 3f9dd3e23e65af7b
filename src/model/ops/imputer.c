// SPDX-License-Identifier: Apache-2.0
//
// Imputer: a value that stands for "missing" (NaN, or a number) is replaced, feature by feature.

#include "model/ops/support/table.h"
#include "rt/math.h"

static gy_status imputer_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (x->rank == 0 || x->rank > 2)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "input of %zu dimensions", x->rank);
    GY_TRY(gy_table_floats(node, 0, "imputed_value_floats", x->shape[x->rank - 1], 0.0f, err));
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

static gy_status imputer_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    const float *from = x->data, *values = node->tables[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    float missing = gy_node_float(node, "replaced_value_float", 0.0f);
    for (size_t i = 0; i < x->count; i++) {
        bool is_missing = missing != missing ? from[i] != from[i] : from[i] == missing;
        y[i] = is_missing ? values[i % node->tables[0]->count] : from[i];
    }
    return GY_OK;
}

static void imputer_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    float missing = gy_node_float(node, "replaced_value_float", 0.0f);
    if (x->count == 0)
        return;
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++) {\n    const float x = %s[i];\n", x->count,
                x->c_name);
    gy_text_add(out, "    %s[i] = x ", node->outputs[0]->c_name);
    gy_text_add(out, missing != missing ? "!= x" : "== ");
    if (missing == missing)
        gy_emit_float(out, missing);
    gy_text_add(out, " ? %s[i %% %zu] : x;\n}\n", node->tables[0]->c_name, node->tables[0]->count);
}

const gy_op gy_op_imputer = {
    .domain = "ai.onnx.ml",
    .type = "Imputer",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = imputer_infer,
    .eval = imputer_eval,
    .emit = imputer_emit,
};
