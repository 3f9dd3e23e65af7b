// SPDX-License-Identifier: Apache-2.0
//
// ReduceMean: the sum, divided by the count.

#include "model/ops/support/reduce.h"

#define FORMS(FORM)                       \
    FORM(FLOAT32, 0, s + x, s + t, s / n) \
    FORM(FLOAT64, 0, s + x, s + t, s / (double)n)
GY_REDUCE_FORMS(FORMS)

static const gy_reduce reduce = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_reduce_mean = {
    .domain = "",
    .type = "ReduceMean",
    .opset_min = 1,
    GY_REDUCE_OP,
    .family = &reduce,
    .types = "float32 float64",
};
