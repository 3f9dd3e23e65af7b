// SPDX-License-Identifier: Apache-2.0
//
// Gemm: Y = alpha × A × B + beta × C.
//
// With alpha 1 the sum is one chain of fused multiply-adds over k that starts at beta × C (at C
// where beta is 1). With another alpha it starts at 0, and alpha × sum is added to beta × C by one
// more fma.

#include "model/ops/support/window.h"
#include "rt/math.h"

/** Sizes and strides, transposition taken into account. */
typedef struct gemm {
    size_t rows, cols, inner;
    size_t a_row, a_inner, b_inner, b_col, c_row, c_col;
    float alpha, beta;
    bool has_c;
} gemm;

static gy_status read_gemm(gemm *g, const gy_node *node, gy_error *err)
{
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1], *c = gy_node_input(node, 2);
    if (a->rank != 2 || b->rank != 2)
        return gy_node_fail(node, GY_FORMAT, err, "Gemm of %zu and %zu dimensions, must be 2",
                            a->rank, b->rank);
    bool turn_a = gy_node_int(node, "transA", 0) != 0, turn_b = gy_node_int(node, "transB", 0) != 0;
    *g = (gemm){.rows = a->shape[turn_a],
                .inner = a->shape[!turn_a],
                .cols = b->shape[!turn_b],
                .a_row = turn_a ? 1 : a->shape[1],
                .a_inner = turn_a ? a->shape[1] : 1,
                .b_inner = turn_b ? 1 : b->shape[1],
                .b_col = turn_b ? b->shape[1] : 1,
                .alpha = gy_node_float(node, "alpha", 1.0f),
                .beta = gy_node_float(node, "beta", 1.0f)};
    if (b->shape[turn_b] != g->inner)
        return gy_node_fail(node, GY_FORMAT, err, "%zu columns times %zu rows", g->inner,
                            b->shape[turn_b]);
    g->has_c = c != NULL;
    if (c == NULL)
        return GY_OK;
    size_t rows = c->rank == 2 ? c->shape[0] : 1, cols = c->rank == 0 ? 1 : c->shape[c->rank - 1];
    if (c->rank > 2 || (rows != 1 && rows != g->rows) || (cols != 1 && cols != g->cols))
        return gy_node_fail(node, GY_FORMAT, err, "C of %zu × %zu does not fit %zu × %zu", rows,
                            cols, g->rows, g->cols);
    g->c_row = rows == 1 ? 0 : cols;
    g->c_col = cols == 1 ? 0 : 1;
    return GY_OK;
}

static gy_status gemm_infer(gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    gemm g;
    GY_TRY(read_gemm(&g, node, err));
    size_t shape[] = {g.rows, g.cols};
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, 2, err);
}

static gy_status gemm_eval(const gy_node *node, gy_error *err)
{
    gemm g;
    GY_TRY(read_gemm(&g, node, err));
    const float *a = node->inputs[0]->data, *b = node->inputs[1]->data;
    const float *c = g.has_c ? node->inputs[2]->data : NULL;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < g.rows; i++)
        for (size_t j = 0; j < g.cols; j++) {
            float start = c == NULL ? 0.0f : c[i * g.c_row + j * g.c_col];
            start = c == NULL || g.beta == 1.0f ? start : g.beta * start;
            float sum = g.alpha == 1.0f ? start : 0.0f;
            for (size_t k = 0; k < g.inner; k++)
                sum = gy_fmaf(a[i * g.a_row + k * g.a_inner], b[k * g.b_inner + j * g.b_col], sum);
            y[i * g.cols + j] = g.alpha == 1.0f ? sum : gy_fmaf(g.alpha, sum, start);
        }
    return GY_OK;
}

static void emit_start(const gemm *g, const gy_node *node, gy_text *out)
{
    gy_indent(out, 2);
    gy_text_add(out, "const float start = ");
    if (g->has_c && g->beta != 1.0f) {
        gy_emit_float(out, g->beta);
        gy_text_add(out, " * ");
    }
    if (g->has_c)
        gy_text_add(out, "%s[i * %zu + j * %zu];\n", node->inputs[2]->c_name, g->c_row, g->c_col);
    else
        gy_text_add(out, "0.0f;\n");
    gy_indent(out, 2);
    gy_text_add(out, "float sum = %s;\n", g->alpha == 1.0f ? "start" : "0.0f");
}

static void gemm_emit(const gy_node *node, gy_text *out)
{
    gemm g;
    if (read_gemm(&g, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "i", g.rows, 0);
    depth = gy_emit_for(out, "j", g.cols, depth);
    emit_start(&g, node, out);
    if (g.inner > 0) {
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", g.inner);
        gy_indent(out, depth + 1);
        gy_text_add(out, "sum = gy_fmaf(%s[i * %zu + k * %zu], %s[k * %zu + j * %zu], sum);\n",
                    node->inputs[0]->c_name, g.a_row, g.a_inner, node->inputs[1]->c_name, g.b_inner,
                    g.b_col);
    }
    gy_indent(out, depth);
    gy_text_add(out, "%s[i * %zu + j] = ", node->outputs[0]->c_name, g.cols);
    if (g.alpha == 1.0f) {
        gy_text_add(out, "sum;\n");
    } else {
        gy_text_add(out, "gy_fmaf(");
        gy_emit_float(out, g.alpha);
        gy_text_add(out, ", sum, start);\n");
    }
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_gemm = {
    .domain = "",
    .type = "Gemm",
    .opset_min = 7,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = gemm_infer,
    .eval = gemm_eval,
    .emit = gemm_emit,
    .is_kept = true,
};
