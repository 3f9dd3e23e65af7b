// SPDX-License-Identifier: Apache-2.0
//
// The kernels for x86-64 with AVX2 and FMA. A processor with AVX-512 runs these too.

#include "value/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

// The functions of rt/math.h in loops: the pragma brings fma, but not the macro that says so.
#ifndef __FP_FAST_FMAF
#define __FP_FAST_FMAF 1
#endif
#include "rt/math.h"

typedef __m256 vector;

// -1 in the first `count` of eight.
static inline __attribute__((always_inline)) __m256i first_lanes(size_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#define vector_load(from) _mm256_loadu_ps(from)
#define vector_store(to, v) _mm256_storeu_ps(to, v)
#define vector_load_part(from, count) _mm256_maskload_ps(from, first_lanes(count))
#define vector_store_part(to, v, count) _mm256_maskstore_ps(to, first_lanes(count), v)
#define vector_all(value) _mm256_set1_ps(value)
#define vector_sub(a, b) _mm256_sub_ps(a, b)
#define vector_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vector_below(v, limit) (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, limit, _CMP_LT_OQ))

#include "value/kernel_body.h"

const gy_value_kernels gy_value_kernels_avx2 = {.name = "avx2", VALUE_KERNELS};
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int gy_kernel_avx2_unused; // an empty file is no C
#endif
