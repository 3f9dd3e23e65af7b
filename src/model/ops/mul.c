// SPDX-License-Identifier: Apache-2.0
//
// Mul: a × b, broadcast. Integers wrap around.

#include "model/ops/support/element.h"

#define FORMS(FORM)                                \
    FORM(FLOAT32, FLOAT32, a *b)                   \
    FORM(FLOAT64, FLOAT64, a *b)                   \
    FORM(INT8, INT8, (uint32_t)a *(uint32_t)b)     \
    FORM(UINT8, UINT8, (uint32_t)a *(uint32_t)b)   \
    FORM(INT16, INT16, (uint32_t)a *(uint32_t)b)   \
    FORM(UINT16, UINT16, (uint32_t)a *(uint32_t)b) \
    FORM(INT32, INT32, (uint32_t)a *(uint32_t)b)   \
    FORM(UINT32, UINT32, (uint32_t)a *(uint32_t)b) \
    FORM(INT64, INT64, (uint64_t)a *(uint64_t)b)   \
    FORM(UINT64, UINT64, (uint64_t)a *(uint64_t)b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_mul = {
    .domain = "",
    .type = "Mul",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
