// SPDX-License-Identifier: Apache-2.0
//
// ReduceMax. NaN wins; over nothing it is the least of the type.

#include "model/ops/support/reduce.h"

#define FORMS(FORM)                                                                                \
    FORM(FLOAT32, gy_bits_float(0xff800000u), x > s || x != x ? x : s, t > s || t != t ? t : s, s) \
    FORM(FLOAT64, (double)gy_bits_float(0xff800000u), x > s || x != x ? x : s,                     \
         t > s || t != t ? t : s, s)                                                               \
    FORM(INT8, INT8_MIN, x > s ? x : s, t > s ? t : s, s)                                          \
    FORM(UINT8, 0, x > s ? x : s, t > s ? t : s, s)                                                \
    FORM(INT32, INT32_MIN, x > s ? x : s, t > s ? t : s, s)                                        \
    FORM(INT64, INT64_MIN, x > s ? x : s, t > s ? t : s, s)                                        \
    FORM(BOOL, 0, x > s ? x : s, t > s ? t : s, s)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_max = {
    .domain = "",
    .type = "ReduceMax",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32 float64 int8 uint8 int32 int64 bool",
};
