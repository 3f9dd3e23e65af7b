// SPDX-License-Identifier: Apache-2.0
//
// ReduceLogSumExp: the logarithm of the sum of e^x, the greatest x taken off before and put on
// after.

#include "model/ops/support/reduce.h"

#define FORMS(FORM) FORM(FLOAT32, 0, s + gy_expf(x - m), s + t, gy_logf(s) + m)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT, .shifts = true};

const gy_op gy_op_reduce_log_sum_exp = {
    .domain = "",
    .type = "ReduceLogSumExp",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32",
};
