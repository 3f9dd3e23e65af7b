// SPDX-License-Identifier: Apache-2.0
//
// Relu: max(0, a).

#include "model/ops/support/element.h"

// "a < 0 ? 0 : a" keeps NaN, as ONNX does; "a > 0 ? a : 0" would hide it.
#define FORMS(FORM)                       \
    FORM(FLOAT32, FLOAT32, a < 0 ? 0 : a) \
    FORM(FLOAT64, FLOAT64, a < 0 ? 0 : a) \
    FORM(INT8, INT8, a < 0 ? 0 : a)       \
    FORM(INT16, INT16, a < 0 ? 0 : a)     \
    FORM(INT32, INT32, a < 0 ? 0 : a)     \
    FORM(INT64, INT64, a < 0 ? 0 : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

const gy_op gy_op_relu = {
    .domain = "",
    .type = "Relu",
    .opset_min = 6,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32 float64 int8 int16 int32 int64",
};
