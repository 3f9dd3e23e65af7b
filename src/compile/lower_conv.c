// SPDX-License-Identifier: Apache-2.0
//
// Convolutions and matrix products become gyre.Conv. Batch normalisation goes into the weights,
// Relu and Clip into the bounds, max pooling over windows that do not overlap into the node.

#include <math.h> // sqrt, which IEEE 754 rounds in one way
#include <string.h>

#include "compile/lower_fuse.h"

static bool is_constant_float(const gy_tensor *tensor)
{
    return tensor != NULL && tensor->is_constant && tensor->dtype == GY_FLOAT32;
}

/** A convolution on its way: what the original node says, and what is fused. */
typedef struct conv_draft {
    gy_conv_state state;
    gy_fused fused;
    const gy_tensor *x;
    size_t inputs;       // channels of a group
    gy_tensor *w, *bias; // [outputs][rows][cols][inputs], [outputs]
    float *w_data, *bias_data;
} conv_draft;

static gy_status draft_weights(conv_draft *d, gy_lowering *l, const gy_node *node, size_t outputs,
                               gy_error *err)
{
    size_t w_shape[4] = {outputs, d->state.kernel_rows, d->state.kernel_cols, d->inputs};
    void *w, *bias;
    GY_TRY(gy_tensor_constant(&d->w, &w, l->arena, node->inputs[1]->name, GY_FLOAT32, w_shape, 4,
                              err));
    GY_TRY(gy_tensor_constant(&d->bias, &bias, l->arena, node->name, GY_FLOAT32, w_shape, 1, err));
    d->w_data = w;
    d->bias_data = bias;
    return GY_OK;
}

// y = (x - mean) / sqrt(variance + epsilon) × scale + shift, per channel, goes into w and bias.
static void fuse_norm(conv_draft *d, gy_lowering *l)
{
    gy_node *user = gy_lowering_sole_user(l, d->fused.tail);
    if (user == NULL || !gy_node_is(user, "BatchNormalization") || user->input_count != 5 ||
        user->inputs[0] != d->fused.tail || gy_node_int(user, "training_mode", 0) != 0)
        return;
    for (size_t i = 1; i < 5; i++)
        if (!is_constant_float(user->inputs[i]) || user->inputs[i]->count != d->bias->count)
            return;
    double epsilon = (double)gy_node_float(user, "epsilon", 1e-5f);
    size_t taps = d->w->count / d->bias->count;
    for (size_t m = 0; m < d->bias->count; m++) {
        double variance = gy_tensor_number_at(user->inputs[4], m) + epsilon;
        double scale = gy_tensor_number_at(user->inputs[1], m) / sqrt(variance);
        double mean = gy_tensor_number_at(user->inputs[3], m);
        for (size_t k = 0; k < taps; k++)
            d->w_data[m * taps + k] = (float)((double)d->w_data[m * taps + k] * scale);
        double bias = ((double)d->bias_data[m] - mean) * scale;
        d->bias_data[m] = (float)(bias + gy_tensor_number_at(user->inputs[2], m));
    }
    gy_fuse_take(&d->fused, user);
}

static void fuse_pool(conv_draft *d, gy_lowering *l)
{
    gy_window window;
    gy_node *pool = gy_fuse_find_pool(&window, l, d->fused.tail);
    if (pool == NULL)
        return;
    d->state.pool_rows = window.kernel[1];
    d->state.pool_cols = window.kernel[2];
    gy_fuse_take(&d->fused, pool);
}

static gy_status finish(conv_draft *d, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_conv_state *state = GY_NEW(l->arena, gy_conv_state, 1);
    gy_node *made;
    gy_tensor *x;
    if (state == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    *state = d->state;
    gy_image_shape border = state->x;
    GY_TRY(gy_lowering_image(&x, &state->x, l, d->x, &border, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_conv, node->name, 3, err));
    GY_TRY(gy_lowering_make_image(&made->outputs[0], &state->y, l, d->fused.tail, err));
    made->outputs[0]->producer = made;
    made->inputs[0] = x;
    made->inputs[1] = d->w;
    made->inputs[2] = d->bias;
    state->low = d->fused.low;
    state->high = d->fused.high;
    made->state = state;
    node->mark = GY_LOWERED;
    return GY_OK;
}

void gy_lowering_border(gy_image_shape *border, const gy_window *window)
{
    size_t past[3];
    for (size_t i = 1; i < 3; i++) {
        size_t end = (window->out[i] - 1) * window->stride[i] +
                     (window->kernel[i] - 1) * window->dilation[i] + 1;
        past[i] = end > window->in[i] + window->pad[i] ? end - window->in[i] - window->pad[i] : 0;
    }
    border->top = window->pad[1], border->left = window->pad[2];
    border->bottom = past[1], border->right = past[2];
}

void gy_lowering_conv_geometry(gy_conv_state *state, const gy_node *node, const gy_window *window)
{
    *state = (gy_conv_state){.rows = window->out[1],
                             .cols = window->out[2],
                             .kernel_rows = window->kernel[1],
                             .kernel_cols = window->kernel[2],
                             .step_rows = window->stride[1],
                             .step_cols = window->stride[2],
                             .dilate_rows = window->dilation[1],
                             .dilate_cols = window->dilation[2],
                             .pad_top = window->pad[1],
                             .pad_left = window->pad[2],
                             .groups = (size_t)gy_node_int(node, "group", 1),
                             .pool_rows = 1,
                             .pool_cols = 1};
    gy_lowering_border(&state->x, window);
}

void gy_lowering_product_geometry(gy_conv_state *state)
{
    *state = (gy_conv_state){.rows = 1,
                             .cols = 1,
                             .kernel_rows = 1,
                             .kernel_cols = 1,
                             .step_rows = 1,
                             .step_cols = 1,
                             .dilate_rows = 1,
                             .dilate_cols = 1,
                             .groups = 1,
                             .pool_rows = 1,
                             .pool_cols = 1};
}

static gy_status read_conv(conv_draft *d, gy_lowering *l, const gy_node *node,
                           const gy_window *window, gy_error *err)
{
    const gy_tensor *w = node->inputs[1];
    const gy_tensor *bias = node->input_count > 2 ? node->inputs[2] : NULL;
    gy_lowering_conv_geometry(&d->state, node, window);
    d->inputs = w->shape[1];
    d->x = node->inputs[0];
    GY_TRY(draft_weights(d, l, node, w->shape[0], err));
    size_t taps = d->state.kernel_rows * d->state.kernel_cols, inputs = d->inputs;
    for (size_t m = 0; m < w->shape[0]; m++) {
        for (size_t c = 0; c < inputs; c++)
            for (size_t k = 0; k < taps; k++)
                d->w_data[(m * taps + k) * inputs + c] =
                    (float)gy_tensor_number_at(w, (m * inputs + c) * taps + k);
        d->bias_data[m] = bias == NULL ? 0.0f : (float)gy_tensor_number_at(bias, m);
    }
    return GY_OK;
}

gy_status gy_lower_conv(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_window window;
    if (!gy_node_is(node, "Conv") || node->inputs[0]->rank > 4 ||
        !is_constant_float(node->inputs[1]) || node->outputs[0]->count == 0 ||
        node->inputs[0]->count == 0 ||
        (node->input_count > 2 && node->inputs[2] != NULL && !is_constant_float(node->inputs[2])))
        return GY_OK;
    GY_TRY(gy_window_read(&window, node, node->inputs[1]->shape + 2, err));
    conv_draft d = {.fused = gy_fuse_start(node->outputs[0])};
    GY_TRY(read_conv(&d, l, node, &window, err));
    fuse_norm(&d, l);
    const gy_tensor *before = d.fused.tail;
    gy_fuse_clip(&d.fused, l);
    bool clipped = d.fused.tail != before;
    if (d.state.groups == 1)
        fuse_pool(&d, l);
    if (!clipped)
        gy_fuse_clip(&d.fused, l);
    *done = true;
    return finish(&d, l, node, err);
}

// ---- matrix products: y[row][n] = bias[n] + sum of x[row][k] × w[k][n]

/** A product with constant weights, whichever operator it is written as. */
typedef struct product {
    const gy_tensor *w, *bias; // bias NULL: 0
    bool transposed;           // w is [n][k]
    float scale, bias_scale;
    size_t rows, depth, outputs;
} product;

static bool read_gemm(product *p, const gy_node *node)
{
    if (gy_node_int(node, "transA", 0) != 0)
        return false;
    p->bias = node->input_count > 2 ? node->inputs[2] : NULL;
    p->transposed = gy_node_int(node, "transB", 0) != 0;
    p->scale = gy_node_float(node, "alpha", 1.0f);
    p->bias_scale = gy_node_float(node, "beta", 1.0f);
    return true;
}

// Whether bias is the same for every row.
static bool is_row(const gy_tensor *bias, size_t outputs)
{
    return is_constant_float(bias) && (bias->count == outputs || bias->count == 1) &&
           (bias->rank == 0 || bias->shape[bias->rank - 1] == bias->count);
}

static bool read_product(product *p, const gy_node *node)
{
    bool gemm = gy_node_is(node, "Gemm");
    if (!gemm && !gy_node_is(node, "MatMul"))
        return false;
    const gy_tensor *x = node->inputs[0];
    *p = (product){.w = node->inputs[1], .scale = 1.0f, .bias_scale = 1.0f};
    if (!is_constant_float(p->w) || p->w->rank != 2 || x->dtype != GY_FLOAT32 || x->rank < 2 ||
        (gemm && !read_gemm(p, node)) || node->outputs[0]->count == 0 || x->count == 0)
        return false;
    p->outputs = p->w->shape[p->transposed ? 0 : 1];
    p->depth = p->w->shape[p->transposed ? 1 : 0];
    p->rows = x->count / p->depth;
    return p->bias == NULL || is_row(p->bias, p->outputs);
}

// A bias that is added behind a MatMul.
static void fuse_bias(product *p, gy_fused *fused, gy_lowering *l)
{
    gy_node *user = gy_lowering_sole_user(l, fused->tail);
    if (p->bias != NULL || user == NULL || !gy_node_is(user, "Add"))
        return;
    const gy_tensor *other = user->inputs[user->inputs[0] == fused->tail ? 1 : 0];
    if (!is_row(other, p->outputs) || user->outputs[0]->count != fused->tail->count)
        return;
    p->bias = other;
    gy_fuse_take(fused, user);
}

// Element (k, n) of the weights.
static float weight_at(const product *p, size_t k, size_t n)
{
    size_t at = p->transposed ? n * p->depth + k : k * p->outputs + n;
    float w = (float)gy_tensor_number_at(p->w, at);
    return p->scale == 1.0f ? w : w * p->scale;
}

// Where the product reads an image's channels and pixels in ONNX's order, it becomes a convolution
// of the whole image, so that nothing needs to be turned.
static void read_weights(conv_draft *d, const product *p)
{
    size_t pixels = d->state.kernel_rows * d->state.kernel_cols;
    for (size_t n = 0; n < p->outputs; n++) {
        for (size_t c = 0; c < d->inputs; c++)
            for (size_t k = 0; k < pixels; k++)
                d->w_data[(n * pixels + k) * d->inputs + c] = weight_at(p, c * pixels + k, n);
        float bias = p->bias == NULL
                         ? 0.0f
                         : (float)gy_tensor_number_at(p->bias, p->bias->count == 1 ? 0 : n);
        d->bias_data[n] = p->bias_scale == 1.0f ? bias : bias * p->bias_scale;
    }
}

// The output of a product of any rank as one pixel an image.
static gy_status finish_product(conv_draft *d, gy_lowering *l, const product *p, gy_node *node,
                                gy_error *err)
{
    gy_conv_state *state = GY_NEW(l->arena, gy_conv_state, 1);
    gy_lowering_tensor *from = gy_lowering_of(l, d->x), *to = gy_lowering_of(l, d->fused.tail);
    gy_tensor *x, *y = gy_tensor_new(l->arena, d->fused.tail->name);
    gy_node *made;
    if (state == NULL || y == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    *state = d->state;
    if (from->flat != NULL) {
        GY_TRY(gy_lowering_image(&x, &state->x, l, from->flat->from, NULL, err));
    } else {
        GY_TRY(gy_lowering_plain(&x, l, d->x, err));
        state->x = (gy_image_shape){.images = p->rows, .rows = 1, .cols = 1, .channels = p->depth};
    }
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_conv, node->name, 3, err));
    gy_tensor_like(y, d->fused.tail);
    state->y = (gy_image_shape){.images = p->rows, .rows = 1, .cols = 1, .channels = p->outputs};
    state->low = d->fused.low, state->high = d->fused.high;
    made->state = state;
    made->inputs[0] = x, made->inputs[1] = d->w, made->inputs[2] = d->bias;
    made->outputs[0] = to->plain = y;
    y->producer = made;
    node->mark = GY_LOWERED;
    return GY_OK;
}

gy_status gy_lower_product(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    product p;
    if (!read_product(&p, node))
        return GY_OK;
    conv_draft d = {
        .fused = gy_fuse_start(node->outputs[0]), .x = node->inputs[0], .inputs = p.depth};
    fuse_bias(&p, &d.fused, l);
    gy_fuse_clip(&d.fused, l);
    gy_lowering_product_geometry(&d.state);
    const gy_lowering_tensor *flat = gy_lowering_of(l, d.x)->flat;
    if (flat != NULL) {
        gy_image_shape image;
        if (!gy_lowering_as_image(&image, flat->from))
            return gy_fail(err, GY_UNSUPPORTED, "node '%s' reads no image", node->name);
        d.state.kernel_rows = image.rows;
        d.state.kernel_cols = image.cols;
        d.inputs = image.channels;
    }
    GY_TRY(draft_weights(&d, l, node, p.outputs, err));
    read_weights(&d, &p);
    *done = true;
    return finish_product(&d, l, &p, node, err);
}
