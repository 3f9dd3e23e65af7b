// SPDX-License-Identifier: Apache-2.0
//
// Erf: the error function.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, gy_erff(a))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_erf = {
    .domain = "",
    .type = "Erf",
    .opset_min = 9,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
