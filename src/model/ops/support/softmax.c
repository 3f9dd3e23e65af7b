// SPDX-License-Identifier: Apache-2.0
//
// Softmax: y = e^(x - max) / sum; its logarithm: y = (x - max) - log(sum).

#include "model/ops/support/softmax.h"

#include <stdio.h>

#include "model/ops/support/lanes.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

void gy_axis_view_of(gy_axis_view *view, const gy_tensor *x, size_t axis, size_t end)
{
    *view = (gy_axis_view){1, 1, 1};
    for (size_t i = 0; i < x->rank; i++) {
        size_t *size = i < axis ? &view->outer : i < end ? &view->count : &view->inner;
        *size *= x->shape[i];
    }
}

gy_status gy_softmax_view(gy_axis_view *view, const gy_node *node, gy_error *err)
{
    const gy_softmax *softmax = node->op->family;
    const gy_tensor *x = node->inputs[0];
    size_t axis;
    int64_t given = gy_node_int(node, "axis", softmax->is_flat ? 1 : -1);
    if (softmax->is_flat && given == (int64_t)x->rank) {
        *view = (gy_axis_view){x->count, 1, 1};
        return GY_OK;
    }
    GY_TRY(gy_node_axis(&axis, node, given, x->rank, false, err));
    gy_axis_view_of(view, x, axis, softmax->is_flat ? x->rank : axis + 1);
    return GY_OK;
}

gy_status gy_softmax_infer(gy_node *node, gy_error *err)
{
    gy_axis_view view;
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    GY_TRY(gy_softmax_view(&view, node, err));
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

static void one_row(float *y, const float *x, const gy_axis_view *view, bool is_log)
{
    float most = x[0], lane[GY_LANES] = {0};
    for (size_t r = 1; r < view->count; r++) {
        float value = x[r * view->inner];
        most = value > most || value != value ? value : most;
    }
    for (size_t r = 0; r < view->count; r++) {
        float power = gy_expf(x[r * view->inner] - most);
        lane[r % GY_LANES] += power;
        y[r * view->inner] = is_log ? x[r * view->inner] - most : power;
    }
    float sum = gy_lanes_sum(lane), log_sum = gy_logf(sum);
    for (size_t r = 0; r < view->count; r++) {
        float *at = &y[r * view->inner];
        *at = is_log ? *at - log_sum : *at / sum;
    }
}

gy_status gy_softmax_eval(const gy_node *node, gy_error *err)
{
    const gy_softmax *softmax = node->op->family;
    gy_axis_view view;
    GY_TRY(gy_softmax_view(&view, node, err));
    const float *x = node->inputs[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    if (node->inputs[0]->count == 0)
        return GY_OK;
    for (size_t o = 0; o < view.outer; o++)
        for (size_t i = 0; i < view.inner; i++) {
            size_t at = o * view.count * view.inner + i;
            one_row(y + at, x + at, &view, softmax->is_log);
        }
    return GY_OK;
}

static void emit_pointers(const gy_node *node, const gy_axis_view *view, size_t depth, gy_text *out)
{
    gy_indent(out, depth);
    gy_text_add(out, "const float *x = %s + (o * %zu + i);\n", node->inputs[0]->c_name,
                view->count * view->inner);
    gy_indent(out, depth);
    gy_text_add(out, "float *y = %s + (o * %zu + i);\n", node->outputs[0]->c_name,
                view->count * view->inner);
    gy_indent(out, depth);
    gy_text_add(out, "float most = x[0];\n");
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t r = 1; r < %zu; r++)\n", view->count);
    gy_indent(out, depth + 1);
    gy_text_add(out, "most = x[r * %zu] > most || x[r * %zu] != x[r * %zu] ? x[r * %zu] : most;\n",
                view->inner, view->inner, view->inner, view->inner);
}

void gy_softmax_emit(const gy_node *node, gy_text *out)
{
    const gy_softmax *softmax = node->op->family;
    gy_axis_view view;
    if (gy_softmax_view(&view, node, NULL) != GY_OK || node->inputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "o", view.outer, 0);
    depth = gy_emit_for(out, "i", view.inner, depth);
    emit_pointers(node, &view, depth, out);
    char prepare[160];
    snprintf(prepare, sizeof(prepare),
             "const float d = x[r * %zu] - most, power = gy_expf(d); y[r * %zu] = %s;", view.inner,
             view.inner, softmax->is_log ? "d" : "power");
    gy_lanes_emit(out, view.count, prepare, "s + power", depth);
    gy_indent(out, depth);
    gy_text_add(out, "const float sum = %s;\n", softmax->is_log ? "gy_logf(lane[0])" : "lane[0]");
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t r = 0; r < %zu; r++)\n", view.count);
    gy_indent(out, depth + 1);
    gy_text_add(out, "y[r * %zu] = y[r * %zu] %c sum;\n", view.inner, view.inner,
                softmax->is_log ? '-' : '/');
    gy_emit_close(out, 0, depth);
}
