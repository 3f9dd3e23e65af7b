// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear: y = x / scale, rounded half to even, plus the zero point, held within the type;
// NaN becomes the zero point. One scale, one for each slice of an axis, or one a block of it.

#include "model/ops/support/quantize.h"
#include "rt/math.h"

static gy_status quantize_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    gy_quantize q;
    GY_TRY(gy_quantize_read(&q, node, err));
    const gy_tensor *zero = gy_node_input(node, 2);
    gy_dtype to = zero == NULL ? GY_UINT8 : zero->dtype;
    int64_t wanted = gy_node_int(node, "output_dtype", 0);
    if (zero == NULL && wanted != 0)
        to = wanted == 3   ? GY_INT8
             : wanted == 2 ? GY_UINT8
             : wanted == 5 ? GY_INT16
             : wanted == 4 ? GY_UINT16
                           : GY_STRING;
    if ((GY_QUANTIZED >> to & 1) == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "QuantizeLinear to %s is not supported",
                            gy_dtype_name(to));
    const gy_tensor *x = node->inputs[0];
    return gy_tensor_set(node->outputs[0], to, x->shape, x->rank, err);
}

static void limits(int32_t *least, int32_t *most, gy_dtype to)
{
    *least = to == GY_INT8 ? INT8_MIN : to == GY_INT16 ? INT16_MIN : 0;
    *most = to == GY_INT8     ? INT8_MAX
            : to == GY_INT16  ? INT16_MAX
            : to == GY_UINT16 ? UINT16_MAX
                              : UINT8_MAX;
}

static void put(void *y, size_t i, gy_dtype to, int32_t value)
{
    if (to == GY_INT8)
        ((int8_t *)y)[i] = (int8_t)value;
    else if (to == GY_UINT8)
        ((uint8_t *)y)[i] = (uint8_t)value;
    else if (to == GY_INT16)
        ((int16_t *)y)[i] = (int16_t)value;
    else
        ((uint16_t *)y)[i] = (uint16_t)value;
}

static gy_status quantize_eval(const gy_node *node, gy_error *err)
{
    gy_quantize q;
    GY_TRY(gy_quantize_read(&q, node, err));
    const float *x = node->inputs[0]->data, *scale = node->inputs[1]->data;
    const gy_tensor *zero = gy_node_input(node, 2), *y = node->outputs[0];
    int32_t least, most;
    limits(&least, &most, y->dtype);
    for (size_t i = 0; i < y->count; i++) {
        size_t s = gy_quantize_scale(&q, i);
        float offset = zero == NULL ? 0.0f : (float)gy_tensor_int_at(zero, s);
        float value = gy_rintf(x[i] / scale[s]) + offset;
        value = value<(float)least ? (float)least : value>(float) most ? (float)most : value;
        value = value != value ? offset : value;
        put((void *)(uintptr_t)y->data, i, y->dtype, (int32_t)value);
    }
    return GY_OK;
}

static void quantize_emit(const gy_node *node, gy_text *out)
{
    gy_quantize q;
    const gy_tensor *y = node->outputs[0], *zero = gy_node_input(node, 2);
    if (gy_quantize_read(&q, node, NULL) != GY_OK || y->count == 0)
        return;
    int32_t least, most;
    limits(&least, &most, y->dtype);
    size_t depth = gy_quantize_emit_open(out, &q, node);
    gy_indent(out, depth);
    gy_text_add(
        out, zero == NULL ? "const float offset = 0.0f;\n" : "const float offset = (float)%s[s];\n",
        zero == NULL ? "" : zero->c_name);
    gy_indent(out, depth);
    gy_text_add(out, "float value = gy_rintf(%s[at] / %s[s]) + offset;\n", node->inputs[0]->c_name,
                node->inputs[1]->c_name);
    gy_indent(out, depth);
    gy_text_add(out, "value = value < %d.0f ? %d.0f : value > %d.0f ? %d.0f : value;\n", least,
                least, most, most);
    gy_indent(out, depth);
    gy_text_add(out, "%s[at] = (%s)(int32_t)(value != value ? offset : value);\n", y->c_name,
                gy_dtype_c(y->dtype));
    gy_quantize_emit_close(out, depth);
}

const gy_op gy_op_quantize_linear = {
    .domain = "",
    .type = "QuantizeLinear",
    .opset_min = 10,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = quantize_infer,
    .eval = quantize_eval,
    .emit = quantize_emit,
    .is_kept = true,
    .types = "float32 to int8 uint8 int16 uint16",
};
