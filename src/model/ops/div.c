// SPDX-License-Identifier: Apache-2.0
//
// Div: a / b, broadcast.

#include "model/ops/support/element.h"

// Integers are cut towards zero. Where C says nothing: by zero is 0, the least by -1 wraps around.
#define FORMS(FORM)                                                                \
    FORM(FLOAT32, FLOAT32, a / b)                                                  \
    FORM(FLOAT64, FLOAT64, a / b)                                                  \
    FORM(UINT8, UINT8, b == 0 ? 0 : a / b)                                         \
    FORM(UINT16, UINT16, b == 0 ? 0 : a / b)                                       \
    FORM(UINT32, UINT32, b == 0 ? 0 : a / b)                                       \
    FORM(UINT64, UINT64, b == 0 ? 0 : a / b)                                       \
    FORM(INT8, INT8, b == 0 ? 0 : a / b)                                           \
    FORM(INT16, INT16, b == 0 ? 0 : a / b)                                         \
    FORM(INT32, INT32, b == 0 ? 0 : b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b) \
    FORM(INT64, INT64, b == 0 ? 0 : b == -1 ? (int64_t)(UINT64_C(0) - (uint64_t)a) : a / b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_div = {
    .domain = "",
    .type = "Div",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
