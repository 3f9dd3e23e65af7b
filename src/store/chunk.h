// SPDX-License-Identifier: Apache-2.0
//
// Where a large file is cut, and by what its pieces are found again.
#ifndef GYRE_STORE_CHUNK_H
#define GYRE_STORE_CHUNK_H

#include "gyre/base.h"

enum {
    GY_CHUNK_BYTES_MIN = 256 * 1024,
    GY_CHUNK_BYTES_AVERAGE = 1024 * 1024,
    GY_CHUNK_BYTES_MAX = 4 * 1024 * 1024,
    GY_CHUNK_FEATURES = 8
};

/**
 * The features of bytes: the smallest hashes of their content-defined sample points, ascending,
 * UINT32_MAX where there are fewer. Two pieces that share most of their content share most
 * features.
 */
typedef struct gy_features {
    uint32_t values[GY_CHUNK_FEATURES];
} gy_features;

/**
 * The length of the first chunk of bytes, and its features. Cuts depend on the 64 bytes before them
 * alone, so that an insertion moves the cuts near it and no others.
 * @param size_bytes as much as is at hand: GY_CHUNK_BYTES_MAX or more, or all that remains.
 */
size_t gy_chunk_cut(gy_features *features, const uint8_t *bytes, size_t size_bytes);

#endif
