// SPDX-License-Identifier: Apache-2.0
//
// Conv: Y[n][m][o] = B[m] + sum of W[m][c][k] × X[n][c][o × stride + k × dilation - pad].
//
// The sum is one chain of fused multiply-adds from the bias, over kernel row, kernel column, then
// input channel; a tap in the padding multiplies 0.

#include <assert.h>

#include "model/ops/support/window.h"
#include "rt/math.h"

static gy_status read_conv(gy_window *window, size_t *group, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *w = node->inputs[1], *b = gy_node_input(node, 2);
    if (w->rank != x->rank || w->rank < 3)
        return gy_node_fail(node, GY_FORMAT, err, "weights of %zu dimensions, input of %zu",
                            w->rank, x->rank);
    GY_TRY(gy_window_read(window, node, w->shape + 2, err));
    int64_t groups = gy_node_int(node, "group", 1);
    if (groups < 1 || (size_t)groups > w->shape[0] || w->shape[0] % (size_t)groups != 0 ||
        w->shape[1] * (size_t)groups != x->shape[1])
        return gy_node_fail(node, GY_FORMAT, err,
                            "weights for %zu × %zu channels in %lld groups, input has %zu",
                            w->shape[0], w->shape[1], (long long)groups, x->shape[1]);
    if (b != NULL && (b->rank != 1 || b->shape[0] != w->shape[0]))
        return gy_node_fail(node, GY_FORMAT, err, "%zu biases for %zu channels", b->count,
                            w->shape[0]);
    *group = (size_t)groups;
    return GY_OK;
}

static gy_status conv_infer(gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    gy_window window;
    size_t group;
    GY_TRY(read_conv(&window, &group, node, err));
    return gy_window_set_output(node, &window, node->inputs[1]->shape[0], GY_FLOAT32, err);
}

/** What one output element reads. */
typedef struct channel {
    const float *x; // the group's first input plane
    const float *w; // the output channel's weights
    size_t inputs;  // channels of the group
} channel;

static float sum_taps(float sum, const channel *from, const gy_window *window, const size_t *o)
{
    size_t plane = window->in[0] * window->in[1] * window->in[2];
    size_t taps = window->kernel[0] * window->kernel[1] * window->kernel[2], tap = 0;
    size_t in[3];
    for (size_t k0 = 0; k0 < window->kernel[0]; k0++)
        for (size_t k1 = 0; k1 < window->kernel[1]; k1++)
            for (size_t k2 = 0; k2 < window->kernel[2]; k2++, tap++) {
                bool inside = gy_window_tap(&in[0], window, 0, o[0], k0);
                inside = gy_window_tap(&in[1], window, 1, o[1], k1) && inside;
                inside = gy_window_tap(&in[2], window, 2, o[2], k2) && inside;
                size_t at = (in[0] * window->in[1] + in[1]) * window->in[2] + in[2];
                for (size_t c = 0; c < from->inputs; c++)
                    sum = gy_fmaf(inside ? from->x[c * plane + at] : 0.0f, from->w[c * taps + tap],
                                  sum);
            }
    return sum;
}

static gy_status conv_eval(const gy_node *node, gy_error *err)
{
    gy_window window;
    size_t group;
    GY_TRY(read_conv(&window, &group, node, err));
    const gy_tensor *w = node->inputs[1], *b = gy_node_input(node, 2);
    size_t plane = window.in[0] * window.in[1] * window.in[2];
    size_t taps = window.kernel[0] * window.kernel[1] * window.kernel[2];
    size_t maps = w->shape[0], o[3];
    channel from = {.inputs = w->shape[1]};
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < window.batch; n++)
        for (size_t m = 0; m < maps; m++) {
            from.x = (const float *)node->inputs[0]->data +
                     (n * window.channels + m / (maps / group) * from.inputs) * plane;
            from.w = (const float *)w->data + m * from.inputs * taps;
            float bias = b == NULL ? 0.0f : ((const float *)b->data)[m];
            for (o[0] = 0; o[0] < window.out[0]; o[0]++)
                for (o[1] = 0; o[1] < window.out[1]; o[1]++)
                    for (o[2] = 0; o[2] < window.out[2]; o[2]++)
                        *y++ = sum_taps(bias, &from, &window, o);
        }
    return GY_OK;
}

static void emit_product(const gy_node *node, const gy_window *window, size_t group, size_t depth,
                         gy_text *out)
{
    const gy_tensor *w = node->inputs[1];
    size_t plane = window->in[0] * window->in[1] * window->in[2];
    size_t taps = window->kernel[0] * window->kernel[1] * window->kernel[2];
    size_t inner = gy_emit_for(out, "c", w->shape[1], depth);
    gy_indent(out, inner);
    gy_text_add(out, "const float x = ");
    if (gy_window_emit_inside(out, window))
        gy_text_add(out, " ? ");
    gy_text_add(out, "%s[(n * %zu + m / %zu * %zu + c) * %zu + ", node->inputs[0]->c_name,
                window->channels, w->shape[0] / group, w->shape[1], plane);
    gy_window_emit_in(out, window);
    bool is_padded = gy_window_is_padded(window, 0) || gy_window_is_padded(window, 1) ||
                     gy_window_is_padded(window, 2);
    gy_text_add(out, "]%s;\n", is_padded ? " : 0.0f" : "");
    gy_indent(out, inner);
    gy_text_add(out, "sum = gy_fmaf(x, %s[(m * %zu + c) * %zu + ", w->c_name, w->shape[1], taps);
    gy_window_emit_kernel(out, window);
    gy_text_add(out, "], sum);\n");
    gy_emit_close(out, depth, inner);
}

static void conv_emit(const gy_node *node, gy_text *out)
{
    gy_window window;
    size_t group;
    gy_status read = read_conv(&window, &group, node, NULL);
    assert(read == GY_OK);
    (void)read;
    if (node->outputs[0]->count == 0)
        return;
    const gy_tensor *b = gy_node_input(node, 2);
    size_t depth = gy_emit_for(out, "n", window.batch, 0);
    depth = gy_emit_for(out, "m", node->inputs[1]->shape[0], depth);
    depth = gy_window_emit_places(out, &window, depth);
    gy_indent(out, depth);
    gy_text_add(out, b == NULL ? "float sum = 0.0f;\n" : "float sum = %s[m];\n",
                b == NULL ? "" : b->c_name);
    size_t inner = gy_window_emit_taps(out, &window, depth);
    emit_product(node, &window, group, inner, out);
    gy_emit_close(out, depth, inner);
    gy_indent(out, depth);
    gy_text_add(out, "%s[(n * %zu + m) * %zu + ", node->outputs[0]->c_name,
                node->inputs[1]->shape[0], window.out[0] * window.out[1] * window.out[2]);
    gy_window_emit_out(out, &window);
    gy_text_add(out, "] = sum;\n");
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_conv = {
    .domain = "",
    .type = "Conv",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = conv_infer,
    .eval = conv_eval,
    .emit = conv_emit,
    .is_kept = true,
};
