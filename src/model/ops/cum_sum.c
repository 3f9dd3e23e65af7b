// SPDX-License-Identifier: Apache-2.0
//
// CumSum along an axis, one chain from 0, from either end, with or without the element itself.

#include "model/ops/support/softmax.h"
#include "model/ops/support/window.h"

static gy_status read_axis(gy_axis_view *view, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t *values;
    size_t count, axis;
    GY_TRY(gy_node_int_input(&values, &count, node, 1, err));
    if (count != 1)
        return gy_node_fail(node, GY_FORMAT, err, "%zu axes, must be one", count);
    GY_TRY(gy_node_axis(&axis, node, values[0], x->rank, false, err));
    gy_axis_view_of(view, x, axis, axis + 1);
    return GY_OK;
}

static gy_status cum_sum_infer(gy_node *node, gy_error *err)
{
    gy_axis_view view;
    GY_TRY(gy_node_type(
        node, 0, 1u << GY_FLOAT32 | 1u << GY_FLOAT64 | 1u << GY_INT32 | 1u << GY_INT64, err));
    GY_TRY(read_axis(&view, node, err));
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

#define SUM_OF(name, type, sum_type)                                                          \
    static void name(type *y, const type *x, const gy_axis_view *view, bool back, bool after) \
    {                                                                                         \
        sum_type sum = 0;                                                                     \
        for (size_t r = 0; r < view->count; r++) {                                            \
            size_t at = (back ? view->count - 1 - r : r) * view->inner;                       \
            sum_type before = sum;                                                            \
            sum = sum + (sum_type)x[at];                                                      \
            y[at] = (type)(after ? before : sum);                                             \
        }                                                                                     \
    }
SUM_OF(sum_float, float, float)
SUM_OF(sum_double, double, double)
SUM_OF(sum_int32, int32_t, uint32_t)
SUM_OF(sum_int64, int64_t, uint64_t)

static gy_status cum_sum_eval(const gy_node *node, gy_error *err)
{
    gy_axis_view view;
    GY_TRY(read_axis(&view, node, err));
    const gy_tensor *x = node->inputs[0];
    void *y = (void *)(uintptr_t)node->outputs[0]->data;
    bool back = gy_node_int(node, "reverse", 0) != 0;
    bool after = gy_node_int(node, "exclusive", 0) != 0;
    for (size_t o = 0; x->count > 0 && o < view.outer; o++)
        for (size_t i = 0; i < view.inner; i++) {
            size_t at = o * view.count * view.inner + i;
            if (x->dtype == GY_FLOAT32)
                sum_float((float *)y + at, (const float *)x->data + at, &view, back, after);
            else if (x->dtype == GY_FLOAT64)
                sum_double((double *)y + at, (const double *)x->data + at, &view, back, after);
            else if (x->dtype == GY_INT32)
                sum_int32((int32_t *)y + at, (const int32_t *)x->data + at, &view, back, after);
            else
                sum_int64((int64_t *)y + at, (const int64_t *)x->data + at, &view, back, after);
        }
    return GY_OK;
}

static void cum_sum_emit(const gy_node *node, gy_text *out)
{
    gy_axis_view view;
    const gy_tensor *x = node->inputs[0];
    if (read_axis(&view, node, NULL) != GY_OK || x->count == 0)
        return;
    const char *type = gy_dtype_c(x->dtype);
    const char *sum = x->dtype == GY_INT32 ? "uint32_t" : x->dtype == GY_INT64 ? "uint64_t" : type;
    size_t depth = gy_emit_for(out, "o", view.outer, 0);
    depth = gy_emit_for(out, "i", view.inner, depth);
    gy_indent(out, depth);
    gy_text_add(out, "%s sum = 0;\n", sum);
    size_t inner = gy_emit_for(out, "r", view.count, depth);
    gy_indent(out, inner);
    gy_text_add(out, "const size_t at = (o * %zu + ", view.count);
    if (gy_node_int(node, "reverse", 0) != 0)
        gy_text_add(out, "(%zu - r)) * %zu + i;\n", view.count - 1, view.inner);
    else
        gy_text_add(out, "r) * %zu + i;\n", view.inner);
    bool after = gy_node_int(node, "exclusive", 0) != 0;
    gy_indent(out, inner);
    if (after)
        gy_text_add(out, "%s[at] = (%s)sum;\n", node->outputs[0]->c_name, type);
    else
        gy_text_add(out, "sum = sum + (%s)%s[at];\n", sum, x->c_name);
    gy_indent(out, inner);
    if (after)
        gy_text_add(out, "sum = sum + (%s)%s[at];\n", sum, x->c_name);
    else
        gy_text_add(out, "%s[at] = (%s)sum;\n", node->outputs[0]->c_name, type);
    gy_emit_close(out, 0, inner);
}

const gy_op gy_op_cum_sum = {
    .domain = "",
    .type = "CumSum",
    .opset_min = 11,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = cum_sum_infer,
    .eval = cum_sum_eval,
    .emit = cum_sum_emit,
    .types = "float32 float64 int32 int64",
};
