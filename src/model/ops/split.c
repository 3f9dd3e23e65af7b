// SPDX-License-Identifier: Apache-2.0
//
// Split: an axis cut into parts of given or equal sizes.

#include "model/ops/support/shape.h"

static gy_status read_axis(size_t *axis, const gy_node *node, gy_error *err)
{
    return gy_node_axis(axis, node, gy_node_int(node, "axis", 0), node->inputs[0]->rank, false,
                        err);
}

static gy_status split_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t axis, count, shape[GY_RANK_MAX], parts = node->output_count, used = 0;
    const int64_t *sizes;
    GY_TRY(read_axis(&axis, node, err));
    GY_TRY(gy_node_ints_either(&sizes, &count, node, 1, "split", err));
    if (sizes != NULL && count != parts)
        return gy_node_fail(node, GY_FORMAT, err, "%zu sizes for %zu parts", count, parts);
    for (size_t i = 0; i < x->rank; i++)
        shape[i] = x->shape[i];
    size_t equal = (x->shape[axis] + parts - 1) / parts;
    for (size_t k = 0; k < parts; k++) {
        size_t left = x->shape[axis] - used;
        if (sizes != NULL && (sizes[k] < 0 || (uint64_t)sizes[k] > left))
            return gy_node_fail(node, GY_FORMAT, err, "part %zu of size %lld, %zu are left", k,
                                (long long)sizes[k], left);
        shape[axis] = sizes != NULL ? (size_t)sizes[k] : equal < left ? equal : left;
        used += shape[axis];
        if (node->outputs[k] == NULL)
            return gy_node_fail(node, GY_UNSUPPORTED, err, "Split with a part that is not named");
        GY_TRY(gy_tensor_set(node->outputs[k], x->dtype, shape, x->rank, err));
    }
    if (used != x->shape[axis])
        return gy_node_fail(node, GY_FORMAT, err, "parts of %zu in all, axis %zu has %zu", used,
                            axis, x->shape[axis]);
    return GY_OK;
}

// The nest that copies part k; *at is where it starts on the axis.
static void part(gy_loop *loop, const gy_node *node, size_t k, size_t axis, size_t *at)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[k];
    ptrdiff_t dense[GY_RANK_MAX];
    gy_dense_strides(dense, x->shape, x->rank);
    gy_loop_over(loop, y->shape, y->rank);
    gy_loop_strided(loop, dense, (ptrdiff_t)*at * dense[axis]);
    gy_loop_simplify(loop);
    *at += y->shape[axis];
}

static gy_status split_eval(const gy_node *node, gy_error *err)
{
    size_t axis, at = 0;
    GY_TRY(read_axis(&axis, node, err));
    for (size_t k = 0; k < node->output_count; k++) {
        gy_loop loop;
        part(&loop, node, k, axis, &at);
        gy_loop_copy(&loop, (void *)(uintptr_t)node->outputs[k]->data, node->inputs[0]->data,
                     node->inputs[0]->dtype);
    }
    return GY_OK;
}

static void split_emit(const gy_node *node, gy_text *out)
{
    size_t axis, at = 0;
    if (read_axis(&axis, node, NULL) != GY_OK)
        return;
    for (size_t k = 0; k < node->output_count; k++) {
        gy_loop loop;
        part(&loop, node, k, axis, &at);
        gy_loop_emit_copy(out, &loop, node->outputs[k]->c_name, node->inputs[0]->c_name);
    }
}

const gy_op gy_op_split = {
    .domain = "",
    .type = "Split",
    .opset_min = 2,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = INT32_MAX,
    .infer = split_infer,
    .eval = split_eval,
    .emit = split_emit,
    .types = "all",
};
