// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_IMAGE_H
#define GYRE_TABLE_IMAGE_H

#include "gyre/table.h"

enum { GY_IMAGE_BYTES_MAX = 256 << 20 };

/** As gy_image_decode, of one format. */
gy_status gy_png_decode(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                        gy_arena *arena, gy_error *err) GY_CHECKED;
gy_status gy_jpeg_decode(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

/** As gy_image_measure. */
gy_status gy_jpeg_measure(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                          gy_error *err) GY_CHECKED;

/** Check the sides against the bounds and take the memory for the pixels. */
gy_status gy_image_take(gy_image *image, uint64_t width, uint64_t height, uint32_t channels,
                        const char *name, gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
