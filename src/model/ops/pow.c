// SPDX-License-Identifier: Apache-2.0
//
// Pow: a to the b, broadcast.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, gy_powf(a, b))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_pow = {
    .domain = "",
    .type = "Pow",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "float32",
};
