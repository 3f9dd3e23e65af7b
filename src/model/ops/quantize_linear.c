// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear: y = x / scale, rounded half to even, plus the zero point, held within the type;
// NaN becomes the zero point. One scale, one for each slice of an axis, or one a block of it.

#include <stdio.h>

#include "model/ops/support/quantize.h"

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

static gy_status quantize_eval(const gy_node *node, gy_error *err)
{
    gy_quantize q;
    GY_TRY(gy_quantize_read(&q, node, err));
    const float *x = node->inputs[0]->data, *scale = node->inputs[1]->data;
    const gy_tensor *zero = gy_node_input(node, 2), *y = node->outputs[0];
    for (size_t i = 0; i < y->count; i++) {
        size_t s = gy_quantize_scale(&q, i);
        float offset = zero == NULL ? 0.0f : (float)gy_tensor_int_at(zero, s);
        gy_quantize_put(y, i, x[i] / scale[s], offset);
    }
    return GY_OK;
}

static void quantize_emit(const gy_node *node, gy_text *out)
{
    gy_quantize q;
    const gy_tensor *y = node->outputs[0], *zero = gy_node_input(node, 2);
    if (gy_quantize_read(&q, node, NULL) != GY_OK || y->count == 0)
        return;
    size_t depth = gy_quantize_emit_open(out, &q, node);
    char value[64], offset[64];
    snprintf(value, sizeof(value), "%s[at] / %s[s]", node->inputs[0]->c_name,
             node->inputs[1]->c_name);
    snprintf(offset, sizeof(offset), zero == NULL ? "0.0f" : "(float)%s[s]",
             zero == NULL ? "" : zero->c_name);
    gy_quantize_emit_put(out, y, "at", value, offset, depth);
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
