// SPDX-License-Identifier: Apache-2.0
//
// Scaler: (x - offset) × scale, feature by feature.

#include "model/ops/support/table.h"

static gy_status scaler_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, GY_NUMBERS, err));
    if (x->rank == 0 || x->rank > 2)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "input of %zu dimensions", x->rank);
    size_t features = x->shape[x->rank - 1];
    GY_TRY(gy_table_floats(node, 0, "offset", features, 0.0f, err));
    GY_TRY(gy_table_floats(node, 1, "scale", features, 1.0f, err));
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, x->shape, x->rank, err);
}

static gy_status scaler_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    const float *offset = node->tables[0]->data, *scale = node->tables[1]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    size_t features = node->tables[0]->count;
    for (size_t i = 0; i < x->count; i++)
        y[i] = (gy_float_at(x, i) - offset[i % features]) * scale[i % features];
    return GY_OK;
}

static void scaler_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    size_t features = node->tables[0]->count;
    if (x->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", x->count / features, 0);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", features);
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[n * %zu + i] = ((float)%s[n * %zu + i] - %s[i]) * %s[i];\n",
                node->outputs[0]->c_name, features, x->c_name, features, node->tables[0]->c_name,
                node->tables[1]->c_name);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_scaler = {
    .domain = "ai.onnx.ml",
    .type = "Scaler",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = scaler_infer,
    .eval = scaler_eval,
    .emit = scaler_emit,
    .types = "float32 float64 int32 int64",
};
