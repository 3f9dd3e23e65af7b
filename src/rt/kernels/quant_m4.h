// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products of bytes with the DSP instructions of Armv7E-M: SMLAD adds two
// products of 16 bits at once. The taps of a pixel are gathered and widened once; then two pixels
// and two outputs share their loads. Weights are [pair of outputs][four taps][2][4], filled
// up with zeros.
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
    uint32_t word; // all that is read so is aligned
    memcpy(&word, __builtin_assume_aligned(p, 4), 4);
    return word;
}

static inline uint32_t gy_quant_bytes(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
    return word;
}

// Bytes 1 and 3 of a word as 16-bit numbers; compilers do not join the turn to the widening.
static inline int16x2_t gy_quant_odd(uint32_t word)
{
    int16x2_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    return pair;
}

// Four taps, in the order 0 2 1 3; between the halves is room for another pixel's.
static inline void gy_quant_widen(int16_t *to, uint32_t word, bool is_signed)
{
    const int16x2_t even = is_signed ? __sxtb16((int8x4_t)word) : (int16x2_t)__uxtb16(word);
    const int16x2_t odd =
        is_signed ? gy_quant_odd(word) : (int16x2_t)__uxtb16(word >> 8 | word << 24);
    memcpy(to, &even, 4);
    memcpy(to + 4, &odd, 4);
}

// Gather the taps of one pixel as 16-bit numbers.
static inline void gy_quant_gather(int16_t *to, const gy_quant_shape *q, const uint8_t *x,
                                   bool is_signed)
{
    const gy_conv_shape *c = &q->c;
    uint32_t word = 0, filled = 0; // bytes of a word that runs over the end of a run
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const uint8_t *from = x + row * c->tap_row_step + col * c->tap_col_step;
            const uint8_t *end = from + c->run;
            if (filled == 0)
                for (; end - from >= 4; from += 4, to += 8)
                    gy_quant_widen(to, gy_quant_bytes(from), is_signed);
            else
                for (; end - from >= 4; from += 4, to += 8) {
                    const uint32_t next = gy_quant_bytes(from);
                    gy_quant_widen(to, word | next << 8 * filled, is_signed);
                    word = next >> (32 - 8 * filled);
                }
            while (from != end) {
                word |= (uint32_t)*from++ << 8 * filled;
                if (++filled < 4)
                    continue;
                gy_quant_widen(to, word, is_signed);
                to += 8;
                word = filled = 0;
            }
        }
    if (filled != 0)
        gy_quant_widen(to, word, is_signed);
}

// Two pixels, two outputs, whose taps lie between one another, four at a time.
static inline gy_quant_pair gy_quant_dot(const int16_t *x, const int8_t *w, size_t taps,
                                         gy_quant_pair s)
{
    for (const int8_t *end = w + 2 * taps; w != end; w += 8, x += 8) {
        const uint32_t a = gy_quant_word(w), b = gy_quant_word(w + 4);
        int16x2_t p = (int16x2_t)gy_quant_word(x), r = (int16x2_t)gy_quant_word(x + 2);
        int16x2_t taps_of = __sxtb16((int8x4_t)a);
        s.a0 = __smlad(p, taps_of, s.a0), s.a1 = __smlad(r, taps_of, s.a1);
        taps_of = __sxtb16((int8x4_t)b);
        s.b0 = __smlad(p, taps_of, s.b0), s.b1 = __smlad(r, taps_of, s.b1);
        p = (int16x2_t)gy_quant_word(x + 4), r = (int16x2_t)gy_quant_word(x + 6);
        taps_of = gy_quant_odd(a);
        s.a0 = __smlad(p, taps_of, s.a0), s.a1 = __smlad(r, taps_of, s.a1);
        taps_of = gy_quant_odd(b);
        s.b0 = __smlad(p, taps_of, s.b0), s.b1 = __smlad(r, taps_of, s.b1);
    }
    return s;
}

// The same of one pixel.
static inline gy_quant_pair gy_quant_dot_1(const int16_t *x, const int8_t *w, size_t taps,
                                           gy_quant_pair s)
{
    for (const int8_t *end = w + 2 * taps; w != end; w += 8, x += 8) {
        const uint32_t a = gy_quant_word(w), b = gy_quant_word(w + 4);
        const int16x2_t p = (int16x2_t)gy_quant_word(x), r = (int16x2_t)gy_quant_word(x + 4);
        s.a0 = __smlad(r, gy_quant_odd(a), __smlad(p, __sxtb16((int8x4_t)a), s.a0));
        s.b0 = __smlad(r, gy_quant_odd(b), __smlad(p, __sxtb16((int8x4_t)b), s.b0));
    }
    return s;
}

static inline void gy_quant_put(const gy_quant_job *job, int32_t sum, size_t output, size_t at)
{
    const gy_quant_shape *q = job->q;
    float result = (float)sum * job->factor[output];
    result = gy_clipf(result, q->low, q->high);
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
    size_t count; // 1 or 2; 4: one window of max pooling over 2 × 2
    size_t at[2]; // in y
} gy_quant_pixels;

static inline void gy_quant_tile(const gy_quant_job *job, const gy_quant_pixels *p, size_t taps)
{
    const size_t outputs = job->q->c.outputs;
    for (size_t i = 0; i < outputs; i += 2) {
        // The weights of an odd number of outputs end with a row of zeros.
        const bool two = i + 1 < outputs;
        const int8_t *w = job->w + i * taps;
        const int32_t a = job->bias[i], b = job->bias[two ? i + 1 : i];
        const gy_quant_pair start = {a, a, b, b};
        gy_quant_pair s = p->count == 1 ? gy_quant_dot_1(p->taps, w, taps, start)
                                        : gy_quant_dot(p->taps, w, taps, start);
        if (p->count == 4) {
            const gy_quant_pair t = gy_quant_dot(p->taps + 2 * taps, w, taps, start);
            s.a0 = gy_quant_most(gy_quant_most(s.a0, s.a1), gy_quant_most(t.a0, t.a1));
            s.b0 = gy_quant_most(gy_quant_most(s.b0, s.b1), gy_quant_most(t.b0, t.b1));
        }
        gy_quant_put(job, s.a0, i, p->at[0]);
        if (two)
            gy_quant_put(job, s.b0, i + 1, p->at[0]);
        if (p->count != 2)
            continue;
        gy_quant_put(job, s.a1, i, p->at[1]);
        if (two)
            gy_quant_put(job, s.b1, i + 1, p->at[1]);
    }
}

// Gather the taps of `count` pixels: those of a row, or the 2 × 2 of a window.
static inline void gy_quant_gather_all(int16_t *to, const gy_quant_shape *q, const uint8_t *x,
                                       size_t taps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *from = x + i % 2 * q->c.x_col + i / 2 * q->c.x_row;
        if (q->is_signed)
            gy_quant_gather(to + i / 2 * 2 * taps + i % 2 * 2, q, from, true);
        else
            gy_quant_gather(to + i / 2 * 2 * taps + i % 2 * 2, q, from, false);
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
                gy_quant_pixels p = {scratch, c->cols - col < 2 ? 1 : 2, {0, 0}};
                p.at[0] = n * c->y_image + row * c->y_row + col * c->y_col;
                p.at[1] = p.at[0] + c->y_col;
                gy_quant_gather_all(scratch, q,
                                    job.x + n * c->x_image + row * c->x_row + col * c->x_col, taps,
                                    p.count);
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
                    scratch, 4, {n * c->y_image + row * c->y_row + col * c->y_col, 0}};
                gy_quant_gather_all(scratch, q, from, taps, 4);
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
