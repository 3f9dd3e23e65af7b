// SPDX-License-Identifier: Apache-2.0
//
// DynamicQuantizeLinear: bytes on the scale that just holds the values and 0, the scale, and the
// zero point. A value that is NaN does not count and becomes the zero point; where all are 0 the
// scale is 1, as in ONNX Runtime.

#include <stdio.h>

#include "model/ops/support/quantize.h"
#include "rt/math.h"

static gy_status dynamic_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    const gy_tensor *x = node->inputs[0];
    for (size_t i = 0; i < 3; i++)
        if (gy_node_output(node, i) == NULL)
            return gy_node_fail(node, GY_FORMAT, err, "%s without its output %zu", node->op->type,
                                i);
    GY_TRY(gy_tensor_set(node->outputs[0], GY_UINT8, x->shape, x->rank, err));
    GY_TRY(gy_tensor_set(node->outputs[1], GY_FLOAT32, NULL, 0, err));
    return gy_tensor_set(node->outputs[2], GY_UINT8, NULL, 0, err);
}

static gy_status dynamic_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *y = node->outputs[0];
    const float *x = node->inputs[0]->data;
    float low = 0.0f, high = 0.0f;
    for (size_t i = 0; i < y->count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    float scale = high == low ? 1.0f : (high - low) / 255.0f;
    float zero = 0.0f - low / scale; // not a number counts as 0
    zero = zero > 0.0f ? (zero < 255.0f ? gy_rintf(zero) : 255.0f) : 0.0f;
    *(float *)(uintptr_t)node->outputs[1]->data = scale;
    *(uint8_t *)(uintptr_t)node->outputs[2]->data = (uint8_t)zero;
    for (size_t i = 0; i < y->count; i++)
        gy_quantize_put(y, i, x[i] / scale, zero);
    return GY_OK;
}

static void dynamic_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *y = node->outputs[0];
    const char *x = node->inputs[0]->c_name;
    gy_line(out, 0, "float low = 0.0f, high = 0.0f;");
    if (y->count > 0) {
        size_t depth = gy_emit_for(out, "i", y->count, 0);
        gy_line(out, depth, "low = %s[i] < low ? %s[i] : low;", x, x);
        gy_line(out, depth, "high = %s[i] > high ? %s[i] : high;", x, x);
        gy_emit_close(out, 0, depth);
    }
    gy_line(out, 0, "const float scale = high == low ? 1.0f : (high - low) / 255.0f;");
    gy_line(out, 0, "float z = 0.0f - low / scale;");
    gy_line(out, 0, "z = z > 0.0f ? (z < 255.0f ? gy_rintf(z) : 255.0f) : 0.0f;");
    gy_line(out, 0, "%s[0] = scale;", node->outputs[1]->c_name);
    gy_line(out, 0, "%s[0] = (uint8_t)z;", node->outputs[2]->c_name);
    if (y->count == 0)
        return;
    char value[64];
    snprintf(value, sizeof(value), "%s[i] / scale", x);
    size_t depth = gy_emit_for(out, "i", y->count, 0);
    gy_quantize_emit_put(out, y, "i", value, "z", depth);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_dynamic_quantize_linear = {
    .domain = "",
    .type = "DynamicQuantizeLinear",
    .opset_min = 11,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 3,
    .infer = dynamic_infer,
    .eval = dynamic_eval,
    .emit = dynamic_emit,
    .is_kept = true,
    .types = "float32 to uint8",
};
