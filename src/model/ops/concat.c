// SPDX-License-Identifier: Apache-2.0
//
// Concat: inputs one behind the other along an axis.

#include "model/ops/support/shape.h"

static gy_status concat_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis, shape[GY_RANK_MAX];
    GY_TRY(gy_node_axis(&axis, node, gy_node_int(node, "axis", 1), x->rank, false, err));
    for (size_t i = 0; i < x->rank; i++)
        shape[i] = x->shape[i];
    for (size_t k = 1; k < node->input_count; k++) {
        GY_TRY(gy_node_type(node, k, 1u << x->dtype, err));
        const gy_tensor *other = node->inputs[k];
        bool fits = other->rank == x->rank;
        for (size_t i = 0; fits && i < x->rank; i++)
            fits = i == axis || other->shape[i] == x->shape[i];
        if (!fits)
            return gy_node_fail(node, GY_FORMAT, err, "input %zu does not fit input 0", k);
        shape[axis] += other->shape[axis];
    }
    return gy_tensor_set(node->outputs[0], x->dtype, shape, x->rank, err);
}

// The nest that copies input k; *at is where it starts on the axis.
static gy_status part(gy_loop *loop, const gy_node *node, size_t k, size_t *at)
{
    const gy_tensor *y = node->outputs[0], *x = node->inputs[k];
    size_t axis;
    GY_TRY(gy_node_axis(&axis, node, gy_node_int(node, "axis", 1), y->rank, false, NULL));
    ptrdiff_t dense[GY_RANK_MAX];
    gy_loop_over(loop, x->shape, x->rank);
    gy_dense_strides(dense, y->shape, y->rank);
    gy_loop_strided(loop, loop->stride[0], 0);
    for (size_t i = 0; i < y->rank; i++)
        loop->stride[0][i] = dense[i];
    loop->offset[0] = (ptrdiff_t)*at * dense[axis];
    *at += x->shape[axis];
    gy_loop_simplify(loop);
    return GY_OK;
}

static gy_status concat_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    size_t at = 0;
    for (size_t k = 0; k < node->input_count; k++) {
        gy_loop loop;
        GY_TRY(part(&loop, node, k, &at));
        gy_loop_copy(&loop, (void *)(uintptr_t)node->outputs[0]->data, node->inputs[k]->data,
                     node->inputs[k]->dtype);
    }
    return GY_OK;
}

static void concat_emit(const gy_node *node, gy_text *out)
{
    size_t at = 0;
    for (size_t k = 0; k < node->input_count; k++) {
        gy_loop loop;
        if (part(&loop, node, k, &at) == GY_OK)
            gy_loop_emit_copy(out, &loop, node->outputs[0]->c_name, node->inputs[k]->c_name);
    }
}

const gy_op gy_op_concat = {
    .domain = "",
    .type = "Concat",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = INT32_MAX,
    .outputs_max = 1,
    .infer = concat_infer,
    .eval = concat_eval,
    .emit = concat_emit,
    .types = "all",
};
