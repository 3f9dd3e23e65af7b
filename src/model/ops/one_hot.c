// SPDX-License-Identifier: Apache-2.0
//
// OneHot: on a new axis, one value at the place of each index, another elsewhere. An index below 0
// counts from the end; one out of range marks nothing.

#include <string.h>

#include "model/ops/support/window.h"

static gy_status read_depth(size_t *depth, size_t *axis, const gy_node *node, gy_error *err)
{
    int64_t *values;
    size_t count, rank = node->inputs[0]->rank;
    GY_TRY(gy_node_int_input(&values, &count, node, 1, err));
    if (count != 1 || values[0] < 1 || values[0] > INT32_MAX || rank == GY_RANK_MAX)
        return gy_node_fail(node, GY_FORMAT, err, "%zu depths of a value of %zu dimensions", count,
                            rank);
    *depth = (size_t)values[0];
    return gy_node_axis(axis, node, gy_node_int(node, "axis", -1), rank + 1, false, err);
}

static gy_status one_hot_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *values = node->inputs[2];
    size_t depth, axis, shape[GY_RANK_MAX], from = 0;
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32 | 1u << GY_INT32 | 1u << GY_INT64, err));
    GY_TRY(read_depth(&depth, &axis, node, err));
    if (values->count != 2 || values->dtype == GY_STRING)
        return gy_node_fail(node, GY_FORMAT, err, "%zu values, must be two", values->count);
    for (size_t i = 0; i <= x->rank; i++)
        shape[i] = i == axis ? depth : x->shape[from++];
    return gy_tensor_set(node->outputs[0], values->dtype, shape, x->rank + 1, err);
}

static size_t inner_of(const gy_node *node, size_t axis)
{
    size_t inner = 1;
    for (size_t i = axis; i < node->inputs[0]->rank; i++)
        inner *= node->inputs[0]->shape[i];
    return inner;
}

static gy_status one_hot_eval(const gy_node *node, gy_error *err)
{
    size_t depth, axis;
    GY_TRY(read_depth(&depth, &axis, node, err));
    const gy_tensor *x = node->inputs[0], *values = node->inputs[2];
    size_t size_bytes = gy_dtype_size(values->dtype), inner = inner_of(node, axis);
    char *y = (char *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < x->count; i++) {
        int64_t index = gy_tensor_int_at(x, i);
        int64_t at = index < 0 ? index + (int64_t)depth : index;
        for (size_t d = 0; d < depth; d++)
            memcpy(y + ((i / inner * depth + d) * inner + i % inner) * size_bytes,
                   (const char *)values->data + ((int64_t)d == at ? size_bytes : 0), size_bytes);
    }
    return GY_OK;
}

static void one_hot_emit(const gy_node *node, gy_text *out)
{
    size_t depth, axis;
    if (read_depth(&depth, &axis, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    const gy_tensor *x = node->inputs[0];
    size_t inner = inner_of(node, axis);
    size_t level = gy_emit_for(out, "i", x->count, 0);
    gy_indent(out, level);
    if (x->dtype == GY_FLOAT32)
        gy_text_add(out,
                    "const int64_t index = %s[i] > -4e18f && %s[i] < 4e18f ? (int64_t)%s[i] : 0;\n",
                    x->c_name, x->c_name, x->c_name);
    else
        gy_text_add(out, "const int64_t index = %s[i];\n", x->c_name);
    gy_indent(out, level);
    gy_text_add(out, "const int64_t at = index < 0 ? index + %zu : index;\n", depth);
    gy_indent(out, level);
    gy_text_add(out, "for (size_t d = 0; d < %zu; d++)\n", depth);
    gy_indent(out, level + 1);
    gy_text_add(out, "%s[(i / %zu * %zu + d) * %zu + i %% %zu] = %s[(int64_t)d == at ? 1 : 0];\n",
                node->outputs[0]->c_name, inner, depth, inner, inner, node->inputs[2]->c_name);
    gy_emit_close(out, 0, level);
}

const gy_op gy_op_one_hot = {
    .domain = "",
    .type = "OneHot",
    .opset_min = 9,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = one_hot_infer,
    .eval = one_hot_eval,
    .emit = one_hot_emit,
    .types = "indices float32 int32 int64; values all",
};
