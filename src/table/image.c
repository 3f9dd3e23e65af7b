// SPDX-License-Identifier: Apache-2.0
//
// Images by their first bytes, whatever their names end in.

#include "table/image.h"

#include <string.h>

#include "base/file.h"

gy_status gy_image_decode(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                          gy_arena *arena, gy_error *err)
{
    if (size_bytes >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return gy_png_decode(image, bytes, size_bytes, name, arena, err);
    if (size_bytes >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return gy_jpeg_decode(image, bytes, size_bytes, name, arena, err);
    return gy_fail(err, GY_FORMAT, "'%s' is neither a PNG nor a JPEG image%s", name,
                   size_bytes == 0 ? ": it is empty" : "");
}

gy_status gy_image_read(gy_image *image, const char *path, gy_arena *arena, gy_error *err)
{
    gy_file_map map;
    GY_TRY(gy_file_map_open(&map, path, err));
    gy_status status = gy_image_decode(image, map.bytes, map.size_bytes, path, arena, err);
    gy_file_map_close(&map);
    return status;
}

gy_status gy_image_measure(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                           gy_error *err)
{
    *image = (gy_image){0};
    if (size_bytes >= 26 && memcmp(bytes, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) == 0) {
        // The header is the first chunk: sides in big-endian, depth, colour type.
        const uint8_t *b = (const uint8_t *)bytes + 16;
        static const uint8_t channels[8] = {1, 0, 3, 3, 4, 0, 4, 0};
        image->width = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        image->height = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
        image->channels = channels[b[9] & 7];
    } else if (size_bytes >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) {
        GY_TRY(gy_jpeg_measure(image, bytes, size_bytes, name, err));
    } else {
        return gy_fail(err, GY_FORMAT, "'%s' is neither a PNG nor a JPEG image%s", name,
                       size_bytes == 0 ? ": it is empty" : "");
    }
    if (image->width < 1 || image->height < 1 || image->width > GY_IMAGE_SIDE_MAX ||
        image->height > GY_IMAGE_SIDE_MAX)
        return gy_fail(err, GY_LIMIT, "image '%s' is %u x %u pixels, a side may have 1 to %d", name,
                       image->width, image->height, GY_IMAGE_SIDE_MAX);
    return GY_OK;
}
