// SPDX-License-Identifier: 0BSD
//
// Depthwise convolutions: every channel has its own taps. Weights are [tap][channel]; lanes are
// channels. Four pixels of a row share the loads of the weights.
#ifndef GYRE_RT_KERNELS_DEPTHWISE_H
#define GYRE_RT_KERNELS_DEPTHWISE_H

#include "rt/kernels/lanes.h"
#include "rt/kernels/shape.h"

/** One block of channels of a row of pixels. */
typedef struct gy_depthwise_row {
    const gy_conv_shape *c;
    const float *x, *w, *bias;
    float *y;
    size_t part; // channels of the block
} gy_depthwise_row;

#define GY_DEPTHWISE_TAP(i, V) a##i = V##_fma(V##_load(x + i * step), t, a##i);

// A whole block of channels.
#define GY_DEPTHWISE(V)                                                                   \
    static inline void V##_depthwise(const gy_depthwise_row *r)                           \
    {                                                                                     \
        const gy_conv_shape *c = r->c;                                                    \
        const size_t step = c->x_col, channels = c->outputs;                              \
        const V bias = V##_load(r->bias), low = V##_set(c->low), high = V##_set(c->high); \
        size_t col = 0;                                                                   \
        for (; col + 4 <= c->cols; col += 4) {                                            \
            V a0 = bias, a1 = bias, a2 = bias, a3 = bias;                                 \
            const float *w = r->w;                                                        \
            for (size_t i = 0; i < c->tap_rows; i++)                                      \
                for (size_t j = 0; j < c->tap_cols; j++, w += channels) {                 \
                    const float *x =                                                      \
                        r->x + col * step + i * c->tap_row_step + j * c->tap_col_step;    \
                    const V t = V##_load(w);                                              \
                    GY_DEPTHWISE_TAP(0, V)                                                \
                    GY_DEPTHWISE_TAP(1, V)                                                \
                    GY_DEPTHWISE_TAP(2, V)                                                \
                    GY_DEPTHWISE_TAP(3, V)                                                \
                }                                                                         \
            float *y = r->y + col * c->y_col;                                             \
            V##_store(y, V##_clip(a0, low, high));                                        \
            V##_store(y + c->y_col, V##_clip(a1, low, high));                             \
            V##_store(y + 2 * c->y_col, V##_clip(a2, low, high));                         \
            V##_store(y + 3 * c->y_col, V##_clip(a3, low, high));                         \
        }                                                                                 \
        for (; col < c->cols; col++) {                                                    \
            V a0 = bias;                                                                  \
            const float *w = r->w;                                                        \
            for (size_t i = 0; i < c->tap_rows; i++)                                      \
                for (size_t j = 0; j < c->tap_cols; j++, w += channels) {                 \
                    const float *x =                                                      \
                        r->x + col * step + i * c->tap_row_step + j * c->tap_col_step;    \
                    const V t = V##_load(w);                                              \
                    GY_DEPTHWISE_TAP(0, V)                                                \
                }                                                                         \
            V##_store(r->y + col * c->y_col, V##_clip(a0, low, high));                    \
        }                                                                                 \
    }
GY_DEPTHWISE(gy_v8)
GY_DEPTHWISE(gy_v16)

// What is left over: fewer than 8 channels.
static inline void gy_depthwise_rest(const gy_depthwise_row *r)
{
    const gy_conv_shape *c = r->c;
    const gy_v8 bias = gy_v8_load_part(r->bias, r->part);
    for (size_t col = 0; col < c->cols; col++) {
        gy_v8 sum = bias;
        const float *w = r->w;
        for (size_t i = 0; i < c->tap_rows; i++)
            for (size_t j = 0; j < c->tap_cols; j++, w += c->outputs) {
                const float *x = r->x + col * c->x_col + i * c->tap_row_step + j * c->tap_col_step;
                sum = gy_v8_fma(gy_v8_load_part(x, r->part), gy_v8_load_part(w, r->part), sum);
            }
        sum = gy_v8_clip(sum, gy_v8_set(c->low), gy_v8_set(c->high));
        gy_v8_store_part(r->y + col * c->y_col, sum, r->part);
    }
}

/** y = clip(bias + sum of w × x) for each channel; c->run is 1, c->outputs the channels. */
static inline void gy_depthwise_run(const gy_conv_shape *c, const float *x, const float *w,
                                    const float *bias, float *y)
{
    for (size_t image = 0; image < c->images; image++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t channel = 0; channel < c->outputs;) {
                size_t left = c->outputs - channel;
                gy_depthwise_row r = {c,
                                      x + image * c->x_image + row * c->x_row + channel,
                                      w + channel,
                                      bias + channel,
                                      y + image * c->y_image + row * c->y_row + channel,
                                      left};
                if (left >= 16)
                    gy_v16_depthwise(&r);
                else if (left >= 8)
                    gy_v8_depthwise(&r);
                else
                    gy_depthwise_rest(&r);
                channel += left >= 16 ? 16 : left >= 8 ? 8 : left;
            }
}

#endif
