// SPDX-License-Identifier: Apache-2.0
//
// QLinearGlobalAveragePool (com.microsoft): the mean of each plane of bytes from its exact sum,
// times x_scale / (y_scale × pixels), as bytes on the output's scale.

#include <stdio.h>

#include "model/ops/support/qlinear.h"

enum { X, X_SCALE, X_ZERO, Y_SCALE, Y_ZERO };

static gy_status pool_infer(gy_node *node, gy_error *err)
{
    gy_bytes x;
    gy_window window;
    gy_dtype dtype;
    GY_TRY(gy_bytes_read(&x, node, X, X_ZERO, err));
    GY_TRY(gy_qlinear_scales(node, X_SCALE, 1, err));
    GY_TRY(gy_one_or_each(node, X_ZERO, 1, err));
    GY_TRY(gy_qlinear_scales(node, Y_SCALE, 1, err));
    GY_TRY(gy_qlinear_type(&dtype, node, Y_ZERO, err));
    if (gy_node_int(node, "channels_last", 0) != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s with channels last is not supported",
                            node->op->type);
    GY_TRY(gy_window_global(&window, node, err));
    return gy_window_set_output(node, &window, window.channels, dtype, err);
}

static size_t pixels_of(const gy_node *node)
{
    size_t pixels = 1;
    for (size_t i = 2; i < node->inputs[X]->rank; i++)
        pixels *= node->inputs[X]->shape[i];
    return pixels;
}

static gy_status pool_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[X], *y = node->outputs[0];
    size_t pixels = pixels_of(node);
    float factor = gy_scale_at(node->inputs[X_SCALE], 0) /
                   (gy_scale_at(node->inputs[Y_SCALE], 0) * (float)pixels);
    int32_t zero = gy_zero_at(gy_node_input(node, X_ZERO), 0);
    for (size_t i = 0; i < y->count; i++) {
        uint32_t sum = 0;
        for (size_t k = 0; k < pixels; k++)
            sum += (uint32_t)(gy_byte_at(x, i * pixels + k) - zero);
        gy_quantize_put(y, i, (float)(int32_t)sum * factor,
                        (float)gy_zero_at(gy_node_input(node, Y_ZERO), 0));
    }
    return GY_OK;
}

static void pool_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[X], *y = node->outputs[0];
    const gy_tensor *x_zero = gy_node_input(node, X_ZERO), *y_zero = gy_node_input(node, Y_ZERO);
    size_t pixels = pixels_of(node);
    char zero[64] = "0.0f";
    if (y->count == 0)
        return;
    gy_line(out, 0, "const float factor = %s[0] / (%s[0] * %zu.0f);", node->inputs[X_SCALE]->c_name,
            node->inputs[Y_SCALE]->c_name, pixels);
    size_t depth = gy_emit_for(out, "i", y->count, 0);
    gy_line(out, depth, "uint32_t sum = 0;");
    gy_line(out, depth, "for (size_t k = 0; k < %zu; k++)", pixels);
    gy_line(out, depth + 1, "sum += (uint32_t)(%s[i * %zu + k]%s%s%s);", x->c_name, pixels,
            x_zero == NULL ? "" : " - ", x_zero == NULL ? "" : x_zero->c_name,
            x_zero == NULL ? "" : "[0]");
    if (y_zero != NULL)
        snprintf(zero, sizeof(zero), "(float)%s[0]", y_zero->c_name);
    gy_quantize_emit_put(out, y, "i", "(float)(int32_t)sum * factor", zero, depth);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_qlinear_global_average_pool = {
    .domain = "com.microsoft",
    .type = "QLinearGlobalAveragePool",
    .opset_min = 1,
    .inputs_min = 4,
    .inputs_max = 5,
    .outputs_max = 1,
    .infer = pool_infer,
    .eval = pool_eval,
    .emit = pool_emit,
    .is_kept = true,
    .types = "int8 uint8",
};
