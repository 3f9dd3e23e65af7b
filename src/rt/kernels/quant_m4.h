// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products of bytes with the DSP instructions of Armv7E-M: SMLAD adds two
// products of 16 bits at once. The rows that a strip of pixels reads are widened once; the taps of
// two pixels are gathered from them, so that two pixels and two outputs share their loads. Weights
// are [pair of outputs][run of taps][pair of taps][2 taps][2 outputs], runs filled up with zeros to
// an even number of taps and all of them to a multiple of four.
#ifndef GYRE_RT_KERNELS_QUANT_M4_H
#define GYRE_RT_KERNELS_QUANT_M4_H

#include <arm_acle.h>

#include "rt/kernels/quant_tile.h"

static inline uint32_t gy_quant_word(const void *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
    return word;
}

static inline void gy_quant_put_word(int16_t *to, uint32_t word)
{
    memcpy(__builtin_assume_aligned(to, 4), &word, 4);
}

// Bytes 0 and 2, or 1 and 3, of a word as 16-bit numbers.
static inline uint32_t gy_quant_even(uint32_t word, bool is_signed)
{
    return is_signed ? (uint32_t)__sxtb16((int8x4_t)word) : (uint32_t)__uxtb16((uint8x4_t)word);
}

// Compilers do not join the turn to the widening.
static inline uint32_t gy_quant_odd(uint32_t word, bool is_signed)
{
    uint32_t pair;
    if (is_signed)
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    else
        __asm__("uxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    return pair;
}

// The lower halves of two words, or the upper ones.
static inline uint32_t gy_quant_lower(uint32_t a, uint32_t b)
{
    uint32_t both;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(both) : "r"(a), "r"(b));
    return both;
}

static inline uint32_t gy_quant_upper(uint32_t a, uint32_t b)
{
    uint32_t both;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(both) : "r"(b), "r"(a));
    return both;
}

// Widen bytes, two a word; from one word to the next are `step` int16s.
static inline void gy_quant_widen(int16_t *to, const uint8_t *from, size_t count, size_t step,
                                  bool is_signed)
{
    const uint8_t *end = from + count;
    for (; end - from >= 4; from += 4, to += 2 * step) {
        const uint32_t word = gy_quant_word(from);
        const uint32_t even = gy_quant_even(word, is_signed), odd = gy_quant_odd(word, is_signed);
        gy_quant_put_word(to, gy_quant_lower(even, odd));
        gy_quant_put_word(to + step, gy_quant_upper(even, odd));
    }
    for (size_t i = 0; i < (size_t)(end - from); i++)
        to[i / 2 * step + i % 2] = (int16_t)gy_quant_byte(from[i], is_signed);
}

// ---- sums

/** Sums of two outputs, a and b, for two pixels. */
typedef struct gy_quant_pair {
    int32_t a0, a1, b0, b1;
} gy_quant_pair;

#if defined(__OPTIMIZE__)
// Four taps of two outputs: widened, the even bytes of a word are taps of a, the odd ones of b.
#define GY_QUANT_WEIGHTS            \
    "ldrd %[a], %[c], [%[w]], #8\n" \
    "sxtb16 %[b], %[a], ror #8\n"   \
    "sxtb16 %[a], %[a]\n"           \
    "sxtb16 %[d], %[c], ror #8\n"   \
    "sxtb16 %[c], %[c]\n"
#define GY_QUANT_STEP_2                \
    GY_QUANT_WEIGHTS                   \
    "ldrd %[p], %[q], [%[x]], #8\n"    \
    "smlad %[a0], %[p], %[a], %[a0]\n" \
    "smlad %[b0], %[p], %[b], %[b0]\n" \
    "smlad %[a1], %[q], %[a], %[a1]\n" \
    "smlad %[b1], %[q], %[b], %[b1]\n" \
    "ldrd %[p], %[q], [%[x]], #8\n"    \
    "smlad %[a0], %[p], %[c], %[a0]\n" \
    "smlad %[b0], %[p], %[d], %[b0]\n" \
    "smlad %[a1], %[q], %[c], %[a1]\n" \
    "smlad %[b1], %[q], %[d], %[b1]\n"
#define GY_QUANT_STEP_1                \
    GY_QUANT_WEIGHTS                   \
    "ldrd %[p], %[q], [%[x]], #8\n"    \
    "smlad %[a0], %[p], %[a], %[a0]\n" \
    "smlad %[b0], %[p], %[b], %[b0]\n" \
    "smlad %[a0], %[q], %[c], %[a0]\n" \
    "smlad %[b0], %[q], %[d], %[b0]\n"
// Eight taps a round; the operands leave two registers to the compiler.
#define GY_QUANT_ROUNDS(step) "1:\n" step step "cmp %[w], %[end]\nbne 1b\n"
#define GY_QUANT_OPERANDS                                                               \
    [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [p] "=&r"(p), [q] "=&r"(q), \
        [w] "+r"(w), [x] "+r"(x), [a0] "+r"(s.a0), [b0] "+r"(s.b0)

/** The sums of `taps` taps, a multiple of four; x: [pair of taps][2 pixels][2 taps]. */
static inline gy_quant_pair gy_quant_dot_2(const int16_t *x, const int8_t *w, size_t taps,
                                           int32_t bias_a, int32_t bias_b)
{
    gy_quant_pair s = {bias_a, bias_a, bias_b, bias_b};
    const int8_t *end = w + 2 * taps;
    uint32_t a, b, c, d, p, q;
    if (taps % 8 != 0)
        __asm__ volatile(GY_QUANT_STEP_2
                         : GY_QUANT_OPERANDS, [a1] "+r"(s.a1), [b1] "+r"(s.b1)
                         :
                         : "memory");
    if (w != end)
        __asm__ volatile(GY_QUANT_ROUNDS(GY_QUANT_STEP_2)
                         : GY_QUANT_OPERANDS, [a1] "+r"(s.a1), [b1] "+r"(s.b1)
                         : [end] "r"(end)
                         : "memory", "cc");
    return s;
}

/** The same of one pixel; x: [tap]. */
static inline gy_quant_pair gy_quant_dot_1(const int16_t *x, const int8_t *w, size_t taps,
                                           int32_t bias_a, int32_t bias_b)
{
    gy_quant_pair s = {bias_a, 0, bias_b, 0};
    const int8_t *end = w + 2 * taps;
    uint32_t a, b, c, d, p, q;
    if (taps % 8 != 0)
        __asm__ volatile(GY_QUANT_STEP_1 : GY_QUANT_OPERANDS : : "memory");
    if (w != end)
        __asm__ volatile(GY_QUANT_ROUNDS(GY_QUANT_STEP_1)
                         : GY_QUANT_OPERANDS
                         : [end] "r"(end)
                         : "memory", "cc");
    return s;
}
#else
// Without optimisation a compiler may lack the registers.
static inline gy_quant_pair gy_quant_dot_2(const int16_t *x, const int8_t *w, size_t taps,
                                           int32_t bias_a, int32_t bias_b)
{
    gy_quant_pair s = {bias_a, bias_a, bias_b, bias_b};
    for (size_t i = 0; i < taps; i++) {
        const int32_t x0 = x[i / 2 * 4 + i % 2], x1 = x[i / 2 * 4 + i % 2 + 2];
        s.a0 = gy_quant_add(s.a0, x0, w[2 * i]), s.b0 = gy_quant_add(s.b0, x0, w[2 * i + 1]);
        s.a1 = gy_quant_add(s.a1, x1, w[2 * i]), s.b1 = gy_quant_add(s.b1, x1, w[2 * i + 1]);
    }
    return s;
}

static inline gy_quant_pair gy_quant_dot_1(const int16_t *x, const int8_t *w, size_t taps,
                                           int32_t bias_a, int32_t bias_b)
{
    gy_quant_pair s = {bias_a, 0, bias_b, 0};
    for (size_t i = 0; i < taps; i++) {
        s.a0 = gy_quant_add(s.a0, x[i], w[2 * i]);
        s.b0 = gy_quant_add(s.b0, x[i], w[2 * i + 1]);
    }
    return s;
}
#endif

// ---- results

// Half to even, as long as nobody has changed the processor's rounding; held within 32 bits.
static inline int32_t gy_quant_nearest(float x)
{
    float bits;
    __asm__("vcvtr.s32.f32 %0, %1" : "=t"(bits) : "t"(x));
    union {
        float number;
        int32_t whole;
    } both = {.number = bits};
    return both.whole;
}

// Held within 8 bits, of a number with a sign or without; some compilers warn of their own __ssat.
static inline uint8_t gy_quant_saturate(int32_t x, bool is_signed)
{
    uint32_t y;
    if (is_signed)
        __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    else
        __asm__("usat %0, #8, %1" : "=r"(y) : "r"(x));
    return (uint8_t)y;
}

static inline int32_t gy_quant_most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/** What sums become results by: the job's, at hand. */
typedef struct gy_quant_end {
    const int32_t *bias;
    const float *factor;
    uint8_t *y;
    size_t outputs;
    gy_quant_kind kind;
    bool is_narrow;          // low and high are nearer than the bounds of the type
    int32_t low, high, zero; // low, high: of what is rounded
    float low_float, high_float;
} gy_quant_end;

static inline gy_quant_end gy_quant_end_of(const gy_quant_shape *q, const int32_t *bias,
                                           const float *factor, void *y)
{
    const int32_t least = (q->kind == GY_QUANT_INT8 ? -128 : 0) - q->zero;
    gy_quant_end e = {.bias = bias, .factor = factor, .y = (uint8_t *)y};
    e.outputs = q->c.outputs, e.kind = q->kind, e.zero = q->zero;
    e.low_float = q->low, e.high_float = q->high;
    e.low = gy_quant_nearest(q->low), e.high = gy_quant_nearest(q->high);
    e.is_narrow = q->low > (float)least || q->high < (float)(least + 255);
    return e;
}

// One result. Rounding keeps the order of numbers, so that clipping may come after it.
static inline void gy_quant_put(const gy_quant_end *e, int32_t sum, size_t output, size_t at)
{
    const float result = (float)sum * e->factor[output];
    if (e->kind == GY_QUANT_FLOAT) {
        ((float *)(void *)e->y)[at + output] = gy_clipf(result, e->low_float, e->high_float);
        return;
    }
    int32_t whole = gy_quant_nearest(result);
    if (e->is_narrow) {
        whole = whole < e->low ? e->low : whole;
        whole = whole > e->high ? e->high : whole;
    }
    whole = __qadd(whole, e->zero);
    e->y[at + output] = gy_quant_saturate(whole, e->kind == GY_QUANT_INT8);
}

static inline void gy_quant_put_2(const gy_quant_end *e, int32_t a, int32_t b, size_t output,
                                  size_t at)
{
    gy_quant_put(e, a, output, at);
    if (output + 1 < e->outputs)
        gy_quant_put(e, b, output + 1, at);
}

// ---- pixels

/** The widened rows that a strip of pixels reads, and how the taps of a pixel lie in them. */
typedef struct gy_quant_strip {
    int16_t *rows;
    size_t pitch;             // from one row to the next
    size_t lower;             // from the first row of one row of pixels to that of the next
    size_t runs, cols, words; // runs of taps, of a row; words of a run
    size_t col_step, x_col;
    size_t taps; // of a pixel, all runs filled up, a multiple of four
} gy_quant_strip;

/** int16s that a strip of `pixels` columns of pixels spans in a row. */
static inline size_t gy_quant_width(const gy_conv_shape *c, size_t pixels)
{
    return (pixels - 1) * c->x_col + (c->tap_cols - 1) * c->tap_col_step + c->run;
}

static inline gy_quant_strip gy_quant_strip_of(const gy_conv_shape *c, size_t pixels, int16_t *rows)
{
    gy_quant_strip s = {.rows = rows, .cols = c->tap_cols, .words = (c->run + 1) / 2};
    // One int16 more than what is read: a run may end with a tap of weight 0.
    s.pitch = (gy_quant_width(c, pixels) + 4) / 4 * 4;
    s.lower = (c->x_row == c->tap_row_step ? 1 : c->tap_rows) * s.pitch;
    s.runs = c->tap_rows * c->tap_cols;
    s.col_step = c->tap_col_step, s.x_col = c->x_col;
    s.taps = (s.runs * s.words + 1) / 2 * 4;
    return s;
}

// Widen what one row of pixels reads, or two; rows that both read are there once.
static inline void gy_quant_fill(const gy_quant_strip *s, const gy_quant_shape *q, const uint8_t *x,
                                 size_t pixels, size_t pixel_rows)
{
    const gy_conv_shape *c = &q->c;
    const size_t width = gy_quant_width(c, pixels);
    const bool shared = c->x_row == c->tap_row_step;
    const size_t rows = pixel_rows == 1 ? c->tap_rows : c->tap_rows + s->lower / s->pitch;
    for (size_t i = 0; i < rows; i++) {
        const uint8_t *from =
            x + (i < c->tap_rows || shared ? i * c->tap_row_step
                                           : c->x_row + (i - c->tap_rows) * c->tap_row_step);
        if (q->is_signed)
            gy_quant_widen(s->rows + i * s->pitch, from, width, 2, true);
        else
            gy_quant_widen(s->rows + i * s->pitch, from, width, 2, false);
    }
}

// The taps of a pixel of a strip and, where `next` is not 0, of the next one between them.
static inline void gy_quant_gather(int16_t *to, const gy_quant_strip *s, const int16_t *x,
                                   size_t next)
{
    size_t col = 0;
    for (size_t run = 0; run < s->runs; run++) {
        const int16_t *from = x + col * s->col_step, *end = from + 2 * s->words;
        if (next == 0)
            for (; from != end; from += 2, to += 2)
                gy_quant_put_word(to, gy_quant_word(from));
        else
            for (; from != end; from += 2, to += 4) {
                gy_quant_put_word(to, gy_quant_word(from));
                gy_quant_put_word(to + 2, gy_quant_word(from + next));
            }
        if (++col == s->cols)
            col = 0, x += s->pitch;
    }
}

static inline void gy_quant_tile(const gy_quant_end *e, const int16_t *x, const int8_t *w,
                                 size_t taps, const size_t at[2])
{
    for (size_t i = 0; i < e->outputs; i += 2, w += 2 * taps) {
        const gy_quant_pair s = gy_quant_dot_2(x, w, taps, e->bias[i], e->bias[i + 1]);
        gy_quant_put_2(e, s.a0, s.b0, i, at[0]);
        gy_quant_put_2(e, s.a1, s.b1, i, at[1]);
    }
}

static inline void gy_quant_single(const gy_quant_end *e, const int16_t *x, const int8_t *w,
                                   size_t taps, size_t at)
{
    for (size_t i = 0; i < e->outputs; i += 2, w += 2 * taps) {
        const gy_quant_pair s = gy_quant_dot_1(x, w, taps, e->bias[i], e->bias[i + 1]);
        gy_quant_put_2(e, s.a0, s.b0, i, at);
    }
}

// One window of max pooling over 2 × 2: two rows of two pixels.
static inline void gy_quant_window(const gy_quant_end *e, const int16_t *x, const int8_t *w,
                                   size_t taps, size_t at)
{
    for (size_t i = 0; i < e->outputs; i += 2, w += 2 * taps) {
        const int32_t a = e->bias[i], b = e->bias[i + 1];
        const gy_quant_pair s = gy_quant_dot_2(x, w, taps, a, b);
        const gy_quant_pair t = gy_quant_dot_2(x + 2 * taps, w, taps, a, b);
        gy_quant_put_2(e, gy_quant_most(gy_quant_most(s.a0, s.a1), gy_quant_most(t.a0, t.a1)),
                       gy_quant_most(gy_quant_most(s.b0, s.b1), gy_quant_most(t.b0, t.b1)), i, at);
    }
}

// Pixels of one run of taps: widened where they are multiplied.
static inline void gy_quant_points(const gy_quant_shape *q, const gy_quant_end *e, const uint8_t *x,
                                   const int8_t *w, size_t at, int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const size_t taps = (c->run + 3) / 4 * 4;
    size_t col = 0;
    for (; col + 2 <= c->cols; col += 2, x += 2 * c->x_col) {
        const size_t both[2] = {at + col * c->y_col, at + (col + 1) * c->y_col};
        gy_quant_widen(scratch, x, c->run, 4, q->is_signed);
        gy_quant_widen(scratch + 2, x + c->x_col, c->run, 4, q->is_signed);
        gy_quant_tile(e, scratch, w, taps, both);
    }
    if (col < c->cols) {
        gy_quant_widen(scratch, x, c->run, 2, q->is_signed);
        gy_quant_single(e, scratch, w, taps, at + col * c->y_col);
    }
}

/** scratch: the taps of two pixels; behind them, if there are several runs, the rows of a strip. */
static inline void gy_quant_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                const int32_t *bias, const float *factor, void *y, int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const gy_quant_end end = gy_quant_end_of(q, bias, factor, y);
    gy_quant_strip s = gy_quant_strip_of(c, q->strip, scratch);
    s.rows += 2 * s.taps;
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++) {
            const uint8_t *from = (const uint8_t *)x + n * c->x_image + row * c->x_row;
            const size_t to = n * c->y_image + row * c->y_row;
            if (s.runs == 1) {
                gy_quant_points(q, &end, from, w, to, scratch);
                continue;
            }
            for (size_t col = 0, cols; col < c->cols; col += cols) {
                cols = c->cols - col < q->strip ? c->cols - col : q->strip;
                gy_quant_fill(&s, q, from + col * c->x_col, cols, 1);
                for (size_t i = 0; i < cols; i += 2) {
                    const size_t at = to + (col + i) * c->y_col, both[2] = {at, at + c->y_col};
                    gy_quant_gather(scratch, &s, s.rows + i * c->x_col,
                                    i + 1 < cols ? c->x_col : 0);
                    if (i + 1 < cols)
                        gy_quant_tile(&end, scratch, w, s.taps, both);
                    else
                        gy_quant_single(&end, scratch, w, s.taps, at);
                }
            }
        }
}

/**
 * The same behind max pooling over windows of 2 × 2, which c->rows, c->cols and q->strip count.
 * scratch: the taps of four pixels, the rows of a strip.
 */
static inline void gy_quant_pool_run(const gy_quant_shape *q, const void *x, const int8_t *w,
                                     const int32_t *bias, const float *factor, void *y,
                                     int16_t *scratch)
{
    const gy_conv_shape *c = &q->c;
    const gy_quant_end end = gy_quant_end_of(q, bias, factor, y);
    gy_quant_strip s = gy_quant_strip_of(c, 2 * q->strip, scratch);
    s.rows += 4 * s.taps;
    for (size_t n = 0; n < c->images; n++)
        for (size_t row = 0; row < c->rows; row++)
            for (size_t col = 0, cols; col < c->cols; col += cols) {
                cols = c->cols - col < q->strip ? c->cols - col : q->strip;
                gy_quant_fill(&s, q,
                              (const uint8_t *)x + n * c->x_image + 2 * row * c->x_row +
                                  2 * col * c->x_col,
                              2 * cols, 2);
                for (size_t i = 0; i < cols; i++) {
                    const int16_t *from = s.rows + 2 * i * c->x_col;
                    gy_quant_gather(scratch, &s, from, c->x_col);
                    gy_quant_gather(scratch + 2 * s.taps, &s, from + s.lower, c->x_col);
                    gy_quant_window(&end, scratch, w, s.taps,
                                    n * c->y_image + row * c->y_row + (col + i) * c->y_col);
                }
            }
}

/** A float as a byte: rounded half to even, plus zero, held within the type, which low and high are
 * the bounds of; NaN is zero. */
static inline uint8_t gy_quantize_one(float x, int32_t zero, float low, float high)
{
    (void)high;
    return gy_quant_saturate(__qadd(gy_quant_nearest(x), zero), low + (float)zero < 0.0f);
}

/** y = x / scale as bytes. */
static inline void gy_quantize_run(uint8_t *y, const float *x, size_t count, float scale,
                                   int32_t zero, float low, float high)
{
    for (size_t i = 0; i < count; i++)
        y[i] = gy_quantize_one(x[i] / scale, zero, low, high);
}

#endif
