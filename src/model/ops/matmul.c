// SPDX-License-Identifier: Apache-2.0
//
// MatMul: as numpy's matmul: the last two axes are matrices, those before them are broadcast; a
// vector is a row on the left and a column on the right. One chain of fused multiply-adds from 0
// over k.

#include <string.h>

#include "model/ops/support/window.h"
#include "rt/math.h"

/** The nest over the matrices: operands Y, A and B, in elements. */
typedef struct matmul {
    size_t rows, cols, inner;
    gy_loop batch;
    size_t shape[GY_RANK_MAX], rank; // of the output
} matmul;

static gy_status read_matmul(matmul *m, const gy_node *node, gy_error *err)
{
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1];
    if (a->rank == 0 || b->rank == 0)
        return gy_node_fail(node, GY_FORMAT, err, "MatMul of a single number");
    *m = (matmul){.rows = a->rank == 1 ? 1 : a->shape[a->rank - 2],
                  .inner = a->shape[a->rank - 1],
                  .cols = b->rank == 1 ? 1 : b->shape[b->rank - 1]};
    size_t b_inner = b->rank == 1 ? b->shape[0] : b->shape[b->rank - 2];
    if (b_inner != m->inner)
        return gy_node_fail(node, GY_FORMAT, err, "%zu columns times %zu rows", m->inner, b_inner);
    // The matrices' axes become one of their size, so that broadcasting sees the rest alone.
    gy_tensor a_rest = {.rank = a->rank < 2 ? 0 : a->rank - 2};
    gy_tensor b_rest = {.rank = b->rank < 2 ? 0 : b->rank - 2};
    memcpy(a_rest.shape, a->shape, a_rest.rank * sizeof(size_t));
    memcpy(b_rest.shape, b->shape, b_rest.rank * sizeof(size_t));
    m->rank = a_rest.rank;
    memcpy(m->shape, a_rest.shape, sizeof(m->shape));
    GY_TRY(gy_broadcast_shape(m->shape, &m->rank, node, b_rest.shape, b_rest.rank, err));
    gy_loop_over(&m->batch, m->shape, m->rank);
    gy_loop_broadcast(&m->batch, &a_rest);
    gy_loop_broadcast(&m->batch, &b_rest);
    size_t sizes[] = {m->rows * m->cols, m->rows * m->inner, m->inner * m->cols};
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < m->rank; i++)
            m->batch.stride[k][i] *= (ptrdiff_t)sizes[k];
    gy_loop_simplify(&m->batch);
    if (m->rank + 2 > GY_RANK_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "over %d dimensions", GY_RANK_MAX);
    if (a->rank > 1)
        m->shape[m->rank++] = m->rows;
    if (b->rank > 1)
        m->shape[m->rank++] = m->cols;
    return GY_OK;
}

static gy_status matmul_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    GY_TRY(gy_node_type(node, 1, 1u << GY_FLOAT32, err));
    matmul m;
    GY_TRY(read_matmul(&m, node, err));
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, m.shape, m.rank, err);
}

static void multiply(float *y, const float *a, const float *b, const matmul *m)
{
    for (size_t i = 0; i < m->rows; i++)
        for (size_t j = 0; j < m->cols; j++) {
            float sum = 0.0f;
            for (size_t k = 0; k < m->inner; k++)
                sum = gy_fmaf(a[i * m->inner + k], b[k * m->cols + j], sum);
            y[i * m->cols + j] = sum;
        }
}

static gy_status matmul_eval(const gy_node *node, gy_error *err)
{
    matmul m;
    GY_TRY(read_matmul(&m, node, err));
    const float *a = node->inputs[0]->data, *b = node->inputs[1]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    gy_walk walk;
    if (gy_walk_begin(&walk, &m.batch))
        do
            multiply(y + walk.at[0], a + walk.at[1], b + walk.at[2], &m);
        while (gy_walk_next(&walk));
    return GY_OK;
}

static void emit_pointer(const char *type, const char *name, const char *tensor,
                         const gy_loop *loop, size_t operand, size_t depth, gy_text *out)
{
    gy_indent(out, depth);
    gy_text_add(out, "%s *%s = %s + (", type, name, tensor);
    gy_loop_index(out, loop, operand);
    gy_text_add(out, ");\n");
}

static void matmul_emit(const gy_node *node, gy_text *out)
{
    matmul m;
    if (read_matmul(&m, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t top = gy_loop_open(out, &m.batch, 0);
    emit_pointer("float", "y", node->outputs[0]->c_name, &m.batch, 0, top, out);
    if (m.inner > 0) {
        emit_pointer("const float", "a", node->inputs[0]->c_name, &m.batch, 1, top, out);
        emit_pointer("const float", "b", node->inputs[1]->c_name, &m.batch, 2, top, out);
    }
    size_t depth = gy_emit_for(out, "i", m.rows, top);
    depth = gy_emit_for(out, "j", m.cols, depth);
    gy_indent(out, depth);
    gy_text_add(out, "float sum = 0.0f;\n");
    if (m.inner > 0) {
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", m.inner);
        gy_indent(out, depth + 1);
        gy_text_add(out, "sum = gy_fmaf(a[i * %zu + k], b[k * %zu + j], sum);\n", m.inner, m.cols);
    }
    gy_indent(out, depth);
    gy_text_add(out, "y[i * %zu + j] = sum;\n", m.cols);
    gy_emit_close(out, top, depth);
    gy_loop_close(out, 0, top);
}

const gy_op gy_op_matmul = {
    .domain = "",
    .type = "MatMul",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = matmul_infer,
    .eval = matmul_eval,
    .emit = matmul_emit,
    .is_kept = true,
};
