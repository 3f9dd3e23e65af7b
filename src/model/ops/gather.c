// SPDX-License-Identifier: Apache-2.0
//
// Gather: slices of an axis, chosen by indices. An index below 0 counts from the end; one that is
// a constant and out of range is refused, one that is not is held within the axis.

#include <string.h>

#include "model/ops/support/index.h"
#include "model/ops/support/softmax.h"
#include "model/ops/support/window.h"

static gy_status read_axis(gy_axis_view *view, size_t *axis, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_axis(axis, node, gy_node_int(node, "axis", 0), x->rank, false, err));
    gy_axis_view_of(view, x, *axis, *axis + 1);
    return GY_OK;
}

static gy_status gather_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    gy_axis_view view;
    size_t axis, shape[GY_RANK_MAX], rank = 0;
    GY_TRY(read_axis(&view, &axis, node, err));
    GY_TRY(gy_index_check(node, 1, view.count, err));
    if (x->rank + indices->rank - 1 > GY_RANK_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "over %d dimensions", GY_RANK_MAX);
    for (size_t i = 0; i < axis; i++)
        shape[rank++] = x->shape[i];
    for (size_t i = 0; i < indices->rank; i++)
        shape[rank++] = indices->shape[i];
    for (size_t i = axis + 1; i < x->rank; i++)
        shape[rank++] = x->shape[i];
    return gy_tensor_set(node->outputs[0], x->dtype, shape, rank, err);
}

static gy_status gather_eval(const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    gy_axis_view view;
    size_t axis, slice_bytes;
    GY_TRY(read_axis(&view, &axis, node, err));
    slice_bytes = view.inner * gy_dtype_size(x->dtype);
    char *y = (char *)(uintptr_t)node->outputs[0]->data;
    if (node->outputs[0]->count == 0)
        return GY_OK;
    for (size_t o = 0; o < view.outer; o++)
        for (size_t k = 0; k < indices->count; k++, y += slice_bytes) {
            size_t at = gy_index_at(indices, k, view.count);
            memcpy(y, (const char *)x->data + (o * view.count + at) * slice_bytes, slice_bytes);
        }
    return GY_OK;
}

static void gather_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *indices = node->inputs[1];
    gy_axis_view view;
    size_t axis;
    if (read_axis(&view, &axis, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "o", view.outer, 0);
    depth = gy_emit_for(out, "k", indices->count, depth);
    gy_index_emit(out, indices, "k", view.count, depth);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", view.inner);
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[(o * %zu + k) * %zu + i] = %s[(o * %zu + at) * %zu + i];\n",
                node->outputs[0]->c_name, indices->count, view.inner, node->inputs[0]->c_name,
                view.count, view.inner);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_gather = {
    .domain = "",
    .type = "Gather",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = gather_infer,
    .eval = gather_eval,
    .emit = gather_emit,
    .types = "all",
};
