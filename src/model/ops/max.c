// SPDX-License-Identifier: Apache-2.0
//
// Max: the greatest of any number of inputs, broadcast. NaN wins.

#include "model/ops/support/element.h"

#define FORMS(FORM)                                 \
    FORM(FLOAT32, FLOAT32, a < b || b != b ? b : a) \
    FORM(FLOAT64, FLOAT64, a < b || b != b ? b : a) \
    FORM(INT8, INT8, a < b ? b : a)                 \
    FORM(UINT8, UINT8, a < b ? b : a)               \
    FORM(INT16, INT16, a < b ? b : a)               \
    FORM(UINT16, UINT16, a < b ? b : a)             \
    FORM(INT32, INT32, a < b ? b : a)               \
    FORM(UINT32, UINT32, a < b ? b : a)             \
    FORM(INT64, INT64, a < b ? b : a)               \
    FORM(UINT64, UINT64, a < b ? b : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {
    .forms = forms, .form_count = GY_ELEMENT_COUNT, .is_folded = true};

const gy_op gy_op_max = {
    .domain = "",
    .type = "Max",
    .opset_min = 8,
    .inputs_min = 1,
    .inputs_max = INT32_MAX,
    .outputs_max = 1,
    .infer = gy_element_infer,
    .eval = gy_element_eval,
    .emit = gy_element_emit,
    .family = &element,
    .types = "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64",
};
