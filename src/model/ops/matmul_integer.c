// SPDX-License-Identifier: Apache-2.0
//
// MatMulInteger: int8 or uint8 matrices less their zero points, exact sums of int32.

#include <string.h>

#include "model/ops/support/window.h"

/** Sizes; one zero point for all of a side, or one a row of A, a column of B. */
typedef struct product {
    size_t batch, rows, cols, inner;
    bool shares_b; // B is one matrix for all of A's
} product;

static gy_status read_product(product *p, const gy_node *node, gy_error *err)
{
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1];
    if (a->rank < 2 || b->rank < 2 || (b->rank != 2 && b->rank != a->rank))
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s of %zu and %zu dimensions",
                            node->op->type, a->rank, b->rank);
    *p = (product){.batch = 1,
                   .rows = a->shape[a->rank - 2],
                   .inner = a->shape[a->rank - 1],
                   .cols = b->shape[b->rank - 1],
                   .shares_b = b->rank == 2};
    for (size_t i = 0; i + 2 < a->rank; i++) {
        if (!p->shares_b && a->shape[i] != b->shape[i])
            return gy_node_fail(node, GY_UNSUPPORTED, err, "%s that broadcasts is not supported",
                                node->op->type);
        p->batch *= a->shape[i];
    }
    if (b->shape[b->rank - 2] != p->inner)
        return gy_node_fail(node, GY_FORMAT, err, "%zu columns times %zu rows", p->inner,
                            b->shape[b->rank - 2]);
    return GY_OK;
}

static gy_status integer_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *a = node->inputs[0];
    product p;
    for (size_t i = 0; i < 2; i++)
        GY_TRY(gy_node_type(node, i, 1u << GY_INT8 | 1u << GY_UINT8, err));
    GY_TRY(read_product(&p, node, err));
    for (size_t i = 2; i < 4; i++) {
        const gy_tensor *zero = gy_node_input(node, i);
        if (zero == NULL)
            continue;
        GY_TRY(gy_node_type(node, i, 1u << node->inputs[i - 2]->dtype, err));
        if (zero->count != 1 && zero->count != (i == 2 ? p.rows : p.cols))
            return gy_node_fail(node, GY_FORMAT, err, "%zu zero points", zero->count);
    }
    size_t shape[GY_RANK_MAX];
    memcpy(shape, a->shape, sizeof(shape));
    shape[a->rank - 1] = p.cols;
    return gy_tensor_set(node->outputs[0], GY_INT32, shape, a->rank, err);
}

static int32_t zero_at(const gy_node *node, size_t i, size_t k)
{
    const gy_tensor *zero = gy_node_input(node, i);
    return zero == NULL ? 0 : (int32_t)gy_tensor_int_at(zero, zero->count == 1 ? 0 : k);
}

static gy_status integer_eval(const gy_node *node, gy_error *err)
{
    product p;
    GY_TRY(read_product(&p, node, err));
    int32_t *y = (int32_t *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < p.batch; n++)
        for (size_t i = 0; i < p.rows; i++)
            for (size_t j = 0; j < p.cols; j++) {
                uint32_t sum = 0; // wraps around where int32 would overflow
                for (size_t k = 0; k < p.inner; k++) {
                    size_t at = ((p.shares_b ? 0 : n) * p.inner + k) * p.cols + j;
                    int32_t a =
                        (int32_t)gy_tensor_int_at(node->inputs[0], (n * p.rows + i) * p.inner + k);
                    int32_t b = (int32_t)gy_tensor_int_at(node->inputs[1], at);
                    sum += (uint32_t)((a - zero_at(node, 2, i)) * (b - zero_at(node, 3, j)));
                }
                *y++ = (int32_t)sum;
            }
    return GY_OK;
}

static void emit_zero(const gy_node *node, size_t i, const char *name, const char *index,
                      size_t depth, gy_text *out)
{
    const gy_tensor *zero = gy_node_input(node, i);
    gy_indent(out, depth);
    if (zero == NULL)
        gy_text_add(out, "const int32_t %s = 0;\n", name);
    else
        gy_text_add(out, "const int32_t %s = %s[%s];\n", name, zero->c_name,
                    zero->count == 1 ? "0" : index);
}

static void integer_emit(const gy_node *node, gy_text *out)
{
    product p;
    if (read_product(&p, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", p.batch, 0);
    depth = gy_emit_for(out, "i", p.rows, depth);
    depth = gy_emit_for(out, "j", p.cols, depth);
    emit_zero(node, 2, "a_zero", "i", depth, out);
    emit_zero(node, 3, "b_zero", "j", depth, out);
    gy_indent(out, depth);
    gy_text_add(out, "uint32_t sum = 0;\n");
    if (p.inner > 0) {
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", p.inner);
        gy_indent(out, depth + 1);
        gy_text_add(out,
                    "sum += (uint32_t)((%s[(n * %zu + i) * %zu + k] - a_zero) * (%s[(%s * %zu + k) "
                    "* %zu + j] - b_zero));\n",
                    node->inputs[0]->c_name, p.rows, p.inner, node->inputs[1]->c_name,
                    p.shares_b ? "0" : "n", p.inner, p.cols);
    }
    gy_indent(out, depth);
    gy_text_add(out, "%s[(n * %zu + i) * %zu + j] = (int32_t)sum;\n", node->outputs[0]->c_name,
                p.rows, p.cols);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_matmul_integer = {
    .domain = "",
    .type = "MatMulInteger",
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
