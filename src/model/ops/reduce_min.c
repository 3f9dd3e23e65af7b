// SPDX-License-Identifier: Apache-2.0
//
// ReduceMin. NaN wins; over nothing it is the greatest of the type.

#include "model/ops/support/reduce.h"

#define FORMS(FORM)                                                                                \
    FORM(FLOAT32, gy_bits_float(0x7f800000u), x < s || x != x ? x : s, t < s || t != t ? t : s, s) \
    FORM(FLOAT64, (double)gy_bits_float(0x7f800000u), x < s || x != x ? x : s,                     \
         t < s || t != t ? t : s, s)                                                               \
    FORM(INT8, INT8_MAX, x < s ? x : s, t < s ? t : s, s)                                          \
    FORM(UINT8, UINT8_MAX, x < s ? x : s, t < s ? t : s, s)                                        \
    FORM(INT32, INT32_MAX, x < s ? x : s, t < s ? t : s, s)                                        \
    FORM(INT64, INT64_MAX, x < s ? x : s, t < s ? t : s, s)                                        \
    FORM(BOOL, 1, x < s ? x : s, t < s ? t : s, s)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_min = {
    .domain = "",
    .type = "ReduceMin",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32 float64 int8 uint8 int32 int64 bool",
};
