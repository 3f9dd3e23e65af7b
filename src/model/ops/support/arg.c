// SPDX-License-Identifier: Apache-2.0
//
// What ArgMax and ArgMin share.

#include "model/ops/support/arg.h"

#include "model/ops/support/softmax.h"
#include "model/ops/support/window.h"

static const gy_arg_form *form_of(const gy_node *node)
{
    const gy_arg *arg = node->op->family;
    for (size_t i = 0; i < arg->form_count; i++)
        if (arg->forms[i].dtype == node->inputs[0]->dtype)
            return &arg->forms[i];
    return NULL;
}

static bool takes_last(const gy_node *node)
{
    return gy_node_int(node, "select_last_index", 0) != 0;
}

static gy_status read_axis(size_t *axis, gy_axis_view *view, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_axis(axis, node, gy_node_int(node, "axis", 0), x->rank, false, err));
    gy_axis_view_of(view, x, *axis, *axis + 1);
    return GY_OK;
}

gy_status gy_arg_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    if (form_of(node) == NULL)
        return gy_node_type(node, 0, 0, err);
    size_t axis, shape[GY_RANK_MAX], rank = 0;
    gy_axis_view view;
    GY_TRY(read_axis(&axis, &view, node, err));
    if (view.count == 0)
        return gy_node_fail(node, GY_FORMAT, err, "%s over nothing", node->op->type);
    for (size_t i = 0; i < x->rank; i++)
        if (i != axis)
            shape[rank++] = x->shape[i];
        else if (gy_node_int(node, "keepdims", 1) != 0)
            shape[rank++] = 1;
    return gy_tensor_set(node->outputs[0], GY_INT64, shape, rank, err);
}

gy_status gy_arg_eval(const gy_node *node, gy_error *err)
{
    const gy_arg_form *form = form_of(node);
    size_t axis, size_bytes = gy_dtype_size(form->dtype);
    gy_axis_view view;
    GY_TRY(read_axis(&axis, &view, node, err));
    int64_t *y = (int64_t *)(uintptr_t)node->outputs[0]->data;
    for (size_t o = 0; o < view.outer; o++)
        for (size_t i = 0; i < view.inner; i++) {
            const char *x = (const char *)node->inputs[0]->data +
                            (o * view.count * view.inner + i) * size_bytes;
            size_t best = 0;
            for (size_t r = 1; r < view.count; r++)
                if (form->is_better(x + r * view.inner * size_bytes,
                                    x + best * view.inner * size_bytes, takes_last(node)))
                    best = r;
            y[o * view.inner + i] = (int64_t)best;
        }
    return GY_OK;
}

void gy_arg_emit(const gy_node *node, gy_text *out)
{
    const gy_arg_form *form = form_of(node);
    size_t axis;
    gy_axis_view view;
    if (read_axis(&axis, &view, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    const char *type = gy_dtype_c(form->dtype);
    size_t depth = gy_emit_for(out, "o", view.outer, 0);
    depth = gy_emit_for(out, "i", view.inner, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const %s *from = %s + (o * %zu + i);\n", type, node->inputs[0]->c_name,
                view.count * view.inner);
    gy_indent(out, depth);
    gy_text_add(out, "size_t best = 0;\n");
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t r = 1; r < %zu; r++) {\n", view.count);
    gy_indent(out, depth + 1);
    gy_text_add(out, "const %s x = from[r * %zu], s = from[best * %zu];\n", type, view.inner,
                view.inner);
    gy_indent(out, depth + 1);
    gy_text_add(out, "best = %s ? r : best;\n",
                takes_last(node) ? form->last_text : form->first_text);
    gy_indent(out, depth);
    gy_text_add(out, "}\n");
    gy_indent(out, depth);
    gy_text_add(out, "%s[o * %zu + i] = (int64_t)best;\n", node->outputs[0]->c_name, view.inner);
    gy_emit_close(out, 0, depth);
}
