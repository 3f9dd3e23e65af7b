// SPDX-License-Identifier: Apache-2.0
//
// ArgMin: where the least stands, the first or the last of equals. NaN is passed over.

#include "model/ops/support/arg.h"

#define FORMS(FORM)              \
    FORM(FLOAT32, x < s, x <= s) \
    FORM(FLOAT64, x < s, x <= s) \
    FORM(INT8, x < s, x <= s)    \
    FORM(UINT8, x < s, x <= s)   \
    FORM(INT32, x < s, x <= s)   \
    FORM(INT64, x < s, x <= s)
GY_ARG_FORMS(FORMS)

static const gy_arg arg = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_arg_min = {
    .domain = "",
    .type = "ArgMin",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = gy_arg_infer,
    .eval = gy_arg_eval,
    .emit = gy_arg_emit,
    .family = &arg,
    .types = "float32 float64 int8 uint8 int32 int64",
};
