// SPDX-License-Identifier: Apache-2.0
//
// IsInf: of either sign, or of one alone.

#include "model/ops/support/element.h"

#define FORMS(FORM) \
    FORM(FLOAT32, BOOL, (p != 0.0f && a > 3.40282347e+38f) || (q != 0.0f && a < -3.40282347e+38f))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms,
                                   .form_count = GY_ELEMENT_COUNT,
                                   .p = "detect_positive",
                                   .q = "detect_negative",
                                   .p_otherwise = 1.0f,
                                   .q_otherwise = 1.0f};

const gy_op gy_op_is_inf = {
    .domain = "",
    .type = "IsInf",
    .opset_min = 10,
    GY_ELEMENT_OP(1),
    .family = &element,
};
