// SPDX-License-Identifier: Apache-2.0
//
// The door to libspng. What it needs of the interface (stable since 0.6) is declared here.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "table/image.h"

typedef struct spng_ctx spng_ctx;

struct spng_ihdr {
    uint32_t width, height;
    uint8_t bit_depth, color_type, compression_method, filter_method, interlace_method;
};

enum { COLOR_GREY = 0, COLOR_RGB = 2, COLOR_PALETTE = 3, COLOR_GREY_ALPHA = 4, COLOR_RGBA = 6 };
enum { FORMAT_RGBA8 = 1, FORMAT_RGB8 = 4, FORMAT_G8 = 64, FORMAT_PNG = 256 };
enum { CONTEXT_ENCODER = 2, DECODE_TRANSPARENCY = 1, ENCODE_FINALIZE = 2, OPTION_TO_BUFFER = 12 };
enum { SPNG_EMEM = 2, CHUNK_BYTES_MAX = 1 << 20, CACHE_BYTES_MAX = 4 << 20 };

static spng_ctx *(*context_new)(int flags);
static void (*context_free)(spng_ctx *);
static int (*set_buffer)(spng_ctx *, const void *, size_t);
static int (*set_image_limits)(spng_ctx *, uint32_t, uint32_t);
static int (*set_chunk_limits)(spng_ctx *, size_t, size_t);
static int (*get_header)(spng_ctx *, struct spng_ihdr *);
static int (*set_header)(spng_ctx *, struct spng_ihdr *);
static int (*get_transparency)(spng_ctx *, void *);
static int (*decoded_size)(spng_ctx *, int, size_t *);
static int (*decode_image)(spng_ctx *, void *, size_t, int, int);
static int (*set_option)(spng_ctx *, int, int);
static int (*encode_image)(spng_ctx *, const void *, size_t, int, int);
static void *(*get_buffer)(spng_ctx *, size_t *, int *);
static const char *(*error_text)(int);

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static gy_error failure;

static void open_library(void)
{
    const gy_library_symbol symbols[] = {
        {"spng_ctx_new", (void **)&context_new},
        {"spng_ctx_free", (void **)&context_free},
        {"spng_set_png_buffer", (void **)&set_buffer},
        {"spng_set_image_limits", (void **)&set_image_limits},
        {"spng_set_chunk_limits", (void **)&set_chunk_limits},
        {"spng_get_ihdr", (void **)&get_header},
        {"spng_set_ihdr", (void **)&set_header},
        {"spng_get_trns", (void **)&get_transparency},
        {"spng_decoded_image_size", (void **)&decoded_size},
        {"spng_decode_image", (void **)&decode_image},
        {"spng_set_option", (void **)&set_option},
        {"spng_encode_image", (void **)&encode_image},
        {"spng_get_png_buffer", (void **)&get_buffer},
        {"spng_strerror", (void **)&error_text},
    };
    failure.status = gy_library_open("libspng.so.0", "apt install libspng0", symbols,
                                     sizeof(symbols) / sizeof(*symbols), &failure);
}

static gy_status open_door(const char *name, gy_error *err)
{
    pthread_once(&opened, open_library);
    if (failure.status != GY_OK)
        return gy_fail(err, failure.status, "image '%s': %s", name, failure.message);
    return GY_OK;
}

static gy_status refuse(int code, const char *name, gy_error *err)
{
    if (code == SPNG_EMEM)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decode image '%s'", name);
    return gy_fail(err, GY_FORMAT, "image '%s' cannot be decoded: %s", name, error_text(code));
}

// 16 bits a sample become 8: the high ones.
static void high_bytes(uint8_t *pixels, const uint16_t *wide, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)(wide[i] >> 8);
}

static gy_status decode_grey_16(gy_image *image, spng_ctx *context, const char *name,
                                gy_arena *arena, gy_error *err)
{
    size_t count = (size_t)image->width * image->height;
    gy_arena_mark mark = gy_arena_here(arena);
    uint16_t *wide = GY_NEW(arena, uint16_t, count);
    if (wide == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the pixels of '%s'", name);
    int code = decode_image(context, wide, 2 * count, FORMAT_PNG, 0);
    if (code == 0)
        high_bytes(image->pixels, wide, count);
    gy_arena_rewind(arena, mark);
    return code == 0 ? GY_OK : refuse(code, name, err);
}

static gy_status decode(gy_image *image, spng_ctx *context, const void *bytes, size_t size_bytes,
                        const char *name, gy_arena *arena, gy_error *err)
{
    struct spng_ihdr header;
    uint8_t transparency[512]; // a struct spng_trns is 272 bytes; only whether there is one counts
    int code = set_buffer(context, bytes, size_bytes);
    if (code == 0)
        code = set_chunk_limits(context, CHUNK_BYTES_MAX, CACHE_BYTES_MAX);
    if (code == 0)
        code = get_header(context, &header);
    if (code != 0)
        return refuse(code, name, err);
    bool grey = header.color_type == COLOR_GREY;
    bool alpha = header.color_type == COLOR_GREY_ALPHA || header.color_type == COLOR_RGBA ||
                 get_transparency(context, transparency) == 0;
    uint32_t channels = alpha ? 4 : grey ? 1 : 3;
    GY_TRY(gy_image_take(image, header.width, header.height, channels, name, arena, err));
    if (channels == 1 && header.bit_depth == 16)
        return decode_grey_16(image, context, name, arena, err);
    int format = channels == 4 ? FORMAT_RGBA8 : channels == 3 ? FORMAT_RGB8 : FORMAT_G8;
    size_t size = 0, taken = (size_t)header.width * header.height * channels;
    code = decoded_size(context, format, &size);
    if (code == 0 && size == taken)
        code = decode_image(context, image->pixels, taken, format,
                            channels == 4 ? DECODE_TRANSPARENCY : 0);
    return code == 0 && size == taken ? GY_OK : refuse(code, name, err);
}

gy_status gy_png_decode(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                        gy_arena *arena, gy_error *err)
{
    GY_TRY(open_door(name, err));
    spng_ctx *context = context_new(0);
    if (context == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decode image '%s'", name);
    gy_status status = decode(image, context, bytes, size_bytes, name, arena, err);
    context_free(context);
    return status;
}

gy_status gy_image_encode_png(gy_text *out, const gy_image *image, gy_error *err)
{
    GY_TRY(open_door("PNG", err));
    static const uint8_t color_types[5] = {0, COLOR_GREY, COLOR_GREY_ALPHA, COLOR_RGB, COLOR_RGBA};
    if (image->channels < 1 || image->channels > 4 || image->channels == 2)
        return gy_fail(err, GY_INVALID, "an image of %u channels cannot be a PNG", image->channels);
    spng_ctx *context = context_new(CONTEXT_ENCODER);
    if (context == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to encode an image");
    struct spng_ihdr header = {.width = image->width,
                               .height = image->height,
                               .bit_depth = 8,
                               .color_type = color_types[image->channels]};
    size_t size_bytes = (size_t)image->width * image->height * image->channels;
    int code = set_option(context, OPTION_TO_BUFFER, 1);
    if (code == 0)
        code = set_header(context, &header);
    if (code == 0)
        code = encode_image(context, image->pixels, size_bytes, FORMAT_PNG, ENCODE_FINALIZE);
    size_t length = 0;
    void *bytes = code == 0 ? get_buffer(context, &length, &code) : NULL;
    gy_status status = GY_OK;
    if (bytes == NULL || code != 0)
        status = gy_fail(err, GY_INVALID, "cannot encode a PNG of %u x %u pixels: %s", image->width,
                         image->height, error_text(code));
    else
        gy_text_append(out, bytes, length);
    free(bytes);
    context_free(context);
    if (status == GY_OK && out->status != GY_OK)
        status = gy_fail(err, GY_NO_MEMORY, "no memory to encode an image");
    return status;
}
