// SPDX-License-Identifier: Apache-2.0
//
// The operators of the lowered graph as the reference: each output is computed by the definition,
// one chain of operations in the stated order. The kernels that programs run are held against this.

#include "compile/lowered_ops.h"

#include <string.h>

#include "rt/math.h"

size_t gy_image_row(const gy_image_shape *shape)
{
    return (shape->left + shape->cols + shape->right) * shape->channels;
}

bool gy_conv_is_depthwise(const gy_conv_state *s)
{
    return s->groups > 1 && s->groups == s->x.channels && s->groups == s->y.channels;
}

// The element of a pixel's first channel; row and col may lie in the border.
static size_t pixel_at(const gy_image_shape *shape, size_t image, size_t row, size_t col)
{
    size_t rows = shape->top + shape->rows + shape->bottom;
    return (image * rows + row) * gy_image_row(shape) + col * shape->channels;
}

// What lowering made needs no inference: types and shapes are set there.
static gy_status keep_types(gy_node *node, gy_error *err)
{
    (void)node;
    (void)err;
    return GY_OK;
}

/** One output channel of a convolution. */
typedef struct conv_channel {
    const gy_conv_state *s;
    const float *x, *w;
    float bias;
    size_t first, count; // input channels
} conv_channel;

static float conv_sum(const conv_channel *from, size_t image, size_t row, size_t col)
{
    const gy_conv_state *s = from->s;
    const float *w = from->w;
    float sum = from->bias;
    for (size_t i = 0; i < s->kernel_rows; i++)
        for (size_t j = 0; j < s->kernel_cols; j++) {
            size_t in_row = row * s->step_rows + i * s->dilate_rows + s->x.top - s->pad_top;
            size_t in_col = col * s->step_cols + j * s->dilate_cols + s->x.left - s->pad_left;
            const float *x = from->x + pixel_at(&s->x, image, in_row, in_col) + from->first;
            for (size_t c = 0; c < from->count; c++)
                sum = gy_fmaf(x[c], *w++, sum);
        }
    return sum;
}

static float conv_pooled(const conv_channel *from, size_t image, size_t row, size_t col)
{
    const gy_conv_state *s = from->s;
    float most = conv_sum(from, image, row * s->pool_rows, col * s->pool_cols);
    for (size_t i = 0; i < s->pool_rows; i++)
        for (size_t j = 0; j < s->pool_cols; j++) {
            if (i + j == 0)
                continue;
            most = gy_pool_maxf(
                most, conv_sum(from, image, row * s->pool_rows + i, col * s->pool_cols + j));
        }
    return gy_clipf(most, s->low, s->high);
}

static gy_status conv_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_conv_state *s = node->state;
    const float *w = node->inputs[1]->data, *bias = node->inputs[2]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    size_t count = s->x.channels / s->groups, outputs = s->y.channels;
    memset(y, 0, node->outputs[0]->count * sizeof(float));
    for (size_t m = 0; m < outputs; m++) {
        conv_channel from = {.s = s,
                             .x = node->inputs[0]->data,
                             .w = w + m * s->kernel_rows * s->kernel_cols * count,
                             .bias = bias[m],
                             .first = m / (outputs / s->groups) * count,
                             .count = count};
        for (size_t n = 0; n < s->y.images; n++)
            for (size_t i = 0; i < s->y.rows; i++)
                for (size_t j = 0; j < s->y.cols; j++)
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + m] =
                        conv_pooled(&from, n, i, j);
    }
    return GY_OK;
}

// The value of one window; taps outside the image do not count.
static float pool_window(const gy_pool_state *s, const float *x, size_t image, size_t row,
                         size_t col, bool is_max)
{
    float result = 0.0f;
    size_t taps = 0;
    for (size_t i = 0; i < s->kernel_rows; i++)
        for (size_t j = 0; j < s->kernel_cols; j++) {
            size_t in_row = row * s->step_rows + i * s->dilate_rows - s->pad_top;
            size_t in_col = col * s->step_cols + j * s->dilate_cols - s->pad_left;
            if (in_row >= s->x.rows || in_col >= s->x.cols)
                continue; // before the edge it has wrapped around
            float tap = x[pixel_at(&s->x, image, s->x.top + in_row, s->x.left + in_col)];
            if (is_max)
                result = taps == 0 ? tap : gy_pool_maxf(result, tap);
            else
                result = result + tap;
            taps++;
        }
    if (!is_max)
        result = result / (float)(s->count != 0 ? s->count : taps);
    return gy_clipf(result, s->low, s->high);
}

static void pool_eval(const gy_node *node, bool is_max)
{
    const gy_pool_state *s = node->state;
    const float *x = node->inputs[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    memset(y, 0, node->outputs[0]->count * sizeof(float));
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t i = 0; i < s->y.rows; i++)
            for (size_t j = 0; j < s->y.cols; j++)
                for (size_t c = 0; c < s->y.channels; c++)
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c] =
                        pool_window(s, x + c, n, i, j, is_max);
}

static gy_status max_pool_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    pool_eval(node, true);
    return GY_OK;
}

static gy_status mean_pool_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    pool_eval(node, false);
    return GY_OK;
}

static gy_status layout_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_layout_state *s = node->state;
    size_t size = gy_dtype_size(node->inputs[0]->dtype);
    const unsigned char *x = node->inputs[0]->data;
    unsigned char *y = (unsigned char *)(uintptr_t)node->outputs[0]->data;
    const gy_image_shape *image = s->kind == GY_LAYOUT_TO_PLAIN ? &s->x : &s->y;
    size_t plane = image->rows * image->cols;
    memset(y, s->border_byte, node->outputs[0]->count * size);
    for (size_t n = 0; n < image->images; n++)
        for (size_t i = 0; i < image->rows; i++)
            for (size_t j = 0; j < image->cols; j++)
                for (size_t c = 0; c < image->channels; c++) {
                    size_t plain = (n * image->channels + c) * plane + i * image->cols + j;
                    size_t in = pixel_at(&s->x, n, s->x.top + i, s->x.left + j) + c;
                    size_t out = pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c;
                    memcpy(y + (s->kind == GY_LAYOUT_TO_PLAIN ? plain : out) * size,
                           x + (s->kind == GY_LAYOUT_FROM_PLAIN ? plain : in) * size, size);
                }
    return GY_OK;
}

static gy_status add_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_add_state *s = node->state;
    const float *a = node->inputs[0]->data, *b = node->inputs[1]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    memset(y, 0, node->outputs[0]->count * sizeof(float));
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t i = 0; i < s->y.rows; i++)
            for (size_t j = 0; j < s->y.cols; j++)
                for (size_t c = 0; c < s->y.channels; c++) {
                    float sum = a[pixel_at(&s->a, n, s->a.top + i, s->a.left + j) + c] +
                                b[pixel_at(&s->b, n, s->b.top + i, s->b.left + j) + c];
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c] =
                        gy_clipf(sum, s->low, s->high);
                }
    return GY_OK;
}

static gy_status view_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    memcpy((void *)(uintptr_t)node->outputs[0]->data, x->data, x->count * gy_dtype_size(x->dtype));
    return GY_OK;
}

// ---- bytes

static int32_t byte_at(const uint8_t *x, size_t at, bool is_signed)
{
    return is_signed ? ((const int8_t *)x)[at] : x[at];
}

/** One output channel of a convolution of bytes. */
typedef struct quant_channel {
    const gy_quant_state *s;
    const uint8_t *x;
    const int8_t *w;
    int32_t bias;
    size_t first, count; // input channels
} quant_channel;

// Sums wrap around in 32 bits, as every kernel's do.
static int32_t quant_sum(const quant_channel *from, size_t image, size_t row, size_t col)
{
    const gy_conv_state *s = &from->s->conv;
    const int8_t *w = from->w;
    int64_t sum = from->bias;
    for (size_t i = 0; i < s->kernel_rows; i++)
        for (size_t j = 0; j < s->kernel_cols; j++) {
            size_t in_row = row * s->step_rows + i * s->dilate_rows + s->x.top - s->pad_top;
            size_t in_col = col * s->step_cols + j * s->dilate_cols + s->x.left - s->pad_left;
            size_t at = pixel_at(&s->x, image, in_row, in_col) + from->first;
            for (size_t c = 0; c < from->count; c++)
                sum += (int64_t)byte_at(from->x, at + c, from->s->is_signed) * *w++;
        }
    uint32_t bits = (uint32_t)(uint64_t)sum;
    int32_t wrapped;
    memcpy(&wrapped, &bits, sizeof(wrapped));
    return wrapped;
}

static float quant_pooled(const quant_channel *from, float factor, size_t image, size_t row,
                          size_t col)
{
    const gy_conv_state *s = &from->s->conv;
    int32_t most = INT32_MIN;
    for (size_t i = 0; i < s->pool_rows; i++)
        for (size_t j = 0; j < s->pool_cols; j++) {
            int32_t sum = quant_sum(from, image, row * s->pool_rows + i, col * s->pool_cols + j);
            most = sum > most ? sum : most;
        }
    return gy_clipf((float)most * factor, s->low, s->high);
}

static gy_status quant_conv_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_quant_state *q = node->state;
    const gy_conv_state *s = &q->conv;
    const int8_t *w = node->inputs[1]->data;
    const float *factor = node->inputs[3]->data;
    gy_tensor *out = node->outputs[0];
    void *y = (void *)(uintptr_t)out->data;
    size_t count = s->x.channels / s->groups, outputs = s->y.channels;
    memset(y, q->zero & 255, out->count * gy_dtype_size(out->dtype));
    for (size_t m = 0; m < outputs; m++) {
        quant_channel from = {.s = q,
                              .x = node->inputs[0]->data,
                              .w = w + m * s->kernel_rows * s->kernel_cols * count,
                              .bias = ((const int32_t *)node->inputs[2]->data)[m],
                              .first = m / (outputs / s->groups) * count,
                              .count = count};
        for (size_t n = 0; n < s->y.images; n++)
            for (size_t i = 0; i < s->y.rows; i++)
                for (size_t j = 0; j < s->y.cols; j++) {
                    size_t at = pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + m;
                    float result = quant_pooled(&from, factor[m], n, i, j);
                    if (out->dtype == GY_FLOAT32)
                        ((float *)y)[at] = result;
                    else
                        ((uint8_t *)y)[at] = (uint8_t)((int32_t)gy_rintf(result) + q->zero);
                }
    }
    return GY_OK;
}

static gy_status quant_max_pool_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_pool_state *s = node->state;
    const uint8_t *x = node->inputs[0]->data;
    uint8_t *y = (uint8_t *)(uintptr_t)node->outputs[0]->data;
    bool is_signed = node->inputs[0]->dtype == GY_INT8;
    memset(y, s->border_byte, node->outputs[0]->count);
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t i = 0; i < s->y.rows; i++)
            for (size_t j = 0; j < s->y.cols; j++)
                for (size_t c = 0; c < s->y.channels; c++) {
                    int32_t most = INT32_MIN;
                    for (size_t r = 0; r < s->kernel_rows; r++)
                        for (size_t k = 0; k < s->kernel_cols; k++) {
                            size_t at = pixel_at(&s->x, n, s->x.top + i * s->step_rows + r,
                                                 s->x.left + j * s->step_cols + k) +
                                        c;
                            int32_t tap = byte_at(x, at, is_signed);
                            most = tap > most ? tap : most;
                        }
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c] = (uint8_t)most;
                }
    return GY_OK;
}

static float read_byte(const gy_tensor *x, size_t at, const gy_quantize_state *from)
{
    int32_t byte = byte_at(x->data, at, x->dtype == GY_INT8);
    return (float)(byte - from->zero) * from->scale;
}

static uint8_t write_byte(float x, const gy_quantize_state *to, bool is_signed)
{
    float least = is_signed ? -128.0f : 0.0f;
    float value = gy_clipf(gy_rintf(x / to->scale) + (float)to->zero, least, least + 255.0f);
    return (uint8_t)(value != value ? to->zero : (int32_t)value);
}

static gy_status quant_add_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_quant_sum_state *s = node->state;
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1], *out = node->outputs[0];
    uint8_t *y = (uint8_t *)(uintptr_t)out->data;
    memset(y, s->border_byte, out->count);
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t i = 0; i < s->y.rows; i++)
            for (size_t j = 0; j < s->y.cols; j++)
                for (size_t c = 0; c < s->y.channels; c++) {
                    const gy_image_shape *p = &s->x[0], *q = &s->x[1];
                    float left =
                        read_byte(a, pixel_at(p, n, p->top + i, p->left + j) + c, &s->from[0]);
                    float right =
                        read_byte(b, pixel_at(q, n, q->top + i, q->left + j) + c, &s->from[1]);
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c] = write_byte(
                        gy_clipf(left + right, s->low, s->high), &s->to, out->dtype == GY_INT8);
                }
    return GY_OK;
}

static gy_status quant_mean_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_quant_sum_state *s = node->state;
    const gy_image_shape *x = &s->x[0];
    const gy_tensor *out = node->outputs[0];
    uint8_t *y = (uint8_t *)(uintptr_t)out->data;
    memset(y, s->border_byte, out->count);
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t c = 0; c < s->y.channels; c++) {
            float sum = 0.0f;
            for (size_t i = 0; i < x->rows; i++)
                for (size_t j = 0; j < x->cols; j++)
                    sum = sum + read_byte(node->inputs[0],
                                          pixel_at(x, n, x->top + i, x->left + j) + c, &s->from[0]);
            y[pixel_at(&s->y, n, s->y.top, s->y.left) + c] =
                write_byte(sum / (float)(x->rows * x->cols), &s->to, out->dtype == GY_INT8);
        }
    return GY_OK;
}

static gy_status quantize_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_quantize_state *s = node->state;
    const float *x = node->inputs[0]->data;
    uint8_t *y = (uint8_t *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < node->inputs[0]->count; i++)
        y[i] = write_byte(x[i], s, node->outputs[0]->dtype == GY_INT8);
    return GY_OK;
}

static gy_status table_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_table_state *s = node->state;
    const uint8_t *x = node->inputs[0]->data, *table = node->inputs[1]->data;
    uint8_t *y = (uint8_t *)(uintptr_t)node->outputs[0]->data;
    memset(y, s->border_byte, node->outputs[0]->count);
    for (size_t n = 0; n < s->y.images; n++)
        for (size_t i = 0; i < s->y.rows; i++)
            for (size_t j = 0; j < s->y.cols; j++)
                for (size_t c = 0; c < s->y.channels; c++)
                    y[pixel_at(&s->y, n, s->y.top + i, s->y.left + j) + c] =
                        table[x[pixel_at(&s->x, n, s->x.top + i, s->x.left + j) + c]];
    return GY_OK;
}

// ROW(name, ONNX-like type, inputs)
#define ROW(row, name, count)                            \
    const gy_op gy_lowered_##row = {.domain = "gyre",    \
                                    .type = name,        \
                                    .opset_min = 1,      \
                                    .inputs_min = count, \
                                    .inputs_max = count, \
                                    .outputs_max = 1,    \
                                    .infer = keep_types, \
                                    .eval = row##_eval};
ROW(conv, "Conv", 3)
ROW(max_pool, "MaxPool", 1)
ROW(mean_pool, "MeanPool", 1)
ROW(layout, "Layout", 1)
ROW(add, "Add", 2)
ROW(view, "View", 1)
ROW(quant_conv, "QuantConv", 4)
ROW(quant_max_pool, "QuantMaxPool", 1)
ROW(quantize, "Quantize", 1)
ROW(table, "Table", 2)
ROW(quant_add, "QuantAdd", 2)
ROW(quant_mean, "QuantMean", 1)
