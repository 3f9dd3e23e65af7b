// SPDX-License-Identifier: 0BSD
//
// Vectors of 8 floats with AVX2 and FMA.
#ifndef GYRE_RT_KERNELS_LANES_AVX2_H
#define GYRE_RT_KERNELS_LANES_AVX2_H

#include <stddef.h>

#include "rt/math.h"

#include <immintrin.h>
#define GY_LANES_NAME "avx2"
#define GY_INLINE static inline __attribute__((always_inline))
typedef __m256 gy_v8;

GY_INLINE __m256i gy_v8_mask(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
GY_INLINE gy_v8 gy_v8_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
GY_INLINE void gy_v8_store(float *p, gy_v8 v)
{
    _mm256_storeu_ps(p, v);
}
GY_INLINE gy_v8 gy_v8_load_part(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, gy_v8_mask(n));
}
GY_INLINE void gy_v8_store_part(float *p, gy_v8 v, size_t n)
{
    _mm256_maskstore_ps(p, gy_v8_mask(n), v);
}
GY_INLINE gy_v8 gy_v8_set(float x)
{
    return _mm256_set1_ps(x);
}
GY_INLINE gy_v8 gy_v8_fma(gy_v8 a, gy_v8 b, gy_v8 c)
{
    return _mm256_fmadd_ps(a, b, c);
}
GY_INLINE gy_v8 gy_v8_add(gy_v8 a, gy_v8 b)
{
    return _mm256_add_ps(a, b);
}
GY_INLINE gy_v8 gy_v8_div(gy_v8 a, gy_v8 b)
{
    return _mm256_div_ps(a, b);
}
// low > v ? low : v, then high < v ? high : v: a NaN stays.
GY_INLINE gy_v8 gy_v8_clip(gy_v8 v, gy_v8 low, gy_v8 high)
{
    return _mm256_min_ps(high, _mm256_max_ps(low, v));
}
// gy_pool_max of each lane.
GY_INLINE gy_v8 gy_v8_pool_max(gy_v8 m, gy_v8 x)
{
    return _mm256_blendv_ps(_mm256_max_ps(m, x), m, _mm256_cmp_ps(m, m, _CMP_UNORD_Q));
}

#endif
