// SPDX-License-Identifier: Apache-2.0
//
// Gelu: a × (1 + erf(a / sqrt 2)) / 2, or its approximation by tanh.

#include <string.h>

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, 0.5f * a * (1.0f + gy_erff(a * 0.707106769f)))
GY_ELEMENT_FORMS(FORMS)
static const gy_element exact = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

static float by_tanh(float a)
{
    return 0.5f * a * (1.0f + gy_tanhf(0.797884583f * gy_fmaf(0.044715f * a * a, a, a)));
}

static bool is_approximate(const gy_node *node)
{
    return strcmp(gy_node_string(node, "approximate", "none"), "tanh") == 0;
}

static gy_status gelu_eval(const gy_node *node, gy_error *err)
{
    if (!is_approximate(node))
        return gy_element_eval(node, err);
    const float *x = node->inputs[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < node->inputs[0]->count; i++)
        y[i] = by_tanh(x[i]);
    return GY_OK;
}

static void gelu_emit(const gy_node *node, gy_text *out)
{
    if (!is_approximate(node) || node->inputs[0]->count == 0) {
        gy_element_emit(node, out);
        return;
    }
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++) {\n", node->inputs[0]->count);
    gy_text_add(out, "    const float a = %s[i];\n", node->inputs[0]->c_name);
    gy_text_add(out,
                "    %s[i] = 0.5f * a * (1.0f + gy_tanhf(0.797884583f * gy_fmaf(0.044715f * a * "
                "a, a, a)));\n}\n",
                node->outputs[0]->c_name);
}

const gy_op gy_op_gelu = {
    .domain = "",
    .type = "Gelu",
    .opset_min = 20,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_element_infer,
    .eval = gelu_eval,
    .emit = gelu_emit,
    .family = &exact,
};
