// SPDX-License-Identifier: Apache-2.0
//
// Not.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(BOOL, BOOL, a == 0)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_not = {
    .domain = "",
    .type = "Not",
    .opset_min = 1,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "bool",
};
