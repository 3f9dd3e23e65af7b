// SPDX-License-Identifier: Apache-2.0
//
// The door to zlib, for .gz files and deflated .npz members. Its interface has not changed since
// 1995 and is declared here, so that building needs no header of it.

#include "table/zlib.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base/library.h"

typedef struct z_stream {
    const unsigned char *next_in;
    unsigned avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned avail_out;
    unsigned long total_out;
    const char *message;
    void *state;
    void *(*take)(void *, unsigned, unsigned);
    void (*give)(void *, void *);
    void *opaque;
    int data_type;
    unsigned long adler, reserved;
} z_stream;

enum { Z_OK = 0, Z_STREAM_END = 1, Z_MEM_ERROR = -4, Z_NO_FLUSH = 0 };
enum { WINDOW_RAW = -15, WINDOW_GZIP = 15 + 16 };

static int (*inflate_init)(z_stream *, int window, const char *version, int stream_size);
static int (*inflate_step)(z_stream *, int flush);
static int (*inflate_reset)(z_stream *);
static int (*inflate_end)(z_stream *);

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static gy_error failure;

static void open_library(void)
{
    const gy_library_symbol symbols[] = {
        {"inflateInit2_", (void **)&inflate_init},
        {"inflate", (void **)&inflate_step},
        {"inflateReset", (void **)&inflate_reset},
        {"inflateEnd", (void **)&inflate_end},
    };
    gy_status status = gy_library_open("libz.so.1", "apt install zlib1g", symbols,
                                       sizeof(symbols) / sizeof(*symbols), &failure);
    failure.status = status;
}

static gy_status start(z_stream *stream, gy_deflate_frame frame, const char *name, gy_error *err)
{
    pthread_once(&opened, open_library);
    if (failure.status != GY_OK)
        return gy_fail(err, failure.status, "cannot read '%s': %s", name, failure.message);
    *stream = (z_stream){0};
    int window = frame == GY_DEFLATE_RAW ? WINDOW_RAW : WINDOW_GZIP;
    if (inflate_init(stream, window, "1.2.11", (int)sizeof(*stream)) != Z_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory to inflate '%s'", name);
    return GY_OK;
}

// Inflate until the output is full or the input ends. *whole: the input ended where a stream did.
static gy_status run(z_stream *stream, unsigned char *bytes, size_t size_bytes, size_t *done_bytes,
                     size_t *left_bytes, bool *whole, gy_deflate_frame frame, const char *name,
                     gy_error *err)
{
    *done_bytes = 0;
    while (!*whole) {
        size_t in = *left_bytes < INT_MAX ? *left_bytes : INT_MAX;
        size_t room = size_bytes - *done_bytes;
        size_t out = room < INT_MAX ? room : INT_MAX;
        stream->avail_in = (unsigned)in;
        stream->avail_out = (unsigned)out;
        stream->next_out = bytes + *done_bytes;
        int state = inflate_step(stream, Z_NO_FLUSH);
        size_t took = in - stream->avail_in, gave = out - stream->avail_out;
        *left_bytes -= took;
        *done_bytes += gave;
        if (state == Z_STREAM_END) {
            // A .gz file may hold several members, one after the other.
            if (frame == GY_DEFLATE_GZIP && *left_bytes > 0)
                inflate_reset(stream);
            else
                *whole = true;
        } else if (state == Z_MEM_ERROR) {
            return gy_fail(err, GY_NO_MEMORY, "no memory to inflate '%s'", name);
        } else if (took == 0 && gave == 0) {
            if (*done_bytes == size_bytes)
                return GY_OK;
            return gy_fail(err, GY_FORMAT, "'%s' is %s", name,
                           *left_bytes == 0 ? "cut short: its deflated data end too early"
                                            : "broken: its deflated data cannot be read");
        }
    }
    return GY_OK;
}

gy_status gy_inflate_exact(void *bytes, size_t size_bytes, const void *packed, size_t packed_bytes,
                           gy_deflate_frame frame, const char *name, gy_error *err)
{
    z_stream stream;
    GY_TRY(start(&stream, frame, name, err));
    stream.next_in = packed;
    size_t done, left = packed_bytes;
    bool whole = false;
    unsigned char more = 0;
    gy_status status = run(&stream, bytes, size_bytes, &done, &left, &whole, frame, name, err);
    if (status == GY_OK && !whole) {
        // The output is full; only the end mark may follow.
        size_t extra = 0;
        status = run(&stream, &more, 1, &extra, &left, &whole, frame, name, err);
        done += extra;
    }
    inflate_end(&stream);
    if (status == GY_OK && done != size_bytes)
        status = gy_fail(err, GY_FORMAT, "'%s' inflates to %s %zu bytes", name,
                         done < size_bytes ? "less than" : "more than", size_bytes);
    return status;
}

gy_status gy_inflate_file(char **bytes, size_t *size_bytes, const void *packed, size_t packed_bytes,
                          size_t limit_bytes, const char *name, gy_arena *arena, gy_error *err)
{
    enum { PIECE_BYTES = 1 << 16 };
    z_stream stream;
    GY_TRY(start(&stream, GY_DEFLATE_GZIP, name, err));
    stream.next_in = packed;
    size_t left = packed_bytes;
    bool whole = false;
    gy_text text = {0};
    unsigned char piece[PIECE_BYTES];
    gy_status status = GY_OK;
    while (status == GY_OK && !whole) {
        size_t done;
        status =
            run(&stream, piece, sizeof(piece), &done, &left, &whole, GY_DEFLATE_GZIP, name, err);
        if (status == GY_OK && done > limit_bytes - text.length)
            status = gy_fail(err, GY_LIMIT, "'%s' inflates to over %zu bytes", name, limit_bytes);
        if (status == GY_OK)
            gy_text_append(&text, piece, done);
        if (status == GY_OK && text.status != GY_OK)
            status = gy_fail(err, GY_NO_MEMORY, "no memory to inflate '%s'", name);
    }
    inflate_end(&stream);
    if (status == GY_OK) {
        *bytes = gy_arena_copy(arena, text.bytes == NULL ? "" : text.bytes, text.length);
        *size_bytes = text.length;
        if (*bytes == NULL)
            status =
                gy_fail(err, GY_NO_MEMORY, "no memory for %zu bytes of '%s'", text.length, name);
    }
    gy_text_release(&text);
    return status;
}
