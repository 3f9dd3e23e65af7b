// SPDX-License-Identifier: Apache-2.0
//
// Samples that belong to no crowd, by two marks: their distance from ordinary samples among the
// principal components, and what the components leave of them, too much (noise) or too little
// (blur).

#include "value/outlier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "rt/math.h"

enum { ORDINARY_ROWS = 2000, NEAR = 6, CROWD = 100, ROUNDS = 3 };

static const float ORDINARY_SHARE = 0.9f;
static const float CROWD_SHARE = 0.05f; // a group of strangers is smaller
static const float LIMIT = 3.5f;        // robust standard deviations, of the two marks together

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return a < b ? -1 : a > b;
}

static float middle(float *spare, const float *values, size_t count)
{
    memcpy(spare, values, sizeof(*values) * count);
    qsort(spare, count, sizeof(*spare), by_value);
    return spare[count / 2];
}

// Logarithms in robust standard deviations from their median (1.4826: that of a normal
// distribution, in median absolute deviations).
static void standardise_logs(float *values, size_t count, float *spare, float *other)
{
    for (size_t i = 0; i < count; i++)
        values[i] = gy_logf(values[i] + 1e-9f);
    float center = middle(spare, values, count);
    for (size_t i = 0; i < count; i++)
        other[i] = fabsf(values[i] - center);
    float spread = 1.4826f * middle(spare, other, count);
    for (size_t i = 0; i < count; i++)
        values[i] = spread > 1e-6f ? (values[i] - center) / spread : 0.0f;
}

typedef struct outliers {
    const gy_samples *projected;
    float *strange; // [rows] both marks together, squared
    float *distances, *residuals, *spare, *other;
    gy_neighbor *nearest;
    uint32_t *drawn;
    float *ordinary; // features of those drawn
} outliers;

static size_t draw_ordinary(outliers *job, gy_random *random)
{
    size_t rows = job->projected->rows, cols = job->projected->cols, count = 0;
    memcpy(job->spare, job->strange, sizeof(float) * rows);
    qsort(job->spare, rows, sizeof(float), by_value);
    float limit = job->spare[(size_t)((float)(rows - 1) * ORDINARY_SHARE)];
    for (size_t row = 0; row < rows; row++)
        if (job->strange[row] <= limit)
            job->drawn[count++] = (uint32_t)row;
    gy_random_shuffle(random, job->drawn, count);
    if (count > ORDINARY_ROWS)
        count = ORDINARY_ROWS;
    for (size_t i = 0; i < count; i++)
        memcpy(job->ordinary + i * cols, job->projected->features + job->drawn[i] * cols,
               sizeof(float) * cols);
    return count;
}

// Distance to the k-th nearest ordinary sample, not counting the sample itself if it was drawn.
static gy_status measure(outliers *job, size_t ordinary, size_t near, size_t threads,
                         gy_arena *scratch, gy_error *err)
{
    size_t rows = job->projected->rows;
    near = ordinary - 1 < near ? ordinary - 1 : near;
    gy_samples points = *job->projected;
    points.features = job->ordinary;
    points.rows = ordinary;
    GY_TRY(gy_value_neighbors(job->nearest, &points, job->projected, near, threads, scratch, err));
    for (size_t row = 0; row < rows; row++)
        job->other[row] = 0.0f;
    for (size_t i = 0; i < ordinary; i++)
        job->other[job->drawn[i]] = 1.0f;
    for (size_t row = 0; row < rows; row++) {
        size_t at = near - 1;
        if (job->other[row] == 0.0f && at > 0) // one nearer: it is not among them
            at--;
        job->distances[row] = job->nearest[row * near + at].distance;
    }
    standardise_logs(job->distances, rows, job->spare, job->other);
    return GY_OK;
}

static void add_up(outliers *job)
{
    for (size_t row = 0; row < job->projected->rows; row++) {
        float far = job->distances[row] > 0.0f ? job->distances[row] : 0.0f;
        job->strange[row] = far * far + job->residuals[row] * job->residuals[row];
    }
}

static gy_status make_outliers(outliers *job, gy_arena *arena, gy_error *err)
{
    size_t rows = job->projected->rows, cols = job->projected->cols;
    job->strange = GY_NEW(arena, float, rows);
    job->distances = GY_NEW(arena, float, rows);
    job->residuals = GY_NEW(arena, float, rows);
    job->spare = GY_NEW(arena, float, rows);
    job->other = GY_NEW(arena, float, rows);
    job->nearest = GY_NEW(arena, gy_neighbor, rows * CROWD);
    job->drawn = GY_NEW(arena, uint32_t, rows);
    job->ordinary = GY_NEW(arena, float, ORDINARY_ROWS *cols);
    if (job->strange == NULL || job->distances == NULL || job->residuals == NULL ||
        job->spare == NULL || job->other == NULL || job->nearest == NULL || job->drawn == NULL ||
        job->ordinary == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to look for outliers among %zu samples", rows);
    return GY_OK;
}

gy_status gy_outliers_find(gy_strangeness *strangeness, float *scores, const gy_samples *projected,
                           const float *residual, uint64_t seed, size_t threads, gy_arena *scratch,
                           gy_error *err)
{
    size_t rows = projected->rows;
    for (size_t row = 0; row < rows; row++) {
        strangeness[row] = (gy_strangeness){0};
        scores[row] = 0.0f;
    }
    if (rows < 10) // too few to say what is usual
        return GY_OK;
    gy_arena_mark mark = gy_arena_here(scratch);
    outliers job = {.projected = projected};
    GY_TRY(make_outliers(&job, scratch, err));
    if (residual != NULL) {
        memcpy(job.residuals, residual, sizeof(float) * rows);
        standardise_logs(job.residuals, rows, job.spare, job.other);
    }
    add_up(&job);
    gy_random random;
    gy_random_init(&random, seed, 3);
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t ordinary = draw_ordinary(&job, &random);
        // Far from a whole crowd first, so that strangers cannot vouch for each other; once they
        // are set aside, far from the nearest few.
        size_t crowd = (size_t)((float)ordinary * CROWD_SHARE);
        size_t near = round > 0 || crowd < NEAR ? NEAR : crowd > CROWD ? CROWD : crowd;
        GY_TRY(measure(&job, ordinary, near, threads, scratch, err));
        add_up(&job);
    }
    for (size_t row = 0; row < rows; row++) {
        strangeness[row] = (gy_strangeness){job.distances[row], job.residuals[row]};
        scores[row] = job.strange[row] / (job.strange[row] + LIMIT * LIMIT);
    }
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
