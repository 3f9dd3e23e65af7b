// SPDX-License-Identifier: Apache-2.0
//
// ReduceSum. Integers wrap around.

#include "model/ops/support/reduce.h"

#define FORMS(FORM)                                                         \
    FORM(FLOAT32, 0, s + x, s + t, s)                                       \
    FORM(FLOAT64, 0, s + x, s + t, s)                                       \
    FORM(INT32, 0, (uint32_t)s + (uint32_t)x, (uint32_t)s + (uint32_t)t, s) \
    FORM(INT64, 0, (uint64_t)s + (uint64_t)x, (uint64_t)s + (uint64_t)t, s)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_sum = {
    .domain = "",
    .type = "ReduceSum",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32 float64 int32 int64",
};
