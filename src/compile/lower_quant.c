// SPDX-License-Identifier: Apache-2.0
//
// Quantised graphs: QuantizeLinear and DequantizeLinear around convolutions and products become
// one node on bytes, gyre.QuantConv. What does not fit stays as it is, in floats.

#include <math.h> // floor, which is exact
#include <string.h>

#include "compile/lower_fuse.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

enum { TAPS_MAX = 65535 }; // products of bytes that a sum of 32 bits takes
// Within these bounds x's scale times the weights' by y's is finite; other scales stay in floats.
#define SCALE_MIN 1e-12f
#define SCALE_MAX 1e12f

// One scale and zero point for a whole tensor, as constants.
static bool read_scale(gy_lowering_bytes *bytes, const gy_node *node)
{
    const gy_tensor *scale = node->inputs[1], *zero = gy_node_input(node, 2);
    if (!scale->is_constant || scale->count != 1 || scale->dtype != GY_FLOAT32 ||
        (zero != NULL && (!zero->is_constant || zero->count != 1)))
        return false;
    bytes->scale = (float)gy_tensor_number_at(scale, 0);
    bytes->zero = zero == NULL ? 0 : (int32_t)gy_tensor_int_at(zero, 0);
    return bytes->scale >= SCALE_MIN && bytes->scale <= SCALE_MAX;
}

static bool is_bytes(const gy_tensor *tensor)
{
    return tensor->dtype == GY_INT8 || tensor->dtype == GY_UINT8;
}

bool gy_lowering_find_bytes(gy_lowering_bytes *bytes, const gy_tensor *tensor)
{
    *bytes = (gy_lowering_bytes){0};
    while (tensor->producer != NULL && gy_node_is_reshape(tensor->producer)) {
        const gy_tensor *from = tensor->producer->inputs[0];
        if (tensor->rank != 2 || from->rank < 2 || tensor->shape[0] != from->shape[0])
            return false;
        bytes->is_flat = true;
        tensor = from;
    }
    const gy_node *node = tensor->producer;
    if (node == NULL || !gy_node_is(node, "DequantizeLinear") || !is_bytes(node->inputs[0]))
        return false;
    bytes->tensor = node->inputs[0];
    return read_scale(bytes, node);
}

bool gy_lowering_makes_bytes(gy_lowering_bytes *bytes, const gy_node *node)
{
    *bytes = (gy_lowering_bytes){0};
    if (node == NULL || !gy_node_is(node, "QuantizeLinear") || !is_bytes(node->outputs[0]))
        return false;
    bytes->tensor = node->outputs[0];
    return read_scale(bytes, node);
}

static bool is_same_scale(const gy_lowering_bytes *a, const gy_lowering_bytes *b)
{
    return a->tensor->dtype == b->tensor->dtype && a->scale == b->scale && a->zero == b->zero;
}

static gy_status add_quantize(gy_lowering *l, gy_node *node, const gy_lowering_bytes *to,
                              gy_error *err)
{
    gy_quantize_state *s = GY_NEW(l->arena, gy_quantize_state, 1);
    gy_tensor *x, *y = gy_tensor_new(l->arena, to->tensor->name);
    gy_node *made;
    if (s == NULL || y == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    *s = (gy_quantize_state){to->scale, to->zero};
    GY_TRY(gy_lowering_plain(&x, l, node->inputs[0], err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_quantize, node->name, 1, err));
    gy_tensor_like(y, to->tensor);
    y->producer = made;
    made->state = s;
    made->inputs[0] = x;
    made->outputs[0] = gy_lowering_of(l, to->tensor)->plain = y;
    node->mark = GY_LOWERED;
    return GY_OK;
}

// Floats into bytes; bytes that are read and written again on the same scale are a view.
gy_status gy_lower_requantize(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_lowering_bytes from, to;
    if (!gy_lowering_makes_bytes(&to, node) || node->inputs[0]->is_constant)
        return GY_OK;
    *done = true;
    if (!gy_lowering_find_bytes(&from, node->inputs[0]) || !is_same_scale(&from, &to))
        return add_quantize(l, node, &to, err);
    gy_lowering_tensor *x = gy_lowering_of(l, from.tensor), *y = gy_lowering_of(l, to.tensor);
    node->mark = GY_LOWERED;
    if (from.is_flat && x->image != NULL) {
        y->flat = x;
        return GY_OK;
    }
    return gy_lowering_view(l, from.tensor, to.tensor, err);
}

// ---- convolutions and products

/** A convolution of bytes on its way. */
typedef struct quant_draft {
    gy_quant_state state;
    gy_lowering_bytes x, y; // y.tensor NULL: the result is float
    const gy_tensor *w, *w_scale,
        *bias;              // bias: float or, behind DequantizeLinear, int32; may be NULL
    float bias_scale;       // of an int32 bias; 0: bias is float
    size_t outputs, inputs; // inputs: channels of a group
    bool w_turned;          // w is [inputs][outputs], of a product
    gy_fused fused;
} quant_draft;

// Weights: int8 constants with a scale, or a scale of each output, and zero points of 0.
static bool read_weights(quant_draft *d, const gy_tensor *w, size_t outputs)
{
    const gy_node *node = w->producer;
    if (node == NULL || !gy_node_is(node, "DequantizeLinear") ||
        node->inputs[0]->dtype != GY_INT8 || !node->inputs[0]->is_constant)
        return false;
    const gy_tensor *zero = gy_node_input(node, 2);
    d->w = node->inputs[0];
    d->w_scale = node->inputs[1];
    if (!d->w_scale->is_constant || d->w_scale->dtype != GY_FLOAT32 ||
        (d->w_scale->count != 1 && d->w_scale->count != outputs) ||
        (zero != NULL && !zero->is_constant))
        return false;
    int64_t axis = gy_node_int(node, "axis", 1), wanted = d->w_turned ? 1 : 0;
    if (d->w_scale->count != 1 && axis != wanted && axis + (int64_t)d->w->rank != wanted)
        return false;
    for (size_t i = 0; zero != NULL && i < zero->count; i++)
        if (gy_tensor_int_at(zero, i) != 0)
            return false;
    for (size_t i = 0; i < d->w_scale->count; i++)
        if (!(gy_tensor_number_at(d->w_scale, i) >= 0.0) ||
            gy_tensor_number_at(d->w_scale, i) > (double)SCALE_MAX)
            return false;
    return gy_node_int(node, "block_size", 0) == 0;
}

static bool read_bias(quant_draft *d, const gy_tensor *bias)
{
    d->bias = bias;
    if (bias == NULL ||
        (bias->is_constant && bias->dtype == GY_FLOAT32 && bias->count == d->outputs))
        return true;
    const gy_node *node = bias->producer;
    if (node == NULL || !gy_node_is(node, "DequantizeLinear") ||
        node->inputs[0]->dtype != GY_INT32 || !node->inputs[0]->is_constant ||
        node->inputs[0]->count != d->outputs || !node->inputs[1]->is_constant)
        return false;
    // Its scale may be one of each output; the product of both is what counts.
    d->bias = node->inputs[0];
    d->bias_scale = 1.0f;
    const gy_tensor *zero = gy_node_input(node, 2);
    for (size_t i = 0; zero != NULL && i < zero->count; i++)
        if (!zero->is_constant || gy_tensor_int_at(zero, i) != 0)
            return false;
    return true;
}

static double scale_of(const gy_tensor *scales, size_t i)
{
    return gy_tensor_number_at(scales, scales->count == 1 ? 0 : i);
}

// The bias of an output in units of x's scale times its weights' scale, nearest whole number.
static double bias_units(const quant_draft *d, size_t m)
{
    if (d->bias == NULL)
        return 0.0;
    if (d->bias_scale != 0.0f)
        return gy_tensor_number_at(d->bias, m);
    double unit = (double)d->x.scale * scale_of(d->w_scale, m);
    double bias = gy_tensor_number_at(d->bias, m);
    return unit > 0.0 ? floor(bias / unit + 0.5) : 0.0;
}

// Weight of output m, tap k of the kernel's grid, channel c.
static int64_t weight_at(const quant_draft *d, size_t m, size_t k, size_t c)
{
    size_t taps = d->state.conv.kernel_rows * d->state.conv.kernel_cols;
    size_t depth = d->inputs * taps;
    if (d->w_turned)
        return gy_tensor_int_at(d->w, (c * taps + k) * d->outputs + m);
    return gy_tensor_int_at(d->w, m * depth + c * taps + k);
}

static gy_status make_constants(gy_node *node, quant_draft *d, gy_lowering *l, gy_error *err)
{
    const gy_conv_state *s = &d->state.conv;
    size_t taps = s->kernel_rows * s->kernel_cols;
    void *w_data, *bias_data, *factor_data;
    const char *name = node->name;
    GY_TRY(gy_tensor_constant(&node->inputs[1], &w_data, l->arena, name, GY_INT8,
                              (size_t[]){d->outputs, taps, d->inputs}, 3, err));
    GY_TRY(gy_tensor_constant(&node->inputs[2], &bias_data, l->arena, name, GY_INT32, &d->outputs,
                              1, err));
    GY_TRY(gy_tensor_constant(&node->inputs[3], &factor_data, l->arena, name, GY_FLOAT32,
                              &d->outputs, 1, err));
    int8_t *w = w_data;
    for (size_t m = 0; m < d->outputs; m++) {
        int64_t sum = 0;
        for (size_t k = 0; k < taps; k++)
            for (size_t c = 0; c < d->inputs; c++) {
                *w = (int8_t)weight_at(d, m, k, c);
                sum += *w++;
            }
        double bias = bias_units(d, m) - (double)d->x.zero * (double)sum;
        if (!(bias >= INT32_MIN && bias <= INT32_MAX))
            return gy_fail(err, GY_UNSUPPORTED,
                           "node '%s': the bias of output %zu does not fit into 32 bits", name, m);
        ((int32_t *)bias_data)[m] = (int32_t)bias;
        double unit = (double)d->x.scale * scale_of(d->w_scale, m);
        ((float *)factor_data)[m] = (float)(d->y.tensor == NULL ? unit : unit / (double)d->y.scale);
    }
    return GY_OK;
}

// The bounds of what is fused, on the scale of the result and within its type.
static void set_bounds(quant_draft *d)
{
    gy_conv_state *s = &d->state.conv;
    s->low = d->fused.low, s->high = d->fused.high;
    if (d->y.tensor == NULL)
        return;
    bool is_signed = d->y.tensor->dtype == GY_INT8;
    float least = (float)((is_signed ? -128 : 0) - d->y.zero);
    float most = (float)((is_signed ? 127 : 255) - d->y.zero);
    s->low = gy_clipf(s->low / d->y.scale, least, most);
    s->high = gy_clipf(s->high / d->y.scale, least, most);
    d->state.zero = d->y.zero;
}

// A pool of windows that neither overlap nor leave the image, between the same bytes or in floats.
static gy_node *find_pool(gy_window *window, const quant_draft *d, const gy_lowering *l,
                          const gy_tensor *tail)
{
    return d->state.conv.groups == 1 ? gy_fuse_find_pool(window, l, tail) : NULL;
}

static void take_pool(quant_draft *d, gy_node *pool, const gy_window *window)
{
    d->state.conv.pool_rows = window->kernel[1];
    d->state.conv.pool_cols = window->kernel[2];
    gy_fuse_take(&d->fused, pool);
}

// Behind the bytes: DequantizeLinear, MaxPool, QuantizeLinear to the same scale.
static void fuse_pool_behind(quant_draft *d, gy_lowering *l)
{
    gy_lowering_bytes again;
    gy_window window;
    gy_node *read = gy_lowering_sole_user(l, d->fused.tail);
    if (read == NULL || !gy_node_is(read, "DequantizeLinear"))
        return;
    gy_node *pool = find_pool(&window, d, l, read->outputs[0]);
    gy_node *write = pool == NULL ? NULL : gy_lowering_sole_user(l, pool->outputs[0]);
    if (!gy_lowering_makes_bytes(&again, write) || !is_same_scale(&again, &d->y))
        return;
    read->mark = GY_LOWERED;
    take_pool(d, pool, &window);
    gy_fuse_take(&d->fused, write);
    d->y = again;
}

static void fuse_behind(quant_draft *d, gy_lowering *l)
{
    gy_lowering_bytes y;
    gy_window window;
    gy_fuse_clip(&d->fused, l);
    // A pool in floats is fused only if bytes follow it.
    gy_node *pool = find_pool(&window, d, l, d->fused.tail);
    const gy_tensor *end = pool != NULL ? pool->outputs[0] : d->fused.tail;
    gy_node *write = gy_lowering_sole_user(l, end);
    if (!gy_lowering_makes_bytes(&y, write))
        return;
    if (pool != NULL)
        take_pool(d, pool, &window);
    gy_fuse_take(&d->fused, write);
    d->y = y;
    if (pool == NULL)
        fuse_pool_behind(d, l);
}

static gy_status finish(quant_draft *d, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_quant_state *state = GY_NEW(l->arena, gy_quant_state, 1);
    gy_node *made;
    gy_tensor *x;
    if (state == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    set_bounds(d);
    d->state.is_signed = d->x.tensor->dtype == GY_INT8;
    *state = d->state;
    gy_image_shape border = state->conv.x;
    GY_TRY(gy_lowering_image(&x, &state->conv.x, l, d->x.tensor, &border, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_quant_conv, node->name, 4, err));
    made->inputs[0] = x;
    GY_TRY(make_constants(made, d, l, err));
    GY_TRY(gy_lowering_make_image(&made->outputs[0], &state->conv.y, l, d->fused.tail, err));
    made->outputs[0]->producer = made;
    made->state = state;
    node->mark = GY_LOWERED;
    return GY_OK;
}

static gy_status lower_conv(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_window window;
    const gy_tensor *w = node->inputs[1];
    quant_draft d = {.outputs = w->shape[0], .inputs = w->rank > 1 ? w->shape[1] : 0};
    d.fused = gy_fuse_start(node->outputs[0]);
    if (node->inputs[0]->rank > 4 || node->outputs[0]->count == 0 || node->inputs[0]->count == 0 ||
        !gy_lowering_find_bytes(&d.x, node->inputs[0]) || d.x.is_flat ||
        !read_weights(&d, w, d.outputs) || !read_bias(&d, gy_node_input(node, 2)))
        return GY_OK;
    GY_TRY(gy_window_read(&window, node, w->shape + 2, err));
    if (window.kernel[1] * window.kernel[2] * d.inputs > TAPS_MAX)
        return GY_OK;
    gy_lowering_conv_geometry(&d.state.conv, node, &window);
    fuse_behind(&d, l);
    *done = true;
    return finish(&d, l, node, err);
}

static bool is_product(quant_draft *d, const gy_node *node)
{
    if (gy_node_is(node, "MatMul")) {
        d->w_turned = true;
        return true;
    }
    d->w_turned = gy_node_int(node, "transB", 0) == 0;
    return gy_node_is(node, "Gemm") && gy_node_int(node, "transA", 0) == 0 &&
           gy_node_float(node, "alpha", 1.0f) == 1.0f && gy_node_float(node, "beta", 1.0f) == 1.0f;
}

static gy_status lower_product(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    quant_draft d = {0};
    const gy_tensor *x = node->inputs[0], *w = node->inputs[1];
    d.fused = gy_fuse_start(node->outputs[0]);
    if (!is_product(&d, node) || x->rank != 2 || w->rank != 2 || node->outputs[0]->count == 0 ||
        x->count == 0)
        return GY_OK;
    d.outputs = w->shape[d.w_turned ? 1 : 0];
    d.inputs = x->shape[1];
    if (d.inputs > TAPS_MAX || !gy_lowering_find_bytes(&d.x, x) ||
        !read_weights(&d, w, d.outputs) || !read_bias(&d, gy_node_input(node, 2)))
        return GY_OK;
    gy_conv_state *s = &d.state.conv;
    gy_lowering_product_geometry(s);
    // The bytes may be a row already whose channels and pixels are an image's.
    gy_lowering_tensor *from = gy_lowering_of(l, d.x.tensor);
    if (from->flat != NULL)
        d.x.tensor = from->flat->from;
    gy_image_shape image;
    if (!gy_lowering_as_image(&image, d.x.tensor))
        return GY_OK;
    s->kernel_rows = image.rows, s->kernel_cols = image.cols;
    d.inputs = image.channels;
    fuse_behind(&d, l);
    *done = true;
    return finish(&d, l, node, err);
}

gy_status gy_lower_quant_conv(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    if (gy_node_is(node, "Conv"))
        return lower_conv(done, l, node, err);
    return gy_node_is(node, "Gemm") || gy_node_is(node, "MatMul")
               ? lower_product(done, l, node, err)
               : GY_OK;
}

// ---- pools of bytes

gy_status gy_lower_quant_pool(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_lowering_bytes from, to;
    gy_window window;
    if (!gy_node_is(node, "MaxPool") || node->inputs[0]->rank != 4 ||
        node->outputs[0]->count == 0 || (node->output_count > 1 && node->outputs[1] != NULL) ||
        !gy_lowering_find_bytes(&from, node->inputs[0]) || from.is_flat)
        return GY_OK;
    gy_node *write = gy_lowering_sole_user(l, node->outputs[0]);
    if (!gy_lowering_makes_bytes(&to, write) || !is_same_scale(&from, &to))
        return GY_OK;
    GY_TRY(gy_window_read(&window, node, NULL, err));
    for (size_t i = 1; i < 3; i++)
        if (window.pad[i] != 0 || window.dilation[i] != 1 ||
            (window.out[i] - 1) * window.stride[i] + window.kernel[i] > window.in[i])
            return GY_OK;
    gy_pool_state *s = GY_NEW(l->arena, gy_pool_state, 1);
    gy_node *made;
    gy_tensor *x;
    if (s == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    s->kernel_rows = window.kernel[1], s->kernel_cols = window.kernel[2];
    s->step_rows = window.stride[1], s->step_cols = window.stride[2];
    s->dilate_rows = s->dilate_cols = 1;
    GY_TRY(gy_lowering_image(&x, &s->x, l, from.tensor, NULL, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_quant_max_pool, node->name, 1, err));
    GY_TRY(gy_lowering_make_image(&made->outputs[0], &s->y, l, to.tensor, err));
    made->outputs[0]->producer = made;
    made->inputs[0] = x;
    made->state = s;
    s->border_byte = to.zero & 255;
    node->mark = write->mark = GY_LOWERED;
    *done = true;
    return GY_OK;
}
