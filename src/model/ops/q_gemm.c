// SPDX-License-Identifier: Apache-2.0
//
// QGemm (com.microsoft): Gemm of bytes in exact sums from an int32 C, to bytes on the output's
// scale or, where no scale is given, to float.

#include "model/ops/support/qlinear.h"

enum { A, A_SCALE, A_ZERO, B, B_SCALE, B_ZERO, C, Y_SCALE, Y_ZERO };

static gy_status read_gemm(gy_integer_product *p, gy_qlinear *q, const gy_node *node, gy_error *err)
{
    const bool turned[] = {gy_node_int(node, "transA", 0) != 0,
                           gy_node_int(node, "transB", 0) != 0};
    gy_bytes a, b;
    GY_TRY(gy_bytes_read(&a, node, A, A_ZERO, err));
    GY_TRY(gy_bytes_read(&b, node, B, B_ZERO, err));
    float alpha = gy_node_float(node, "alpha", 1.0f);
    *q = (gy_qlinear){.y = node->outputs[0],
                      .x_scale = node->inputs[A_SCALE],
                      .w_scale = node->inputs[B_SCALE],
                      .y_scale = gy_node_input(node, Y_SCALE),
                      .y_zero = gy_node_input(node, Y_ZERO),
                      .alpha = alpha == 1.0f ? 0.0f : alpha};
    if (a.x->rank != 2 || b.x->rank != 2 || alpha == 0.0f)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "QGemm of %zu and %zu dimensions, alpha %g",
                            a.x->rank, b.x->rank, (double)alpha);
    return gy_integer_product_read(p, node, a, b, turned, err);
}

// The element of C for element (i, j) of Y.
static void steps_of_c(size_t *row, size_t *col, const gy_tensor *c)
{
    size_t rows = c->rank == 2 ? c->shape[0] : 1, cols = c->rank == 0 ? 1 : c->shape[c->rank - 1];
    *row = rows == 1 ? 0 : cols;
    *col = cols == 1 ? 0 : 1;
}

static gy_status check_c(const gy_integer_product *p, const gy_node *node, gy_error *err)
{
    const gy_tensor *c = gy_node_input(node, C);
    if (c == NULL)
        return GY_OK;
    GY_TRY(gy_node_type(node, C, 1u << GY_INT32, err));
    size_t rows = c->rank == 2 ? c->shape[0] : 1, cols = c->rank == 0 ? 1 : c->shape[c->rank - 1];
    if (c->rank > 2 || (rows != 1 && rows != p->rows) || (cols != 1 && cols != p->cols))
        return gy_node_fail(node, GY_FORMAT, err, "C of %zu × %zu does not fit %zu × %zu", rows,
                            cols, p->rows, p->cols);
    return GY_OK;
}

static gy_status gemm_infer(gy_node *node, gy_error *err)
{
    gy_integer_product p;
    gy_qlinear q;
    gy_dtype dtype = GY_FLOAT32;
    GY_TRY(read_gemm(&p, &q, node, err));
    GY_TRY(gy_qlinear_scales(node, A_SCALE, 1, err));
    GY_TRY(gy_qlinear_scales(node, B_SCALE, p.cols, err));
    GY_TRY(gy_qlinear_scales(node, Y_SCALE, 1, err));
    GY_TRY(gy_one_or_each(node, A_ZERO, 1, err));
    GY_TRY(gy_one_or_each(node, B_ZERO, p.cols, err));
    GY_TRY(check_c(&p, node, err));
    if (q.y_scale != NULL)
        GY_TRY(gy_qlinear_type(&dtype, node, Y_ZERO, err));
    return gy_integer_product_output(node->outputs[0], &p, dtype, err);
}

static gy_status gemm_eval(const gy_node *node, gy_error *err)
{
    gy_integer_product p;
    gy_qlinear q;
    size_t row = 0, col = 0;
    GY_TRY(read_gemm(&p, &q, node, err));
    const gy_tensor *c = gy_node_input(node, C);
    if (c != NULL)
        steps_of_c(&row, &col, c);
    for (size_t at = 0; at < q.y->count; at++) {
        size_t i = at / p.cols, j = at % p.cols;
        uint32_t sum = gy_integer_product_sum(&p, at);
        sum += c == NULL ? 0 : (uint32_t)((const int32_t *)c->data)[i * row + j * col];
        gy_qlinear_put(&q, at, (int32_t)sum, j);
    }
    return GY_OK;
}

static void gemm_emit(const gy_node *node, gy_text *out)
{
    gy_integer_product p;
    gy_qlinear q;
    const gy_tensor *c = gy_node_input(node, C);
    if (read_gemm(&p, &q, node, NULL) != GY_OK || q.y->count == 0)
        return;
    size_t depth = gy_integer_product_emit(out, &p), row, col;
    if (c != NULL) {
        steps_of_c(&row, &col, c);
        gy_line(out, depth, "sum += (uint32_t)%s[i * %zu + j * %zu];", c->c_name, row, col);
    }
    gy_qlinear_emit_put(out, &q, "j", depth);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_q_gemm = {
    .domain = "com.microsoft",
    .type = "QGemm",
    .opset_min = 1,
    .inputs_min = 6,
    .inputs_max = 9,
    .outputs_max = 1,
    .infer = gemm_infer,
    .eval = gemm_eval,
    .emit = gemm_emit,
    .is_kept = true,
    .types = "int8 uint8 to int8 uint8 float32",
};
