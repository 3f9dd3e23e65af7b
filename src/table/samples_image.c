// SPDX-License-Identifier: Apache-2.0
//
// Images as features: all of one size and kind, the commonest; the others are averaged to it.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "table/named.h"
#include "table/samples.h"

enum { THREADS_MAX = 64, FILES_A_PIECE = 16 };

typedef struct loading {
    const gy_table *table;
    const gy_column *paths;
    const uint32_t *row_of;
    gy_image *sizes;  // [samples] of each file; width 0: it cannot be decoded
    gy_image target;  // size and channels of all
    float *features;  // [samples][target]
    uint8_t *resized; // [samples]
    gy_arena *arenas[THREADS_MAX];
} loading;

static const char *name_of(size_t *length, const loading *all, size_t sample)
{
    return gy_column_text(all->paths, all->row_of[sample], length);
}

// The worker's own memory. NULL: none.
static gy_arena *arena_of(loading *all, size_t worker)
{
    if (all->arenas[worker] == NULL)
        all->arenas[worker] = gy_arena_new(0);
    return all->arenas[worker];
}

static gy_status measure_files(void *context, size_t begin, size_t end, size_t worker,
                               gy_error *err)
{
    loading *all = context;
    gy_arena *arena = arena_of(all, worker);
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read images");
    for (size_t i = begin; i < end; i++) {
        gy_error why = {0};
        size_t length;
        const char *name = name_of(&length, all, i);
        gy_status status =
            gy_named_measure(&all->sizes[i], all->table->folder, name, length, arena, &why);
        if (gy_named_must_fail(status, &why))
            return gy_fail(err, status, "%s", why.message);
        if (status != GY_OK)
            all->sizes[i].width = 0;
    }
    return GY_OK;
}

static int compare_sizes(const void *a, const void *b)
{
    const gy_image *x = a, *y = b;
    if (x->width != y->width)
        return x->width < y->width ? -1 : 1;
    return (x->height > y->height) - (x->height < y->height);
}

// The size that most have (the smaller of equals), and whether most are grey.
static gy_status choose_target(gy_image *target, const gy_image *sizes, size_t count, gy_error *err)
{
    gy_arena *scratch = gy_arena_new(0);
    gy_image *sorted = scratch == NULL ? NULL : GY_NEW(scratch, gy_image, count + 1);
    if (sorted == NULL) {
        gy_arena_free(scratch);
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu images", count);
    }
    size_t good = 0, grey = 0, most = 0;
    for (size_t i = 0; i < count; i++)
        if (sizes[i].width != 0) {
            grey += sizes[i].channels == 1;
            sorted[good++] = sizes[i];
        }
    if (good > 0)
        qsort(sorted, good, sizeof(*sorted), compare_sizes);
    for (size_t i = 0, run = 0; i < good; i++) {
        run = i > 0 && compare_sizes(&sorted[i], &sorted[i - 1]) == 0 ? run + 1 : 1;
        if (run > most) {
            most = run;
            *target = sorted[i];
        }
    }
    target->channels = 2 * grey > good ? 1 : 3;
    gy_arena_free(scratch);
    return good > 0 ? GY_OK : gy_fail(err, GY_INVALID, "none of %zu images can be decoded", count);
}

static void shrink_target(gy_image *target)
{
    uint32_t longer = target->width > target->height ? target->width : target->height;
    if (longer <= GY_SAMPLE_SIDE_MAX)
        return;
    target->width = (target->width * GY_SAMPLE_SIDE_MAX + longer / 2) / longer;
    target->height = (target->height * GY_SAMPLE_SIDE_MAX + longer / 2) / longer;
    target->width = target->width == 0 ? 1 : target->width;
    target->height = target->height == 0 ? 1 : target->height;
}

// One channel of one pixel as the target wants it: transparency over white, grey by Rec. 601.
static float pixel_value(const gy_image *image, size_t at, uint32_t channel, uint32_t channels)
{
    const uint8_t *p = image->pixels + at * image->channels;
    float alpha = image->channels == 4 ? (float)p[3] / 255.0f : 1.0f;
    float white = 255.0f * (1.0f - alpha);
    if (image->channels == 1)
        return (float)p[0];
    if (channels == 3)
        return (float)p[channel] * alpha + white;
    return (0.299f * (float)p[0] + 0.587f * (float)p[1] + 0.114f * (float)p[2]) * alpha + white;
}

// The share of source pixel i in the box [from, to).
static float overlap(double from, double to, uint32_t i)
{
    double low = from > i ? from : i, high = to < i + 1.0 ? to : i + 1.0;
    return high > low ? (float)(high - low) : 0.0f;
}

// Mean over the box of the source that a target pixel covers.
static float box_mean(const gy_image *image, const gy_image *target, uint32_t x, uint32_t y,
                      uint32_t channel)
{
    double step_x = (double)image->width / target->width;
    double step_y = (double)image->height / target->height;
    double x0 = x * step_x, x1 = x0 + step_x, y0 = y * step_y, y1 = y0 + step_y;
    float sum = 0.0f, weight = 0.0f;
    for (uint32_t j = (uint32_t)y0; j < image->height && j < y1; j++)
        for (uint32_t i = (uint32_t)x0; i < image->width && i < x1; i++) {
            float share = overlap(x0, x1, i) * overlap(y0, y1, j);
            sum +=
                share * pixel_value(image, (size_t)j * image->width + i, channel, target->channels);
            weight += share;
        }
    return weight > 0.0f ? sum / weight : 0.0f;
}

static void fill_features(float *features, const gy_image *image, const gy_image *target)
{
    bool same = image->width == target->width && image->height == target->height;
    for (uint32_t y = 0; y < target->height; y++)
        for (uint32_t x = 0; x < target->width; x++)
            for (uint32_t c = 0; c < target->channels; c++) {
                size_t at = (size_t)y * target->width + x;
                float value = same ? pixel_value(image, at, c, target->channels)
                                   : box_mean(image, target, x, y, c);
                features[at * target->channels + c] = value / 255.0f;
            }
}

static gy_status decode_files(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    loading *all = context;
    size_t cols = (size_t)all->target.width * all->target.height * all->target.channels;
    gy_arena *arena = arena_of(all, worker);
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decode images");
    for (size_t i = begin; i < end; i++) {
        gy_image image;
        gy_error why = {0};
        size_t length;
        if (all->sizes[i].width == 0)
            continue;
        const char *name = name_of(&length, all, i);
        gy_arena_mark mark = gy_arena_here(arena);
        gy_status status = gy_named_image(&image, all->table->folder, name, length, arena, &why);
        if (gy_named_must_fail(status, &why))
            return gy_fail(err, status, "%s", why.message);
        if (status == GY_OK) {
            fill_features(all->features + i * cols, &image, &all->target);
            all->resized[i] =
                image.width != all->target.width || image.height != all->target.height;
        } else {
            all->sizes[i].width = 0;
        }
        gy_arena_rewind(arena, mark);
    }
    return GY_OK;
}

// Take out what could not be decoded.
static void compact(gy_samples *samples, uint32_t *row_of, loading *all, size_t cols, gy_text *note)
{
    size_t kept = 0, resized = 0;
    for (size_t i = 0; i < samples->rows; i++) {
        if (all->sizes[i].width == 0)
            continue;
        if (kept != i)
            memmove(all->features + kept * cols, all->features + i * cols, cols * sizeof(float));
        row_of[kept++] = row_of[i];
        resized += all->resized[i];
    }
    if (kept < samples->rows)
        gy_text_add(note, "%zu image%s left out: not decodable\n", samples->rows - kept,
                    samples->rows - kept == 1 ? "" : "s");
    if (resized > 0)
        gy_text_add(note, "%zu of %zu images are averaged to %u x %u pixels\n", resized, kept,
                    all->target.width, all->target.height);
    samples->rows = kept;
}

static gy_status load_files(loading *all, size_t *cols, size_t count, gy_arena *arena,
                            gy_error *err)
{
    GY_TRY(gy_thread_loop(count, FILES_A_PIECE, 0, measure_files, all, err));
    GY_TRY(choose_target(&all->target, all->sizes, count, err));
    shrink_target(&all->target);
    *cols = (size_t)all->target.width * all->target.height * all->target.channels;
    GY_TRY(gy_samples_take(&all->features, count, *cols, arena, err));
    return gy_thread_loop(count, FILES_A_PIECE, 0, decode_files, all, err);
}

gy_status gy_samples_of_files(gy_samples *samples, uint32_t *row_of, const gy_table *table,
                              const gy_column *paths, gy_text *note, gy_arena *arena, gy_error *err)
{
    loading all = {.table = table, .paths = paths, .row_of = row_of};
    all.sizes = GY_NEW(arena, gy_image, samples->rows + 1);
    all.resized = GY_NEW(arena, uint8_t, samples->rows + 1);
    if (all.sizes == NULL || all.resized == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu images", samples->rows);
    size_t cols = 0;
    gy_status status = load_files(&all, &cols, samples->rows, arena, err);
    for (size_t i = 0; i < THREADS_MAX; i++)
        gy_arena_free(all.arenas[i]);
    GY_TRY(status);
    compact(samples, row_of, &all, cols, note);
    samples->features = all.features;
    samples->cols = cols;
    samples->width = all.target.width;
    samples->height = all.target.height;
    samples->channels = all.target.channels;
    return GY_OK;
}

// ---- tensors

static float element(const gy_column *column, size_t i)
{
    switch (column->dtype) {
    case GY_FLOAT32:
        return ((const float *)column->values)[i];
    case GY_FLOAT64:
        return (float)((const double *)column->values)[i];
    case GY_INT8:
        return (float)((const int8_t *)column->values)[i];
    case GY_UINT8:
        return (float)((const uint8_t *)column->values)[i] / 255.0f;
    case GY_BOOL:
        return (float)((const uint8_t *)column->values)[i];
    case GY_INT16:
        return (float)((const int16_t *)column->values)[i];
    case GY_UINT16:
        return (float)((const uint16_t *)column->values)[i];
    case GY_INT32:
        return (float)((const int32_t *)column->values)[i];
    case GY_UINT32:
        return (float)((const uint32_t *)column->values)[i];
    case GY_INT64:
        return (float)((const int64_t *)column->values)[i];
    case GY_UINT64:
        return (float)((const uint64_t *)column->values)[i];
    case GY_FLOAT16:
    case GY_STRING:
        break;
    }
    return 0.0f;
}

// [height][width], [height][width][1, 3 or 4] and [1, 3 or 4][height][width] are images.
static void image_shape(gy_samples *samples, const gy_column *column, bool *planes)
{
    const size_t *shape = column->shape;
    *planes = false;
    if (column->rank < 2 || column->rank > 3)
        return;
    bool last = column->rank == 2 || shape[2] == 1 || shape[2] == 3 || shape[2] == 4;
    bool first = column->rank == 3 && (shape[0] == 1 || shape[0] == 3 || shape[0] == 4);
    if (!last && !first)
        return;
    *planes = !last;
    samples->height = (uint32_t)shape[last ? 0 : 1];
    samples->width = (uint32_t)shape[last ? 1 : 2];
    samples->channels = column->rank == 2 ? 1 : (uint32_t)shape[last ? 2 : 0];
}

gy_status gy_samples_of_tensors(gy_samples *samples, const gy_column *column, gy_text *note,
                                gy_arena *arena, gy_error *err)
{
    size_t cols = 1, strange = 0;
    bool planes;
    for (size_t d = 0; d < column->rank; d++)
        cols *= column->shape[d];
    if (column->dtype == GY_FLOAT16)
        return gy_fail(err, GY_UNSUPPORTED, "column '%s' holds float16, not read as features yet",
                       column->name);
    image_shape(samples, column, &planes);
    size_t channels = planes ? samples->channels : 1, area = cols / channels;
    float *features;
    GY_TRY(gy_samples_take(&features, samples->rows, cols, arena, err));
    for (size_t i = 0; i < samples->rows; i++)
        for (size_t j = 0; j < cols; j++) {
            size_t from = planes ? j % channels * area + j / channels : j;
            float value = element(column, samples->row_of[i] * cols + from);
            bool finite = isfinite(value) != 0;
            strange += !finite;
            features[i * cols + j] = finite ? value : 0.0f;
        }
    if (strange > 0)
        gy_text_add(note, "%zu elements of '%s' are NaN or infinite and count as 0\n", strange,
                    column->name);
    samples->features = features;
    samples->cols = cols;
    return GY_OK;
}
