// SPDX-License-Identifier: Apache-2.0
//
// TopK: the k greatest (or least) along an axis, best first, equal ones by place. NaN counts as
// neither greater nor less.

#include <string.h>

#include "model/ops/support/softmax.h"
#include "model/ops/support/window.h"

/** The axis, how many, and which way. */
typedef struct top {
    gy_axis_view view;
    size_t k, axis;
    bool largest;
} top;

static gy_status read_top(top *t, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t *values, k = gy_node_int(node, "k", -1);
    size_t count;
    GY_TRY(gy_node_int_input(&values, &count, node, 1, err));
    k = count == 1 ? values[0] : k;
    GY_TRY(gy_node_axis(&t->axis, node, gy_node_int(node, "axis", -1), x->rank, false, err));
    gy_axis_view_of(&t->view, x, t->axis, t->axis + 1);
    if (k < 0 || (uint64_t)k > t->view.count)
        return gy_node_fail(node, GY_FORMAT, err, "the best %lld of %zu", (long long)k,
                            t->view.count);
    t->k = (size_t)k;
    t->largest = gy_node_int(node, "largest", 1) != 0;
    return GY_OK;
}

static gy_status top_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    top t;
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32 | 1u << GY_INT32 | 1u << GY_INT64, err));
    GY_TRY(read_top(&t, node, err));
    if (node->output_count != 2 || node->outputs[0] == NULL || node->outputs[1] == NULL)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "TopK without one of its outputs");
    size_t shape[GY_RANK_MAX];
    memcpy(shape, x->shape, sizeof(shape));
    shape[t.axis] = t.k;
    GY_TRY(gy_tensor_set(node->outputs[0], x->dtype, shape, x->rank, err));
    return gy_tensor_set(node->outputs[1], GY_INT64, shape, x->rank, err);
}

// Each new element goes in before the first that is worse; what falls off the end is gone.
#define TOP_OF(name, type)                                                                     \
    static void name(type *y, int64_t *place, const type *x, const top *t)                     \
    {                                                                                          \
        size_t inner = t->view.inner, kept = 0;                                                \
        for (size_t r = 0; r < t->view.count; r++) {                                           \
            type value = x[r * inner];                                                         \
            size_t at = kept;                                                                  \
            while (at > 0 &&                                                                   \
                   (t->largest ? value > y[(at - 1) * inner] : value < y[(at - 1) * inner])) { \
                at--;                                                                          \
                if (at + 1 < t->k) {                                                           \
                    y[(at + 1) * inner] = y[at * inner];                                       \
                    place[(at + 1) * inner] = place[at * inner];                               \
                }                                                                              \
            }                                                                                  \
            if (at < t->k) {                                                                   \
                y[at * inner] = value;                                                         \
                place[at * inner] = (int64_t)r;                                                \
                kept += kept < t->k;                                                           \
            }                                                                                  \
        }                                                                                      \
    }
TOP_OF(top_float, float)
TOP_OF(top_int32, int32_t)
TOP_OF(top_int64, int64_t)

static gy_status top_eval(const gy_node *node, gy_error *err)
{
    top t;
    GY_TRY(read_top(&t, node, err));
    const gy_tensor *x = node->inputs[0];
    void *y = (void *)(uintptr_t)node->outputs[0]->data;
    int64_t *places = (int64_t *)(uintptr_t)node->outputs[1]->data;
    if (node->outputs[0]->count == 0)
        return GY_OK;
    for (size_t o = 0; o < t.view.outer; o++)
        for (size_t i = 0; i < t.view.inner; i++) {
            size_t from = o * t.view.count * t.view.inner + i, to = o * t.k * t.view.inner + i;
            if (x->dtype == GY_FLOAT32)
                top_float((float *)y + to, places + to, (const float *)x->data + from, &t);
            else if (x->dtype == GY_INT32)
                top_int32((int32_t *)y + to, places + to, (const int32_t *)x->data + from, &t);
            else
                top_int64((int64_t *)y + to, places + to, (const int64_t *)x->data + from, &t);
        }
    return GY_OK;
}

static void line(gy_text *out, size_t depth, const char *text)
{
    gy_indent(out, depth);
    gy_text_add(out, "%s\n", text);
}

static void emit_insert(const top *t, size_t depth, gy_text *out)
{
    size_t inner = t->view.inner;
    gy_indent(out, depth);
    gy_text_add(out, "while (at > 0 && value %c y[(at - 1) * %zu]) {\n", t->largest ? '>' : '<',
                inner);
    line(out, depth + 1, "at--;");
    gy_indent(out, depth + 1);
    gy_text_add(out, "if (at + 1 < %zu) {\n", t->k);
    gy_indent(out, depth + 2);
    gy_text_add(out, "y[(at + 1) * %zu] = y[at * %zu];\n", inner, inner);
    gy_indent(out, depth + 2);
    gy_text_add(out, "place[(at + 1) * %zu] = place[at * %zu];\n", inner, inner);
    gy_emit_close(out, depth, depth + 2);
    gy_indent(out, depth);
    gy_text_add(out, "if (at < %zu) {\n", t->k);
    gy_indent(out, depth + 1);
    gy_text_add(out, "y[at * %zu] = value;\n", inner);
    gy_indent(out, depth + 1);
    gy_text_add(out, "place[at * %zu] = (int64_t)r;\n", inner);
    gy_indent(out, depth + 1);
    gy_text_add(out, "kept += kept < %zu ? 1 : 0;\n", t->k);
    line(out, depth, "}");
}

static void top_emit(const gy_node *node, gy_text *out)
{
    top t;
    if (read_top(&t, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    const char *type = gy_dtype_c(node->inputs[0]->dtype);
    size_t inner = t.view.inner;
    size_t depth = gy_emit_for(out, "o", t.view.outer, 0);
    depth = gy_emit_for(out, "i", inner, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const %s *x = %s + (o * %zu + i);\n", type, node->inputs[0]->c_name,
                t.view.count * inner);
    gy_indent(out, depth);
    gy_text_add(out, "%s *y = %s + (o * %zu + i);\n", type, node->outputs[0]->c_name, t.k * inner);
    gy_indent(out, depth);
    gy_text_add(out, "int64_t *place = %s + (o * %zu + i);\n", node->outputs[1]->c_name,
                t.k * inner);
    line(out, depth, "size_t kept = 0;");
    size_t each = gy_emit_for(out, "r", t.view.count, depth);
    gy_indent(out, each);
    gy_text_add(out, "const %s value = x[r * %zu];\n", type, inner);
    line(out, each, "size_t at = kept;");
    emit_insert(&t, each, out);
    gy_emit_close(out, 0, each);
}

const gy_op gy_op_top_k = {
    .domain = "",
    .type = "TopK",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = 2,
    .infer = top_infer,
    .eval = top_eval,
    .emit = top_emit,
    .is_kept = true,
    .types = "float32 int32 int64",
};
