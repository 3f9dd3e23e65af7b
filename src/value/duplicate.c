// SPDX-License-Identifier: Apache-2.0
//
// Near duplicates. For images a distance between pixels does not do: a copy that is shifted by one
// pixel is farther away than a stranger. Their spectra are as near as the copies themselves, and
// what they propose is then laid over each other.

#include "value/duplicate.h"

#include <math.h>
#include <stdlib.h>

#include "base/thread.h"
#include "value/coincidence.h"
#include "value/shrink.h"
#include "value/spectrum.h"

enum { CANDIDATES = 5, COMPONENTS = 32, SHIFT_MAX = 2, PROJECT_FROM = 48 };

static const float SPECTRUM_FAR = 0.08f;    // squared: beyond it nothing can be a copy
static const float RESIDUAL_RMS = 0.028f;   // of pixels from 0 to 1: noise of sigma .02 is .02
static const float RESIDUAL_SHARE = 0.035f; // of the image's own variance
static const float NEAR_SHARE = 0.02f;      // of the usual distance to the nearest row of a table

typedef struct overlay {
    float residual; // root mean square; 0: the same up to shift, brightness and contrast
    int shift_x, shift_y;
} overlay;

typedef struct overlap {
    double count, sum_a, sum_b, sum_aa, sum_bb, sum_ab;
} overlap;

static overlap sum_overlap(const gy_samples *images, const float *a, const float *b, int shift_x,
                           int shift_y)
{
    int width = (int)images->width, height = (int)images->height;
    size_t channels = images->channels;
    int left = shift_x < 0 ? -shift_x : 0, right = shift_x > 0 ? width - shift_x : width;
    int top = shift_y < 0 ? -shift_y : 0, bottom = shift_y > 0 ? height - shift_y : height;
    size_t run = (size_t)(right - left) * channels;
    overlap sums = {0};
    for (int y = top; y < bottom; y++) {
        const float *p = a + (size_t)(y * width + left) * channels;
        const float *q = b + (size_t)((y + shift_y) * width + left + shift_x) * channels;
        for (size_t i = 0; i < run; i++) {
            double first = (double)p[i], second = (double)q[i];
            sums.sum_a += first;
            sums.sum_b += second;
            sums.sum_aa += first * first;
            sums.sum_bb += second * second;
            sums.sum_ab += first * second;
        }
    }
    sums.count = (double)run * (double)(bottom - top);
    return sums;
}

// How alike two images are, 0 to 1, when b is moved by (shift_x, shift_y), stretched and lifted to
// fit. At .5 one of the two bounds is met.
static float likeness_at(const gy_samples *images, const float *a, const float *b, int shift_x,
                         int shift_y)
{
    overlap s = sum_overlap(images, a, b, shift_x, shift_y);
    double variance_a = s.sum_aa / s.count - s.sum_a * s.sum_a / s.count / s.count;
    double variance_b = s.sum_bb / s.count - s.sum_b * s.sum_b / s.count / s.count;
    double shared = s.sum_ab / s.count - s.sum_a * s.sum_b / s.count / s.count;
    double larger = variance_a > variance_b ? variance_a : variance_b;
    double smaller = variance_a > variance_b ? variance_b : variance_a;
    if (larger < 1e-9) // two plain areas
        return fabs(s.sum_a - s.sum_b) / s.count < (double)RESIDUAL_RMS ? 1.0f : 0.0f;
    if (shared <= 0.0 || smaller < larger * 0.25) // contrast may change, but not by half
        return 0.0f;
    double share = 1.0 - shared * shared / (variance_a * variance_b);
    share = share < 0.0 ? 0.0 : share;
    double rms = sqrt(share * larger) / (double)RESIDUAL_RMS;
    double part = share / (double)RESIDUAL_SHARE;
    double worse = rms * rms > part ? rms * rms : part;
    return (float)(1.0 / (1.0 + worse));
}

typedef struct comparison {
    const gy_samples *images;
    const gy_neighbor *candidates; // [rows][count], by spectrum
    size_t count;
    gy_duplicates *found;
} comparison;

static gy_status compare_rows(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)worker;
    (void)err;
    const comparison *job = context;
    for (size_t row = begin; row < end; row++) {
        const float *a = job->images->features + row * job->images->cols;
        for (size_t i = 0; i < job->count; i++) {
            gy_neighbor near = job->candidates[row * job->count + i];
            if (near.distance > SPECTRUM_FAR)
                break;
            const float *b = job->images->features + near.row * job->images->cols;
            for (int y = -SHIFT_MAX; y <= SHIFT_MAX; y++)
                for (int x = -SHIFT_MAX; x <= SHIFT_MAX; x++) {
                    float likeness = likeness_at(job->images, a, b, x, y);
                    if (likeness <= job->found->likeness[row])
                        continue;
                    job->found->likeness[row] = likeness;
                    job->found->partner[row] = near.row;
                    job->found->shift_x[row] = (int8_t)x;
                    job->found->shift_y[row] = (int8_t)y;
                }
        }
    }
    return GY_OK;
}

static gy_status compare_images(gy_duplicates *found, const gy_samples *samples, size_t threads,
                                gy_arena *arena, gy_error *err)
{
    gy_samples small, spectra, projected;
    GY_TRY(gy_shrink(&small, samples, arena, err));
    GY_TRY(gy_spectrum(&spectra, &small, threads, arena, err));
    projected = spectra;
    if (spectra.cols > PROJECT_FROM)
        GY_TRY(gy_value_project(&projected, NULL, &spectra, COMPONENTS, threads, arena, err));
    size_t count = samples->rows - 1 < CANDIDATES ? samples->rows - 1 : CANDIDATES;
    gy_neighbor *candidates = GY_NEW(arena, gy_neighbor, samples->rows * count);
    if (candidates == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu images", samples->rows);
    GY_TRY(gy_value_neighbors(candidates, &projected, &projected, count, threads, arena, err));
    comparison job = {&small, candidates, count, found};
    return gy_thread_loop(samples->rows, 64, threads, compare_rows, &job, err);
}

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return a < b ? -1 : a > b;
}

static bool holds_the_same_text(const gy_samples *samples, size_t row, const gy_neighbor *nearest,
                                size_t neighbor_count, size_t i)
{
    return samples->unseen == NULL ||
           samples->unseen[row] == samples->unseen[nearest[row * neighbor_count + i].row];
}

static gy_status compare_rows_of_table(gy_duplicates *found, const gy_samples *samples,
                                       const gy_neighbor *nearest, size_t neighbor_count,
                                       gy_arena *arena, gy_error *err)
{
    float *distances = GY_NEW(arena, float, samples->rows);
    if (distances == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu rows", samples->rows);
    for (size_t row = 0; row < samples->rows; row++)
        distances[row] = nearest[row * neighbor_count].distance;
    qsort(distances, samples->rows, sizeof(*distances), by_value);
    float limit = NEAR_SHARE * NEAR_SHARE * distances[samples->rows / 2];
    for (size_t row = 0; row < samples->rows; row++) {
        size_t i = 0;
        while (i < neighbor_count && !holds_the_same_text(samples, row, nearest, neighbor_count, i))
            i++;
        if (i == neighbor_count)
            continue;
        gy_neighbor near = nearest[row * neighbor_count + i];
        found->partner[row] = near.row;
        found->likeness[row] = near.distance == 0.0f ? 1.0f
                               : limit > 0.0f        ? 1.0f / (1.0f + near.distance / limit)
                                                     : 0.0f;
    }
    return gy_coincidences_drop(found->likeness, found->partner, samples, arena, err);
}

static uint32_t group_root(uint32_t *groups, uint32_t row)
{
    while (groups[row] != row) {
        groups[row] = groups[groups[row]];
        row = groups[row];
    }
    return row;
}

static void join_groups(gy_duplicates *found, size_t rows)
{
    for (size_t row = 0; row < rows; row++) {
        if (found->likeness[row] < 0.5f)
            continue;
        uint32_t a = group_root(found->groups, (uint32_t)row);
        uint32_t b = group_root(found->groups, found->partner[row]);
        if (a < b) // the first row gives the group its name
            found->groups[b] = a;
        else
            found->groups[a] = b;
    }
    for (size_t row = 0; row < rows; row++)
        found->groups[row] = group_root(found->groups, (uint32_t)row);
}

gy_status gy_duplicates_find(gy_duplicates *found, const gy_samples *samples,
                             const gy_neighbor *nearest, size_t neighbor_count, size_t threads,
                             gy_arena *arena, gy_error *err)
{
    size_t rows = samples->rows;
    *found = (gy_duplicates){.groups = GY_NEW(arena, uint32_t, rows),
                             .partner = GY_NEW(arena, uint32_t, rows),
                             .likeness = GY_NEW(arena, float, rows),
                             .shift_x = GY_NEW(arena, int8_t, rows),
                             .shift_y = GY_NEW(arena, int8_t, rows)};
    if (found->groups == NULL || found->partner == NULL || found->likeness == NULL ||
        found->shift_x == NULL || found->shift_y == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu samples", rows);
    for (size_t row = 0; row < rows; row++)
        found->groups[row] = found->partner[row] = (uint32_t)row;
    if (rows < 2)
        return GY_OK;
    gy_arena_mark mark = gy_arena_here(arena);
    if (samples->width > 2 * SHIFT_MAX && samples->height > 2 * SHIFT_MAX)
        GY_TRY(compare_images(found, samples, threads, arena, err));
    else
        GY_TRY(compare_rows_of_table(found, samples, nearest, neighbor_count, arena, err));
    join_groups(found, rows);
    gy_arena_rewind(arena, mark);
    return GY_OK;
}
