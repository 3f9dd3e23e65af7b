// SPDX-License-Identifier: Apache-2.0
//
// Mean of any number of inputs, broadcast: added from the left, then divided.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a + b)
GY_ELEMENT_FORMS(FORMS)
static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .is_folded = true};

static gy_status mean_eval(const gy_node *node, gy_error *err)
{
    GY_TRY(gy_element_eval(node, err));
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < node->outputs[0]->count; i++)
        y[i] = y[i] / (float)node->input_count;
    return GY_OK;
}

static void mean_emit(const gy_node *node, gy_text *out)
{
    gy_element_emit(node, out);
    const gy_tensor *y = node->outputs[0];
    if (y->count > 0)
        gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n    %s[i] = %s[i] / %zu.0f;\n",
                    y->count, y->c_name, y->c_name, node->input_count);
}

const gy_op gy_op_mean = {
    .domain = "",
    .type = "Mean",
    .opset_min = 8,
    .inputs_min = 1,
    .inputs_max = INT32_MAX,
    .outputs_max = 1,
    .infer = gy_element_infer,
    .eval = mean_eval,
    .emit = mean_emit,
    .family = &element,
};
