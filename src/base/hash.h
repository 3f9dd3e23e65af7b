// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_HASH_H
#define GYRE_BASE_HASH_H

#include "gyre/base.h"
#include "rt/sha256.h"

/** The fastest SHA-256 block function of this processor (SHA-NI where there is one). */
gy_sha256_blocks *gy_hash_blocks(void);

/** HMAC-SHA-256 (RFC 2104) of bytes under a key. */
void gy_hash_keyed(gy_id *digest, const void *key, size_t key_bytes, const void *bytes,
                   size_t size_bytes);

/** The processor that code may use: GYRE_CPU=plain|avx2|avx512 limits it. */
typedef enum gy_cpu { GY_CPU_PLAIN, GY_CPU_AVX2, GY_CPU_AVX512 } gy_cpu;
gy_cpu gy_cpu_level(void);

#endif
