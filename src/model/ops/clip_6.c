// SPDX-License-Identifier: Apache-2.0
//
// Clip before opset 11: its bounds are attributes.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, (a < p ? p : a) > q ? q : a < p ? p : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms,
                                   .form_count = GY_ELEMENT_COUNT,
                                   .p = "min",
                                   .q = "max",
                                   .p_otherwise = -FLT_MAX,
                                   .q_otherwise = FLT_MAX};

const gy_op gy_op_clip_6 = {
    .domain = "",
    .type = "Clip",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
};
