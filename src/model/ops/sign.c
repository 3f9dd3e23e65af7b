// SPDX-License-Identifier: Apache-2.0
//
// Sign: -1, 0 or 1; NaN stays.

#include "model/ops/support/element.h"

#define FORMS(FORM)                                    \
    FORM(FLOAT32, FLOAT32, a > 0 ? 1 : a < 0 ? -1 : a) \
    FORM(FLOAT64, FLOAT64, a > 0 ? 1 : a < 0 ? -1 : a) \
    FORM(INT8, INT8, a > 0 ? 1 : a < 0 ? -1 : 0)       \
    FORM(INT16, INT16, a > 0 ? 1 : a < 0 ? -1 : 0)     \
    FORM(INT32, INT32, a > 0 ? 1 : a < 0 ? -1 : 0)     \
    FORM(INT64, INT64, a > 0 ? 1 : a < 0 ? -1 : 0)     \
    FORM(UINT8, UINT8, a > 0 ? 1 : 0)                  \
    FORM(UINT16, UINT16, a > 0 ? 1 : 0)                \
    FORM(UINT32, UINT32, a > 0 ? 1 : 0)                \
    FORM(UINT64, UINT64, a > 0 ? 1 : 0)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_sign = {
    .domain = "",
    .type = "Sign",
    .opset_min = 9,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
