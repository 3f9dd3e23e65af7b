// SPDX-License-Identifier: Apache-2.0
//
// AVX-512 and VNNI on a processor without them: SIMDe's definitions in C stand under the names of
// the intrinsics that the kernels use. compiler.py has it read instead of the compiler's own
// immintrin.h. An intrinsic that is missing here is an error of the compiler (target specific
// option mismatch).
#ifndef GYRE_TESTS_AVX512_IMMINTRIN_H
#define GYRE_TESTS_AVX512_IMMINTRIN_H

// The compiler's own header and SIMDe must know that the processor has none of it.
#undef __AVX512F__
#undef __AVX512VL__
#undef __AVX512BW__
#undef __AVX512DQ__
#undef __AVX512VNNI__

#include_next <immintrin.h>

#include <simde/x86/avx512/add.h>
#include <simde/x86/avx512/cmp.h>
#include <simde/x86/avx512/div.h>
#include <simde/x86/avx512/dpbusd.h>
#include <simde/x86/avx512/fmadd.h>
#include <simde/x86/avx512/loadu.h>
#include <simde/x86/avx512/max.h>
#include <simde/x86/avx512/min.h>
#include <simde/x86/avx512/mov.h>
#include <simde/x86/avx512/set1.h>
#include <simde/x86/avx512/setzero.h>
#include <simde/x86/avx512/storeu.h>
#include <simde/x86/avx512/sub.h>
#include <simde/x86/avx512/xor.h>
#include <simde/x86/fma.h>

#define __AVX512F__ 1
#define __AVX512VL__ 1
#define __AVX512BW__ 1
#define __AVX512DQ__ 1
#define __AVX512VNNI__ 1

#define __m512 simde__m512
#define __m512i simde__m512i
#define __mmask8 simde__mmask8
#define __mmask16 simde__mmask16

#define _mm512_loadu_ps simde_mm512_loadu_ps
#define _mm512_storeu_ps simde_mm512_storeu_ps
#define _mm512_set1_ps simde_mm512_set1_ps
#define _mm512_fmadd_ps simde_mm512_fmadd_ps
#define _mm512_add_ps simde_mm512_add_ps
#define _mm512_div_ps simde_mm512_div_ps
#define _mm512_min_ps simde_mm512_min_ps
#define _mm512_max_ps simde_mm512_max_ps
#define _mm512_cmp_ps_mask simde_mm512_cmp_ps_mask
#define _mm512_mask_mov_ps simde_mm512_mask_mov_ps
#define _mm256_cmp_ps_mask simde_mm256_cmp_ps_mask
#define _mm256_mask_mov_ps simde_mm256_mask_mov_ps
#define _mm512_loadu_si512 simde_mm512_loadu_si512
#define _mm512_storeu_si512 simde_mm512_storeu_si512
#define _mm512_set1_epi32 simde_mm512_set1_epi32
#define _mm512_set1_epi8 simde_mm512_set1_epi8
#define _mm512_setzero_si512 simde_mm512_setzero_si512
#define _mm512_add_epi32 simde_mm512_add_epi32
#define _mm512_sub_epi32 simde_mm512_sub_epi32
#define _mm512_xor_si512 simde_mm512_xor_si512
#define _mm512_dpbusd_epi32 simde_mm512_dpbusd_epi32

// What SIMDe 0.7.4 has not: memory behind a mask is neither read nor written.
#define GY_MASKED(NAME, VECTOR, LANE, LANES)                                     \
    static inline VECTOR gy_##NAME##_load(unsigned mask, const void *from)       \
    {                                                                            \
        union {                                                                  \
            VECTOR vector;                                                       \
            LANE lanes[LANES];                                                   \
        } all = {.lanes = {0}};                                                  \
        for (int i = 0; i < LANES; i++)                                          \
            if ((mask >> i & 1) != 0)                                            \
                all.lanes[i] = ((const LANE *)from)[i];                          \
        return all.vector;                                                       \
    }                                                                            \
    static inline void gy_##NAME##_store(void *to, unsigned mask, VECTOR vector) \
    {                                                                            \
        union {                                                                  \
            VECTOR vector;                                                       \
            LANE lanes[LANES];                                                   \
        } all = {.vector = vector};                                              \
        for (int i = 0; i < LANES; i++)                                          \
            if ((mask >> i & 1) != 0)                                            \
                ((LANE *)to)[i] = all.lanes[i];                                  \
    }
GY_MASKED(ps512, simde__m512, float, 16)
GY_MASKED(ps256, __m256, float, 8)
GY_MASKED(epi8, __m128i, unsigned char, 16)
#define _mm512_maskz_loadu_ps gy_ps512_load
#define _mm512_mask_storeu_ps gy_ps512_store
#define _mm256_maskz_loadu_ps gy_ps256_load
#define _mm256_mask_storeu_ps gy_ps256_store
#define _mm_maskz_loadu_epi8 gy_epi8_load

#endif
