// SPDX-License-Identifier: Apache-2.0
//
// Samples that belong to no crowd, by two marks: their distance from ordinary samples, and what the
// principal components leave of them, too much (noise) or too little (blur). Distances are measured
// in units of the ordinary samples' own spread in each direction (whitened): strangers differ where
// others do not, and such directions count for little in plain distance.

#include "value/outlier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "rt/math.h"
#include "value/columns.h"
#include "value/jacobi.h"

enum { ORDINARY_ROWS = 3000, NEAR = 6, SPREAD_ROUNDS = 3, ROUNDS = 3 };
enum { CROWD_ROWS = 100, CROWD_MIN = 16, CROWD_MAX = 64 }; // a crowd: one row in a hundred

static const float ORDINARY_SHARE = 0.9f;
static const double SPREAD_MIN = 1e-6;    // of the largest: a direction below it is rounding
static const float ORDINARY_LIMIT = 3.0f; // of the last round, in robust standard deviations
static const float LIMIT = 3.25f;         // the same, of the two marks together
static const float LOG2_E = 1.442695f;    // mean of an exponential distribution in its medians
static const double TOLD_SHARE = 0.8;     // of a distance, by the columns that are named
static const float IMPROBABLE = 0.5f;     // ordinary rows so strange to be expected in a table

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

typedef struct unit {
    float center, spread;
} unit;

// Logarithms in robust standard deviations from their median (1.4826: that of a normal
// distribution, in median absolute deviations). Above the median, a heavier tail of the ordinary
// samples widens the unit, up to where strange ones may begin (1.2816: where a normal distribution
// has nine tenths below).
static unit standardise_logs(float *values, size_t count, bool is_heavy, float *spare, float *other)
{
    for (size_t i = 0; i < count; i++)
        values[i] = gy_logf(values[i] + 1e-9f);
    float center = middle(spare, values, count);
    float high = spare[(size_t)((float)(count - 1) * ORDINARY_SHARE)];
    for (size_t i = 0; i < count; i++)
        other[i] = fabsf(values[i] - center);
    float spread = 1.4826f * middle(spare, other, count);
    if (is_heavy && (high - center) / 1.2816f > spread)
        spread = (high - center) / 1.2816f;
    for (size_t i = 0; i < count; i++)
        values[i] = spread > 1e-6f ? (values[i] - center) / spread : 0.0f;
    return (unit){center, spread};
}

typedef struct outliers {
    const gy_samples *projected;
    bool is_table;
    unit unit;      // of the distances, in logarithms
    float *strange; // [rows] both marks together, to the fourth power
    float *distances, *residuals, *spare, *other;
    gy_neighbor *nearest; // [rows][near] of those drawn
    size_t near;
    uint32_t *drawn;
    float *ordinary; // features of those drawn
    gy_samples whitened;
    float *features;        // [rows][cols] of whitened
    double *spread;         // [cols][cols] covariance, then its eigenvalues
    double *directions;     // [cols][cols]
    double *mean, *shifted; // [cols]
} outliers;

// Up to which strangeness a sample is ordinary.
static float ordinary_limit(const outliers *job)
{
    size_t rows = job->projected->rows;
    memcpy(job->spare, job->strange, sizeof(float) * rows);
    qsort(job->spare, rows, sizeof(float), by_value);
    return job->spare[(size_t)((float)(rows - 1) * ORDINARY_SHARE)];
}

// Mean and covariance of the ordinary samples.
static void find_spread(outliers *job)
{
    size_t rows = job->projected->rows, cols = job->projected->cols, count = 0;
    float limit = ordinary_limit(job);
    memset(job->mean, 0, sizeof(double) * cols);
    memset(job->spread, 0, sizeof(double) * cols * cols);
    for (size_t row = 0; row < rows; row++) {
        const float *from = job->projected->features + row * cols;
        if (job->strange[row] > limit)
            continue;
        count++;
        for (size_t i = 0; i < cols; i++) {
            job->mean[i] += (double)from[i];
            for (size_t j = 0; j <= i; j++)
                job->spread[i * cols + j] += (double)from[i] * (double)from[j];
        }
    }
    for (size_t i = 0; i < cols; i++)
        job->mean[i] /= (double)count;
    for (size_t i = 0; i < cols; i++)
        for (size_t j = 0; j <= i; j++) {
            double covariance =
                job->spread[i * cols + j] / (double)count - job->mean[i] * job->mean[j];
            job->spread[i * cols + j] = job->spread[j * cols + i] = covariance;
        }
}

// Turn samples into the directions of the ordinary spread, each in its own unit; distances[row] is
// then how far the sample is from the middle.
static void whiten(outliers *job)
{
    size_t rows = job->projected->rows, cols = job->projected->cols;
    find_spread(job);
    gy_jacobi(job->directions, job->spread, cols);
    for (size_t i = 0; i < cols; i++) {
        double variance = job->spread[i * cols + i];
        if (job->is_table && variance < GY_COLUMN_SPREAD_MIN)
            variance = GY_COLUMN_SPREAD_MIN;
        bool is_real = variance > SPREAD_MIN * job->spread[0] && variance > 0.0;
        double factor = is_real ? 1.0 / sqrt(variance) : 0.0;
        for (size_t j = 0; j < cols; j++)
            job->directions[i * cols + j] *= factor;
    }
    for (size_t row = 0; row < rows; row++) {
        double whole = 0.0;
        for (size_t j = 0; j < cols; j++)
            job->shifted[j] = (double)job->projected->features[row * cols + j] - job->mean[j];
        for (size_t i = 0; i < cols; i++) {
            double share = 0.0;
            for (size_t j = 0; j < cols; j++)
                share += job->directions[i * cols + j] * job->shifted[j];
            job->features[row * cols + i] = (float)share;
            whole += share * share;
        }
        job->distances[row] = (float)whole;
    }
    standardise_logs(job->distances, rows, false, job->spare, job->other);
}

// The last draw takes in again what a fixed share left out without need: samples that are measured
// only from others seem farther than those among which they belong.
static size_t draw_ordinary(outliers *job, bool is_last, gy_random *random)
{
    size_t rows = job->projected->rows, cols = job->projected->cols, count = 0;
    float limit = ordinary_limit(job), fixed = ORDINARY_LIMIT * ORDINARY_LIMIT;
    if (is_last && limit < fixed * fixed)
        limit = fixed * fixed;
    for (size_t row = 0; row < rows; row++)
        if (job->strange[row] <= limit)
            job->drawn[count++] = (uint32_t)row;
    gy_random_shuffle(random, job->drawn, count);
    if (count > ORDINARY_ROWS)
        count = ORDINARY_ROWS;
    for (size_t i = 0; i < count; i++)
        memcpy(job->ordinary + i * cols, job->features + job->drawn[i] * cols,
               sizeof(float) * cols);
    return count;
}

// Distance to the k-th nearest ordinary sample, not counting the sample itself if it was drawn.
static gy_status measure(outliers *job, size_t ordinary, bool is_last, size_t threads,
                         gy_arena *scratch, gy_error *err)
{
    size_t rows = job->projected->rows;
    size_t near = job->near = ordinary - 1 < NEAR ? ordinary - 1 : NEAR;
    gy_samples points = job->whitened;
    points.features = job->ordinary;
    points.rows = ordinary;
    GY_TRY(gy_value_neighbors(job->nearest, &points, &job->whitened, near, threads, scratch, err));
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
    job->unit = standardise_logs(job->distances, rows, is_last, job->spare, job->other);
    return GY_OK;
}

// The nearest ordinary sample but itself, after the last measurement.
static uint32_t most_like(const outliers *job, size_t row)
{
    const gy_neighbor *nearest = job->nearest + row * job->near;
    uint32_t first = job->drawn[nearest[0].row];
    return first != row || job->near == 1 ? first : job->drawn[nearest[1].row];
}

static bool are_of_one_column(const gy_samples *samples, size_t feature, size_t other)
{
    return samples->sources != NULL ? samples->sources[feature].name == samples->sources[other].name
                                    : feature == other;
}

// Rank one column among those that set a row apart.
static void rank_column(gy_oddity *oddity, double shares[GY_ODD_COLUMNS_MAX], size_t feature,
                        double share)
{
    uint32_t at = (uint32_t)feature;
    for (size_t i = 0; i < GY_ODD_COLUMNS_MAX; i++) {
        if (share <= shares[i])
            continue;
        double weaker = shares[i];
        uint32_t after = oddity->features[i];
        shares[i] = share;
        oddity->features[i] = at;
        share = weaker;
        at = after;
    }
}

// The squared distance to the row that is most like it, W (a - b) times W (a - b), is a sum over
// columns: of a - b times W' W (a - b).
static void find_odd_columns(gy_oddity *oddity, const outliers *job, size_t row)
{
    size_t cols = job->projected->cols;
    const float *here = job->features + row * cols, *there = job->features + oddity->like * cols;
    const float *from = job->projected->features + row * cols;
    const float *to = job->projected->features + oddity->like * cols;
    double shares[GY_ODD_COLUMNS_MAX] = {0}, whole = 0.0, column = 0.0, told = 0.0;
    size_t first = 0;
    for (size_t j = 0; j < cols; j++) {
        double pull = 0.0;
        for (size_t i = 0; i < cols; i++)
            pull += job->directions[i * cols + j] * ((double)here[i] - (double)there[i]);
        if (j > 0 && !are_of_one_column(job->projected, j, first)) {
            rank_column(oddity, shares, first, column);
            column = 0.0;
            first = j;
        }
        column += pull * ((double)from[j] - (double)to[j]);
        whole += pull * ((double)from[j] - (double)to[j]);
    }
    rank_column(oddity, shares, first, column);
    for (size_t i = 0; i < GY_ODD_COLUMNS_MAX; i++) {
        if (told >= TOLD_SHARE * whole)
            oddity->features[i] = UINT32_MAX;
        told += shares[i];
    }
}

static void add_up(outliers *job)
{
    for (size_t row = 0; row < job->projected->rows; row++) {
        float far = job->distances[row] > 0.0f ? job->distances[row] : 0.0f;
        float left = job->residuals[row];
        job->strange[row] = far * far * far * far + left * left * left * left;
    }
}

// How strange a row of a table is at least if the farthest of so many ordinary rows would hardly be
// so strange. The marks' tail falls off exponentially, and no faster than from eight tenths to
// nine: strange ones are beyond.
static float table_limit(outliers *job)
{
    size_t rows = job->projected->rows;
    for (size_t row = 0; row < rows; row++)
        job->spare[row] = sqrtf(sqrtf(job->strange[row]));
    qsort(job->spare, rows, sizeof(float), by_value);
    size_t at = (size_t)((float)(rows - 1) * ORDINARY_SHARE), half = 2 * at;
    half = half > rows - 1 ? half - (rows - 1) : 0; // twice as many are above it
    float fall = (job->spare[at] - job->spare[half]) * LOG2_E;
    float limit = job->spare[at] + fall * gy_logf((float)(rows - at) / IMPROBABLE);
    return limit > LIMIT ? limit : LIMIT;
}

// A row of a table that is far from the ordinary ones may still belong to a small crowd of its own:
// measure those beyond the limit again, to all rows.
static gy_status look_for_crowds(outliers *job, float limit, size_t threads, gy_arena *scratch,
                                 gy_error *err)
{
    size_t rows = job->projected->rows, cols = job->projected->cols, count = 0;
    size_t crowd = rows / CROWD_ROWS < CROWD_MAX ? rows / CROWD_ROWS : CROWD_MAX;
    crowd = crowd < CROWD_MIN ? CROWD_MIN : crowd;
    crowd = crowd < rows - 1 ? crowd : rows - 1;
    for (size_t row = 0; row < rows; row++)
        if (job->distances[row] >= limit)
            job->drawn[count++] = (uint32_t)row;
    if (count == 0)
        return GY_OK;
    gy_samples queries = job->whitened;
    float *features = GY_NEW(scratch, float, count *cols);
    gy_neighbor *nearest = GY_NEW(scratch, gy_neighbor, count * (crowd + 1)); // itself is one
    if (features == NULL || nearest == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the crowds of %zu samples", count);
    for (size_t i = 0; i < count; i++)
        memcpy(features + i * cols, job->features + job->drawn[i] * cols, sizeof(float) * cols);
    queries.features = features;
    queries.rows = count;
    GY_TRY(gy_value_neighbors(nearest, &job->whitened, &queries, crowd + 1, threads, scratch, err));
    for (size_t i = 0; i < count; i++) {
        float far = gy_logf(nearest[i * (crowd + 1) + crowd].distance + 1e-9f);
        far = job->unit.spread > 1e-6f ? (far - job->unit.center) / job->unit.spread : 0.0f;
        if (far < job->distances[job->drawn[i]])
            job->distances[job->drawn[i]] = far;
    }
    return GY_OK;
}

static gy_status make_outliers(outliers *job, gy_arena *arena, gy_error *err)
{
    size_t rows = job->projected->rows, cols = job->projected->cols;
    job->strange = GY_NEW(arena, float, rows);
    job->distances = GY_NEW(arena, float, rows);
    job->residuals = GY_NEW(arena, float, rows);
    job->spare = GY_NEW(arena, float, rows);
    job->other = GY_NEW(arena, float, rows);
    job->nearest = GY_NEW(arena, gy_neighbor, rows * NEAR);
    job->drawn = GY_NEW(arena, uint32_t, rows);
    job->ordinary = GY_NEW(arena, float, ORDINARY_ROWS *cols);
    job->features = GY_NEW(arena, float, rows *cols);
    job->spread = GY_NEW(arena, double, cols *cols);
    job->directions = GY_NEW(arena, double, cols *cols);
    job->mean = GY_NEW(arena, double, cols);
    job->shifted = GY_NEW(arena, double, cols);
    job->whitened = *job->projected;
    job->whitened.features = job->features;
    if (job->strange == NULL || job->distances == NULL || job->residuals == NULL ||
        job->spare == NULL || job->other == NULL || job->nearest == NULL || job->drawn == NULL ||
        job->ordinary == NULL || job->features == NULL || job->spread == NULL ||
        job->directions == NULL || job->mean == NULL || job->shifted == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to look for outliers among %zu samples", rows);
    return GY_OK;
}

gy_status gy_outliers_find(gy_strangeness *strangeness, float *scores, gy_oddity *oddities,
                           const gy_samples *projected, const float *residual, bool is_table,
                           uint64_t seed, size_t threads, gy_arena *scratch, gy_error *err)
{
    size_t rows = projected->rows;
    for (size_t row = 0; row < rows; row++) {
        strangeness[row] = (gy_strangeness){0};
        scores[row] = 0.0f;
        if (oddities != NULL)
            oddities[row] = (gy_oddity){(uint32_t)row, {UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    }
    if (rows < 10) // too few to say what is usual
        return GY_OK;
    gy_arena_mark mark = gy_arena_here(scratch);
    outliers job = {.projected = projected, .is_table = is_table};
    GY_TRY(make_outliers(&job, scratch, err));
    if (residual != NULL) {
        memcpy(job.residuals, residual, sizeof(float) * rows);
        standardise_logs(job.residuals, rows, false, job.spare, job.other);
    }
    add_up(&job);
    for (size_t round = 0; round < SPREAD_ROUNDS; round++) {
        whiten(&job);
        add_up(&job);
    }
    gy_random random;
    gy_random_init(&random, seed, 3);
    for (size_t round = 0; round < ROUNDS; round++) {
        bool is_last = round + 1 == ROUNDS;
        size_t ordinary = draw_ordinary(&job, is_last, &random);
        GY_TRY(measure(&job, ordinary, is_last, threads, scratch, err));
        add_up(&job);
    }
    for (size_t row = 0; oddities != NULL && row < rows; row++)
        oddities[row].like = most_like(&job, row);
    float limit = is_table ? table_limit(&job) : LIMIT;
    if (is_table)
        GY_TRY(look_for_crowds(&job, limit, threads, scratch, err));
    add_up(&job);
    for (size_t row = 0; row < rows; row++) {
        strangeness[row] = (gy_strangeness){job.distances[row], job.residuals[row]};
        float strange = sqrtf(job.strange[row]);
        scores[row] = strange / (strange + limit * limit);
        if (oddities != NULL && scores[row] >= 0.5f)
            find_odd_columns(&oddities[row], &job, row);
        else if (oddities != NULL)
            oddities[row].like = (uint32_t)row;
    }
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
