// SPDX-License-Identifier: 0BSD
//
// Tiles of quant.h with AVX-512 VNNI, which adds four products of bytes to each 32-bit sum, exactly
// (vpdpbusd, not vpdpbusds: sums wrap around). It multiplies unsigned bytes of x by signed ones of
// w: signed bytes of x are taken as x + 128, and 128 × the sum of the weights is taken off in the
// end.
#ifndef GYRE_RT_KERNELS_QUANT_VNNI_H
#define GYRE_RT_KERNELS_QUANT_VNNI_H

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && \
    !defined(GY_LANES_PLAIN)
#define GY_QUANT_PIXELS 8

#include <immintrin.h>

#include "rt/kernels/quant_tile.h"

#define GY_QUANT_INLINE static inline __attribute__((always_inline))

// Four taps of `count` pixels that are `step` bytes apart: the first `part` of them, 0 for the
// rest.
GY_QUANT_INLINE void gy_quant_four(__m512i *sums, __m512i *excess, const uint8_t *x, size_t step,
                                   const int8_t *w, __mmask16 part, size_t count, bool is_signed)
{
    const __m512i weights = _mm512_loadu_si512(w), flip = _mm512_set1_epi8(-128);
    for (size_t i = 0; i < count; i++) {
        int32_t taps = 0;
        if (part == 15)
            memcpy(&taps, x + i * step, 4);
        else // beyond them may be the end of the memory
            taps = _mm_cvtsi128_si32(_mm_maskz_loadu_epi8(part, x + i * step));
        const __m512i four = _mm512_set1_epi32(taps);
        sums[i] =
            _mm512_dpbusd_epi32(sums[i], is_signed ? _mm512_xor_si512(four, flip) : four, weights);
    }
    if (is_signed)
        *excess = _mm512_dpbusd_epi32(*excess, flip, weights);
}

GY_QUANT_INLINE size_t gy_quant_pixels(const gy_quant_job *job, size_t at, int32_t sums[][16],
                                       size_t count, bool is_signed)
{
    const gy_conv_shape *c = &job->q->c;
    const __mmask16 part = (__mmask16)((1u << c->run % 4) - 1u);
    const int8_t *w = job->w;
    const size_t chains = count == 8 ? 1 : count == 4 ? 2 : 4; // to hide the latency of one sum
    __m512i s[GY_QUANT_PIXELS], excess[4];
    for (size_t i = 0; i < chains; i++)
        excess[i] = _mm512_setzero_si512();
    for (size_t i = 0; i < count * chains; i++)
        s[i] = i < count ? _mm512_loadu_si512(job->bias) : _mm512_setzero_si512();
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const uint8_t *x = job->x + at + row * c->tap_row_step + col * c->tap_col_step;
            size_t k = 0;
            for (; k + 4 * chains <= c->run; k += 4 * chains)
                for (size_t i = 0; i < chains; i++, w += 64)
                    gy_quant_four(s + i * count, &excess[i], x + k + 4 * i, c->x_col, w, 15, count,
                                  is_signed);
            for (; chains > 1 && k + 4 <= c->run; k += 4, w += 64)
                gy_quant_four(s, excess, x + k, c->x_col, w, 15, count, is_signed);
            if (k == c->run)
                continue;
            gy_quant_four(s, excess, x + k, c->x_col, w, part, count, is_signed);
            w += 64;
        }
    for (size_t i = 1; i < chains; i++)
        excess[0] = _mm512_add_epi32(excess[0], excess[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 1; j < chains; j++)
            s[i] = _mm512_add_epi32(s[i], s[i + j * count]);
        _mm512_storeu_si512(sums[i], is_signed ? _mm512_sub_epi32(s[i], excess[0]) : s[i]);
    }
    return count;
}

#define GY_QUANT_COUNT(n)                                          \
    (job->q->is_signed ? gy_quant_pixels(job, at, sums, (n), true) \
                       : gy_quant_pixels(job, at, sums, (n), false))

/** The sums of as many of the next `left` pixels as a tile takes: how many. */
static inline size_t gy_quant_tile(const gy_quant_job *job, size_t at, int32_t sums[][16],
                                   size_t left)
{
    if (left >= 8)
        return GY_QUANT_COUNT(8);
    if (left >= 4)
        return GY_QUANT_COUNT(4);
    return left >= 2 ? GY_QUANT_COUNT(2) : GY_QUANT_COUNT(1);
}
#endif

#endif
