// SPDX-License-Identifier: Apache-2.0
//
// Swish: a × sigmoid(alpha × a).

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a *gy_sigmoidf(p *a))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "alpha", .p_otherwise = 1.0f};

const gy_op gy_op_swish = {
    .domain = "",
    .type = "Swish",
    .opset_min = 24,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
