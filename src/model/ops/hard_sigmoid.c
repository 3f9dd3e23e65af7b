// SPDX-License-Identifier: Apache-2.0
//
// HardSigmoid: alpha × a + beta, held between 0 and 1.

#include "model/ops/support/element.h"

#define FORMS(FORM)                       \
    FORM(FLOAT32, FLOAT32,                \
         gy_fmaf(a, p, q) > 1.0f   ? 1.0f \
         : gy_fmaf(a, p, q) < 0.0f ? 0.0f \
                                   : gy_fmaf(a, p, q))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms,
                                   .form_count = GY_ELEMENT_COUNT,
                                   .p = "alpha",
                                   .q = "beta",
                                   .p_otherwise = 0.2f,
                                   .q_otherwise = 0.5f};

const gy_op gy_op_hard_sigmoid = {
    .domain = "",
    .type = "HardSigmoid",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
