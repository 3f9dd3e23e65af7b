// SPDX-License-Identifier: 0BSD
//
// Depthwise convolutions for a processor without vectors: four channels at a time. Weights are
// [tap][channel].
#ifndef GYRE_RT_KERNELS_DEPTHWISE_M4_H
#define GYRE_RT_KERNELS_DEPTHWISE_M4_H

#include "rt/kernels/shape.h"
#include "rt/math.h"

// Four channels of one pixel.
static inline void gy_depthwise_4(const gy_conv_shape *c, const float *x, const float *w,
                                  const float *bias, float *y)
{
    float a0 = bias[0], a1 = bias[1], a2 = bias[2], a3 = bias[3];
    for (size_t i = 0; i < c->tap_rows; i++) {
        const float *p = x + i * c->tap_row_step;
        for (size_t j = 0; j < c->tap_cols; j++, w += c->outputs, p += c->tap_col_step) {
            a0 = gy_fmaf(p[0], w[0], a0), a1 = gy_fmaf(p[1], w[1], a1);
            a2 = gy_fmaf(p[2], w[2], a2), a3 = gy_fmaf(p[3], w[3], a3);
        }
    }
    y[0] = gy_clipf(a0, c->low, c->high), y[1] = gy_clipf(a1, c->low, c->high);
    y[2] = gy_clipf(a2, c->low, c->high), y[3] = gy_clipf(a3, c->low, c->high);
}

static inline void gy_depthwise_1(const gy_conv_shape *c, const float *x, const float *w,
                                  const float *bias, float *y)
{
    float sum = *bias;
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++, w += c->outputs)
            sum = gy_fmaf(x[i * c->tap_row_step + j * c->tap_col_step], *w, sum);
    *y = gy_clipf(sum, c->low, c->high);
}

/** y = clip(bias + sum of w × x) for each channel; c->run is 1, c->outputs the channels. */
static inline void gy_depthwise_run(const gy_conv_shape *c, const float *x, const float *w,
                                    const float *bias, float *y)
{
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0; col < c->cols; col++) {
                const float *from = x + n * c->x_image + row * c->x_row + col * c->x_col;
                float *to = y + n * c->y_image + row * c->y_row + col * c->y_col;
                const size_t whole = c->outputs - c->outputs % 4;
                for (size_t i = 0; i < whole; i += 4)
                    gy_depthwise_4(c, from + i, w + i, bias + i, to + i);
                for (size_t i = whole; i < c->outputs; i++)
                    gy_depthwise_1(c, from + i, w + i, bias + i, to + i);
            }
}

#endif
