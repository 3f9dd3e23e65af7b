// SPDX-License-Identifier: Apache-2.0
//
// GatherElements: along one axis each output element reads the place that its index names. Indices
// as in Gather.

#include <string.h>

#include "model/ops/support/index.h"
#include "model/ops/support/window.h"

static gy_status read_axis(size_t *axis, const gy_node *node, gy_error *err)
{
    return gy_node_axis(axis, node, gy_node_int(node, "axis", 0), node->inputs[0]->rank, false,
                        err);
}

static gy_status gather_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    size_t axis;
    GY_TRY(read_axis(&axis, node, err));
    GY_TRY(gy_index_check(node, 1, x->shape[axis], err));
    bool fits = indices->rank == x->rank;
    for (size_t i = 0; fits && i < x->rank; i++)
        fits = i == axis || indices->shape[i] <= x->shape[i];
    if (!fits)
        return gy_node_fail(node, GY_FORMAT, err, "indices do not fit the input");
    return gy_tensor_set(node->outputs[0], x->dtype, indices->shape, x->rank, err);
}

// Over the indices; operand 1 is the input without the axis.
static void nest(gy_loop *loop, ptrdiff_t *stride, const gy_node *node, size_t axis)
{
    const gy_tensor *x = node->inputs[0];
    ptrdiff_t dense[GY_RANK_MAX];
    gy_dense_strides(dense, x->shape, x->rank);
    *stride = dense[axis];
    dense[axis] = 0;
    gy_loop_over(loop, node->inputs[1]->shape, x->rank);
    gy_loop_strided(loop, dense, 0);
    gy_loop_simplify(loop);
}

static gy_status gather_eval(const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    size_t axis, size_bytes = gy_dtype_size(x->dtype);
    ptrdiff_t stride;
    GY_TRY(read_axis(&axis, node, err));
    gy_loop loop;
    gy_walk walk;
    nest(&loop, &stride, node, axis);
    if (!gy_walk_begin(&walk, &loop))
        return GY_OK;
    do {
        size_t at = gy_index_at(indices, (size_t)walk.at[0], x->shape[axis]);
        memcpy((char *)(uintptr_t)node->outputs[0]->data + (size_t)walk.at[0] * size_bytes,
               (const char *)x->data + ((size_t)walk.at[1] + at * (size_t)stride) * size_bytes,
               size_bytes);
    } while (gy_walk_next(&walk));
    return GY_OK;
}

static void gather_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis;
    ptrdiff_t stride;
    if (read_axis(&axis, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    gy_loop loop;
    nest(&loop, &stride, node, axis);
    size_t depth = gy_loop_open(out, &loop, 0);
    gy_indent(out, depth);
    gy_text_add(out, "const size_t k = ");
    gy_loop_index(out, &loop, 0);
    gy_text_add(out, ";\n");
    gy_index_emit(out, node->inputs[1], "k", x->shape[axis], depth);
    gy_indent(out, depth);
    gy_text_add(out, "%s[k] = %s[", node->outputs[0]->c_name, x->c_name);
    gy_loop_index(out, &loop, 1);
    gy_text_add(out, " + at * %td];\n", stride);
    gy_loop_close(out, 0, depth);
}

const gy_op gy_op_gather_elements = {
    .domain = "",
    .type = "GatherElements",
    .opset_min = 11,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = gather_infer,
    .eval = gather_eval,
    .emit = gather_emit,
    .types = "all",
};
