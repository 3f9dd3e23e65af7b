// SPDX-License-Identifier: Apache-2.0
//
// Mish: a × tanh(softplus(a)).

#include "model/ops/support/element.h"

#define FORMS(FORM)        \
    FORM(FLOAT32, FLOAT32, \
         a *gy_tanhf((a > 0.0f ? a : 0.0f) + gy_logf(1.0f + gy_expf(-gy_fabsf(a)))))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_mish = {
    .domain = "",
    .type = "Mish",
    .opset_min = 18,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
