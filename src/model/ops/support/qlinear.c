// SPDX-License-Identifier: Apache-2.0
//
// From exact sums back to bytes.

#include "model/ops/support/qlinear.h"

#include <stdio.h>

gy_status gy_qlinear_scales(const gy_node *node, size_t i, size_t count, gy_error *err)
{
    if (gy_node_input(node, i) == NULL)
        return GY_OK;
    GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    return gy_one_or_each(node, i, count, err);
}

gy_status gy_qlinear_type(gy_dtype *dtype, const gy_node *node, size_t i, gy_error *err)
{
    *dtype = GY_UINT8;
    if (gy_node_input(node, i) == NULL)
        return GY_OK;
    GY_TRY(gy_node_type(node, i, GY_BYTES, err));
    *dtype = node->inputs[i]->dtype;
    return gy_one_or_each(node, i, 1, err);
}

void gy_qlinear_put(const gy_qlinear *q, size_t i, int32_t sum, size_t k)
{
    float factor = gy_scale_at(q->x_scale, 0);
    factor = q->alpha == 0.0f ? factor : q->alpha * factor;
    factor = q->w_scale == NULL ? factor : factor * gy_scale_at(q->w_scale, k);
    factor = q->y_scale == NULL ? factor : factor / gy_scale_at(q->y_scale, 0);
    if (q->y->dtype == GY_FLOAT32)
        ((float *)(uintptr_t)q->y->data)[i] = (float)sum * factor;
    else
        gy_quantize_put(q->y, i, (float)sum * factor, (float)gy_zero_at(q->y_zero, 0));
}

void gy_qlinear_emit_put(gy_text *out, const gy_qlinear *q, const char *k, size_t depth)
{
    gy_line(out, depth, "float factor = %s[0];", q->x_scale->c_name);
    if (q->alpha != 0.0f) {
        gy_indent(out, depth);
        gy_text_add(out, "factor = ");
        gy_emit_float(out, q->alpha);
        gy_text_add(out, " * factor;\n");
    }
    if (q->w_scale != NULL)
        gy_line(out, depth, "factor = factor * %s[%s];", q->w_scale->c_name,
                q->w_scale->count == 1 ? "0" : k);
    if (q->y_scale != NULL)
        gy_line(out, depth, "factor = factor / %s[0];", q->y_scale->c_name);
    if (q->y->dtype == GY_FLOAT32) {
        gy_line(out, depth, "%s[at] = (float)(int32_t)sum * factor;", q->y->c_name);
        return;
    }
    char zero[64] = "0.0f";
    if (q->y_zero != NULL)
        snprintf(zero, sizeof(zero), "(float)%s[0]", q->y_zero->c_name);
    gy_quantize_emit_put(out, q->y, "at", "(float)(int32_t)sum * factor", zero, depth);
}
