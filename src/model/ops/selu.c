// SPDX-License-Identifier: Apache-2.0
//
// Selu: gamma × (a, or alpha × e^a - alpha below 0).

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a > 0.0f ? q * a : q * (p * gy_expf(a) - p))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms,
                                   .form_count = GY_ELEMENT_COUNT,
                                   .p = "alpha",
                                   .q = "gamma",
                                   .p_otherwise = 1.67326319217681884765625f,
                                   .q_otherwise = 1.05070102214813232421875f};

const gy_op gy_op_selu = {
    .domain = "",
    .type = "Selu",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
