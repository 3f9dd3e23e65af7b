// SPDX-License-Identifier: Apache-2.0
//
// BitwiseXor, broadcast.

#include "model/ops/support/element.h"

#define FORMS(FORM)             \
    FORM(INT8, INT8, a ^ b)     \
    FORM(UINT8, UINT8, a ^ b)   \
    FORM(INT16, INT16, a ^ b)   \
    FORM(UINT16, UINT16, a ^ b) \
    FORM(INT32, INT32, a ^ b)   \
    FORM(UINT32, UINT32, a ^ b) \
    FORM(INT64, INT64, a ^ b)   \
    FORM(UINT64, UINT64, a ^ b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_bitwise_xor = {
    .domain = "",
    .type = "BitwiseXor",
    .opset_min = 18,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
