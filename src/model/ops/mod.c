// SPDX-License-Identifier: Apache-2.0
//
// Mod: what is left of a by b: with the sign of b, or, with fmod, of a. By 0 it is 0 for integers,
// NaN for floats.

#include "model/ops/support/element.h"

// p != 0: as C's fmod, with the sign of a.
#define FORMS(FORM)                                                      \
    FORM(INT8, INT8,                                                     \
         b == 0 || b == -1                                   ? 0         \
         : p == 0.0f && a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b \
                                                             : a % b)    \
    FORM(INT16, INT16,                                                   \
         b == 0 || b == -1                                   ? 0         \
         : p == 0.0f && a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b \
                                                             : a % b)    \
    FORM(INT32, INT32,                                                   \
         b == 0 || b == -1                                   ? 0         \
         : p == 0.0f && a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b \
                                                             : a % b)    \
    FORM(INT64, INT64,                                                   \
         b == 0 || b == -1                                   ? 0         \
         : p == 0.0f && a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b \
                                                             : a % b)    \
    FORM(UINT8, UINT8, b == 0 ? 0 : a % b)                               \
    FORM(UINT16, UINT16, b == 0 ? 0 : a % b)                             \
    FORM(UINT32, UINT32, b == 0 ? 0 : a % b)                             \
    FORM(UINT64, UINT64, b == 0 ? 0 : a % b)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "fmod"};

const gy_op gy_op_mod = {
    .domain = "",
    .type = "Mod",
    .opset_min = 10,
    GY_ELEMENT_OP(2),
    .family = &element,
    .types = "int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
