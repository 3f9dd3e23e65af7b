// SPDX-License-Identifier: Apache-2.0
//
// What reductions share.

#include "model/ops/support/reduce.h"

#include <stdio.h>
#include <string.h>

#include "model/ops/support/lanes.h"
#include "model/ops/support/shape.h"
#include "model/ops/support/window.h"

static const gy_reduce_form *form_of(const gy_node *node)
{
    const gy_reduce *reduce = node->op->family;
    for (size_t i = 0; i < reduce->form_count; i++)
        if (reduce->forms[i].dtype == node->inputs[0]->dtype)
            return &reduce->forms[i];
    return NULL;
}

// Which axes go. None given: all, unless the node says that this means none.
static gy_status read_axes(uint32_t *axes, const gy_node *node, gy_error *err)
{
    size_t rank = node->inputs[0]->rank;
    bool given;
    GY_TRY(gy_node_axes(axes, &given, node, 1, "axes", rank, err));
    if (*axes == 0 && gy_node_int(node, "noop_with_empty_axes", 0) == 0)
        *axes = (1u << rank) - 1;
    return GY_OK;
}

gy_status gy_reduce_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    if (form_of(node) == NULL)
        return gy_node_type(node, 0, 0, err);
    uint32_t axes;
    GY_TRY(read_axes(&axes, node, err));
    bool keeps = gy_node_int(node, "keepdims", 1) != 0;
    size_t shape[GY_RANK_MAX], rank = 0;
    for (size_t i = 0; i < x->rank; i++)
        if ((axes >> i & 1) == 0)
            shape[rank++] = x->shape[i];
        else if (keeps)
            shape[rank++] = 1;
    return gy_tensor_set(node->outputs[0], x->dtype, shape, rank, err);
}

gy_status gy_reduce_nests(gy_loop *kept, gy_loop *reduced, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    uint32_t axes;
    GY_TRY(read_axes(&axes, node, err));
    ptrdiff_t dense[GY_RANK_MAX], strides[2][GY_RANK_MAX] = {{0}};
    size_t shape[2][GY_RANK_MAX], rank[2] = {0};
    gy_dense_strides(dense, x->shape, x->rank);
    for (size_t i = 0; i < x->rank; i++) {
        size_t which = axes >> i & 1;
        strides[which][rank[which]] = dense[i];
        shape[which][rank[which]++] = x->shape[i];
    }
    gy_loop_over(kept, shape[0], rank[0]);
    gy_loop_strided(kept, strides[0], 0);
    gy_loop_over(reduced, shape[1], rank[1]);
    gy_loop_strided(reduced, strides[1], 0);
    gy_loop_simplify(kept);
    gy_loop_simplify(reduced);
    reduced->letter = 'j';
    return GY_OK;
}

static size_t turns(const gy_loop *loop)
{
    size_t count = 1;
    for (size_t i = 0; i < loop->rank; i++)
        count *= loop->extent[i];
    return count;
}

// The greatest element; 0 where it is not finite, so that the difference makes no NaN.
static float greatest(const gy_loop *loop, const float *x)
{
    float most = gy_bits_float(0xff800000u);
    gy_walk walk;
    if (gy_walk_begin(&walk, loop))
        do
            most = x[walk.at[1]] > most ? x[walk.at[1]] : most;
        while (gy_walk_next(&walk));
    return most >= -FLT_MAX && most <= FLT_MAX ? most : 0.0f;
}

static void reduce_one(void *y, const char *x, const gy_reduce_form *form, const gy_loop *reduced,
                       bool shifts)
{
    uint64_t lane[GY_LANES]; // of any type
    size_t size_bytes = gy_dtype_size(form->dtype), r = 0;
    float m = shifts ? greatest(reduced, (const float *)(const void *)x) : 0.0f;
    for (size_t l = 0; l < GY_LANES; l++)
        form->start(&lane[l]);
    gy_walk walk;
    if (gy_walk_begin(&walk, reduced))
        do
            form->step(&lane[r++ % GY_LANES], x + (size_t)walk.at[1] * size_bytes, m);
        while (gy_walk_next(&walk));
    for (size_t half = GY_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            form->merge(&lane[l], &lane[l + half]);
    form->finish(y, &lane[0], (float)turns(reduced), m);
}

gy_status gy_reduce_eval(const gy_node *node, gy_error *err)
{
    const gy_reduce *reduce = node->op->family;
    const gy_reduce_form *form = form_of(node);
    gy_loop kept, reduced;
    GY_TRY(gy_reduce_nests(&kept, &reduced, node, err));
    size_t size_bytes = gy_dtype_size(form->dtype);
    gy_walk walk;
    if (!gy_walk_begin(&walk, &kept))
        return GY_OK;
    do
        reduce_one((char *)(uintptr_t)node->outputs[0]->data + (size_t)walk.at[0] * size_bytes,
                   (const char *)node->inputs[0]->data + (size_t)walk.at[1] * size_bytes, form,
                   &reduced, reduce->shifts);
    while (gy_walk_next(&walk));
    return GY_OK;
}

static void emit_step(const gy_reduce_form *form, const char *from, size_t lanes, size_t stride,
                      size_t depth, gy_text *out)
{
    const char *type = gy_dtype_c(form->dtype);
    size_t inner = gy_emit_for(out, "l", lanes, depth);
    gy_indent(out, inner);
    gy_text_add(out, "const %s x = from[(%s + l) * %zu], s = lane[l];\n", type, from, stride);
    gy_indent(out, inner);
    gy_text_add(out, "lane[l] = (%s)(%s);\n", type, form->step_text);
    gy_emit_close(out, depth, inner);
}

// A nest of one loop is cut into sixteens, which compilers turn into vectors; others count.
static void emit_steps(const gy_reduce_form *form, const gy_loop *reduced, size_t depth,
                       gy_text *out)
{
    const char *type = gy_dtype_c(form->dtype);
    size_t count = turns(reduced), whole = count / GY_LANES * GY_LANES;
    if (reduced->rank <= 1) {
        size_t stride = reduced->rank == 0 ? 1 : (size_t)reduced->stride[1][0];
        char from[24];
        snprintf(from, sizeof(from), "%zu", whole);
        if (whole > 0) {
            gy_indent(out, depth);
            gy_text_add(out, "for (size_t r = 0; r < %zu; r += 16)\n", whole);
            emit_step(form, "r", GY_LANES, stride, depth + 1, out);
        }
        if (count > whole)
            emit_step(form, from, count - whole, stride, depth, out);
        return;
    }
    gy_indent(out, depth);
    gy_text_add(out, "size_t r = 0;\n");
    size_t inner = gy_loop_open(out, reduced, depth);
    gy_indent(out, inner);
    gy_text_add(out, "const %s x = from[", type);
    gy_loop_index(out, reduced, 1);
    gy_text_add(out, "], s = lane[r %% 16];\n");
    gy_indent(out, inner);
    gy_text_add(out, "lane[r++ %% 16] = (%s)(%s);\n", type, form->step_text);
    gy_loop_close(out, depth, inner);
}

static void emit_shift(const gy_loop *reduced, size_t depth, gy_text *out)
{
    gy_indent(out, depth);
    gy_text_add(out, "float m = gy_bits_float(0xff800000u);\n");
    size_t inner = gy_loop_open(out, reduced, depth);
    gy_indent(out, inner);
    gy_text_add(out, "const float x = from[");
    gy_loop_index(out, reduced, 1);
    gy_text_add(out, "];\n");
    gy_indent(out, inner);
    gy_text_add(out, "m = x > m ? x : m;\n");
    gy_loop_close(out, depth, inner);
    gy_indent(out, depth);
    gy_text_add(out, "m = m >= -3.40282347e+38f && m <= 3.40282347e+38f ? m : 0.0f;\n");
}

static void emit_merge(const gy_reduce_form *form, size_t depth, gy_text *out)
{
    const char *type = gy_dtype_c(form->dtype);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t half = 8; half > 0; half /= 2)\n");
    gy_indent(out, depth + 1);
    gy_text_add(out, "for (size_t l = 0; l < half; l++) {\n");
    gy_indent(out, depth + 2);
    gy_text_add(out, "const %s s = lane[l], t = lane[l + half];\n", type);
    gy_indent(out, depth + 2);
    gy_text_add(out, "lane[l] = (%s)(%s);\n", type, form->merge_text);
    gy_emit_close(out, depth + 1, depth + 2);
}

void gy_reduce_emit(const gy_node *node, gy_text *out)
{
    const gy_reduce *reduce = node->op->family;
    const gy_reduce_form *form = form_of(node);
    gy_loop kept, reduced;
    if (gy_reduce_nests(&kept, &reduced, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    const char *type = gy_dtype_c(form->dtype);
    bool is_empty = turns(&reduced) == 0;
    size_t depth = gy_loop_open(out, &kept, 0);
    if (!is_empty) {
        gy_indent(out, depth);
        gy_text_add(out, "const %s *from = %s + (", type, node->inputs[0]->c_name);
        gy_loop_index(out, &kept, 1);
        gy_text_add(out, ");\n");
        if (reduce->shifts)
            emit_shift(&reduced, depth, out);
    } else if (reduce->shifts) {
        gy_indent(out, depth);
        gy_text_add(out, "const float m = 0.0f;\n");
    }
    gy_indent(out, depth);
    gy_text_add(out, "%s lane[16];\n", type);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t l = 0; l < 16; l++)\n");
    gy_indent(out, depth + 1);
    gy_text_add(out, "lane[l] = %s;\n", form->start_text);
    if (!is_empty)
        emit_steps(form, &reduced, depth, out);
    emit_merge(form, depth, out);
    gy_indent(out, depth);
    gy_text_add(out, "const %s s = lane[0];\n", type);
    if (strchr(form->finish_text, '/') != NULL) { // by the count
        gy_indent(out, depth);
        gy_text_add(out, "const float n = %zu.0f;\n", turns(&reduced));
    }
    gy_indent(out, depth);
    gy_text_add(out, "%s[", node->outputs[0]->c_name);
    gy_loop_index(out, &kept, 0);
    gy_text_add(out, "] = (%s)(%s);\n", type, form->finish_text);
    gy_loop_close(out, 0, depth);
}
