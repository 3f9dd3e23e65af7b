// SPDX-License-Identifier: Apache-2.0
//
// HardSwish: a × HardSigmoid(a) with alpha 1/6 and beta 0.5.

#include "model/ops/support/element.h"

#define FORMS(FORM)                                         \
    FORM(FLOAT32, FLOAT32,                                  \
         a *(gy_fmaf(a, 0.166666672f, 0.5f) > 1.0f   ? 1.0f \
             : gy_fmaf(a, 0.166666672f, 0.5f) < 0.0f ? 0.0f \
                                                     : gy_fmaf(a, 0.166666672f, 0.5f)))
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_hard_swish = {
    .domain = "",
    .type = "HardSwish",
    .opset_min = 14,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
