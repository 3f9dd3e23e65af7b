// SPDX-License-Identifier: Apache-2.0
//
// Exp: e^a.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, gy_expf(a))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_exp = {
    .domain = "",
    .type = "Exp",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
