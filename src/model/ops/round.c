// SPDX-License-Identifier: Apache-2.0
//
// Round: the nearest whole number, halves to even.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, gy_rintf(a))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_round = {
    .domain = "",
    .type = "Round",
    .opset_min = 11,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
