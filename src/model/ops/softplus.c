// SPDX-License-Identifier: Apache-2.0
//
// Softplus: log(1 + e^a), in a form that does not overflow.

#include "model/ops/support/element.h"

#define FORMS(FORM) \
    FORM(FLOAT32, FLOAT32, (a > 0.0f ? a : 0.0f) + gy_logf(1.0f + gy_expf(-gy_fabsf(a))))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_softplus = {
    .domain = "",
    .type = "Softplus",
    .opset_min = 1,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
