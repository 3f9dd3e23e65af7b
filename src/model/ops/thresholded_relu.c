// SPDX-License-Identifier: Apache-2.0
//
// ThresholdedRelu: a above alpha, else 0.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a > p || a != a ? a : 0.0f)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "alpha", .p_otherwise = 1.0f};

const gy_op gy_op_thresholded_relu = {
    .domain = "",
    .type = "ThresholdedRelu",
    .opset_min = 10,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
