// SPDX-License-Identifier: Apache-2.0
//
// Reciprocal: 1 / a.

#include "model/ops/support/element.h"

#define FORMS(FORM)                  \
    FORM(FLOAT32, FLOAT32, 1.0f / a) \
    FORM(FLOAT64, FLOAT64, 1.0 / a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reciprocal = {
    .domain = "",
    .type = "Reciprocal",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64",
};
