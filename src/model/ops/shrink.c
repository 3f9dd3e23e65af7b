// SPDX-License-Identifier: Apache-2.0
//
// Shrink: 0 between -lambd and lambd, moved towards 0 by bias outside.

#include "model/ops/support/element.h"

#define FORMS(FORM) FORM(FLOAT32, FLOAT32, a<-p ? a + q : a> p ? a - q : 0.0f)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .p = "lambd", .q = "bias", .p_otherwise = 0.5f};

const gy_op gy_op_shrink = {
    .domain = "",
    .type = "Shrink",
    .opset_min = 9,
    GY_ELEMENT_OP(1),
    .family = &element,
    .types = "float32",
};
