// SPDX-License-Identifier: Apache-2.0
//
// Images in memory: decoded from PNG and JPEG, encoded as PNG.
#ifndef GYRE_IMAGE_H
#define GYRE_IMAGE_H

#include "gyre/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Pixels of one image, row by row, channels innermost (1 grey, 3 RGB, 4 RGBA), 8 bits each. */
typedef struct gy_image {
    uint8_t *pixels;
    uint32_t width, height, channels;
} gy_image;

enum { GY_IMAGE_SIDE_MAX = 16384 };

/**
 * Decode a PNG or JPEG: sides up to GY_IMAGE_SIDE_MAX, 256 MiB of pixels.
 * @param name what messages call it: a path.
 * @return GY_OK; GY_FORMAT: neither, or damaged; GY_LIMIT; GY_UNSUPPORTED: no libspng or
 * libturbojpeg; GY_NO_MEMORY.
 */
GY_API gy_status gy_image_decode(gy_image *image, const void *bytes, size_t size_bytes,
                                 const char *name, gy_arena *arena, gy_error *err) GY_CHECKED;
GY_API gy_status gy_image_read(gy_image *image, const char *path, gy_arena *arena,
                               gy_error *err) GY_CHECKED;
/** The sides and channels of an encoded image, from its header alone; pixels stays NULL. */
GY_API gy_status gy_image_measure(gy_image *image, const void *bytes, size_t size_bytes,
                                  const char *name, gy_error *err) GY_CHECKED;
/** Encode as PNG into out. */
GY_API gy_status gy_image_encode_png(gy_text *out, const gy_image *image, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
