// SPDX-License-Identifier: Apache-2.0
//
// Pad: a border of a constant, of the edge's values, mirrored (reflect) or going round (wrap); a
// negative pad cuts off.
//
// Each axis has a table of the place that each output place reads; -1: the constant.

#include <string.h>

#include "model/ops/support/shape.h"

typedef enum pad_mode { PAD_CONSTANT, PAD_EDGE, PAD_REFLECT, PAD_WRAP } pad_mode;

static gy_status read_mode(pad_mode *mode, const gy_node *node, gy_error *err)
{
    static const char *const names[] = {"constant", "edge", "reflect", "wrap"};
    const char *name = gy_node_string(node, "mode", "constant");
    for (size_t i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (pad_mode)i;
            return GY_OK;
        }
    return gy_node_fail(node, GY_UNSUPPORTED, err, "mode '%.20s' is not supported", name);
}

static gy_status read_pads(int64_t *begin, int64_t *end, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    const int64_t *pads;
    int64_t *axes;
    size_t count, axis_count;
    GY_TRY(gy_node_ints_either(&pads, &count, node, 1, "pads", err));
    GY_TRY(gy_node_int_input(&axes, &axis_count, node, 3, err));
    size_t sides = axes == NULL ? x->rank : axis_count;
    if (pads == NULL || count != 2 * sides || sides > x->rank)
        return gy_node_fail(node, GY_FORMAT, err, "%zu pads for %zu axes", count, sides);
    memset(begin, 0, GY_RANK_MAX * sizeof(int64_t));
    memset(end, 0, GY_RANK_MAX * sizeof(int64_t));
    for (size_t i = 0; i < sides; i++) {
        size_t axis;
        GY_TRY(gy_node_axis(&axis, node, axes == NULL ? (int64_t)i : axes[i], x->rank, false, err));
        begin[axis] = pads[i];
        end[axis] = pads[sides + i];
    }
    return GY_OK;
}

// Where place i of an axis of that size reads, i from -begin on; -1: nowhere.
static int32_t source(int64_t i, int64_t size, pad_mode mode)
{
    if (i >= 0 && i < size)
        return (int32_t)i;
    if (mode == PAD_CONSTANT)
        return -1;
    if (mode == PAD_EDGE || size == 1)
        return i < 0 ? 0 : (int32_t)(size - 1);
    int64_t period = mode == PAD_WRAP ? size : 2 * (size - 1);
    int64_t at = (i % period + period) % period;
    return (int32_t)(at < size ? at : period - at);
}

static gy_status make_table(gy_node *node, size_t axis, size_t out, int64_t begin, pad_mode mode,
                            gy_error *err)
{
    void *data;
    GY_TRY(gy_tensor_constant(&node->tables[axis], &data, node->arena, node->name, GY_INT32, &out,
                              1, err));
    for (size_t i = 0; i < out; i++)
        ((int32_t *)data)[i] =
            source((int64_t)i - begin, (int64_t)node->inputs[0]->shape[axis], mode);
    return GY_OK;
}

// The value is input 2, else an attribute, else 0: the last table where it is no input.
static gy_status make_value(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    void *data;
    if (gy_node_input(node, 2) != NULL) {
        GY_TRY(gy_node_type(node, 2, 1u << x->dtype, err));
        if (node->inputs[2]->count != 1)
            return gy_node_fail(node, GY_FORMAT, err, "%zu values to pad with",
                                node->inputs[2]->count);
        return GY_OK;
    }
    GY_TRY(gy_tensor_constant(&node->tables[node->table_count++], &data, node->arena, node->name,
                              x->dtype, NULL, 0, err));
    if (x->dtype == GY_FLOAT32)
        *(float *)data = gy_node_float(node, "value", 0.0f);
    return GY_OK;
}

static gy_status pad_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t begin[GY_RANK_MAX], end[GY_RANK_MAX];
    size_t shape[GY_RANK_MAX];
    pad_mode mode = PAD_CONSTANT;
    if (x->dtype == GY_STRING)
        return gy_node_type(node, 0, 0, err);
    GY_TRY(read_mode(&mode, node, err));
    GY_TRY(read_pads(begin, end, node, err));
    node->tables = GY_NEW(node->arena, gy_tensor *, GY_RANK_MAX + 1);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its tables");
    for (size_t i = 0; i < x->rank; i++) {
        int64_t size = (int64_t)x->shape[i];
        bool fits = begin[i] > -INT32_MAX && begin[i] < INT32_MAX && end[i] > -INT32_MAX &&
                    end[i] < INT32_MAX;
        if (!fits || size + begin[i] + end[i] < 0 || (size == 0 && mode != PAD_CONSTANT))
            return gy_node_fail(node, GY_FORMAT, err, "pads of %lld and %lld on an axis of %lld",
                                (long long)begin[i], (long long)end[i], (long long)size);
        shape[i] = (size_t)(size + begin[i] + end[i]);
    }
    GY_TRY(gy_tensor_set(node->outputs[0], x->dtype, shape, x->rank, err));
    for (size_t i = 0; i < x->rank; i++)
        GY_TRY(make_table(node, i, shape[i], begin[i], mode, err));
    node->table_count = x->rank;
    return make_value(node, err);
}

static const gy_tensor *value_of(const gy_node *node)
{
    return gy_node_input(node, 2) != NULL ? node->inputs[2] : node->tables[node->inputs[0]->rank];
}

static gy_status pad_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    size_t size_bytes = gy_dtype_size(x->dtype);
    ptrdiff_t dense[GY_RANK_MAX];
    gy_dense_strides(dense, x->shape, x->rank);
    gy_loop loop;
    gy_walk walk;
    gy_loop_over(&loop, y->shape, y->rank);
    if (!gy_walk_begin(&walk, &loop))
        return GY_OK;
    do {
        const char *from = value_of(node)->data;
        ptrdiff_t at = 0;
        for (size_t i = 0; i < x->rank && at >= 0; i++) {
            int32_t place = ((const int32_t *)node->tables[i]->data)[walk.index[i]];
            at = place < 0 ? -1 : at + place * dense[i];
        }
        if (at >= 0)
            from = (const char *)x->data + (size_t)at * size_bytes;
        memcpy((char *)(uintptr_t)y->data + (size_t)walk.at[0] * size_bytes, from, size_bytes);
    } while (gy_walk_next(&walk));
    return GY_OK;
}

static void pad_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    if (y->count == 0)
        return;
    ptrdiff_t dense[GY_RANK_MAX];
    gy_dense_strides(dense, x->shape, x->rank);
    gy_loop loop;
    gy_loop_over(&loop, y->shape, y->rank);
    size_t depth = gy_loop_open(out, &loop, 0);
    gy_indent(out, depth);
    gy_text_add(out, "%s[", y->c_name);
    gy_loop_index(out, &loop, 0);
    gy_text_add(out, "] = ");
    if (x->rank > 0 && x->count > 0) {
        for (size_t i = 0; i < x->rank; i++)
            gy_text_add(out, "%s%s[i%zu] >= 0", i == 0 ? "" : " && ", node->tables[i]->c_name, i);
        gy_text_add(out, " ? %s[", x->c_name);
        for (size_t i = 0; i < x->rank; i++)
            gy_text_add(out, "%s(size_t)%s[i%zu] * %td", i == 0 ? "" : " + ",
                        node->tables[i]->c_name, i, dense[i]);
        gy_text_add(out, "] : %s[0];\n", value_of(node)->c_name);
    } else {
        gy_text_add(out, "%s[0];\n", x->rank == 0 ? x->c_name : value_of(node)->c_name);
    }
    gy_loop_close(out, 0, depth);
}

const gy_op gy_op_pad = {
    .domain = "",
    .type = "Pad",
    .opset_min = 2,
    .inputs_min = 1,
    .inputs_max = 4,
    .outputs_max = 1,
    .infer = pad_infer,
    .eval = pad_eval,
    .emit = pad_emit,
    .types = "all",
};
