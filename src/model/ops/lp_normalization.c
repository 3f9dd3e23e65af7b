// SPDX-License-Identifier: Apache-2.0
//
// LpNormalization: each row along an axis divided by its length, the sum of absolute values or the
// root of the sum of squares. A row of length 0 stays zeros.

#include <stdio.h>

#include "model/ops/support/pair.h"
#include "model/ops/support/softmax.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

static bool is_absolute(const gy_node *node)
{
    return gy_node_int(node, "p", 2) == 1;
}

static gy_status read_view(gy_axis_view *view, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis;
    GY_TRY(gy_node_axis(&axis, node, gy_node_int(node, "axis", -1), x->rank, false, err));
    gy_axis_view_of(view, x, axis, axis + 1);
    return GY_OK;
}

static gy_status lp_infer(gy_node *node, gy_error *err)
{
    gy_axis_view view;
    int64_t p = gy_node_int(node, "p", 2);
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (p != 1 && p != 2)
        return gy_node_fail(node, GY_FORMAT, err, "p is %lld, not 1 or 2", (long long)p);
    GY_TRY(read_view(&view, node, err));
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

static gy_status lp_eval(const gy_node *node, gy_error *err)
{
    gy_axis_view view;
    GY_TRY(read_view(&view, node, err));
    const float *x = node->inputs[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < view.outer * view.inner && view.count > 0; n++) {
        size_t at = n / view.inner * view.count * view.inner + n % view.inner;
        float lane[GY_LANES] = {0};
        for (size_t r = 0; r < view.count; r++) {
            float value = x[at + r * view.inner], s = lane[r % GY_LANES];
            lane[r % GY_LANES] = is_absolute(node) ? s + gy_fabsf(value) : gy_fmaf(value, value, s);
        }
        float sum = gy_lanes_sum(lane), length = is_absolute(node) ? sum : gy_sqrtf(sum);
        for (size_t r = 0; r < view.count; r++)
            y[at + r * view.inner] = length == 0.0f ? 0.0f : x[at + r * view.inner] / length;
    }
    return GY_OK;
}

static void lp_emit(const gy_node *node, gy_text *out)
{
    gy_axis_view view;
    const char *x = node->inputs[0]->c_name;
    if (read_view(&view, node, NULL) != GY_OK || node->inputs[0]->count == 0)
        return;
    char value[64];
    snprintf(value, sizeof(value), "const float value = x[r * %zu];", view.inner);
    size_t depth = gy_emit_for(out, "n", view.outer * view.inner, 0);
    gy_line(out, depth, "const size_t at = n / %zu * %zu + n %% %zu;", view.inner,
            view.count * view.inner, view.inner);
    gy_line(out, depth, "const float *x = %s + at;", x);
    gy_lanes_emit(out, view.count, value,
                  is_absolute(node) ? "s + gy_fabsf(value)" : "gy_fmaf(value, value, s)", depth);
    gy_line(out, depth, "const float length = %s;",
            is_absolute(node) ? "lane[0]" : "gy_sqrtf(lane[0])");
    gy_line(out, depth, "for (size_t r = 0; r < %zu; r++)", view.count);
    gy_line(out, depth + 1, "%s[at + r * %zu] = length == 0.0f ? 0.0f : x[r * %zu] / length;",
            node->outputs[0]->c_name, view.inner, view.inner);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_lp_normalization = {
    .domain = "",
    .type = "LpNormalization",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = lp_infer,
    .eval = lp_eval,
    .emit = lp_emit,
};
