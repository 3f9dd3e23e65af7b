// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products of bytes. Sums are exact in 32 bits; a result is
// float32(sum) × factor, clipped, rounded half to even, plus the zero point. Weights are packed in
// panels of 16 outputs; within a run, four taps of an output lie together: [4 taps][16][4].
#ifndef GYRE_RT_KERNELS_QUANT_H
#define GYRE_RT_KERNELS_QUANT_H

#include <stdbool.h>
#include <string.h>

#include "rt/kernels/quant_vnni.h"

#include "rt/kernels/quant_avx2.h"
#include "rt/kernels/quant_plain.h"
#include "rt/kernels/quant_tile.h"
#include "rt/kernels/shape.h"
#include "rt/math.h"

// Turn the sums of one pixel into results.
static inline void gy_quant_end(const gy_quant_job *job, const int32_t *sums, size_t at)
{
    const gy_quant_shape *q = job->q;
    float results[16];
    for (size_t i = 0; i < 16; i++)
        results[i] = gy_clipf((float)sums[i] * job->factor[i], q->low, q->high);
    if (q->kind == GY_QUANT_FLOAT) {
        memcpy((float *)job->y + at, results, job->left * sizeof(float));
        return;
    }
    uint8_t bytes[16];
    for (size_t i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(gy_quant_round(results[i]) + (uint32_t)q->zero);
    memcpy((uint8_t *)job->y + at, bytes, job->left);
}

/** Bytes of one panel of packed weights. */
static inline size_t gy_quant_panel(const gy_conv_shape *c)
{
    return c->tap_rows * c->tap_cols * ((c->run + 3) / 4) * 64;
}

/** The bytes of x, of either sign as q->is_signed says; y float or bytes as q->kind says. */
static inline void gy_quant_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                const int32_t *bias, const float *factor, void *y)
{
    const gy_conv_shape *c = &q->c;
    gy_quant_job job = {q, (const uint8_t *)x, w, bias, factor, y, 0};
    int32_t sums[GY_QUANT_PIXELS][16];
    for (size_t first = 0; first < c->outputs; first += 16) {
        job.left = c->outputs - first < 16 ? c->outputs - first : 16;
        for (size_t n = 0; n < c->images; n++)
            for (size_t row = 0; row < c->rows; row++)
                for (size_t col = 0; col < c->cols;) {
                    const size_t from = n * c->x_image + row * c->x_row + col * c->x_col;
                    const size_t to = n * c->y_image + row * c->y_row + col * c->y_col + first;
                    const size_t count = gy_quant_tile(&job, from, sums, c->cols - col);
                    for (size_t i = 0; i < count; i++)
                        gy_quant_end(&job, sums[i], to + i * c->y_col);
                    col += count;
                }
        job.w += gy_quant_panel(c);
        job.bias += 16;
        job.factor += 16;
    }
}

/** Each channel with its own taps: w is [tap][channel]; biases and factors are for 16 at a time. */
static inline void gy_quant_depthwise_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                          const int32_t *bias, const float *factor, void *y)
{
    const gy_conv_shape *c = &q->c;
    gy_quant_job job = {q, (const uint8_t *)x, w, bias, factor, y, 0};
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0; col < c->cols; col++)
                for (size_t first = 0; first < c->outputs; first += 16) {
                    int32_t sums[16];
                    job.left = c->outputs - first < 16 ? c->outputs - first : 16;
                    job.bias = bias + first;
                    job.factor = factor + first;
                    gy_quant_channels(&job,
                                      n * c->x_image + row * c->x_row + col * c->x_col + first,
                                      w + first, sums);
                    gy_quant_end(&job, sums,
                                 n * c->y_image + row * c->y_row + col * c->y_col + first);
                }
}

/** A float as a byte: held within low and high, rounded half to even, plus zero; NaN is zero. */
static inline uint8_t gy_quantize_one(float x, int32_t zero, float low, float high)
{
    const float value = gy_clipf(x, low, high);
    return (uint8_t)(gy_quant_round(value != value ? 0.0f : value) + (uint32_t)zero);
}

/** y = x / scale as bytes. */
static inline void gy_quantize_run(uint8_t *y, const float *x, size_t count, float scale,
                                   int32_t zero, float low, float high)
{
    for (size_t i = 0; i < count; i++)
        y[i] = gy_quantize_one(x[i] / scale, zero, low, high);
}

#endif
