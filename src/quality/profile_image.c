// SPDX-License-Identifier: Apache-2.0
//
// The images of a table: sizes, brightness, and which cannot be decoded. Decoded on several threads
// into one record a row; the records are summed in the order of the rows.

#include "quality/profile_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "quality/evaluate.h"
#include "quality/sketch.h"
#include "table/named.h"

enum { ROWS_MAX = 65536, FILES_A_PIECE = 16, THREADS_MAX = 64, SIZES_MAX = 256 };

typedef enum fate { FATE_NONE, FATE_MISSING, FATE_UNDECODABLE, FATE_DECODED } fate;

typedef struct record {
    fate fate;
    uint32_t width, height, channels;
    double brightness;
} record;

typedef struct size_count {
    uint32_t width, height, channels;
    uint64_t count;
} size_count;

struct gy_image_profile {
    gy_profile_images result;
    const gy_table *chunk;
    const gy_column *paths;
    record *records; // [ROWS_MAX]
    size_count sizes[SIZES_MAX];
    size_t size_count;
    gy_quantile brightness;
    size_t threads;
    gy_arena *arenas[THREADS_MAX];
};

gy_status gy_image_profile_start(gy_image_profile **images, size_t threads, gy_arena *arena,
                                 gy_error *err)
{
    gy_image_profile *made = GY_NEW(arena, gy_image_profile, 1);
    if (made == NULL || (made->records = GY_NEW(arena, record, ROWS_MAX)) == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to profile images");
    made->threads = threads;
    made->brightness.arena = arena;
    *images = made;
    return GY_OK;
}

static void measure(record *out, const gy_image *image)
{
    uint64_t sum = 0;
    size_t count = (size_t)image->width * image->height * image->channels;
    for (size_t i = 0; i < count; i++)
        sum += image->pixels[i];
    *out = (record){FATE_DECODED, image->width, image->height, image->channels,
                    (double)sum / (double)count};
}

static gy_status decode(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    gy_image_profile *all = context;
    if (all->arenas[worker] == NULL)
        all->arenas[worker] = gy_arena_new(0);
    gy_arena *arena = all->arenas[worker];
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decode images");
    for (size_t row = begin; row < end; row++) {
        size_t length;
        gy_image image;
        gy_error why = {0};
        all->records[row] = (record){0};
        if (!gy_quality_has(all->paths, row))
            continue;
        const char *name = gy_column_text(all->paths, row, &length);
        gy_arena_mark mark = gy_arena_here(arena);
        gy_status status = gy_named_image(&image, all->chunk->folder, name, length, arena, &why);
        if (gy_named_must_fail(status, &why))
            return gy_fail(err, status, "%s", why.message);
        if (status == GY_OK)
            measure(&all->records[row], &image);
        else
            all->records[row].fate = status == GY_NOT_FOUND ? FATE_MISSING : FATE_UNDECODABLE;
        gy_arena_rewind(arena, mark);
    }
    return GY_OK;
}

static void count_size(gy_image_profile *all, const record *image)
{
    size_t i = 0;
    while (i < all->size_count &&
           (all->sizes[i].width != image->width || all->sizes[i].height != image->height ||
            all->sizes[i].channels != image->channels))
        i++;
    if (i == SIZES_MAX) {
        all->result.other_sizes++;
        return;
    }
    if (i == all->size_count)
        all->sizes[all->size_count++] =
            (size_count){image->width, image->height, image->channels, 0};
    all->sizes[i].count++;
}

gy_status gy_image_profile_add(gy_image_profile *images, const gy_table *chunk,
                               const gy_column *paths, gy_error *err)
{
    if (paths->type != GY_COLUMN_TEXT || chunk->rows > ROWS_MAX)
        return GY_OK;
    images->chunk = chunk;
    images->paths = paths;
    gy_status status =
        gy_thread_loop(chunk->rows, FILES_A_PIECE, images->threads, decode, images, err);
    for (size_t row = 0; row < chunk->rows && status == GY_OK; row++) {
        const record *image = &images->records[row];
        images->result.missing_files += image->fate == FATE_MISSING;
        images->result.undecodable += image->fate == FATE_UNDECODABLE;
        if (image->fate != FATE_DECODED)
            continue;
        images->result.decoded++;
        count_size(images, image);
        status = gy_quantile_add(&images->brightness, &image->brightness, 1, err);
    }
    return status;
}

static int compare_sizes(const void *a, const void *b)
{
    const size_count *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    if (x->width != y->width)
        return x->width < y->width ? -1 : 1;
    return (x->height > y->height) - (x->height < y->height);
}

gy_status gy_image_profile_end(const gy_profile_images **result, gy_image_profile *images,
                               gy_arena *arena, gy_error *err)
{
    static const double shares[GY_PROFILE_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    gy_profile_images *made = &images->result;
    for (size_t i = 0; i < THREADS_MAX; i++)
        gy_arena_free(images->arenas[i]);
    if (images->size_count > 0)
        qsort(images->sizes, images->size_count, sizeof(*images->sizes), compare_sizes);
    for (size_t i = 0; i < images->size_count; i++) {
        if (i >= GY_PROFILE_SIZES) {
            made->other_sizes += images->sizes[i].count;
            continue;
        }
        made->sizes[i].width = images->sizes[i].width;
        made->sizes[i].height = images->sizes[i].height;
        made->sizes[i].channels = images->sizes[i].channels;
        made->sizes[i].count = images->sizes[i].count;
        made->size_count++;
    }
    *result = made->decoded + made->undecodable > 0 ? made : NULL;
    return gy_quantile_at(made->brightness, &images->brightness, shares, GY_PROFILE_QUANTILES,
                          arena, err);
}
