// SPDX-License-Identifier: Apache-2.0
//
// The one door to libzstd. Opened on first use.
#ifndef GYRE_STORE_ZSTD_H
#define GYRE_STORE_ZSTD_H

#include "gyre/base.h"

/** Contexts of one thread. Zero-initialise; end with gy_zstd_release. */
typedef struct gy_zstd {
    void *packer, *unpacker;
} gy_zstd;

void gy_zstd_release(gy_zstd *zstd);

/** Open the library. Call it once before threads start. GY_UNSUPPORTED: not installed. */
gy_status gy_zstd_open(gy_error *err) GY_CHECKED;

/**
 * Compress. With a prefix, the bytes are told by what they share with it; the same prefix must be
 * given to unpack.
 * @param packed_bytes [out] 0: it does not fit into capacity, so it is not worth it.
 */
gy_status gy_zstd_pack(size_t *packed_bytes, void *packed, size_t capacity, const void *bytes,
                       size_t size_bytes, const void *prefix, size_t prefix_bytes, gy_zstd *zstd,
                       gy_error *err) GY_CHECKED;

/** Decompress to exactly size_bytes. GY_FORMAT: damaged. */
gy_status gy_zstd_unpack(void *bytes, size_t size_bytes, const void *packed, size_t packed_bytes,
                         const void *prefix, size_t prefix_bytes, gy_zstd *zstd,
                         gy_error *err) GY_CHECKED;

#endif
