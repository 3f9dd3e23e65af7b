// SPDX-License-Identifier: Apache-2.0
//
// Slice: from start to end by a step on some axes, as in numpy.

#include "model/ops/support/shape.h"

/** What is taken of each axis. */
typedef struct slice {
    size_t start[GY_RANK_MAX], count[GY_RANK_MAX];
    int64_t step[GY_RANK_MAX];
} slice;

static int64_t clamp(int64_t at, int64_t least, int64_t most)
{
    return at < least ? least : at > most ? most : at;
}

static void take(slice *s, size_t axis, size_t dim, int64_t start, int64_t end, int64_t step)
{
    int64_t size = (int64_t)dim;
    start += start < 0 ? size : 0;
    end += end < 0 ? size : 0;
    start = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
    end = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
    int64_t span = step > 0 ? end - start : start - end;
    // A step may be anything up to the least int64: its size is taken without overflow.
    uint64_t stride = step > 0 ? (uint64_t)step : UINT64_C(0) - (uint64_t)step;
    s->count[axis] = span <= 0 ? 0 : (size_t)(((uint64_t)span - 1) / stride + 1);
    s->start[axis] = s->count[axis] == 0 ? 0 : (size_t)start;
    s->step[axis] = s->count[axis] <= 1 ? 1 : step;
}

static gy_status read_slice(slice *s, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    const int64_t *starts, *ends, *axes, *steps;
    size_t start_count, end_count, axis_count, step_count;
    GY_TRY(gy_node_ints_either(&starts, &start_count, node, 1, "starts", err));
    GY_TRY(gy_node_ints_either(&ends, &end_count, node, 2, "ends", err));
    GY_TRY(gy_node_ints_either(&axes, &axis_count, node, 3, "axes", err));
    GY_TRY(gy_node_ints_either(&steps, &step_count, node, 4, "steps", err));
    if (starts == NULL || end_count != start_count || (axes != NULL && axis_count != start_count) ||
        (steps != NULL && step_count != start_count) || start_count > x->rank)
        return gy_node_fail(node, GY_FORMAT, err, "%zu starts, %zu ends, %zu axes, %zu steps",
                            start_count, end_count, axis_count, step_count);
    for (size_t i = 0; i < x->rank; i++) {
        s->start[i] = 0;
        s->count[i] = x->shape[i];
        s->step[i] = 1;
    }
    for (size_t i = 0; i < start_count; i++) {
        size_t axis;
        GY_TRY(gy_node_axis(&axis, node, axes == NULL ? (int64_t)i : axes[i], x->rank, false, err));
        int64_t step = steps == NULL ? 1 : steps[i];
        if (step == 0)
            return gy_node_fail(node, GY_FORMAT, err, "step 0 on axis %zu", axis);
        take(s, axis, x->shape[axis], starts[i], ends[i], step);
    }
    return GY_OK;
}

static gy_status slice_infer(gy_node *node, gy_error *err)
{
    slice s;
    GY_TRY(read_slice(&s, node, err));
    const gy_tensor *x = node->inputs[0];
    return gy_tensor_set(node->outputs[0], x->dtype, s.count, x->rank, err);
}

static gy_status nest(gy_loop *loop, const gy_node *node, gy_error *err)
{
    slice s;
    GY_TRY(read_slice(&s, node, err));
    const gy_tensor *x = node->inputs[0];
    ptrdiff_t dense[GY_RANK_MAX], strides[GY_RANK_MAX] = {0}, offset = 0;
    gy_dense_strides(dense, x->shape, x->rank);
    for (size_t i = 0; i < x->rank; i++) {
        strides[i] = dense[i] * (ptrdiff_t)s.step[i];
        offset += dense[i] * (ptrdiff_t)s.start[i];
    }
    gy_loop_over(loop, s.count, x->rank);
    gy_loop_strided(loop, strides, offset);
    gy_loop_simplify(loop);
    return GY_OK;
}

GY_NEST_EVAL(slice_eval, nest)
GY_NEST_EMIT(slice_emit, nest)

const gy_op gy_op_slice = {
    .domain = "",
    .type = "Slice",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 5,
    .outputs_max = 1,
    .infer = slice_infer,
    .eval = slice_eval,
    .emit = slice_emit,
    .types = "all",
};
