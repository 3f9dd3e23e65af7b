// SPDX-License-Identifier: Apache-2.0
//
// Greater: a > b, broadcast.

#include "model/ops/support/element.h"

#define FORMS(FORM)            \
    FORM(FLOAT32, BOOL, a > b) \
    FORM(FLOAT64, BOOL, a > b) \
    FORM(INT8, BOOL, a > b)    \
    FORM(UINT8, BOOL, a > b)   \
    FORM(INT16, BOOL, a > b)   \
    FORM(UINT16, BOOL, a > b)  \
    FORM(INT32, BOOL, a > b)   \
    FORM(UINT32, BOOL, a > b)  \
    FORM(INT64, BOOL, a > b)   \
    FORM(UINT64, BOOL, a > b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_greater = {
    .domain = "",
    .type = "Greater",
    .opset_min = 7,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
