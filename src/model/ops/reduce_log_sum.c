// SPDX-License-Identifier: Apache-2.0
//
// ReduceLogSum: the logarithm of the sum.

#include "model/ops/support/reduce.h"

#define FORMS(FORM) FORM(FLOAT32, 0, s + x, s + t, gy_logf(s))
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_log_sum = {
    .domain = "",
    .type = "ReduceLogSum",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32",
};
