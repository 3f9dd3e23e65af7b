// SPDX-License-Identifier: 0BSD
//
// SHA-256 (FIPS 180-4). Plain C here; a host may put a faster block function in its place.
#ifndef GYRE_RT_SHA256_H
#define GYRE_RT_SHA256_H

#include <stddef.h>
#include <stdint.h>

/** Mix count blocks of 64 bytes into the state. */
typedef void gy_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t count);

typedef struct gy_sha256 {
    uint32_t state[8];
    uint64_t length_bytes;
    uint8_t tail[64]; // what does not fill a block yet
    gy_sha256_blocks *blocks;
} gy_sha256;

/** Start. blocks: gy_sha256_blocks_plain, or a host's faster one with the same meaning. */
void gy_sha256_init(gy_sha256 *hash, gy_sha256_blocks *blocks);
void gy_sha256_add(gy_sha256 *hash, const void *bytes, size_t size_bytes);
void gy_sha256_end(gy_sha256 *hash, uint8_t digest[32]);

gy_sha256_blocks gy_sha256_blocks_plain;

/** The 64 round constants, for other block functions. */
extern const uint32_t gy_sha256_rounds[64];

#endif
