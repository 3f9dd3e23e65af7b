// SPDX-License-Identifier: Apache-2.0
//
// PRelu: slope × a below 0; the slope is broadcast.

#include "model/ops/support/element.h"

#define FORMS(FORM)                           \
    FORM(FLOAT32, FLOAT32, a < 0 ? b * a : a) \
    FORM(FLOAT64, FLOAT64, a < 0 ? b * a : a) \
    FORM(INT32, INT32, a < 0 ? b * a : a)     \
    FORM(INT64, INT64, a < 0 ? b * a : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_p_relu = {
    .domain = "",
    .type = "PRelu",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "float32 float64 int32 int64",
};
