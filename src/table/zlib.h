// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_ZLIB_H
#define GYRE_TABLE_ZLIB_H

#include "gyre/base.h"

typedef enum gy_deflate_frame {
    GY_DEFLATE_RAW, // as inside a zip
    GY_DEFLATE_GZIP // .gz: members one after the other, checked by their CRC
} gy_deflate_frame;

/**
 * Inflate into memory of known size: exactly size_bytes must come out.
 * @return GY_OK; GY_FORMAT: err names `name`; GY_UNSUPPORTED: no zlib here.
 */
gy_status gy_inflate_exact(void *bytes, size_t size_bytes, const void *packed, size_t packed_bytes,
                           gy_deflate_frame frame, const char *name, gy_error *err) GY_CHECKED;

/** Inflate a whole gzip file into the arena, NUL-terminated; more than limit_bytes: GY_LIMIT. */
gy_status gy_inflate_file(char **bytes, size_t *size_bytes, const void *packed, size_t packed_bytes,
                          size_t limit_bytes, const char *name, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#endif
