// SPDX-License-Identifier: Apache-2.0
//
// The geometry of sliding windows, as ONNX defines it, and the loops over it.

#include "model/ops/support/window.h"

#include <string.h>

static gy_status read_sizes(size_t *sizes, const gy_node *node, const char *name, size_t otherwise,
                            size_t rank, bool may_be_zero, gy_error *err)
{
    size_t count;
    const int64_t *given = gy_node_ints(node, name, &count);
    if (given != NULL && count != rank)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values for %zu axes", name, count,
                            rank);
    for (size_t i = 0; i < 3; i++)
        sizes[i] = i < 3 - rank ? (may_be_zero ? 0 : 1) : otherwise;
    for (size_t i = 0; i < count; i++) {
        if (given[i] < (may_be_zero ? 0 : 1) || given[i] > INT32_MAX)
            return gy_node_fail(node, given[i] < 0 ? GY_UNSUPPORTED : GY_FORMAT, err,
                                "%s of %lld is not supported", name, (long long)given[i]);
        sizes[3 - rank + i] = (size_t)given[i];
    }
    return GY_OK;
}

static gy_status read_pads(gy_window *window, const gy_node *node, gy_error *err)
{
    size_t count, rank = window->rank;
    const int64_t *pads = gy_node_ints(node, "pads", &count);
    if (pads != NULL && count != 2 * rank)
        return gy_node_fail(node, GY_FORMAT, err, "pads has %zu values for %zu axes", count, rank);
    for (size_t i = 0; i < count; i++) {
        if (pads[i] < 0 || pads[i] > INT32_MAX)
            return gy_node_fail(node, GY_UNSUPPORTED, err, "a pad of %lld is not supported",
                                (long long)pads[i]);
        size_t *to = i < rank ? window->pad : window->pad_end;
        to[3 - rank + i % rank] = (size_t)pads[i];
    }
    return GY_OK;
}

// auto_pad SAME: ceil(in / stride) outputs; the odd pad goes to the end (UPPER) or the start.
static void pad_same(gy_window *window, bool upper)
{
    for (size_t i = 0; i < 3; i++) {
        size_t out = (window->in[i] + window->stride[i] - 1) / window->stride[i];
        size_t reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
        size_t needs = out == 0 ? 0 : (out - 1) * window->stride[i] + reach;
        size_t total = needs > window->in[i] ? needs - window->in[i] : 0;
        window->pad[i] = upper ? total / 2 : total - total / 2;
        window->pad_end[i] = total - window->pad[i];
    }
}

static gy_status set_out(gy_window *window, const gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < 3; i++) {
        size_t span = window->in[i] + window->pad[i] + window->pad_end[i];
        size_t reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
        if (span < reach)
            return gy_node_fail(node, GY_FORMAT, err, "a window of %zu over an axis of %zu", reach,
                                span);
        size_t steps = span - reach, stride = window->stride[i];
        window->out[i] = steps / stride + 1;
        // Rounded up, but no window starts in the padding at the end.
        if (window->rounds_up && steps % stride != 0 &&
            window->out[i] * stride < window->in[i] + window->pad[i])
            window->out[i]++;
    }
    return GY_OK;
}

static gy_status read_input(gy_window *window, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    if (x->rank < 3 || x->rank > 5)
        return gy_node_fail(node, x->rank < 3 ? GY_FORMAT : GY_UNSUPPORTED, err,
                            "%s of %zu dimensions is not supported, only 3 to 5", node->op->type,
                            x->rank);
    *window = (gy_window){.rank = x->rank - 2, .batch = x->shape[0], .channels = x->shape[1]};
    for (size_t i = 0; i < 3; i++) {
        window->in[i] = i < 3 - window->rank ? 1 : x->shape[i + x->rank - 3];
        window->kernel[i] = window->stride[i] = window->dilation[i] = 1;
    }
    return GY_OK;
}

gy_status gy_window_read(gy_window *window, const gy_node *node, const size_t *kernel,
                         gy_error *err)
{
    GY_TRY(read_input(window, node, err));
    size_t rank = window->rank, count;
    if (kernel == NULL && gy_node_ints(node, "kernel_shape", &count) == NULL)
        return gy_node_fail(node, GY_FORMAT, err, "%s without kernel_shape", node->op->type);
    GY_TRY(read_sizes(window->kernel, node, "kernel_shape", 1, rank, false, err));
    if (kernel != NULL)
        memcpy(window->kernel + 3 - rank, kernel, rank * sizeof(size_t));
    GY_TRY(read_sizes(window->stride, node, "strides", 1, rank, false, err));
    GY_TRY(read_sizes(window->dilation, node, "dilations", 1, rank, false, err));
    for (size_t i = 0; i < 3; i++)
        if (window->kernel[i] == 0 || window->kernel[i] > (size_t)INT32_MAX / window->dilation[i])
            return gy_node_fail(node, GY_LIMIT, err, "a window of %zu with dilation %zu",
                                window->kernel[i], window->dilation[i]);
    window->rounds_up = gy_node_int(node, "ceil_mode", 0) != 0;
    const char *automatic = gy_node_string(node, "auto_pad", "NOTSET");
    if (strcmp(automatic, "SAME_UPPER") == 0 || strcmp(automatic, "SAME_LOWER") == 0)
        pad_same(window, strcmp(automatic, "SAME_UPPER") == 0);
    else if (strcmp(automatic, "NOTSET") == 0)
        GY_TRY(read_pads(window, node, err));
    else if (strcmp(automatic, "VALID") != 0)
        return gy_node_fail(node, GY_FORMAT, err, "auto_pad '%.20s'", automatic);
    return set_out(window, node, err);
}

gy_status gy_window_global(gy_window *window, const gy_node *node, gy_error *err)
{
    GY_TRY(read_input(window, node, err));
    for (size_t i = 0; i < 3; i++) {
        window->kernel[i] = window->in[i];
        window->out[i] = 1;
        if (window->in[i] == 0)
            return gy_node_fail(node, GY_UNSUPPORTED, err, "%s over nothing", node->op->type);
    }
    return GY_OK;
}

gy_status gy_window_set_output(gy_node *node, const gy_window *window, size_t channels,
                               gy_dtype dtype, gy_error *err)
{
    size_t shape[5] = {window->batch, channels};
    memcpy(shape + 2, window->out + 3 - window->rank, window->rank * sizeof(size_t));
    return gy_tensor_set(node->outputs[0], dtype, shape, window->rank + 2, err);
}

bool gy_window_is_padded(const gy_window *window, size_t axis)
{
    if (window->out[axis] == 0)
        return false;
    size_t last = (window->out[axis] - 1) * window->stride[axis] +
                  (window->kernel[axis] - 1) * window->dilation[axis];
    return window->pad[axis] > 0 || last >= window->in[axis];
}

size_t gy_emit_for(gy_text *out, const char *name, size_t count, size_t depth)
{
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t %s = 0; %s < %zu; %s++) {\n", name, name, count, name);
    return depth + 1;
}

void gy_emit_close(gy_text *out, size_t outer, size_t inner)
{
    for (size_t depth = inner; depth > outer; depth--) {
        gy_indent(out, depth - 1);
        gy_text_add(out, "}\n");
    }
}

size_t gy_window_emit_places(gy_text *out, const gy_window *window, size_t depth)
{
    static const char *const names[] = {"o0", "o1", "o2"};
    for (size_t i = 0; i < 3; i++)
        if (window->out[i] > 1)
            depth = gy_emit_for(out, names[i], window->out[i], depth);
    return depth;
}

// The place before padding is taken off moves when output or tap does.
static bool has_place(const gy_window *window, size_t i)
{
    return window->out[i] > 1 || window->kernel[i] > 1 || gy_window_is_padded(window, i);
}

size_t gy_window_emit_taps(gy_text *out, const gy_window *window, size_t depth)
{
    static const char *const names[] = {"k0", "k1", "k2"};
    for (size_t i = 0; i < 3; i++) {
        if (window->kernel[i] > 1)
            depth = gy_emit_for(out, names[i], window->kernel[i], depth);
        if (!has_place(window, i))
            continue;
        gy_indent(out, depth);
        gy_text_add(out, "const size_t r%zu = ", i);
        if (window->out[i] > 1)
            gy_text_add(out, "o%zu * %zu", i, window->stride[i]);
        if (window->kernel[i] > 1)
            gy_text_add(out, "%sk%zu * %zu", window->out[i] > 1 ? " + " : "", i,
                        window->dilation[i]);
        gy_text_add(out, "%s;\n", window->out[i] > 1 || window->kernel[i] > 1 ? "" : "0");
    }
    return depth;
}

bool gy_window_emit_inside(gy_text *out, const gy_window *window)
{
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (!gy_window_is_padded(window, i))
            continue;
        if (window->pad[i] > 0)
            gy_text_add(out, "%sr%zu >= %zu", any ? " && " : "", i, window->pad[i]);
        gy_text_add(out, "%sr%zu < %zu", any || window->pad[i] > 0 ? " && " : "", i,
                    window->in[i] + window->pad[i]);
        any = true;
    }
    return any;
}

void gy_window_emit_in(gy_text *out, const gy_window *window)
{
    size_t stride = window->in[0] * window->in[1] * window->in[2];
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        stride = window->in[i] == 0 ? 0 : stride / window->in[i];
        if (!has_place(window, i))
            continue;
        if (window->pad[i] > 0)
            gy_text_add(out, "%s(r%zu - %zu) * %zu", any ? " + " : "", i, window->pad[i], stride);
        else
            gy_text_add(out, "%sr%zu * %zu", any ? " + " : "", i, stride);
        any = true;
    }
    if (!any)
        gy_text_add(out, "0");
}

static void emit_offset(gy_text *out, const size_t *sizes, char letter)
{
    size_t stride = sizes[0] * sizes[1] * sizes[2];
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        stride /= sizes[i];
        if (sizes[i] == 1)
            continue;
        gy_text_add(out, "%s%c%zu * %zu", any ? " + " : "", letter, i, stride);
        any = true;
    }
    if (!any)
        gy_text_add(out, "0");
}

void gy_window_emit_out(gy_text *out, const gy_window *window)
{
    emit_offset(out, window->out, 'o');
}

void gy_window_emit_kernel(gy_text *out, const gy_window *window)
{
    emit_offset(out, window->kernel, 'k');
}
