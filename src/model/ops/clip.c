// SPDX-License-Identifier: Apache-2.0
//
// Clip: held between two bounds, each of which may be left out; NaN stays. Where the bounds cross,
// the upper one counts.

#include <string.h>

#include "model/ops/support/element.h"

#define FORMS(FORM)                                                 \
    FORM(FLOAT32, FLOAT32, (a < b ? b : a) > c ? c : a < b ? b : a) \
    FORM(FLOAT64, FLOAT64, (a < b ? b : a) > c ? c : a < b ? b : a) \
    FORM(INT8, INT8, (a < b ? b : a) > c ? c : a < b ? b : a)       \
    FORM(UINT8, UINT8, (a < b ? b : a) > c ? c : a < b ? b : a)     \
    FORM(INT32, INT32, (a < b ? b : a) > c ? c : a < b ? b : a)     \
    FORM(INT64, INT64, (a < b ? b : a) > c ? c : a < b ? b : a)
GY_ELEMENT_FORMS(FORMS)

static const gy_element element = {.forms = forms, .form_count = GY_ELEMENT_COUNT};

// A bound that is not given becomes the type's own.
static gy_status make_bound(gy_tensor **bound, const gy_node *node, bool is_upper, gy_error *err)
{
    void *data;
    gy_dtype dtype = node->inputs[0]->dtype;
    GY_TRY(gy_tensor_constant(bound, &data, node->arena, node->name, dtype, NULL, 0, err));
    switch (dtype) {
    case GY_FLOAT32:
        *(float *)data = gy_bits_float(is_upper ? 0x7f800000u : 0xff800000u);
        break;
    case GY_FLOAT64:
        *(double *)data = (double)gy_bits_float(is_upper ? 0x7f800000u : 0xff800000u);
        break;
    case GY_INT8:
        *(int8_t *)data = is_upper ? INT8_MAX : INT8_MIN;
        break;
    case GY_UINT8:
        *(uint8_t *)data = is_upper ? UINT8_MAX : 0;
        break;
    case GY_INT32:
        *(int32_t *)data = is_upper ? INT32_MAX : INT32_MIN;
        break;
    default:
        *(int64_t *)data = is_upper ? INT64_MAX : INT64_MIN;
        break;
    }
    return GY_OK;
}

static gy_status clip_infer(gy_node *node, gy_error *err)
{
    if (gy_element_form_of(node) == NULL)
        return gy_node_type(node, 0, 0, err);
    const gy_tensor *x = node->inputs[0];
    node->table_count = 0;
    node->tables = GY_NEW(node->arena, gy_tensor *, 2);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its bounds");
    for (size_t i = 1; i < 3; i++) {
        const gy_tensor *bound = gy_node_input(node, i);
        if (bound == NULL) {
            GY_TRY(make_bound(&node->tables[node->table_count++], node, i == 2, err));
            continue;
        }
        GY_TRY(gy_node_type(node, i, 1u << x->dtype, err));
        if (bound->count != 1)
            return gy_node_fail(node, GY_FORMAT, err, "a bound of %zu elements", bound->count);
    }
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

static void operands(const gy_tensor **inputs, gy_tensor *bounds, const gy_node *node)
{
    size_t table = 0;
    inputs[0] = node->inputs[0];
    for (size_t i = 1; i < 3; i++) {
        const gy_tensor *bound = gy_node_input(node, i);
        bounds[i - 1] = *(bound != NULL ? bound : node->tables[table++]);
        bounds[i - 1].rank = 0; // [1] as well as a single number
        inputs[i] = &bounds[i - 1];
    }
}

static gy_status clip_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *inputs[3];
    gy_tensor bounds[2];
    operands(inputs, bounds, node);
    gy_element_eval_over(node, inputs, 3);
    return GY_OK;
}

static void clip_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *inputs[3];
    gy_tensor bounds[2];
    operands(inputs, bounds, node);
    if (node->outputs[0]->count > 0)
        gy_element_emit_over(node, inputs, 3, out);
}

const gy_op gy_op_clip = {
    .domain = "",
    .type = "Clip",
    .opset_min = 11,
    .inputs_min = 1,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = clip_infer,
    .eval = clip_eval,
    .emit = clip_emit,
    .family = &element,
    .types = "float32 float64 int8 uint8 int32 int64",
};
