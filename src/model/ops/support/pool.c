// SPDX-License-Identifier: Apache-2.0
//
// Max and average pools over windows of 1 to 3 axes.

#include "model/ops/support/pool.h"

#include "rt/math.h"

gy_status gy_pool_window(gy_window *window, const gy_node *node, gy_error *err)
{
    const gy_pool *pool = node->op->family;
    return pool->is_global ? gy_window_global(window, node, err)
                           : gy_window_read(window, node, NULL, err);
}

gy_status gy_pool_infer(gy_node *node, gy_error *err)
{
    const gy_pool *pool = node->op->family;
    unsigned bytes = 1u << GY_UINT8 | 1u << GY_INT8;
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32 | (pool->kind == GY_POOL_MAX ? bytes : 0), err));
    gy_window window;
    GY_TRY(gy_pool_window(&window, node, err));
    if (gy_node_output(node, 1) != NULL)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s with indices is not supported",
                            node->op->type);
    return gy_window_set_output(node, &window, window.channels, node->inputs[0]->dtype, err);
}

static bool counts_padding(const gy_node *node)
{
    return gy_node_int(node, "count_include_pad", 0) != 0;
}

// With count_include_pad a tap counts if it lies in the input or in its stated padding; beyond that
// (a window rounded up) it never does.
static bool tap(size_t *at, size_t *counted, const gy_window *window, const size_t *o,
                const size_t *k, bool with_padding)
{
    bool inside = true, within = true;
    *at = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t in;
        inside = gy_window_tap(&in, window, i, o[i], k[i]) && inside;
        within = within && o[i] * window->stride[i] + k[i] * window->dilation[i] <
                               window->in[i] + window->pad[i] + window->pad_end[i];
        *at = *at * window->in[i] + in;
    }
    *counted += inside || (with_padding && within);
    return inside;
}

#define EACH_TAP(window, k)                                \
    for (k[0] = 0; k[0] < (window)->kernel[0]; k[0]++)     \
        for (k[1] = 0; k[1] < (window)->kernel[1]; k[1]++) \
            for (k[2] = 0; k[2] < (window)->kernel[2]; k[2]++)
#define EACH_PLACE(window, o)                           \
    for (o[0] = 0; o[0] < (window)->out[0]; o[0]++)     \
        for (o[1] = 0; o[1] < (window)->out[1]; o[1]++) \
            for (o[2] = 0; o[2] < (window)->out[2]; o[2]++)

static float average(const float *plane, const gy_window *window, const size_t *o,
                     bool with_padding)
{
    float sum = 0.0f;
    size_t k[3], at, counted = 0;
    EACH_TAP(window, k)
    if (tap(&at, &counted, window, o, k, with_padding))
        sum = sum + plane[at];
    return sum / (float)counted;
}

#define MAX_OF(name, type, least)                                                 \
    static type name(const type *plane, const gy_window *window, const size_t *o) \
    {                                                                             \
        type most = least;                                                        \
        size_t k[3], at, counted = 0;                                             \
        EACH_TAP(window, k)                                                       \
        if (tap(&at, &counted, window, o, k, false) &&                            \
            (plane[at] > most || plane[at] != plane[at]))                         \
            most = plane[at];                                                     \
        return most;                                                              \
    }
MAX_OF(max_float, float, gy_bits_float(0xff800000u))
MAX_OF(max_int8, int8_t, INT8_MIN)
MAX_OF(max_uint8, uint8_t, 0)

gy_status gy_pool_eval(const gy_node *node, gy_error *err)
{
    const gy_pool *pool = node->op->family;
    const gy_tensor *x = node->inputs[0];
    void *y = (void *)(uintptr_t)node->outputs[0]->data;
    gy_window window;
    GY_TRY(gy_pool_window(&window, node, err));
    size_t size = window.in[0] * window.in[1] * window.in[2], o[3], at = 0;
    for (size_t n = 0; n < window.batch * window.channels; n++)
        EACH_PLACE(&window, o)
        {
            if (pool->kind == GY_POOL_AVERAGE)
                ((float *)y)[at] =
                    average((const float *)x->data + n * size, &window, o, counts_padding(node));
            else if (x->dtype == GY_FLOAT32)
                ((float *)y)[at] = max_float((const float *)x->data + n * size, &window, o);
            else if (x->dtype == GY_INT8)
                ((int8_t *)y)[at] = max_int8((const int8_t *)x->data + n * size, &window, o);
            else
                ((uint8_t *)y)[at] = max_uint8((const uint8_t *)x->data + n * size, &window, o);
            at++;
        }
    return GY_OK;
}

static const char *least_of(gy_dtype dtype)
{
    return dtype == GY_FLOAT32 ? "gy_bits_float(0xff800000u)" : dtype == GY_INT8 ? "INT8_MIN" : "0";
}

// The number of taps is a literal where no window reaches over an edge.
static bool emit_counter(const gy_node *node, const gy_window *window)
{
    bool overhangs = false;
    for (size_t i = 0; i < 3; i++) {
        size_t end = window->out[i] == 0 ? 0
                                         : (window->out[i] - 1) * window->stride[i] +
                                               (window->kernel[i] - 1) * window->dilation[i];
        overhangs = overhangs || end >= window->in[i] + window->pad[i] + window->pad_end[i];
        overhangs = overhangs || (!counts_padding(node) && gy_window_is_padded(window, i));
    }
    return overhangs;
}

static void emit_count(const gy_node *node, const gy_window *window, size_t depth, gy_text *out)
{
    if (counts_padding(node)) {
        gy_indent(out, depth);
        const char *sign = "if (";
        for (size_t i = 0; i < 3; i++)
            if (gy_window_is_padded(window, i)) {
                gy_text_add(out, "%sr%zu < %zu", sign, i,
                            window->in[i] + window->pad[i] + window->pad_end[i]);
                sign = " && ";
            }
        gy_text_add(out, ")\n");
        depth++;
    }
    gy_indent(out, depth);
    gy_text_add(out, "count++;\n");
}

static void emit_tap(const gy_node *node, const gy_window *window, size_t depth, bool counts,
                     gy_text *out)
{
    const gy_pool *pool = node->op->family;
    size_t plane = window->in[0] * window->in[1] * window->in[2], inner = depth;
    gy_text inside = {0};
    if (counts && counts_padding(node))
        emit_count(node, window, depth, out);
    if (gy_window_emit_inside(&inside, window)) {
        gy_indent(out, inner++);
        gy_text_add(out, "if (%s) {\n", inside.bytes == NULL ? "" : inside.bytes);
    }
    if (inside.status != GY_OK)
        out->status = inside.status;
    gy_text_release(&inside);
    gy_indent(out, inner);
    gy_text_add(out, "const %s x = %s[n * %zu + ", gy_dtype_c(node->inputs[0]->dtype),
                node->inputs[0]->c_name, plane);
    gy_window_emit_in(out, window);
    gy_text_add(out, "];\n");
    gy_indent(out, inner);
    if (pool->kind == GY_POOL_AVERAGE)
        gy_text_add(out, "sum = sum + x;\n");
    else if (node->inputs[0]->dtype == GY_FLOAT32)
        gy_text_add(out, "most = x > most || x != x ? x : most;\n");
    else
        gy_text_add(out, "most = x > most ? x : most;\n");
    if (counts && !counts_padding(node))
        emit_count(node, window, inner, out);
    gy_emit_close(out, depth, inner);
}

void gy_pool_emit(const gy_node *node, gy_text *out)
{
    const gy_pool *pool = node->op->family;
    gy_window window;
    if (gy_pool_window(&window, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    bool is_average = pool->kind == GY_POOL_AVERAGE;
    bool counts = is_average && emit_counter(node, &window);
    gy_dtype dtype = node->inputs[0]->dtype;
    size_t depth = gy_emit_for(out, "n", window.batch * window.channels, 0);
    depth = gy_window_emit_places(out, &window, depth);
    gy_indent(out, depth);
    gy_text_add(out, "%s %s = %s;\n", gy_dtype_c(dtype), is_average ? "sum" : "most",
                is_average ? "0.0f" : least_of(dtype));
    if (counts) {
        gy_indent(out, depth);
        gy_text_add(out, "uint32_t count = 0;\n");
    }
    size_t inner = gy_window_emit_taps(out, &window, depth);
    emit_tap(node, &window, inner, counts, out);
    gy_emit_close(out, depth, inner);
    gy_indent(out, depth);
    gy_text_add(out, "%s[n * %zu + ", node->outputs[0]->c_name,
                window.out[0] * window.out[1] * window.out[2]);
    gy_window_emit_out(out, &window);
    if (counts)
        gy_text_add(out, "] = sum / (float)count;\n");
    else if (is_average)
        gy_text_add(out, "] = sum / %zu.0f;\n",
                    window.kernel[0] * window.kernel[1] * window.kernel[2]);
    else
        gy_text_add(out, "] = most;\n");
    gy_emit_close(out, 0, depth);
}
