// SPDX-License-Identifier: 0BSD
//
// Vectors of 8 and 16 floats with AVX-512.
#ifndef GYRE_RT_KERNELS_LANES_AVX512_H
#define GYRE_RT_KERNELS_LANES_AVX512_H

#include <stddef.h>

#include "rt/math.h"

#include <immintrin.h>
#define GY_LANES_NAME "avx512"
#define GY_INLINE static inline __attribute__((always_inline))
typedef __m256 gy_v8;
typedef __m512 gy_v16;

// MAKE(width, vector, prefix, mask type): the operations of one width.
#define GY_LANES(W, V, P, M)                                                              \
    GY_INLINE V gy_v##W##_load(const float *p)                                            \
    {                                                                                     \
        return P##_loadu_ps(p);                                                           \
    }                                                                                     \
    GY_INLINE void gy_v##W##_store(float *p, V v)                                         \
    {                                                                                     \
        P##_storeu_ps(p, v);                                                              \
    }                                                                                     \
    GY_INLINE V gy_v##W##_load_part(const float *p, size_t n)                             \
    {                                                                                     \
        return P##_maskz_loadu_ps((M)((1u << n) - 1u), p);                                \
    }                                                                                     \
    GY_INLINE void gy_v##W##_store_part(float *p, V v, size_t n)                          \
    {                                                                                     \
        P##_mask_storeu_ps(p, (M)((1u << n) - 1u), v);                                    \
    }                                                                                     \
    GY_INLINE V gy_v##W##_set(float x)                                                    \
    {                                                                                     \
        return P##_set1_ps(x);                                                            \
    }                                                                                     \
    GY_INLINE V gy_v##W##_fma(V a, V b, V c)                                              \
    {                                                                                     \
        return P##_fmadd_ps(a, b, c);                                                     \
    }                                                                                     \
    GY_INLINE V gy_v##W##_add(V a, V b)                                                   \
    {                                                                                     \
        return P##_add_ps(a, b);                                                          \
    }                                                                                     \
    GY_INLINE V gy_v##W##_div(V a, V b)                                                   \
    {                                                                                     \
        return P##_div_ps(a, b);                                                          \
    }                                                                                     \
    /* low > v ? low : v, then high < v ? high : v: a NaN stays */                        \
    GY_INLINE V gy_v##W##_clip(V v, V low, V high)                                        \
    {                                                                                     \
        return P##_min_ps(high, P##_max_ps(low, v));                                      \
    }                                                                                     \
    /* gy_pool_max of each lane */                                                        \
    GY_INLINE V gy_v##W##_pool_max(V m, V x)                                              \
    {                                                                                     \
        return P##_mask_mov_ps(P##_max_ps(m, x), P##_cmp_ps_mask(m, m, _CMP_UNORD_Q), m); \
    }
GY_LANES(8, gy_v8, _mm256, __mmask8)
GY_LANES(16, gy_v16, _mm512, __mmask16)

#endif
