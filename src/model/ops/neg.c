// SPDX-License-Identifier: Apache-2.0
//
// Neg: -a. The least integer stays as it is.

#include "model/ops/support/element.h"

#define FORMS(FORM)                      \
    FORM(FLOAT32, FLOAT32, -a)           \
    FORM(FLOAT64, FLOAT64, -a)           \
    FORM(INT8, INT8, 0u - (uint32_t)a)   \
    FORM(INT16, INT16, 0u - (uint32_t)a) \
    FORM(INT32, INT32, 0u - (uint32_t)a) \
    FORM(INT64, INT64, UINT64_C(0) - (uint64_t)a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_neg = {
    .domain = "",
    .type = "Neg",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64 int8 int16 int32 int64",
};
