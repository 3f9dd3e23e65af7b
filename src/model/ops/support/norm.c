// SPDX-License-Identifier: Apache-2.0
//
// What the normalisations share.

#include "model/ops/support/norm.h"

#include "model/ops/support/lanes.h"
#include "rt/math.h"

static gy_status read_norm(gy_norm *norm, const gy_node *node, gy_error *err)
{
    const gy_norm_kind *kind = node->op->family;
    *norm =
        (gy_norm){.epsilon = gy_node_float(node, "epsilon", 1e-5f), .keeps_mean = kind->keeps_mean};
    return kind->read(norm, node, err);
}

gy_status gy_norm_read_axes(gy_norm *norm, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis;
    GY_TRY(gy_node_axis(&axis, node, gy_node_int(node, "axis", -1), x->rank, false, err));
    norm->rows = norm->count = norm->scale_rows = norm->inner = 1;
    for (size_t i = 0; i < x->rank; i++)
        *(i < axis ? &norm->rows : &norm->count) *= x->shape[i];
    norm->per_row = norm->count;
    return GY_OK;
}

gy_status gy_norm_infer(gy_node *node, gy_error *err)
{
    gy_norm norm;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    GY_TRY(read_norm(&norm, node, err));
    for (size_t i = 1; i < node->input_count; i++)
        if (node->inputs[i] != NULL && node->inputs[i]->count != norm.scale_rows * norm.per_row)
            return gy_node_fail(node, GY_UNSUPPORTED, err, "%zu scales, must be %zu",
                                node->inputs[i]->count, norm.scale_rows * norm.per_row);
    for (size_t i = 1; i < node->output_count; i++)
        if (node->outputs[i] != NULL)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "%s that gives its statistics is not supported", node->op->type);
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

static float mean_of(const float *x, size_t count)
{
    float lane[GY_LANES] = {0};
    for (size_t r = 0; r < count; r++)
        lane[r % GY_LANES] = lane[r % GY_LANES] + x[r];
    return gy_lanes_sum(lane) / (float)count;
}

static float variance_of(const float *x, size_t count, float mean)
{
    float lane[GY_LANES] = {0};
    for (size_t r = 0; r < count; r++) {
        float d = x[r] - mean;
        lane[r % GY_LANES] = gy_fmaf(d, d, lane[r % GY_LANES]);
    }
    return gy_lanes_sum(lane) / (float)count;
}

gy_status gy_norm_eval(const gy_node *node, gy_error *err)
{
    gy_norm norm;
    GY_TRY(read_norm(&norm, node, err));
    if (node->inputs[0]->count == 0)
        return GY_OK;
    const float *scale = node->inputs[1]->data;
    const float *bias = gy_node_input(node, 2) == NULL ? NULL : node->inputs[2]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t row = 0; row < norm.rows; row++) {
        const float *x = (const float *)node->inputs[0]->data + row * norm.count;
        float mean = norm.keeps_mean ? 0.0f : mean_of(x, norm.count);
        float factor = 1.0f / gy_sqrtf(variance_of(x, norm.count, mean) + norm.epsilon);
        for (size_t i = 0; i < norm.count; i++) {
            size_t s = gy_norm_scale(&norm, row, i);
            float even = (x[i] - mean) * factor;
            y[row * norm.count + i] = gy_fmaf(even, scale[s], bias == NULL ? 0.0f : bias[s]);
        }
    }
    return GY_OK;
}

static void emit_moment(gy_text *out, const char *name, const char *value, const gy_norm *norm)
{
    gy_indent(out, 1);
    gy_text_add(out, "float %s;\n    {\n", name);
    gy_lanes_emit(out, norm->count, "", value, 2);
    gy_indent(out, 2);
    gy_text_add(out, "%s = lane[0] / %zu.0f;\n    }\n", name, norm->count);
}

void gy_norm_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *bias = gy_node_input(node, 2);
    gy_norm norm;
    if (read_norm(&norm, node, NULL) != GY_OK || norm.rows == 0 || norm.count == 0)
        return;
    gy_emit_for(out, "row", norm.rows, 0);
    gy_indent(out, 1);
    gy_text_add(out, "const float *x = %s + row * %zu;\n", node->inputs[0]->c_name, norm.count);
    if (norm.keeps_mean)
        gy_text_add(out, "    const float mean = 0.0f;\n");
    else
        emit_moment(out, "mean", "s + x[r]", &norm);
    emit_moment(out, "variance", "gy_fmaf(x[r] - mean, x[r] - mean, s)", &norm);
    gy_indent(out, 1);
    gy_text_add(out, "const float factor = 1.0f / gy_sqrtf(variance + ");
    gy_emit_float(out, norm.epsilon);
    gy_text_add(out, ");\n");
    gy_emit_for(out, "i", norm.count, 1);
    gy_indent(out, 2);
    gy_text_add(out, "const size_t s = row %% %zu * %zu + i / %zu;\n", norm.scale_rows,
                norm.per_row, norm.inner);
    gy_indent(out, 2);
    gy_text_add(out, "%s[row * %zu + i] = gy_fmaf((x[i] - mean) * factor, %s[s], ",
                node->outputs[0]->c_name, norm.count, node->inputs[1]->c_name);
    gy_text_add(out, bias == NULL ? "0.0f);\n" : "%s[s]);\n", bias == NULL ? "" : bias->c_name);
    gy_emit_close(out, 0, 2);
}
