// SPDX-License-Identifier: Apache-2.0
//
// Softsign: a / (1 + |a|).

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a / (1.0f + gy_fabsf(a)))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_softsign = {
    .domain = "",
    .type = "Softsign",
    .opset_min = 1,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
