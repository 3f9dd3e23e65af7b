// SPDX-License-Identifier: Apache-2.0
//
// Sum of any number of inputs, broadcast, added from the left.

#include "model/ops/support/element.h"

#define FORMS(FORM)               \
    FORM(FLOAT32, FLOAT32, a + b) \
    FORM(FLOAT64, FLOAT64, a + b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .is_folded = true};

const gy_op gy_op_sum = {
    .domain = "",
    .type = "Sum",
    .opset_min = 8,
    .inputs_min = 1,
    .inputs_max = INT32_MAX,
    .outputs_max = 1,
    .infer = gy_element_infer,
    .eval = gy_element_eval,
    .emit = gy_element_emit,
    .family = &element,
    .types = "float32 float64",
};
