// SPDX-License-Identifier: Apache-2.0
//
// IsNaN.

#include "model/ops/support/element.h"

#define FORMS(FORM)             \
    FORM(FLOAT32, BOOL, a != a) \
    FORM(FLOAT64, BOOL, a != a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_is_nan = {
    .domain = "",
    .type = "IsNaN",
    .opset_min = 9,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64",
};
