// SPDX-License-Identifier: Apache-2.0
//
// Abs: |a|. The least integer stays as it is.

#include "model/ops/support/element.h"

#define FORMS(FORM)                                                     \
    FORM(FLOAT32, FLOAT32, gy_fabsf(a))                                 \
    FORM(FLOAT64, FLOAT64, a < 0 ? -a : a == 0 ? 0 : a)                 \
    FORM(INT8, INT8, a < 0 ? 0u - (uint32_t)a : (uint32_t)a)            \
    FORM(INT16, INT16, a < 0 ? 0u - (uint32_t)a : (uint32_t)a)          \
    FORM(INT32, INT32, a < 0 ? 0u - (uint32_t)a : (uint32_t)a)          \
    FORM(INT64, INT64, a < 0 ? UINT64_C(0) - (uint64_t)a : (uint64_t)a) \
    FORM(UINT8, UINT8, a)                                               \
    FORM(UINT16, UINT16, a)                                             \
    FORM(UINT32, UINT32, a)                                             \
    FORM(UINT64, UINT64, a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_abs = {
    .domain = "",
    .type = "Abs",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
