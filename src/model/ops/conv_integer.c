// SPDX-License-Identifier: Apache-2.0
//
// ConvInteger: a convolution of bytes less their zero points, exact sums of int32. Padding is the
// input's zero point.

#include "model/ops/support/integer.h"

static gy_status read_conv(gy_integer_conv *conv, const gy_node *node, gy_error *err)
{
    gy_bytes x, w;
    GY_TRY(gy_bytes_read(&x, node, 0, 2, err));
    GY_TRY(gy_bytes_read(&w, node, 1, 3, err));
    return gy_integer_conv_read(conv, node, x, w, err);
}

static gy_status integer_infer(gy_node *node, gy_error *err)
{
    gy_integer_conv conv;
    GY_TRY(read_conv(&conv, node, err));
    GY_TRY(gy_one_or_each(node, 2, 1, err));
    GY_TRY(gy_one_or_each(node, 3, conv.maps, err));
    return gy_window_set_output(node, &conv.window, conv.maps, GY_INT32, err);
}

static gy_status integer_eval(const gy_node *node, gy_error *err)
{
    gy_integer_conv conv;
    size_t map;
    GY_TRY(read_conv(&conv, node, err));
    const gy_tensor *y = node->outputs[0];
    for (size_t at = 0; at < y->count; at++)
        ((int32_t *)(uintptr_t)y->data)[at] = (int32_t)gy_integer_conv_sum(&map, &conv, at);
    return GY_OK;
}

static void integer_emit(const gy_node *node, gy_text *out)
{
    gy_integer_conv conv;
    if (read_conv(&conv, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_integer_conv_emit(out, &conv);
    gy_line(out, depth, "%s[at] = (int32_t)sum;", node->outputs[0]->c_name);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_conv_integer = {
    .domain = "",
    .type = "ConvInteger",
    .opset_min = 10,
    .inputs_min = 2,
    .inputs_max = 4,
    .outputs_max = 1,
    .infer = integer_infer,
    .eval = integer_eval,
    .emit = integer_emit,
    .is_kept = true,
    .types = "int8 uint8 to int32",
};
