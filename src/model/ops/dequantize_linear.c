// SPDX-License-Identifier: Apache-2.0
//
// DequantizeLinear: y = (x - zero point) × scale. One scale, one for each slice of an axis, or one
// a block of it. The difference is exact; the product rounds once.

#include "model/ops/support/quantize.h"

static gy_status dequantize_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, GY_QUANTIZED | 1u << GY_INT32, err));
    if (gy_node_input(node, 2) != NULL)
        GY_TRY(gy_node_type(node, 2, 1u << node->inputs[0]->dtype, err));
    gy_quantize q;
    GY_TRY(gy_quantize_read(&q, node, err));
    const gy_tensor *x = node->inputs[0];
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, x->shape, x->rank, err);
}

static gy_status dequantize_eval(const gy_node *node, gy_error *err)
{
    gy_quantize q;
    GY_TRY(gy_quantize_read(&q, node, err));
    const gy_tensor *x = node->inputs[0], *zero = gy_node_input(node, 2);
    const float *scale = node->inputs[1]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < x->count; i++) {
        size_t s = gy_quantize_scale(&q, i);
        int64_t offset = zero == NULL ? 0 : gy_tensor_int_at(zero, s);
        y[i] = (float)(gy_tensor_int_at(x, i) - offset) * scale[s];
    }
    return GY_OK;
}

static void dequantize_emit(const gy_node *node, gy_text *out)
{
    gy_quantize q;
    const gy_tensor *x = node->inputs[0], *zero = gy_node_input(node, 2);
    if (gy_quantize_read(&q, node, NULL) != GY_OK || x->count == 0)
        return;
    const char *wide = x->dtype == GY_INT32 ? "int64_t" : "int32_t";
    size_t depth = gy_quantize_emit_open(out, &q, node);
    gy_indent(out, depth);
    gy_text_add(out, "%s[at] = (float)((%s)%s[at]", node->outputs[0]->c_name, wide, x->c_name);
    if (zero != NULL)
        gy_text_add(out, " - (%s)%s[s]", wide, zero->c_name);
    gy_text_add(out, ") * %s[s];\n", node->inputs[1]->c_name);
    gy_quantize_emit_close(out, depth);
}

const gy_op gy_op_dequantize_linear = {
    .domain = "",
    .type = "DequantizeLinear",
    .opset_min = 10,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = dequantize_infer,
    .eval = dequantize_eval,
    .emit = dequantize_emit,
    .is_kept = true,
    .types = "int8 uint8 int16 uint16 int32 to float32",
};
