// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the store's formats write them: little-endian, and varints (LEB128, at most 64 bits).
#ifndef GYRE_STORE_BYTES_H
#define GYRE_STORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t gy_get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t gy_get64(const uint8_t *at)
{
    return gy_get32(at) | (uint64_t)gy_get32(at + 4) << 32;
}

static inline void gy_put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static inline void gy_put64(uint8_t *at, uint64_t value)
{
    gy_put32(at, (uint32_t)value);
    gy_put32(at + 4, (uint32_t)(value >> 32));
}

enum { GY_VARINT_BYTES_MAX = 10 };

/** Write value; returns the bytes used, at most GY_VARINT_BYTES_MAX. */
static inline size_t gy_put_varint(uint8_t *at, uint64_t value)
{
    size_t used = 0;
    while (value >= 0x80) {
        at[used++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    at[used++] = (uint8_t)value;
    return used;
}

/** Read a varint and move *at behind it. false: cut off, or not in its one shortest form. */
static inline bool gy_get_varint(uint64_t *value, const uint8_t **at, const uint8_t *end)
{
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return byte != 0 || shift == 0;
    }
    return false;
}

#endif
