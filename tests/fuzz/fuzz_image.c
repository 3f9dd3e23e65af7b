// SPDX-License-Identifier: Apache-2.0
//
// An image from anybody: decoded, or refused with a message; its size is what its header said.

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "gyre/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = GY_ARENA_INIT;
    arena.limit_bytes = 64 << 20;
    gy_image image, measured;
    gy_error err = {0};
    gy_status status = gy_image_decode(&image, bytes, size_bytes, "fuzz", &arena, &err);
    assert(status == GY_OK || err.message[0] != '\0');
    if (status == GY_OK) {
        assert(gy_image_measure(&measured, bytes, size_bytes, "fuzz", &err) == GY_OK);
        assert(measured.width == image.width && measured.height == image.height);
        assert(image.channels == 1 || image.channels == 3 || image.channels == 4);
    }
    gy_arena_release(&arena);
    return 0;
}
