// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products for a processor with 32 float registers and no vectors. Weights
// are packed in panels of 4 outputs, [tap][4]; biases likewise. A tile computes 4 pixels × 4
// outputs in registers: 8 loads for 16 multiplications.
#ifndef GYRE_RT_KERNELS_CONV_M4_H
#define GYRE_RT_KERNELS_CONV_M4_H

#include <stdbool.h>

#include "rt/kernels/shape.h"
#include "rt/math.h"

/** One panel of outputs for one tile of pixels. */
typedef struct gy_conv_tile {
    const gy_conv_shape *c;
    const float *w, *bias;
    const float *x[4];
    float *y[4];
    size_t outputs; // of the panel, at most 4
    bool pooled;    // the four pixels are one window of max pooling, which goes to y[0]
} gy_conv_tile;

static inline void gy_conv_store(const gy_conv_tile *t, size_t pixel, const float *sums)
{
    for (size_t i = 0; i < t->outputs; i++)
        t->y[pixel][i] = gy_clipf(sums[i], t->c->low, t->c->high);
}

// Four sums of one output: a window's greatest, or four pixels'.
static inline void gy_conv_end(const gy_conv_tile *t, size_t i, float p0, float p1, float p2,
                               float p3)
{
    const float low = t->c->low, high = t->c->high;
    if (i >= t->outputs)
        return;
    if (t->pooled) {
        float most = gy_pool_maxf(gy_pool_maxf(gy_pool_maxf(p0, p1), p2), p3);
        t->y[0][i] = gy_clipf(most, low, high);
        return;
    }
    t->y[0][i] = gy_clipf(p0, low, high);
    t->y[1][i] = gy_clipf(p1, low, high);
    t->y[2][i] = gy_clipf(p2, low, high);
    t->y[3][i] = gy_clipf(p3, low, high);
}

static inline void gy_conv_tile_4(const gy_conv_tile *t)
{
    const gy_conv_shape *c = t->c;
    const float *w = t->w;
    float a0 = t->bias[0], a1 = t->bias[1], a2 = t->bias[2], a3 = t->bias[3];
    float b0 = a0, b1 = a1, b2 = a2, b3 = a3;
    float d0 = a0, d1 = a1, d2 = a2, d3 = a3;
    float e0 = a0, e1 = a1, e2 = a2, e3 = a3;
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const size_t at = row * c->tap_row_step + col * c->tap_col_step;
            const float *p0 = t->x[0] + at, *p1 = t->x[1] + at, *p2 = t->x[2] + at;
            const float *p3 = t->x[3] + at, *end = w + 4 * c->run;
            while (w != end) {
                const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
                float x = *p0++;
                w += 4;
                a0 = gy_fmaf(x, w0, a0), a1 = gy_fmaf(x, w1, a1);
                a2 = gy_fmaf(x, w2, a2), a3 = gy_fmaf(x, w3, a3);
                x = *p1++;
                b0 = gy_fmaf(x, w0, b0), b1 = gy_fmaf(x, w1, b1);
                b2 = gy_fmaf(x, w2, b2), b3 = gy_fmaf(x, w3, b3);
                x = *p2++;
                d0 = gy_fmaf(x, w0, d0), d1 = gy_fmaf(x, w1, d1);
                d2 = gy_fmaf(x, w2, d2), d3 = gy_fmaf(x, w3, d3);
                x = *p3++;
                e0 = gy_fmaf(x, w0, e0), e1 = gy_fmaf(x, w1, e1);
                e2 = gy_fmaf(x, w2, e2), e3 = gy_fmaf(x, w3, e3);
            }
        }
    gy_conv_end(t, 0, a0, b0, d0, e0);
    gy_conv_end(t, 1, a1, b1, d1, e1);
    gy_conv_end(t, 2, a2, b2, d2, e2);
    gy_conv_end(t, 3, a3, b3, d3, e3);
}

static inline void gy_conv_tile_1(const gy_conv_tile *t)
{
    const gy_conv_shape *c = t->c;
    const float *w = t->w;
    float a0 = t->bias[0], a1 = t->bias[1], a2 = t->bias[2], a3 = t->bias[3];
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const float *p = t->x[0] + row * c->tap_row_step + col * c->tap_col_step;
            const float *end = w + 4 * c->run;
            while (w != end) {
                const float x = *p++;
                a0 = gy_fmaf(x, w[0], a0), a1 = gy_fmaf(x, w[1], a1);
                a2 = gy_fmaf(x, w[2], a2), a3 = gy_fmaf(x, w[3], a3);
                w += 4;
            }
        }
    const float sums[4] = {a0, a1, a2, a3};
    gy_conv_store(t, 0, sums);
}

// One row of output pixels for one panel, four at a time.
static inline void gy_conv_row(gy_conv_tile *t, const float *x, float *y)
{
    const gy_conv_shape *c = t->c;
    size_t col = 0;
    for (; col + 4 <= c->cols; col += 4) {
        for (size_t i = 0; i < 4; i++) {
            t->x[i] = x + (col + i) * c->x_col;
            t->y[i] = y + (col + i) * c->y_col;
        }
        gy_conv_tile_4(t);
    }
    for (; col < c->cols; col++) {
        t->x[0] = x + col * c->x_col;
        t->y[0] = y + col * c->y_col;
        gy_conv_tile_1(t);
    }
}

/** y = clip(bias + sum of w × x), in the order stated at gy_conv_shape. */
static inline void gy_conv_run(const gy_conv_shape *c, const float *x, const float *w,
                               const float *bias, float *y)
{
    const size_t taps = c->tap_rows * c->tap_cols * c->run;
    gy_conv_tile t = {.c = c, .w = w, .bias = bias};
    for (size_t first = 0; first < c->outputs; first += 4, t.w += 4 * taps, t.bias += 4) {
        t.outputs = c->outputs - first < 4 ? c->outputs - first : 4;
        for (size_t n = 0; n < c->images; n++)
            for (size_t row = 0; row < c->rows; row++)
                gy_conv_row(&t, x + n * c->x_image + row * c->x_row,
                            y + n * c->y_image + row * c->y_row + first);
    }
}

/**
 * The same behind max pooling over windows of 2 × 2: c->rows and c->cols count windows, the steps
 * of y go from one window to the next, those of x from one pixel to the next.
 */
static inline void gy_conv_pool_run(const gy_conv_shape *c, const float *x, const float *w,
                                    const float *bias, float *y)
{
    const size_t taps = c->tap_rows * c->tap_cols * c->run;
    gy_conv_tile t = {.c = c, .w = w, .bias = bias, .pooled = true};
    for (size_t first = 0; first < c->outputs; first += 4, t.w += 4 * taps, t.bias += 4) {
        t.outputs = c->outputs - first < 4 ? c->outputs - first : 4;
        for (size_t n = 0; n < c->images; n++)
            for (size_t row = 0; row < c->rows; row++)
                for (size_t col = 0; col < c->cols; col++) {
                    t.x[0] = x + n * c->x_image + 2 * row * c->x_row + 2 * col * c->x_col;
                    t.x[1] = t.x[0] + c->x_col;
                    t.x[2] = t.x[0] + c->x_row;
                    t.x[3] = t.x[2] + c->x_col;
                    t.y[0] = y + n * c->y_image + row * c->y_row + col * c->y_col + first;
                    gy_conv_tile_4(&t);
                }
    }
}

#endif
