// SPDX-License-Identifier: 0BSD
//
// Numbers as little-endian bytes, on processors of either order and without aligned access.
#ifndef GYRE_RT_BYTES_H
#define GYRE_RT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rt/math.h"

/** Write the lowest size_bytes (1 to 8) of number; return the place behind them. */
static inline uint8_t *gy_put(uint8_t *at, uint64_t number, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        *at++ = (uint8_t)(number >> 8 * i);
    return at;
}

/** The number in size_bytes (1 to 8) bytes. */
static inline uint64_t gy_get(const uint8_t *at, size_t size_bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size_bytes; i++)
        number |= (uint64_t)at[i] << 8 * i;
    return number;
}

/** CRC-32 (IEEE 802.3, reflected, as in zlib) of bytes, going on from crc; start with 0. */
uint32_t gy_crc32(uint32_t crc, const void *bytes, size_t size_bytes);

#endif
