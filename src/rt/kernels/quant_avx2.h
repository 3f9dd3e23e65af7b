// SPDX-License-Identifier: 0BSD
//
// Tiles of quant.h with AVX2: bytes are widened to 16 bits and multiplied in pairs. (Multiplying
// bytes in pairs would saturate.)
#ifndef GYRE_RT_KERNELS_QUANT_AVX2_H
#define GYRE_RT_KERNELS_QUANT_AVX2_H

#if defined(__AVX2__) && !defined(GY_LANES_PLAIN) && !defined(GY_QUANT_PIXELS)
#define GY_QUANT_PIXELS 3

#include <immintrin.h>

#include "rt/kernels/quant_tile.h"

#define GY_QUANT_INLINE static inline __attribute__((always_inline))

/** The sums of one pixel: each lane half an output's. */
typedef struct gy_quant_sums {
    __m256i a, b, c, d;
} gy_quant_sums;

// Four taps, as often as a vector has outputs.
GY_QUANT_INLINE __m256i gy_quant_spread(uint32_t taps, bool is_signed)
{
    const __m128i bytes = _mm_set1_epi32((int)taps);
    return is_signed ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

GY_QUANT_INLINE __m256i gy_quant_weights(const int8_t *w)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
}

GY_QUANT_INLINE __m256i gy_quant_madd(__m256i sum, __m256i x, __m256i w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}

// Four taps of `count` pixels that are `step` bytes apart.
GY_QUANT_INLINE void gy_quant_four(gy_quant_sums *s, const uint32_t *taps, const int8_t *w,
                                   size_t count, bool is_signed)
{
    const __m256i wa = gy_quant_weights(w), wb = gy_quant_weights(w + 16);
    const __m256i wc = gy_quant_weights(w + 32), wd = gy_quant_weights(w + 48);
    for (size_t i = 0; i < count; i++) {
        const __m256i x = gy_quant_spread(taps[i], is_signed);
        s[i].a = gy_quant_madd(s[i].a, x, wa), s[i].b = gy_quant_madd(s[i].b, x, wb);
        s[i].c = gy_quant_madd(s[i].c, x, wc), s[i].d = gy_quant_madd(s[i].d, x, wd);
    }
}

// Add the halves of eight outputs, put them in order, and add the biases.
GY_QUANT_INLINE void gy_quant_fold(int32_t *sums, __m256i low, __m256i high, const int32_t *bias)
{
    const __m256i folded = _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
    const __m256i start = _mm256_loadu_si256((const __m256i *)(const void *)bias);
    _mm256_storeu_si256((__m256i *)(void *)sums, _mm256_add_epi32(folded, start));
}

GY_QUANT_INLINE size_t gy_quant_pixels(const gy_quant_job *job, size_t at, int32_t sums[][16],
                                       size_t count, bool is_signed)
{
    const gy_conv_shape *c = &job->q->c;
    const int8_t *w = job->w;
    const __m256i zero = _mm256_setzero_si256();
    gy_quant_sums s[3] = {
        {zero, zero, zero, zero}, {zero, zero, zero, zero}, {zero, zero, zero, zero}};
    uint32_t taps[3] = {0, 0, 0};
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const uint8_t *x = job->x + at + row * c->tap_row_step + col * c->tap_col_step;
            size_t k = 0;
            for (; k + 4 <= c->run; k += 4, w += 64) {
                for (size_t i = 0; i < count; i++)
                    memcpy(&taps[i], x + i * c->x_col + k, 4);
                gy_quant_four(s, taps, w, count, is_signed);
            }
            if (k == c->run)
                continue;
            for (size_t i = 0; i < count; i++) {
                taps[i] = 0; // its weights are 0 where there is no tap
                for (size_t j = 0; j < c->run - k; j++)
                    taps[i] |= (uint32_t)x[i * c->x_col + k + j] << 8 * j;
            }
            gy_quant_four(s, taps, w, count, is_signed);
            w += 64;
        }
    for (size_t i = 0; i < count; i++) {
        gy_quant_fold(sums[i], s[i].a, s[i].b, job->bias);
        gy_quant_fold(sums[i] + 8, s[i].c, s[i].d, job->bias + 8);
    }
    return count;
}

/** The sums of as many of the next `left` pixels as a tile takes: how many. */
static inline size_t gy_quant_tile(const gy_quant_job *job, size_t at, int32_t sums[][16],
                                   size_t left)
{
    if (left >= 3)
        return job->q->is_signed ? gy_quant_pixels(job, at, sums, 3, true)
                                 : gy_quant_pixels(job, at, sums, 3, false);
    return job->q->is_signed ? gy_quant_pixels(job, at, sums, 1, true)
                             : gy_quant_pixels(job, at, sums, 1, false);
}
#endif

#endif
