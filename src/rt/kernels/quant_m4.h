// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products of bytes with the DSP instructions of Armv7E-M: SMLAD adds two
// products of 16 bits at once. The taps of a pixel are gathered and widened once; then two pixels
// and two outputs share their loads. Weights are [output][taps rounded up to 4], each four in the
// order 0 2 1 3, in which SXTB16 unpacks them.
#ifndef GYRE_RT_KERNELS_QUANT_M4_H
#define GYRE_RT_KERNELS_QUANT_M4_H

#include <arm_acle.h>

#include "rt/kernels/quant_tile.h"

/** One tile: two pixels, two outputs. */
typedef struct gy_quant_pair {
    int32_t a0, a1, b0, b1; // output a and b of pixel 0 and 1
} gy_quant_pair;

static inline uint32_t gy_quant_word(const void *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
    return word;
}

// Gather the taps of one pixel as 16-bit numbers.
static inline void gy_quant_gather(int16_t *to, const gy_quant_shape *q, const uint8_t *x)
{
    const gy_conv_shape *c = &q->c;
    size_t taps = 0;
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const uint8_t *from = x + row * c->tap_row_step + col * c->tap_col_step;
            const uint8_t *end = from + c->run;
            taps += c->run;
            if (q->is_signed)
                while (from != end)
                    *to++ = (int16_t)gy_quant_byte(*from++, true);
            else
                while (from != end)
                    *to++ = (int16_t)*from++;
        }
    for (; taps % 4 != 0; taps++)
        *to++ = 0;
}

static inline gy_quant_pair gy_quant_dot(const int16_t *x0, const int16_t *x1, const int8_t *w0,
                                         const int8_t *w1, size_t taps, gy_quant_pair s)
{
    for (const int8_t *end = w0 + taps; w0 != end; w0 += 4, w1 += 4, x0 += 4, x1 += 4) {
        const uint32_t a = gy_quant_word(w0), b = gy_quant_word(w1);
        const int16x2_t a01 = __sxtb16((int8x4_t)a), a23 = __sxtb16((int8x4_t)(a >> 8 | a << 24));
        const int16x2_t b01 = __sxtb16((int8x4_t)b), b23 = __sxtb16((int8x4_t)(b >> 8 | b << 24));
        const int16x2_t p01 = (int16x2_t)gy_quant_word(x0), p23 = (int16x2_t)gy_quant_word(x0 + 2);
        s.a0 = __smlad(p23, a23, __smlad(p01, a01, s.a0));
        s.b0 = __smlad(p23, b23, __smlad(p01, b01, s.b0));
        const int16x2_t r01 = (int16x2_t)gy_quant_word(x1), r23 = (int16x2_t)gy_quant_word(x1 + 2);
        s.a1 = __smlad(r23, a23, __smlad(r01, a01, s.a1));
        s.b1 = __smlad(r23, b23, __smlad(r01, b01, s.b1));
    }
    return s;
}

static inline void gy_quant_put(const gy_quant_job *job, int32_t sum, size_t output, size_t at)
{
    const gy_quant_shape *q = job->q;
    const float result = gy_clipf((float)sum * job->factor[output], q->low, q->high);
    if (q->kind == GY_QUANT_FLOAT)
        ((float *)job->y)[at + output] = result;
    else
        ((uint8_t *)job->y)[at + output] = (uint8_t)(gy_quant_round(result) + (uint32_t)q->zero);
}

static inline int32_t gy_quant_most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/** The pixels that are computed at once: gathered taps, and where the results go. */
typedef struct gy_quant_pixels {
    const int16_t *taps;
    size_t step;  // int16s from one pixel's taps to the next
    size_t count; // 1 or 2; 4: one window of max pooling over 2 × 2
    size_t at[2]; // in y
} gy_quant_pixels;

static inline void gy_quant_tile(const gy_quant_job *job, const gy_quant_pixels *p, size_t taps)
{
    const size_t outputs = job->q->c.outputs;
    for (size_t i = 0; i < outputs; i += 2) {
        const size_t j = i + 1 < outputs ? i + 1 : i; // the last of an odd number is its own pair
        const int8_t *w0 = job->w + i * taps, *w1 = job->w + j * taps;
        const int32_t a = job->bias[i], b = job->bias[j];
        const gy_quant_pair start = {a, a, b, b};
        const int16_t *x1 = p->count == 1 ? p->taps : p->taps + p->step;
        gy_quant_pair s = gy_quant_dot(p->taps, x1, w0, w1, taps, start);
        if (p->count == 4) {
            const int16_t *x2 = p->taps + 2 * p->step;
            const gy_quant_pair t = gy_quant_dot(x2, x2 + p->step, w0, w1, taps, start);
            s.a0 = gy_quant_most(gy_quant_most(s.a0, s.a1), gy_quant_most(t.a0, t.a1));
            s.b0 = gy_quant_most(gy_quant_most(s.b0, s.b1), gy_quant_most(t.b0, t.b1));
        }
        gy_quant_put(job, s.a0, i, p->at[0]);
        gy_quant_put(job, s.b0, j, p->at[0]);
        if (p->count == 2) {
            gy_quant_put(job, s.a1, i, p->at[1]);
            gy_quant_put(job, s.b1, j, p->at[1]);
        }
    }
}

static inline size_t gy_quant_taps(const gy_conv_shape *c)
{
    return (c->tap_rows * c->tap_cols * c->run + 3) / 4 * 4;
}

/** scratch: int16[2 × taps rounded up to 4]. */
static inline void gy_quant_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                const int32_t *bias, const float *factor, void *y, int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const size_t taps = gy_quant_taps(c);
    const gy_quant_job job = {q, (const uint8_t *)x, w, bias, factor, y, 0};
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0; col < c->cols;) {
                gy_quant_pixels p = {scratch, taps, c->cols - col < 2 ? 1 : 2, {0, 0}};
                for (size_t i = 0; i < p.count; i++) {
                    gy_quant_gather(scratch + i * taps, q,
                                    job.x + n * c->x_image + row * c->x_row + (col + i) * c->x_col);
                    p.at[i] = n * c->y_image + row * c->y_row + (col + i) * c->y_col;
                }
                gy_quant_tile(&job, &p, taps);
                col += p.count;
            }
}

/** The same behind max pooling over windows of 2 × 2, which c->rows and c->cols count.
 * scratch: int16[4 × taps rounded up to 4]. */
static inline void gy_quant_pool_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                     const int32_t *bias, const float *factor, void *y,
                                     int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const size_t taps = gy_quant_taps(c);
    const gy_quant_job job = {q, (const uint8_t *)x, w, bias, factor, y, 0};
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0; col < c->cols; col++) {
                const uint8_t *from =
                    job.x + n * c->x_image + 2 * row * c->x_row + 2 * col * c->x_col;
                const gy_quant_pixels p = {
                    scratch, taps, 4, {n * c->y_image + row * c->y_row + col * c->y_col, 0}};
                gy_quant_gather(scratch, q, from);
                gy_quant_gather(scratch + taps, q, from + c->x_col);
                gy_quant_gather(scratch + 2 * taps, q, from + c->x_row);
                gy_quant_gather(scratch + 3 * taps, q, from + c->x_row + c->x_col);
                gy_quant_tile(&job, &p, taps);
            }
}

// One channel of one pixel.
static inline int32_t gy_quant_channel(const gy_conv_shape *c, const uint8_t *x, const int8_t *w,
                                       int32_t sum, bool is_signed)
{
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++, w += c->outputs)
            sum = gy_quant_add(
                sum, gy_quant_byte(x[i * c->tap_row_step + j * c->tap_col_step], is_signed), *w);
    return sum;
}

/** Each channel with its own taps: w is [tap][channel]. */
static inline void gy_quant_depthwise_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                          const int32_t *bias, const float *factor, void *y)
{
    const gy_conv_shape *c = &q->c;
    const gy_quant_job job = {q, (const uint8_t *)x, w, bias, factor, y, 0};
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0; col < c->cols; col++) {
                const uint8_t *from = job.x + n * c->x_image + row * c->x_row + col * c->x_col;
                const size_t at = n * c->y_image + row * c->y_row + col * c->y_col;
                for (size_t i = 0; i < c->outputs; i++) {
                    const int32_t sum = q->is_signed
                                            ? gy_quant_channel(c, from + i, w + i, bias[i], true)
                                            : gy_quant_channel(c, from + i, w + i, bias[i], false);
                    gy_quant_put(&job, sum, i, at);
                }
            }
}

#endif
