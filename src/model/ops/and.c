// SPDX-License-Identifier: Apache-2.0
//
// And, broadcast.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(BOOL, BOOL, a &b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_and = {
    .domain = "",
    .type = "And",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "bool",
};
