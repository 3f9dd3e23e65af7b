// SPDX-License-Identifier: 0BSD
//
// Depthwise convolutions of bytes with SMLAD: the rows that a strip of rows of y reads are widened,
// channel by channel, so that a word holds two taps that lie side by side. Weights are
// [channel][tap row][four taps] in the order 0 2 1 3; where taps are dilated, two of the four are
// 0.
#ifndef GYRE_RT_KERNELS_QUANT_DEPTHWISE_M4_H
#define GYRE_RT_KERNELS_QUANT_DEPTHWISE_M4_H

#include "rt/kernels/quant_m4.h"

// Functions of their own, so that what they work on stays in registers.
#define GY_QUANT_ALONE static __attribute__((noinline, unused))

/** The widened rows of four channels, and what one channel of them becomes. */
typedef struct gy_quant_planes {
    int16_t *rows;
    size_t pitch, plane;           // from one row to the next; from one channel to the next
    size_t cols, lines;            // of x that are read
    size_t step_rows, step_cols;   // of x, from one pixel to the next
    size_t dilate_rows, word_step; // of x, from one tap row to the next; from word to word
    size_t tap_rows, words, fours; // of taps, of a row of them; fours hold the words
    size_t y_rows, y_cols, y_row, y_col;
} gy_quant_planes;

static inline gy_quant_planes gy_quant_planes_of(const gy_conv_shape *c, size_t x_row)
{
    gy_quant_planes s = {.tap_rows = c->tap_rows, .y_cols = c->cols};
    const size_t dilate = c->tap_cols == 1 ? 1 : c->tap_col_step / c->outputs;
    s.step_rows = c->x_row / x_row, s.step_cols = c->x_col / c->outputs;
    s.dilate_rows = c->tap_rows == 1 ? 1 : c->tap_row_step / x_row;
    s.words = dilate == 1 ? (c->tap_cols + 1) / 2 : c->tap_cols;
    s.word_step = dilate == 1 ? 2 : dilate;
    s.fours = (s.words + 1) / 2;
    s.cols = (c->cols - 1) * s.step_cols + (c->tap_cols - 1) * dilate + 1;
    // The last word of a row of taps may reach one int16 further, that of a four a word.
    s.pitch = (s.cols + s.word_step + 3) / 2 * 2;
    s.y_row = c->y_row, s.y_col = c->y_col;
    return s;
}

// Two pixels of four channels.
static inline void gy_quant_turn_2(int16_t *to, size_t plane, uint32_t left, uint32_t right,
                                   bool is_signed)
{
    const uint32_t even = gy_quant_even(left, is_signed), odd = gy_quant_odd(left, is_signed);
    const uint32_t even_2 = gy_quant_even(right, is_signed);
    const uint32_t odd_2 = gy_quant_odd(right, is_signed);
    gy_quant_put_word(to, gy_quant_lower(even, even_2));
    gy_quant_put_word(to + plane, gy_quant_lower(odd, odd_2));
    gy_quant_put_word(to + 2 * plane, gy_quant_upper(even, even_2));
    gy_quant_put_word(to + 3 * plane, gy_quant_upper(odd, odd_2));
}

// One row of four channels; from one pixel of x to the next are `step` bytes.
GY_QUANT_ALONE void gy_quant_turn(const gy_quant_planes *s, int16_t *to, const uint8_t *x,
                                  size_t step, bool is_signed)
{
    const size_t plane = s->plane;
    for (const int16_t *end = to + s->cols / 2 * 2; to != end; to += 2, x += 2 * step)
        gy_quant_turn_2(to, plane, gy_quant_word(x), gy_quant_word(x + step), is_signed);
    if (s->cols % 2 != 0)
        gy_quant_turn_2(to, plane, gy_quant_word(x), 0, is_signed);
}

// The same of fewer channels.
GY_QUANT_ALONE void gy_quant_turn_some(const gy_quant_planes *s, int16_t *to, const uint8_t *x,
                                       size_t step, size_t channels, bool is_signed)
{
    for (size_t i = 0; i < channels; i++)
        for (size_t k = 0; k < s->cols; k++)
            to[i * s->plane + k] = (int16_t)gy_quant_byte(x[k * step + i], is_signed);
}

/** One channel. */
typedef struct gy_quant_walk {
    const int16_t *x;
    const int8_t *w;
    int32_t bias;
    size_t channel, at; // at: of the first pixel, in y
} gy_quant_walk;

static inline int32_t gy_quant_two(int32_t sum, const int16_t *x, uint32_t w)
{
    return __smlad((int16x2_t)gy_quant_word(x), (int16x2_t)w, sum);
}

// Three rows of up to four taps side by side into unsigned bytes, as most kernels have them: what
// is used for each pixel stays in registers.
static inline void gy_quant_walk_3(const gy_quant_planes *s, const gy_quant_end *e,
                                   const gy_quant_walk *walk, size_t step)
{
    const uint32_t w0 = gy_quant_word(walk->w), w1 = gy_quant_word(walk->w + 4);
    const uint32_t w2 = gy_quant_word(walk->w + 8);
    const uint32_t a0 = gy_quant_even(w0, true), b0 = gy_quant_odd(w0, true);
    const uint32_t a1 = gy_quant_even(w1, true), b1 = gy_quant_odd(w1, true);
    const uint32_t a2 = gy_quant_even(w2, true), b2 = gy_quant_odd(w2, true);
    const float factor = e->factor[walk->channel];
    const int32_t bias = walk->bias, zero = e->zero;
    const size_t y_col = s->y_col, next = s->step_rows * s->pitch,
                 below = s->dilate_rows * s->pitch;
    const int16_t *x = walk->x;
    uint8_t *y_line = e->y + walk->channel + walk->at, *y_end = y_line + s->y_rows * s->y_row;
    for (; y_line != y_end; y_line += s->y_row, x += next) {
        const int16_t *p = x, *q = x + below, *r = x + 2 * below;
        uint8_t *y = y_line;
        for (const int16_t *end = p + s->y_cols * step; p != end; y += y_col) {
            int32_t sum = gy_quant_two(gy_quant_two(bias, p, a0), p + 2, b0);
            sum = gy_quant_two(gy_quant_two(sum, q, a1), q + 2, b1);
            sum = gy_quant_two(gy_quant_two(sum, r, a2), r + 2, b2);
            p += step, q += step, r += step;
            const int32_t whole = __qadd(gy_quant_nearest((float)sum * factor), zero);
            *y = gy_quant_saturate(whole, false);
        }
    }
}

GY_QUANT_ALONE void gy_quant_walk_steps(const gy_quant_planes *s, const gy_quant_end *e,
                                        const gy_quant_walk *walk)
{
    if (s->step_cols == 1)
        gy_quant_walk_3(s, e, walk, 1);
    else
        gy_quant_walk_3(s, e, walk, 2);
}

GY_QUANT_ALONE void gy_quant_walk_any(const gy_quant_planes *s, const gy_quant_end *e,
                                      const gy_quant_walk *walk)
{
    for (size_t row = 0; row < s->y_rows; row++)
        for (size_t col = 0; col < s->y_cols; col++) {
            const int16_t *x = walk->x + row * s->step_rows * s->pitch + col * s->step_cols;
            const int8_t *w = walk->w;
            int32_t sum = walk->bias;
            for (size_t i = 0; i < s->tap_rows; i++, x += s->dilate_rows * s->pitch)
                for (size_t k = 0; k < s->fours; k++, w += 4) {
                    const uint32_t four = gy_quant_word(w);
                    const int16_t *from = x + 2 * k * s->word_step;
                    sum = gy_quant_two(sum, from, gy_quant_even(four, true));
                    sum = gy_quant_two(sum, from + s->word_step, gy_quant_odd(four, true));
                }
            gy_quant_put(e, sum, walk->channel, walk->at + row * s->y_row + col * s->y_col);
        }
}

// Up to four channels of a strip of rows.
static inline void gy_quant_strip_4(const gy_quant_planes *s, const gy_quant_shape *q,
                                    const gy_quant_end *e, const uint8_t *x, size_t x_row,
                                    const int8_t *w, size_t channel, size_t at)
{
    const size_t left = q->c.outputs - channel, channels = left < 4 ? left : 4;
    const bool is_usual = s->tap_rows == 3 && s->fours == 1 && s->word_step == 2 &&
                          s->step_cols <= 2 && !e->is_narrow && e->kind == GY_QUANT_UINT8;
    for (size_t i = 0; i < s->lines; i++)
        if (channels == 4)
            gy_quant_turn(s, s->rows + i * s->pitch, x + i * x_row + channel, q->c.outputs,
                          q->is_signed);
        else
            gy_quant_turn_some(s, s->rows + i * s->pitch, x + i * x_row + channel, q->c.outputs,
                               channels, q->is_signed);
    for (size_t i = 0; i < channels; i++) {
        const gy_quant_walk walk = {s->rows + i * s->plane,
                                    w + (channel + i) * s->tap_rows * s->fours * 4,
                                    e->bias[channel + i], channel + i, at};
        if (is_usual)
            gy_quant_walk_steps(s, e, &walk);
        else
            gy_quant_walk_any(s, e, &walk);
    }
}

/** Each channel with its own taps; rows of x are x_line bytes long. scratch: what q->strip rows of
 * y read, widened, of four channels. */
static inline void gy_quant_depthwise_run(const gy_quant_shape *q, const void *x, size_t x_line,
                                          const int8_t *w, const int32_t *bias, const float *factor,
                                          void *y, int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const gy_quant_end end = gy_quant_end_of(q, bias, factor, y);
    gy_quant_planes s = gy_quant_planes_of(c, x_line);
    s.rows = scratch;
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row += s.y_rows) {
            s.y_rows = c->rows - row < q->strip ? c->rows - row : q->strip;
            s.lines = (s.y_rows - 1) * s.step_rows + (s.tap_rows - 1) * s.dilate_rows + 1;
            s.plane = s.lines * s.pitch;
            for (size_t i = 0; i < c->outputs; i += 4)
                gy_quant_strip_4(&s, q, &end, (const uint8_t *)x + n * c->x_image + row * c->x_row,
                                 x_line, w, i, n * c->y_image + row * c->y_row);
        }
}

#endif
