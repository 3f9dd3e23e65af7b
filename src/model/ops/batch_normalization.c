// SPDX-License-Identifier: Apache-2.0
//
// BatchNormalization with the statistics of training: y = x × s + t by one fma, where
// s = scale / sqrt(var + epsilon) and t = B - mean × s by one fma.

#include "model/ops/support/window.h"
#include "rt/math.h"

static gy_status bn_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    for (size_t i = 0; i < 5; i++)
        GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    if (x->rank < 2)
        return gy_node_fail(node, GY_FORMAT, err, "input of %zu dimensions", x->rank);
    for (size_t i = 1; i < 5; i++)
        if (node->inputs[i]->count != x->shape[1])
            return gy_node_fail(node, GY_FORMAT, err, "%zu values for %zu channels",
                                node->inputs[i]->count, x->shape[1]);
    for (size_t i = 1; i < node->output_count; i++)
        if (node->outputs[i] != NULL || gy_node_int(node, "training_mode", 0) != 0)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "BatchNormalization in training is not supported");
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

static size_t plane_of(const gy_tensor *x)
{
    size_t plane = 1;
    for (size_t i = 2; i < x->rank; i++)
        plane *= x->shape[i];
    return plane;
}

static gy_status bn_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    const float *scale = node->inputs[1]->data, *bias = node->inputs[2]->data;
    const float *mean = node->inputs[3]->data, *var = node->inputs[4]->data, *from = x->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    float epsilon = gy_node_float(node, "epsilon", 1e-5f);
    size_t plane = plane_of(x), channels = x->shape[1], at = 0;
    for (size_t n = 0; n < x->shape[0]; n++)
        for (size_t c = 0; c < channels; c++) {
            float s = scale[c] / gy_sqrtf(var[c] + epsilon);
            float t = gy_fmaf(-mean[c], s, bias[c]);
            for (size_t i = 0; i < plane; i++, at++)
                y[at] = gy_fmaf(from[at], s, t);
        }
    return GY_OK;
}

static void bn_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    size_t plane = plane_of(x);
    if (x->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", x->shape[0], 0);
    depth = gy_emit_for(out, "c", x->shape[1], depth);
    gy_indent(out, depth);
    gy_text_add(out, "const float s = %s[c] / gy_sqrtf(%s[c] + ", node->inputs[1]->c_name,
                node->inputs[4]->c_name);
    gy_emit_float(out, gy_node_float(node, "epsilon", 1e-5f));
    gy_text_add(out, ");\n");
    gy_indent(out, depth);
    gy_text_add(out, "const float t = gy_fmaf(-%s[c], s, %s[c]);\n", node->inputs[3]->c_name,
                node->inputs[2]->c_name);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", plane);
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[(n * %zu + c) * %zu + i] = ", node->outputs[0]->c_name, x->shape[1],
                plane);
    gy_text_add(out, "gy_fmaf(%s[(n * %zu + c) * %zu + i], s, t);\n", x->c_name, x->shape[1],
                plane);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_batch_normalization = {
    .domain = "",
    .type = "BatchNormalization",
    .opset_min = 9,
    .inputs_min = 5,
    .inputs_max = 5,
    .outputs_max = 5,
    .infer = bn_infer,
    .eval = bn_eval,
    .emit = bn_emit,
};
