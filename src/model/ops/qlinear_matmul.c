// SPDX-License-Identifier: Apache-2.0
//
// QLinearMatMul: a product of bytes in exact sums, back to bytes on the output's scale. B may have
// a scale and a zero point a column.

#include "model/ops/support/qlinear.h"

enum { A, A_SCALE, A_ZERO, B, B_SCALE, B_ZERO, Y_SCALE, Y_ZERO };

static gy_status read_product(gy_integer_product *p, gy_qlinear *q, const gy_node *node,
                              gy_error *err)
{
    static const bool as_they_are[] = {false, false};
    gy_bytes a, b;
    GY_TRY(gy_bytes_read(&a, node, A, A_ZERO, err));
    GY_TRY(gy_bytes_read(&b, node, B, B_ZERO, err));
    *q = (gy_qlinear){.y = node->outputs[0],
                      .x_scale = node->inputs[A_SCALE],
                      .w_scale = node->inputs[B_SCALE],
                      .y_scale = node->inputs[Y_SCALE],
                      .y_zero = node->inputs[Y_ZERO]};
    return gy_integer_product_read(p, node, a, b, as_they_are, err);
}

static gy_status qlinear_infer(gy_node *node, gy_error *err)
{
    gy_integer_product p;
    gy_qlinear q;
    gy_dtype dtype;
    GY_TRY(read_product(&p, &q, node, err));
    GY_TRY(gy_qlinear_scales(node, A_SCALE, 1, err));
    GY_TRY(gy_qlinear_scales(node, B_SCALE, p.cols, err));
    GY_TRY(gy_qlinear_scales(node, Y_SCALE, 1, err));
    GY_TRY(gy_one_or_each(node, A_ZERO, 1, err));
    GY_TRY(gy_one_or_each(node, B_ZERO, p.cols, err));
    GY_TRY(gy_qlinear_type(&dtype, node, Y_ZERO, err));
    return gy_integer_product_output(node->outputs[0], &p, dtype, err);
}

static gy_status qlinear_eval(const gy_node *node, gy_error *err)
{
    gy_integer_product p;
    gy_qlinear q;
    GY_TRY(read_product(&p, &q, node, err));
    for (size_t at = 0; at < q.y->count; at++)
        gy_qlinear_put(&q, at, (int32_t)gy_integer_product_sum(&p, at), at % p.cols);
    return GY_OK;
}

static void qlinear_emit(const gy_node *node, gy_text *out)
{
    gy_integer_product p;
    gy_qlinear q;
    if (read_product(&p, &q, node, NULL) != GY_OK || q.y->count == 0)
        return;
    size_t depth = gy_integer_product_emit(out, &p);
    gy_qlinear_emit_put(out, &q, "j", depth);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_qlinear_matmul = {
    .domain = "",
    .type = "QLinearMatMul",
    .opset_min = 10,
    .inputs_min = 8,
    .inputs_max = 8,
    .outputs_max = 1,
    .infer = qlinear_infer,
    .eval = qlinear_eval,
    .emit = qlinear_emit,
    .is_kept = true,
    .types = "int8 uint8",
};
