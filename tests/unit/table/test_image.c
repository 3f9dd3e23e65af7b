// SPDX-License-Identifier: Apache-2.0
//
// Goal: images decode to the right pixels, and what is no image, or too large, is refused. Method:
// pixels of another decoder (tests/data/table/make_images.py); round trips through our encoder;
// every prefix of a file; headers that claim huge sides; every allocation fails.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "check.h"
#include "gyre/table.h"

#define FOLDER "tests/data/table/"

static void test_pixels_are_those_of_another_decoder(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_array *expected;
    size_t count = 0;
    CHECK(gy_arrays_read(&expected, &count, FOLDER "images.npz", &arena, NULL) == GY_OK);
    CHECK(count == 11);
    for (size_t i = 0; i < count; i++) {
        const gy_array *want = &expected[i];
        gy_image image = {0};
        gy_error err = {0};
        char path[200];
        snprintf(path, sizeof(path), FOLDER "%s", want->name);
        CHECK(gy_image_read(&image, path, &arena, &err) == GY_OK);
        size_t channels = want->rank == 2 ? 1 : want->shape[2];
        CHECK(image.height == want->shape[0] && image.width == want->shape[1]);
        CHECK(image.channels == channels);
        if (image.channels == channels && err.message[0] == '\0')
            CHECK(memcmp(image.pixels, want->data, want->count) == 0);
        if (err.message[0] != '\0')
            printf("# %s\n", err.message);
    }
    gy_arena_release(&arena);
}

static void test_what_is_encoded_decodes_to_the_same(void)
{
    for (uint32_t channels = 1; channels <= 4; channels++) {
        uint8_t pixels[3 * 5 * 4];
        for (size_t i = 0; i < sizeof(pixels); i++)
            pixels[i] = (uint8_t)(i * 37);
        const gy_image image = {pixels, 3, 5, channels};
        gy_image back = {0};
        gy_text png = {0};
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_status status = gy_image_encode_png(&png, &image, &err);
        CHECK(status == (channels == 2 ? GY_INVALID : GY_OK));
        if (status == GY_OK) {
            CHECK(gy_image_decode(&back, png.bytes, png.length, "x", &arena, &err) == GY_OK);
            CHECK(back.width == 3 && back.height == 5 && back.channels == channels);
            CHECK(memcmp(back.pixels, pixels, 15 * channels) == 0);
        }
        gy_text_release(&png);
        gy_arena_release(&arena);
    }
}

static void test_images_cut_short_are_refused(void)
{
    static const char *const names[] = {"rgb.png", "palette.png", "rgb.jpg", "progressive.jpg"};
    for (size_t n = 0; n < 4; n++) {
        gy_arena arena = GY_ARENA_INIT;
        char path[200], *bytes;
        size_t size;
        snprintf(path, sizeof(path), FOLDER "%s", names[n]);
        CHECK(gy_file_read(&bytes, &size, path, SIZE_MAX, &arena, NULL) == GY_OK);
        // Without its last 12 bytes (IEND) a PNG has all its pixels, a JPEG without its last 2.
        for (size_t cut = 0; cut + 16 < size; cut += 3) {
            gy_image image;
            gy_error err = {0};
            gy_status status = gy_image_decode(&image, bytes, cut, "part", &arena, &err);
            CHECK(status == GY_FORMAT && strstr(err.message, "part") != NULL);
        }
        gy_arena_release(&arena);
    }
}

// Headers by hand: sides beyond the bound must be refused before memory is taken.
static void test_huge_sides_are_refused(void)
{
    unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\x01\0\0\0\x01\x08\0\0\0\0"
                          "\x0e\xab\x2c\x50\0\0\0\0IEND\xae\x42\x60\x82";
    gy_arena arena = GY_ARENA_INIT;
    arena.limit_bytes = 1 << 20;
    gy_image image;
    gy_error err = {0};
    gy_status status = gy_image_decode(&image, png, sizeof(png) - 1, "wide", &arena, &err);
    CHECK(status == GY_LIMIT || status == GY_FORMAT);
    unsigned char jpeg[] = "\xff\xd8\xff\xc0\0\x0b\x08\x7f\xff\x7f\xff\x01\x01\x11\0\xff\xda\0\x08"
                           "\x01\x01\0\0\x3f\0\0\xff\xd9";
    status = gy_image_decode(&image, jpeg, sizeof(jpeg) - 1, "huge", &arena, &err);
    CHECK(status == GY_LIMIT && strstr(err.message, "16384") != NULL);
    gy_arena_release(&arena);
}

static void test_what_is_no_image_is_named(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_image image;
    gy_error err = {0};
    CHECK(gy_image_decode(&image, "GIF89a", 6, "a.gif", &arena, &err) == GY_FORMAT);
    CHECK(strcmp(err.message, "'a.gif' is neither a PNG nor a JPEG image") == 0);
    CHECK(gy_image_read(&image, FOLDER "none.png", &arena, &err) == GY_NOT_FOUND);
    CHECK(gy_image_read(&image, FOLDER "cmyk.jpg", &arena, &err) == GY_UNSUPPORTED);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    static const char *const names[] = {FOLDER "grey16.png", FOLDER "rgb.jpg"};
    for (size_t n = 0; n < 2; n++) {
        gy_status status = GY_NO_MEMORY;
        for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
            gy_arena arena = GY_ARENA_INIT;
            arena.takes_left = takes;
            gy_image image;
            gy_error err = {0};
            status = gy_image_read(&image, names[n], &arena, &err);
            CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
            gy_arena_release(&arena);
        }
        CHECK(status == GY_OK);
    }
}

int main(void)
{
    RUN(test_pixels_are_those_of_another_decoder);
    RUN(test_what_is_encoded_decodes_to_the_same);
    RUN(test_images_cut_short_are_refused);
    RUN(test_huge_sides_are_refused);
    RUN(test_what_is_no_image_is_named);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
