// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 on this host. Ids are made in every room, for files of a few hundred bytes: our own use
// of the SHA instructions (Intel SHA Extensions, 2013) starts without loading libcrypto.

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

gy_cpu gy_cpu_level(void)
{
    const char *limit = getenv("GYRE_CPU");
    gy_cpu level = GY_CPU_PLAIN;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        level = GY_CPU_AVX2;
    if (level == GY_CPU_AVX2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni"))
        level = GY_CPU_AVX512;
#endif
    if (limit != NULL && strcmp(limit, "plain") == 0)
        level = GY_CPU_PLAIN;
    if (limit != NULL && strcmp(limit, "avx2") == 0 && level > GY_CPU_AVX2)
        level = GY_CPU_AVX2;
    return level;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks_sha_ni(uint32_t state[8], const uint8_t *bytes, size_t count)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    // The instructions want the state as ABEF and CDGH.
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
    __m128i high =
        _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);

    for (; count > 0; count--, bytes += 64) {
        __m128i abef_before = abef, cdgh_before = cdgh, w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(
                _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i)), swap);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i now = w[i % 4];
            __m128i sum = _mm_add_epi32(
                now, _mm_loadu_si128((const __m128i *)(const void *)(gy_sha256_rounds + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (i < 12) {
                __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) % 4]),
                                             _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));
                w[i % 4] = _mm_sha256msg2_epu32(next, w[(i + 3) % 4]);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static bool has_sha_ni(void)
{
    unsigned a, b, c, d;
    return gy_cpu_level() > GY_CPU_PLAIN && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (b >> 29 & 1);
}
#endif

gy_sha256_blocks *gy_hash_blocks(void)
{
#if defined(__x86_64__)
    static _Atomic(gy_sha256_blocks *) chosen;
    if (chosen == NULL)
        chosen = has_sha_ni() ? blocks_sha_ni : gy_sha256_blocks_plain;
    return chosen;
#else
    return gy_sha256_blocks_plain;
#endif
}

void gy_id_of_bytes(gy_id *id, const void *bytes, size_t size_bytes)
{
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, bytes, size_bytes);
    gy_sha256_end(&hash, id->bytes);
}

void gy_hash_keyed(gy_id *digest, const void *key, size_t key_bytes, const void *bytes,
                   size_t size_bytes)
{
    uint8_t pad[64] = {0};
    gy_id short_key;
    if (key_bytes > sizeof(pad)) {
        gy_id_of_bytes(&short_key, key, key_bytes);
        key = short_key.bytes;
        key_bytes = sizeof(short_key.bytes);
    }
    memcpy(pad, key, key_bytes);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36;
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, pad, sizeof(pad));
    gy_sha256_add(&hash, bytes, size_bytes);
    gy_id inner;
    gy_sha256_end(&hash, inner.bytes);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, pad, sizeof(pad));
    gy_sha256_add(&hash, inner.bytes, sizeof(inner.bytes));
    gy_sha256_end(&hash, digest->bytes);
}
