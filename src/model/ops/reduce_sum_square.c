// SPDX-License-Identifier: Apache-2.0
//
// ReduceSumSquare: the sum of squares.

#include "model/ops/support/reduce.h"

#define FORMS(FORM) FORM(FLOAT32, 0, gy_fmaf(x, x, s), s + t, s)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_sum_square = {
    .domain = "",
    .type = "ReduceSumSquare",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32",
};
