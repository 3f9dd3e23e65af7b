// SPDX-License-Identifier: Apache-2.0
//
// Room for the pixels of an image, within bounds.

#include "table/image.h"

gy_status gy_image_take(gy_image *image, uint64_t width, uint64_t height, uint32_t channels,
                        const char *name, gy_arena *arena, gy_error *err)
{
    if (width < 1 || height < 1)
        return gy_fail(err, GY_FORMAT, "image '%s' has no pixels", name);
    if (width > GY_IMAGE_SIDE_MAX || height > GY_IMAGE_SIDE_MAX)
        return gy_fail(err, GY_LIMIT, "image '%s' is %llu x %llu pixels, a side may have %d", name,
                       (unsigned long long)width, (unsigned long long)height, GY_IMAGE_SIDE_MAX);
    if (width * height * channels > GY_IMAGE_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "image '%s' takes %llu bytes decoded, over %d", name,
                       (unsigned long long)(width * height * channels), GY_IMAGE_BYTES_MAX);
    *image = (gy_image){.pixels = GY_NEW(arena, uint8_t, (size_t)(width * height * channels)),
                        .width = (uint32_t)width,
                        .height = (uint32_t)height,
                        .channels = channels};
    if (image->pixels == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the pixels of '%s'", name);
    return GY_OK;
}
