// SPDX-License-Identifier: Apache-2.0
//
// What shape operators share.

#include "model/ops/support/shape.h"

#include <string.h>

gy_status gy_same_infer(gy_node *node, gy_error *err)
{
    (void)err;
    gy_tensor_like(node->outputs[0], node->inputs[0]);
    return GY_OK;
}

gy_status gy_same_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    if (x->count > 0)
        memcpy((void *)(uintptr_t)node->outputs[0]->data, x->data,
               x->count * gy_dtype_size(x->dtype));
    return GY_OK;
}

void gy_same_emit(const gy_node *node, gy_text *out)
{
    gy_loop loop;
    size_t count = node->inputs[0]->count;
    ptrdiff_t stride = 1;
    gy_loop_over(&loop, &count, 1);
    gy_loop_strided(&loop, &stride, 0);
    gy_loop_emit_copy(out, &loop, node->outputs[0]->c_name, node->inputs[0]->c_name);
}

void gy_node_becomes(gy_node *node, const gy_tensor *constant)
{
    gy_tensor *output = node->outputs[0];
    gy_tensor_like(output, constant);
    output->data = constant->data;
    output->is_unaligned = constant->is_unaligned;
    output->is_constant = true;
    output->producer = NULL;
}

gy_status gy_node_shape_input(size_t *shape, size_t *rank, const gy_node *node, size_t i,
                              gy_error *err)
{
    int64_t *wanted;
    GY_TRY(gy_node_int_input(&wanted, rank, node, i, err));
    if (*rank > GY_RANK_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "%zu dimensions, over %d", *rank, GY_RANK_MAX);
    for (size_t k = 0; k < *rank; k++) {
        if (wanted[k] < 0 || wanted[k] > INT32_MAX)
            return gy_node_fail(node, GY_FORMAT, err, "dimension %zu of the shape is %lld", k,
                                (long long)wanted[k]);
        shape[k] = (size_t)wanted[k];
    }
    return GY_OK;
}

gy_status gy_node_axes(uint32_t *axes, bool *given, const gy_node *node, size_t i,
                       const char *attribute, size_t rank, gy_error *err)
{
    const int64_t *values;
    size_t count;
    GY_TRY(gy_node_ints_either(&values, &count, node, i, attribute, err));
    *axes = 0;
    *given = values != NULL;
    for (size_t k = 0; k < count; k++) {
        size_t axis;
        GY_TRY(gy_node_axis(&axis, node, values[k], rank, false, err));
        if ((*axes >> axis & 1) != 0)
            return gy_node_fail(node, GY_FORMAT, err, "axis %zu is given twice", axis);
        *axes |= 1u << axis;
    }
    return GY_OK;
}
