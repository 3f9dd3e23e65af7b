// SPDX-License-Identifier: Apache-2.0
//
// Two inputs of bytes, element by element: with a and b less their zero points,
// sum = b × (b_scale / y_scale) + a × (a_scale / y_scale), the first product fused;
// product = a × b × (a_scale × b_scale / y_scale).

#include <stdio.h>
#include <string.h>

#include "model/ops/support/qlinear.h"
#include "rt/math.h"

enum { A, A_SCALE, A_ZERO, B, B_SCALE, B_ZERO, Y_SCALE, Y_ZERO };

static gy_qlinear_kind kind_of(const gy_node *node)
{
    return *(const gy_qlinear_kind *)node->op->family;
}

gy_status gy_qlinear_pair_infer(gy_node *node, gy_error *err)
{
    gy_bytes a, b;
    gy_dtype dtype;
    size_t shape[GY_RANK_MAX];
    GY_TRY(gy_bytes_read(&a, node, A, A_ZERO, err));
    GY_TRY(gy_bytes_read(&b, node, B, B_ZERO, err));
    for (size_t i = A_SCALE; i <= B_SCALE; i += B_SCALE - A_SCALE)
        GY_TRY(gy_qlinear_scales(node, i, 1, err));
    GY_TRY(gy_qlinear_scales(node, Y_SCALE, 1, err));
    GY_TRY(gy_one_or_each(node, A_ZERO, 1, err));
    GY_TRY(gy_one_or_each(node, B_ZERO, 1, err));
    GY_TRY(gy_qlinear_type(&dtype, node, Y_ZERO, err));
    size_t rank = a.x->rank;
    memcpy(shape, a.x->shape, sizeof(shape));
    GY_TRY(gy_broadcast_shape(shape, &rank, node, b.x->shape, b.x->rank, err));
    return gy_tensor_set(node->outputs[0], dtype, shape, rank, err);
}

static void nest(gy_loop *loop, const gy_node *node)
{
    const gy_tensor *y = node->outputs[0];
    gy_loop_over(loop, y->shape, y->rank);
    gy_loop_broadcast(loop, node->inputs[A]);
    gy_loop_broadcast(loop, node->inputs[B]);
    gy_loop_simplify(loop);
}

gy_status gy_qlinear_pair_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    gy_loop loop;
    gy_walk walk;
    nest(&loop, node);
    const gy_tensor *y = node->outputs[0];
    float a_scale = gy_scale_at(node->inputs[A_SCALE], 0);
    float b_scale = gy_scale_at(node->inputs[B_SCALE], 0);
    float y_scale = gy_scale_at(node->inputs[Y_SCALE], 0);
    float y_zero = (float)gy_zero_at(gy_node_input(node, Y_ZERO), 0);
    float a_factor = a_scale / y_scale, b_factor = b_scale / y_scale;
    float factor = a_scale * b_scale / y_scale;
    if (!gy_walk_begin(&walk, &loop))
        return GY_OK;
    do {
        int32_t a = gy_byte_at(node->inputs[A], (size_t)walk.at[1]) -
                    gy_zero_at(gy_node_input(node, A_ZERO), 0);
        int32_t b = gy_byte_at(node->inputs[B], (size_t)walk.at[2]) -
                    gy_zero_at(gy_node_input(node, B_ZERO), 0);
        float value = kind_of(node) == GY_QLINEAR_ADD
                          ? gy_fmaf((float)b, b_factor, (float)a * a_factor)
                          : (float)(a * b) * factor;
        gy_quantize_put(y, (size_t)walk.at[0], value, y_zero);
    } while (gy_walk_next(&walk));
    return GY_OK;
}

static void emit_operand(gy_text *out, const char *name, const gy_node *node, size_t input,
                         const gy_loop *loop, size_t operand, size_t depth)
{
    const gy_tensor *zero = gy_node_input(node, input + 2);
    gy_indent(out, depth);
    gy_text_add(out, "const int32_t %s = %s[", name, node->inputs[input]->c_name);
    gy_loop_index(out, loop, operand);
    gy_text_add(out, zero == NULL ? "];\n" : "] - %s[0];\n", zero == NULL ? "" : zero->c_name);
}

void gy_qlinear_pair_emit(const gy_node *node, gy_text *out)
{
    gy_loop loop;
    const gy_tensor *y = node->outputs[0], *y_zero = gy_node_input(node, Y_ZERO);
    const char *a_scale = node->inputs[A_SCALE]->c_name, *b_scale = node->inputs[B_SCALE]->c_name;
    const char *y_scale = node->inputs[Y_SCALE]->c_name;
    bool is_sum = kind_of(node) == GY_QLINEAR_ADD;
    if (y->count == 0)
        return;
    nest(&loop, node);
    if (is_sum) {
        gy_line(out, 0, "const float a_factor = %s[0] / %s[0];", a_scale, y_scale);
        gy_line(out, 0, "const float b_factor = %s[0] / %s[0];", b_scale, y_scale);
    } else {
        gy_line(out, 0, "const float factor = %s[0] * %s[0] / %s[0];", a_scale, b_scale, y_scale);
    }
    size_t depth = gy_loop_open(out, &loop, 0);
    emit_operand(out, "a", node, A, &loop, 1, depth);
    emit_operand(out, "b", node, B, &loop, 2, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const size_t at = ");
    gy_loop_index(out, &loop, 0);
    gy_text_add(out, ";\n");
    char zero[64] = "0.0f";
    if (y_zero != NULL)
        snprintf(zero, sizeof(zero), "(float)%s[0]", y_zero->c_name);
    gy_quantize_emit_put(out, y, "at",
                         is_sum ? "gy_fmaf((float)b, b_factor, (float)a * a_factor)"
                                : "(float)(a * b) * factor",
                         zero, depth);
    gy_loop_close(out, 0, depth);
}
