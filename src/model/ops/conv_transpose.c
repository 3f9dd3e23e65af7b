// SPDX-License-Identifier: Apache-2.0
//
// ConvTranspose: each input element spread over a window of the output. Seen from an output
// element: one chain of fused multiply-adds from the bias over kernel row, kernel column, then
// input channel; taps that no input reaches multiply 0.

#include <assert.h>
#include <string.h>

#include "model/ops/support/window.h"
#include "rt/math.h"

/** The geometry: window->in is the input, window->out the output. */
typedef struct transposed {
    gy_window window;
    size_t group, inputs, outputs; // channels of a group
} transposed;

// Set pads and output sizes from output_shape or auto_pad: what the pads must come to.
static gy_status set_sizes(transposed *t, const gy_node *node, const int64_t *extra, gy_error *err)
{
    gy_window *w = &t->window;
    size_t count;
    const int64_t *wanted = gy_node_ints(node, "output_shape", &count);
    const char *automatic = gy_node_string(node, "auto_pad", "NOTSET");
    bool same = strncmp(automatic, "SAME", 4) == 0, upper = strcmp(automatic, "SAME_UPPER") == 0;
    if (wanted != NULL && count != w->rank)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "output_shape of %zu for %zu axes", count,
                            w->rank);
    for (size_t i = 0; i < 3; i++) {
        size_t k = i - (3 - w->rank);
        bool real = i >= 3 - w->rank;
        size_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
        size_t full = (w->in[i] == 0 ? 0 : (w->in[i] - 1) * w->stride[i]) + reach;
        full += extra != NULL && real ? (size_t)extra[k] : 0;
        if (real && (wanted != NULL || same)) {
            w->out[i] = wanted == NULL ? w->in[i] * w->stride[i] : (size_t)wanted[k];
            size_t total = full > w->out[i] ? full - w->out[i] : 0;
            w->pad[i] = upper ? total / 2 : total - total / 2;
            continue;
        }
        if (full < w->pad[i] + w->pad_end[i])
            return gy_node_fail(node, GY_FORMAT, err, "pads of %zu on an output of %zu",
                                w->pad[i] + w->pad_end[i], full);
        w->out[i] = full - w->pad[i] - w->pad_end[i];
    }
    return GY_OK;
}

static gy_status check_list(const int64_t *values, size_t count, size_t rank, const char *name,
                            const gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < 0 || values[i] > INT32_MAX)
            return gy_node_fail(node, GY_FORMAT, err, "%s of %lld", name, (long long)values[i]);
    if (values != NULL && count != rank)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values for %zu axes", name, count,
                            rank);
    return GY_OK;
}

// gy_window_read reads a forward window, which need not fit here: the input is taken as long as
// it takes for that, and put back.
static gy_status read_window(gy_window *w, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    gy_tensor roomy = *x;
    gy_tensor *inputs[] = {&roomy, node->inputs[1]};
    gy_node copy = *node;
    copy.inputs = inputs;
    for (size_t i = 2; i < x->rank; i++)
        roomy.shape[i] = (size_t)1 << 40;
    GY_TRY(gy_window_read(w, &copy, node->inputs[1]->shape + 2, err));
    for (size_t i = 3 - w->rank; i < 3; i++)
        w->in[i] = x->shape[i + x->rank - 3];
    return GY_OK;
}

static gy_status read_transposed(transposed *t, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *w = node->inputs[1], *b = gy_node_input(node, 2);
    if (w->rank != x->rank || w->rank < 3)
        return gy_node_fail(node, GY_FORMAT, err, "weights of %zu dimensions, input of %zu",
                            w->rank, x->rank);
    GY_TRY(read_window(&t->window, node, err));
    size_t count, shape_count, rank = t->window.rank;
    const int64_t *extra = gy_node_ints(node, "output_padding", &count);
    const int64_t *wanted = gy_node_ints(node, "output_shape", &shape_count);
    GY_TRY(check_list(extra, count, rank, "output_padding", node, err));
    GY_TRY(check_list(wanted, shape_count, rank, "output_shape", node, err));
    GY_TRY(set_sizes(t, node, extra, err));
    int64_t group = gy_node_int(node, "group", 1);
    if (group < 1 || w->shape[0] != x->shape[1] || (size_t)group > w->shape[0] ||
        w->shape[0] % (size_t)group != 0)
        return gy_node_fail(node, GY_FORMAT, err, "%lld groups, weights for %zu channels of %zu",
                            (long long)group, w->shape[0], x->shape[1]);
    t->group = (size_t)group;
    t->inputs = w->shape[0] / t->group;
    t->outputs = w->shape[1];
    if (b != NULL && (b->rank != 1 || b->shape[0] != t->outputs * t->group))
        return gy_node_fail(node, GY_FORMAT, err, "%zu biases for %zu channels", b->count,
                            t->outputs * t->group);
    return GY_OK;
}

static gy_status transposed_infer(gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    transposed t;
    GY_TRY(read_transposed(&t, node, err));
    return gy_window_set_output(node, &t.window, t.outputs * t.group, GY_FLOAT32, err);
}

// The input place that tap k gives to output place o; false: none does.
static bool source(size_t *in, const gy_window *w, size_t axis, size_t o, size_t k)
{
    size_t to = o + w->pad[axis], back = k * w->dilation[axis];
    *in = to < back ? 0 : (to - back) / w->stride[axis];
    return to >= back && (to - back) % w->stride[axis] == 0 && *in < w->in[axis];
}

static float sum_taps(float sum, const float *x, const float *weights, const transposed *t,
                      const size_t *o)
{
    const gy_window *w = &t->window;
    size_t plane = w->in[0] * w->in[1] * w->in[2], tap = 0, in[3];
    size_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
    for (size_t k0 = 0; k0 < w->kernel[0]; k0++)
        for (size_t k1 = 0; k1 < w->kernel[1]; k1++)
            for (size_t k2 = 0; k2 < w->kernel[2]; k2++, tap++) {
                bool inside = source(&in[0], w, 0, o[0], k0);
                inside = source(&in[1], w, 1, o[1], k1) && inside;
                inside = source(&in[2], w, 2, o[2], k2) && inside;
                size_t at = (in[0] * w->in[1] + in[1]) * w->in[2] + in[2];
                for (size_t c = 0; c < t->inputs; c++)
                    sum = gy_fmaf(inside ? x[c * plane + at] : 0.0f,
                                  weights[c * t->outputs * taps + tap], sum);
            }
    return sum;
}

static gy_status transposed_eval(const gy_node *node, gy_error *err)
{
    transposed t;
    GY_TRY(read_transposed(&t, node, err));
    const gy_window *w = &t.window;
    const gy_tensor *b = gy_node_input(node, 2);
    size_t plane = w->in[0] * w->in[1] * w->in[2], o[3];
    size_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < w->batch; n++)
        for (size_t m = 0; m < t.outputs * t.group; m++) {
            size_t g = m / t.outputs;
            const float *x =
                (const float *)node->inputs[0]->data + (n * w->channels + g * t.inputs) * plane;
            const float *weights = (const float *)node->inputs[1]->data +
                                   (g * t.inputs * t.outputs + m % t.outputs) * taps;
            float bias = b == NULL ? 0.0f : ((const float *)b->data)[m];
            for (o[0] = 0; o[0] < w->out[0]; o[0]++)
                for (o[1] = 0; o[1] < w->out[1]; o[1]++)
                    for (o[2] = 0; o[2] < w->out[2]; o[2]++)
                        *y++ = sum_taps(bias, x, weights, &t, o);
        }
    return GY_OK;
}

// Loops over places and taps of all three axes; those of size 1 are loops of one turn.
static size_t emit_taps(gy_text *out, const gy_window *w, size_t depth)
{
    static const char *const names[] = {"k0", "k1", "k2"};
    for (size_t i = 0; i < 3; i++) {
        depth = gy_emit_for(out, names[i], w->kernel[i], depth);
        gy_indent(out, depth);
        gy_text_add(out, "const size_t r%zu = o%zu + %zu - k%zu * %zu;\n", i, i, w->pad[i], i,
                    w->dilation[i]);
    }
    // Below 0 it wraps around to far above the input.
    gy_indent(out, depth);
    gy_text_add(out, "const int inside = ");
    for (size_t i = 0; i < 3; i++)
        gy_text_add(out, "%sr%zu %% %zu == 0 && r%zu / %zu < %zu && o%zu + %zu >= k%zu * %zu",
                    i == 0 ? "" : " && ", i, w->stride[i], i, w->stride[i], w->in[i], i, w->pad[i],
                    i, w->dilation[i]);
    gy_text_add(out, ";\n");
    gy_indent(out, depth);
    gy_text_add(out, "const size_t at = (r0 / %zu * %zu + r1 / %zu) * %zu + r2 / %zu;\n",
                w->stride[0], w->in[1], w->stride[1], w->in[2], w->stride[2]);
    return depth;
}

static void emit_product(gy_text *out, const gy_node *node, const transposed *t, size_t depth)
{
    const gy_window *w = &t->window;
    size_t plane = w->in[0] * w->in[1] * w->in[2];
    size_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
    size_t inner = gy_emit_for(out, "c", t->inputs, depth);
    gy_indent(out, inner);
    gy_text_add(out,
                "const float x = inside ? %s[(n * %zu + m / %zu * %zu + c) * %zu + at] : "
                "0.0f;\n",
                node->inputs[0]->c_name, w->channels, t->outputs, t->inputs, plane);
    gy_indent(out, inner);
    gy_text_add(out, "sum = gy_fmaf(x, %s[((m / %zu * %zu + c) * %zu + m %% %zu) * %zu + ",
                node->inputs[1]->c_name, t->outputs, t->inputs, t->outputs, t->outputs, taps);
    gy_text_add(out, "(k0 * %zu + k1) * %zu + k2], sum);\n", w->kernel[1], w->kernel[2]);
    gy_emit_close(out, depth, inner);
}

static void transposed_emit(const gy_node *node, gy_text *out)
{
    static const char *const names[] = {"o0", "o1", "o2"};
    const gy_tensor *b = gy_node_input(node, 2);
    transposed t;
    gy_status read = read_transposed(&t, node, NULL);
    assert(read == GY_OK);
    if (read != GY_OK || node->outputs[0]->count == 0)
        return;
    const gy_window *w = &t.window;
    size_t depth = gy_emit_for(out, "n", w->batch, 0);
    depth = gy_emit_for(out, "m", t.outputs * t.group, depth);
    for (size_t i = 0; i < 3; i++)
        depth = gy_emit_for(out, names[i], w->out[i], depth);
    gy_indent(out, depth);
    gy_text_add(out, b == NULL ? "float sum = 0.0f;\n" : "float sum = %s[m];\n",
                b == NULL ? "" : b->c_name);
    size_t inner = emit_taps(out, w, depth);
    emit_product(out, node, &t, inner);
    gy_emit_close(out, depth, inner);
    gy_indent(out, depth);
    gy_text_add(out, "%s[(((n * %zu + m) * %zu + o0) * %zu + o1) * %zu + o2] = sum;\n",
                node->outputs[0]->c_name, t.outputs * t.group, w->out[0], w->out[1], w->out[2]);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_conv_transpose = {
    .domain = "",
    .type = "ConvTranspose",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = transposed_infer,
    .eval = transposed_eval,
    .emit = transposed_emit,
    .is_kept = true,
};
