// SPDX-License-Identifier: Apache-2.0
//
// Elu: alpha × (e^a - 1) below 0.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a < 0.0f ? p * (gy_expf(a) - 1.0f) : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "alpha", .p_otherwise = 1.0f};

const gy_op gy_op_elu = {
    .domain = "",
    .type = "Elu",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
