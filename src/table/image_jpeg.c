// SPDX-License-Identifier: Apache-2.0
//
// The door to libjpeg-turbo, through its TurboJPEG interface (stable since 1.4), declared here.
// What the library only warns about (a file that is cut short) is an error here: half an image is
// no sample. A JPEG decoder may round as it likes; libjpeg-turbo gives the same bits with and
// without SIMD for its accurate transform.

#include <limits.h>
#include <pthread.h>

#include "base/library.h"
#include "table/image.h"

enum { FORMAT_RGB = 0, FORMAT_GREY = 6 };
enum { SPACE_GREY = 2, SPACE_CMYK = 3, SPACE_YCCK = 4 };
enum { ACCURATE = 4096, STOP_ON_WARNING = 8192, LIMIT_SCANS = 32768 };

static void *(*decoder_new)(void);
static int (*read_header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
static int (*decompress)(void *, const unsigned char *, unsigned long, unsigned char *, int, int,
                         int, int, int);
static char *(*error_text)(void *);
static int (*decoder_free)(void *);

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static gy_error failure;

static void open_library(void)
{
    const gy_library_symbol symbols[] = {
        {"tjInitDecompress", (void **)&decoder_new}, {"tjDecompressHeader3", (void **)&read_header},
        {"tjDecompress2", (void **)&decompress},     {"tjGetErrorStr2", (void **)&error_text},
        {"tjDestroy", (void **)&decoder_free},
    };
    failure.status = gy_library_open("libturbojpeg.so.0", "apt install libturbojpeg0", symbols,
                                     sizeof(symbols) / sizeof(*symbols), &failure);
}

// Sides and channels, from the header.
static gy_status measure(gy_image *image, void *decoder, const void *bytes, size_t size_bytes,
                         const char *name, gy_error *err)
{
    int width = 0, height = 0, sampling = 0, space = 0;
    if (size_bytes > INT_MAX)
        return gy_fail(err, GY_LIMIT, "image '%s' is over %d bytes", name, INT_MAX);
    if (read_header(decoder, bytes, size_bytes, &width, &height, &sampling, &space) != 0)
        return gy_fail(err, GY_FORMAT, "image '%s' cannot be decoded: %s", name,
                       error_text(decoder));
    if (space == SPACE_CMYK || space == SPACE_YCCK)
        return gy_fail(err, GY_UNSUPPORTED, "image '%s' is a CMYK JPEG, only grey and RGB are read",
                       name);
    if (width < 0 || height < 0)
        return gy_fail(err, GY_FORMAT, "image '%s' has no pixels", name);
    *image = (gy_image){.width = (uint32_t)width,
                        .height = (uint32_t)height,
                        .channels = space == SPACE_GREY ? 1 : 3};
    return GY_OK;
}

static gy_status decode(gy_image *image, void *decoder, const void *bytes, size_t size_bytes,
                        const char *name, gy_arena *arena, gy_error *err)
{
    GY_TRY(measure(image, decoder, bytes, size_bytes, name, err));
    GY_TRY(gy_image_take(image, image->width, image->height, image->channels, name, arena, err));
    if (decompress(decoder, bytes, size_bytes, image->pixels, (int)image->width, 0,
                   (int)image->height, image->channels == 1 ? FORMAT_GREY : FORMAT_RGB,
                   ACCURATE | STOP_ON_WARNING | LIMIT_SCANS) != 0)
        return gy_fail(err, GY_FORMAT, "image '%s' cannot be decoded: %s", name,
                       error_text(decoder));
    return GY_OK;
}

static gy_status open_decoder(void **decoder, const char *name, gy_error *err)
{
    pthread_once(&opened, open_library);
    if (failure.status != GY_OK)
        return gy_fail(err, failure.status, "image '%s': %s", name, failure.message);
    *decoder = decoder_new();
    return *decoder != NULL ? GY_OK
                            : gy_fail(err, GY_NO_MEMORY, "no memory to decode image '%s'", name);
}

gy_status gy_jpeg_measure(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                          gy_error *err)
{
    void *decoder;
    GY_TRY(open_decoder(&decoder, name, err));
    gy_status status = measure(image, decoder, bytes, size_bytes, name, err);
    decoder_free(decoder);
    return status;
}

gy_status gy_jpeg_decode(gy_image *image, const void *bytes, size_t size_bytes, const char *name,
                         gy_arena *arena, gy_error *err)
{
    void *decoder;
    GY_TRY(open_decoder(&decoder, name, err));
    gy_status status = decode(image, decoder, bytes, size_bytes, name, arena, err);
    decoder_free(decoder);
    return status;
}
