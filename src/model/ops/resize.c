// SPDX-License-Identifier: Apache-2.0
//
// Resize: nearest, linear or cubic on any axes.
//
// Each axis has a table of the places that an output place reads and one of their weights: 1, 2 or
// 4 taps. An output is one chain of fused multiply-adds from 0 over its taps, the last axis
// innermost; a tap's weight is the product of its axes' weights, from the first axis on.

#include "model/ops/support/resize.h"
#include "rt/math.h"

static gy_status resize_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    gy_resize r;
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    GY_TRY(gy_resize_read(&r, node, err));
    GY_TRY(gy_tensor_set(node->outputs[0], x->dtype, r.out, x->rank, err));
    node->tables = GY_NEW(node->arena, gy_tensor *, 2 * GY_RANK_MAX);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its tables");
    for (size_t i = 0; i < x->rank; i++)
        GY_TRY(gy_resize_tables(node, &r, i, err));
    node->table_count = 2 * x->rank;
    return GY_OK;
}

static size_t taps_of(const gy_node *node, size_t axis)
{
    size_t out = node->outputs[0]->shape[axis];
    return out == 0 ? 1 : node->tables[2 * axis]->count / out;
}

static float resize_one(const gy_node *node, const size_t *index, const gy_loop *taps)
{
    const gy_tensor *x = node->inputs[0];
    float sum = 0.0f;
    gy_walk walk;
    if (!gy_walk_begin(&walk, taps))
        return sum;
    do {
        size_t at = 0;
        float weight = 1.0f;
        for (size_t i = 0; i < x->rank; i++) {
            size_t entry = index[i] * taps->extent[i] + walk.index[i];
            at = at * x->shape[i] + (size_t)((const int32_t *)node->tables[2 * i]->data)[entry];
            if (taps->extent[i] > 1)
                weight = weight * ((const float *)node->tables[2 * i + 1]->data)[entry];
        }
        sum = gy_fmaf(weight, ((const float *)x->data)[at], sum);
    } while (gy_walk_next(&walk));
    return sum;
}

static void make_taps(gy_loop *loop, const gy_node *node)
{
    size_t counts[GY_RANK_MAX] = {0};
    for (size_t i = 0; i < node->inputs[0]->rank; i++)
        counts[i] = taps_of(node, i);
    gy_loop_over(loop, counts, node->inputs[0]->rank);
    loop->letter = 'k';
}

static gy_status resize_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    gy_loop places, taps;
    gy_walk walk;
    gy_loop_over(&places, node->outputs[0]->shape, node->outputs[0]->rank);
    make_taps(&taps, node);
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    if (!gy_walk_begin(&walk, &places))
        return GY_OK;
    do
        y[walk.at[0]] = resize_one(node, walk.index, &taps);
    while (gy_walk_next(&walk));
    return GY_OK;
}

static void emit_tap(const gy_node *node, const gy_loop *taps, size_t depth, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    ptrdiff_t dense[GY_RANK_MAX];
    gy_dense_strides(dense, x->shape, x->rank);
    gy_indent(out, depth);
    gy_text_add(out, "const float weight = 1.0f");
    for (size_t i = 0; i < x->rank; i++)
        if (taps->extent[i] > 1)
            gy_text_add(out, " * %s[i%zu * %zu + k%zu]", node->tables[2 * i + 1]->c_name, i,
                        taps->extent[i], i);
    gy_text_add(out, ";\n");
    gy_indent(out, depth);
    gy_text_add(out, "sum = gy_fmaf(weight, %s[", x->c_name);
    for (size_t i = 0; i < x->rank; i++)
        gy_text_add(out, "%s(size_t)%s[i%zu * %zu + k%zu] * %td", i == 0 ? "" : " + ",
                    node->tables[2 * i]->c_name, i, taps->extent[i], i, dense[i]);
    gy_text_add(out, "], sum);\n");
}

static void resize_emit(const gy_node *node, gy_text *out)
{
    if (node->outputs[0]->count == 0)
        return;
    gy_loop places, taps;
    gy_loop_over(&places, node->outputs[0]->shape, node->outputs[0]->rank);
    make_taps(&taps, node);
    size_t depth = gy_loop_open(out, &places, 0);
    gy_indent(out, depth);
    gy_text_add(out, "float sum = 0.0f;\n");
    size_t inner = gy_loop_open(out, &taps, depth);
    emit_tap(node, &taps, inner, out);
    gy_loop_close(out, depth, inner);
    gy_indent(out, depth);
    gy_text_add(out, "%s[", node->outputs[0]->c_name);
    gy_loop_index(out, &places, 0);
    gy_text_add(out, "] = sum;\n");
    gy_loop_close(out, 0, depth);
}

const gy_op gy_op_resize = {
    .domain = "",
    .type = "Resize",
    .opset_min = 11,
    .inputs_min = 1,
    .inputs_max = 4,
    .outputs_max = 1,
    .infer = resize_infer,
    .eval = resize_eval,
    .emit = resize_emit,
};
