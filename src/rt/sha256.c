// SPDX-License-Identifier: 0BSD
#include "rt/sha256.h"

#include <string.h>

const uint32_t gy_sha256_rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void expand(uint32_t w[64], const uint8_t *bytes)
{
    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
               (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

void gy_sha256_blocks_plain(uint32_t state[8], const uint8_t *bytes, size_t count)
{
    for (; count > 0; count--, bytes += 64) {
        uint32_t w[64], s[8];
        expand(w, bytes);
        memcpy(s, state, sizeof(s));
        for (size_t i = 0; i < 64; i++) {
            uint32_t e1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
            uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
            uint32_t t1 = s[7] + e1 + choice + gy_sha256_rounds[i] + w[i];
            uint32_t e0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
            uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
            memmove(s + 1, s, 7 * sizeof(s[0]));
            s[4] += t1;
            s[0] = t1 + e0 + majority;
        }
        for (size_t i = 0; i < 8; i++)
            state[i] += s[i];
    }
}

void gy_sha256_init(gy_sha256 *hash, gy_sha256_blocks *blocks)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, start, sizeof(start));
    hash->length_bytes = 0;
    hash->blocks = blocks;
}

void gy_sha256_add(gy_sha256 *hash, const void *bytes, size_t size_bytes)
{
    const uint8_t *at = bytes;
    size_t used = (size_t)(hash->length_bytes % 64);
    hash->length_bytes += size_bytes;
    if (used > 0) {
        size_t fill = 64 - used < size_bytes ? 64 - used : size_bytes;
        memcpy(hash->tail + used, at, fill);
        if (used + fill < 64)
            return;
        hash->blocks(hash->state, hash->tail, 1);
        at += fill;
        size_bytes -= fill;
    }
    hash->blocks(hash->state, at, size_bytes / 64);
    if (size_bytes % 64 > 0)
        memcpy(hash->tail, at + size_bytes / 64 * 64, size_bytes % 64);
}

void gy_sha256_end(gy_sha256 *hash, uint8_t digest[32])
{
    uint64_t length_bits = hash->length_bytes * 8;
    uint8_t padding[72] = {0x80};
    size_t used = (size_t)(hash->length_bytes % 64);
    size_t zeros = used < 56 ? 56 - used : 120 - used;
    for (size_t i = 0; i < 8; i++)
        padding[zeros + i] = (uint8_t)(length_bits >> (56 - 8 * i));
    gy_sha256_add(hash, padding, zeros + 8);
    for (size_t i = 0; i < 32; i++)
        digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}
