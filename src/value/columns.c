// SPDX-License-Identifier: Apache-2.0
//
// Columns of a table on one footing. What is rare in one column alone is not strange: a category of
// few rows, a missing value, the far end of a long tail.

#include "value/columns.h"

#include <math.h>
#include <stdlib.h>

#include "rt/math.h"

enum { TAIL_ROWS_MIN = 20 }; // on one side of the median: fewer tell nothing of a tail

static const float TAIL_SHARE = 0.9f;
static const float TAIL_NORMAL = 0.8916f; // log(1.6449 / 0.6745): 90 % to 50 % of the deviations

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return a < b ? -1 : a > b;
}

typedef struct side {
    float typical, power; // deviations beyond the typical one are bent by this power
} side;

static side measure_side(const float *sorted, size_t count)
{
    side of = {.power = 1.0f};
    if (count < TAIL_ROWS_MIN)
        return of;
    of.typical = sorted[count / 2];
    float tail = gy_logf(sorted[(size_t)((float)(count - 1) * TAIL_SHARE)] / of.typical);
    if (tail > TAIL_NORMAL)
        of.power = TAIL_NORMAL / tail;
    return of;
}

static float bend(float deviation, const side *of)
{
    if (of->power >= 1.0f || deviation <= of->typical)
        return deviation;
    return of->typical * gy_powf(deviation / of->typical, of->power);
}

static void level_column(float *to, const gy_samples *samples, size_t col, float *spare,
                         float *other)
{
    size_t rows = samples->rows, cols = samples->cols, above = 0, below = 0;
    for (size_t row = 0; row < rows; row++)
        spare[row] = samples->features[row * cols + col];
    qsort(spare, rows, sizeof(*spare), by_value);
    float center = spare[rows / 2];
    for (size_t i = rows; i > 0; i--)
        if (spare[i - 1] < center)
            other[below++] = center - spare[i - 1];
    for (size_t i = 0; i < rows; i++)
        if (spare[i] > center)
            other[below + above++] = spare[i] - center;
    side low = measure_side(other, below), high = measure_side(other + below, above);
    qsort(other, below + above, sizeof(*other), by_value);
    float unit = below + above > 0 ? other[(below + above) / 2] : 0.0f;
    for (size_t row = 0; row < rows; row++) {
        float deviation = samples->features[row * cols + col] - center;
        float bent = deviation < 0.0f ? -bend(-deviation, &low) : bend(deviation, &high);
        to[row * cols + col] = unit > 0.0f ? bent / unit : 0.0f;
    }
}

gy_status gy_columns_level(gy_samples *level, const gy_samples *samples, gy_arena *arena,
                           gy_error *err)
{
    *level = *samples;
    float *features = GY_NEW(arena, float, samples->rows * samples->cols);
    float *spare = GY_NEW(arena, float, samples->rows);
    float *other = GY_NEW(arena, float, samples->rows);
    if (features == NULL || spare == NULL || other == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the columns of %zu samples",
                       samples->rows);
    for (size_t col = 0; col < samples->cols; col++)
        level_column(features, samples, col, spare, other);
    level->features = features;
    return GY_OK;
}
