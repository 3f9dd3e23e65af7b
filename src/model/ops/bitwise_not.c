// SPDX-License-Identifier: Apache-2.0
//
// BitwiseNot.

#include "model/ops/support/element.h"

#define FORMS(FORM)          \
    FORM(INT8, INT8, ~a)     \
    FORM(UINT8, UINT8, ~a)   \
    FORM(INT16, INT16, ~a)   \
    FORM(UINT16, UINT16, ~a) \
    FORM(INT32, INT32, ~a)   \
    FORM(UINT32, UINT32, ~a) \
    FORM(INT64, INT64, ~a)   \
    FORM(UINT64, UINT64, ~a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_bitwise_not = {
    .domain = "",
    .type = "BitwiseNot",
    .opset_min = 18,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
