// SPDX-License-Identifier: Apache-2.0
//
// QLinearConv: a convolution of bytes in exact sums from an int32 bias, back to bytes on the
// output's scale. Padding is the input's zero point.

#include "model/ops/support/qlinear.h"

enum { X, X_SCALE, X_ZERO, W, W_SCALE, W_ZERO, Y_SCALE, Y_ZERO, BIAS };

static gy_status read_conv(gy_integer_conv *conv, gy_qlinear *q, const gy_node *node, gy_error *err)
{
    gy_bytes x, w;
    GY_TRY(gy_bytes_read(&x, node, X, X_ZERO, err));
    GY_TRY(gy_bytes_read(&w, node, W, W_ZERO, err));
    *q = (gy_qlinear){.y = node->outputs[0],
                      .x_scale = node->inputs[X_SCALE],
                      .w_scale = node->inputs[W_SCALE],
                      .y_scale = node->inputs[Y_SCALE],
                      .y_zero = node->inputs[Y_ZERO]};
    return gy_integer_conv_read(conv, node, x, w, err);
}

static gy_status qlinear_infer(gy_node *node, gy_error *err)
{
    gy_integer_conv conv;
    gy_qlinear q;
    gy_dtype dtype;
    GY_TRY(read_conv(&conv, &q, node, err));
    GY_TRY(gy_qlinear_scales(node, X_SCALE, 1, err));
    GY_TRY(gy_qlinear_scales(node, W_SCALE, conv.maps, err));
    GY_TRY(gy_qlinear_scales(node, Y_SCALE, 1, err));
    GY_TRY(gy_one_or_each(node, X_ZERO, 1, err));
    GY_TRY(gy_one_or_each(node, W_ZERO, conv.maps, err));
    GY_TRY(gy_qlinear_type(&dtype, node, Y_ZERO, err));
    const gy_tensor *bias = gy_node_input(node, BIAS);
    if (bias != NULL)
        GY_TRY(gy_node_type(node, BIAS, 1u << GY_INT32, err));
    if (bias != NULL && (bias->rank != 1 || bias->count != conv.maps))
        return gy_node_fail(node, GY_FORMAT, err, "%zu biases for %zu channels", bias->count,
                            conv.maps);
    return gy_window_set_output(node, &conv.window, conv.maps, dtype, err);
}

static gy_status qlinear_eval(const gy_node *node, gy_error *err)
{
    gy_integer_conv conv;
    gy_qlinear q;
    GY_TRY(read_conv(&conv, &q, node, err));
    const gy_tensor *bias = gy_node_input(node, BIAS);
    for (size_t at = 0; at < q.y->count; at++) {
        size_t m;
        uint32_t sum = gy_integer_conv_sum(&m, &conv, at);
        sum += bias == NULL ? 0 : (uint32_t)((const int32_t *)bias->data)[m];
        gy_qlinear_put(&q, at, (int32_t)sum, m);
    }
    return GY_OK;
}

static void qlinear_emit(const gy_node *node, gy_text *out)
{
    gy_integer_conv conv;
    gy_qlinear q;
    const gy_tensor *bias = gy_node_input(node, BIAS);
    if (read_conv(&conv, &q, node, NULL) != GY_OK || q.y->count == 0)
        return;
    size_t depth = gy_integer_conv_emit(out, &conv);
    if (bias != NULL)
        gy_line(out, depth, "sum += (uint32_t)%s[m];", bias->c_name);
    gy_qlinear_emit_put(out, &q, "m", depth);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_qlinear_conv = {
    .domain = "",
    .type = "QLinearConv",
    .opset_min = 10,
    .inputs_min = 8,
    .inputs_max = 9,
    .outputs_max = 1,
    .infer = qlinear_infer,
    .eval = qlinear_eval,
    .emit = qlinear_emit,
    .is_kept = true,
    .types = "int8 uint8",
};
