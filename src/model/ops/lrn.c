// SPDX-License-Identifier: Apache-2.0
//
// LRN: x / (bias + alpha / size × sum of squares over the neighbouring channels)^beta; the sum is
// one chain of fused squares from 0.

#include "model/ops/support/window.h"
#include "rt/math.h"

static gy_status lrn_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t size = gy_node_int(node, "size", 0);
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (x->rank < 2 || size < 1 || size > INT32_MAX)
        return gy_node_fail(node, GY_FORMAT, err, "LRN of size %lld over %zu dimensions",
                            (long long)size, x->rank);
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

/** Channels and planes, and the factors. */
typedef struct lrn {
    size_t channels, plane, before, after;
    float factor, bias, beta;
} lrn;

static lrn read_lrn(const gy_node *node)
{
    const gy_tensor *x = node->inputs[0];
    size_t size = (size_t)gy_node_int(node, "size", 1);
    lrn l = {.channels = x->shape[1],
             .plane = 1,
             .before = (size - 1) / 2,
             .after = size / 2,
             .factor = gy_node_float(node, "alpha", 1e-4f) / (float)size,
             .bias = gy_node_float(node, "bias", 1.0f),
             .beta = gy_node_float(node, "beta", 0.75f)};
    for (size_t i = 2; i < x->rank; i++)
        l.plane *= x->shape[i];
    return l;
}

static gy_status lrn_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *tensor = node->inputs[0];
    const float *x = tensor->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    lrn l = read_lrn(node);
    for (size_t at = 0; at < tensor->count; at++) {
        size_t c = at / l.plane % l.channels;
        size_t first = c < l.before ? 0 : c - l.before;
        size_t end = c + l.after >= l.channels ? l.channels : c + l.after + 1;
        float sum = 0.0f;
        for (size_t k = first; k < end; k++) {
            float v = x[at - c * l.plane + k * l.plane];
            sum = gy_fmaf(v, v, sum);
        }
        y[at] = x[at] / gy_powf(gy_fmaf(l.factor, sum, l.bias), l.beta);
    }
    return GY_OK;
}

static void lrn_emit(const gy_node *node, gy_text *out)
{
    const char *x = node->inputs[0]->c_name;
    lrn l = read_lrn(node);
    if (node->inputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "at", node->inputs[0]->count, 0);
    gy_text_add(out, "    const size_t c = at / %zu %% %zu;\n", l.plane, l.channels);
    gy_text_add(out, "    const size_t first = c < %zu ? 0 : c - %zu;\n", l.before + 1, l.before);
    gy_text_add(out, "    const size_t end = c + %zu >= %zu ? %zu : c + %zu;\n", l.after,
                l.channels, l.channels, l.after + 1);
    gy_text_add(out, "    float sum = 0.0f;\n    for (size_t k = first; k < end; k++) {\n");
    gy_text_add(out, "        const float v = %s[at - c * %zu + k * %zu];\n", x, l.plane, l.plane);
    gy_text_add(out, "        sum = gy_fmaf(v, v, sum);\n    }\n");
    gy_text_add(out, "    %s[at] = %s[at] / gy_powf(gy_fmaf(", node->outputs[0]->c_name, x);
    gy_emit_float(out, l.factor);
    gy_text_add(out, ", sum, ");
    gy_emit_float(out, l.bias);
    gy_text_add(out, "), ");
    gy_emit_float(out, l.beta);
    gy_text_add(out, ");\n");
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_lrn = {
    .domain = "",
    .type = "LRN",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = lrn_infer,
    .eval = lrn_eval,
    .emit = lrn_emit,
    .is_kept = true,
};
