// SPDX-License-Identifier: Apache-2.0
//
// Reshape: the same elements under another shape; 0 takes the input's size, -1 what is left.

#include "model/ops/support/shape.h"

// Fill in what 0 and -1 stand for.
static gy_status resolve(size_t *shape, const int64_t *wanted, size_t count, const gy_node *node,
                         gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    bool keeps_zero = gy_node_int(node, "allowzero", 0) != 0;
    size_t open = count, known = 1;
    for (size_t i = 0; i < count; i++) {
        bool copies = wanted[i] == 0 && !keeps_zero;
        if (wanted[i] < -1 || wanted[i] > INT32_MAX || (copies && i >= x->rank) ||
            (wanted[i] == -1 && open != count))
            return gy_node_fail(node, GY_FORMAT, err, "dimension %zu of the new shape is %lld", i,
                                (long long)wanted[i]);
        if (wanted[i] == -1) {
            open = i;
            shape[i] = 1;
            continue;
        }
        shape[i] = copies ? x->shape[i] : (size_t)wanted[i];
        if (shape[i] != 0 && known > (size_t)INT32_MAX / shape[i])
            return gy_node_fail(node, GY_FORMAT, err, "the new shape has too many elements");
        known *= shape[i];
    }
    if (open != count) {
        if (known == 0 || x->count % known != 0)
            return gy_node_fail(node, GY_FORMAT, err, "%zu elements do not divide by %zu", x->count,
                                known);
        shape[open] = x->count / known;
        known *= shape[open];
    }
    if (known != x->count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu elements under a shape of %zu", x->count,
                            known);
    return GY_OK;
}

static gy_status reshape_infer(gy_node *node, gy_error *err)
{
    const int64_t *wanted;
    size_t count, shape[GY_RANK_MAX];
    GY_TRY(gy_node_ints_either(&wanted, &count, node, 1, "shape", err));
    if (wanted == NULL)
        return gy_node_fail(node, GY_FORMAT, err, "Reshape without a shape");
    if (count > GY_RANK_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "%zu dimensions, over %d", count, GY_RANK_MAX);
    GY_TRY(resolve(shape, wanted, count, node, err));
    return gy_tensor_set(node->outputs[0], node->inputs[0]->dtype, shape, count, err);
}

const gy_op gy_op_reshape = {
    .domain = "",
    .type = "Reshape",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = reshape_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "all",
};
