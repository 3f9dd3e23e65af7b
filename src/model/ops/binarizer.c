// SPDX-License-Identifier: Apache-2.0
//
// Binarizer: 1 above the threshold, else 0.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a > p ? 1.0f : 0.0f)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "threshold", .p_otherwise = 0.0f};

const gy_op gy_op_binarizer = {
    .domain = "ai.onnx.ml",
    .type = "Binarizer",
    .opset_min = 1,
    GY_ELEMENT_OP(1),
    .family = &element,
};
