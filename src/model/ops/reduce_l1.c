// SPDX-License-Identifier: Apache-2.0
//
// ReduceL1: the sum of sizes.

#include "model/ops/support/reduce.h"

#define FORMS(FORM)                             \
    FORM(FLOAT32, 0, s + gy_fabsf(x), s + t, s) \
    FORM(FLOAT64, 0, s + (x < 0 ? -x : x), s + t, s)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_l1 = {
    .domain = "",
    .type = "ReduceL1",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32 float64",
};
