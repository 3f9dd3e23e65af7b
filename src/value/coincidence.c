// SPDX-License-Identifier: Apache-2.0
//
// How many rows a row equals by chance: the number of rows, times the share of each of its values
// in its column; and then with what columns foretell of each other, which takes longer to count.

#include "value/coincidence.h"

#include <stdlib.h>
#include <string.h>

#include "value/dependence.h"

static const double EXPECTED_MAX = 0.05; // rows

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return a < b ? -1 : a > b;
}

// Where value stands in a sorted column, or after all that equal it.
static size_t find(const float *sorted, size_t count, float value, bool after)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t half = low + (high - low) / 2;
        if (sorted[half] < value || (after && sorted[half] == value))
            low = half + 1;
        else
            high = half;
    }
    return low;
}

// The share of a value, were the row and its partner not there; half a row where nothing is left.
static double share_of_others(size_t same, size_t rows)
{
    return (same > 2 ? (double)(same - 2) : 0.5) / (double)rows;
}

// Multiply what is expected of each candidate by the share of its value. A 0 tells nothing: it is a
// word that the row does not hold, and the word that it does hold is counted. Returns the most
// that is still expected of any.
static double count_column(double *expected, float *sorted, const float *likeness,
                           const gy_samples *samples, size_t column)
{
    size_t rows = samples->rows;
    double most = 0.0;
    for (size_t row = 0; row < rows; row++)
        sorted[row] = samples->features[row * samples->cols + column];
    qsort(sorted, rows, sizeof(*sorted), by_value);
    for (size_t row = 0; row < rows; row++) {
        if (likeness[row] < 0.5f)
            continue;
        float value = samples->features[row * samples->cols + column];
        if (value != 0.0f) {
            size_t same = find(sorted, rows, value, true) - find(sorted, rows, value, false);
            expected[row] *= share_of_others(same, rows);
        }
        most = expected[row] > most ? expected[row] : most;
    }
    return most;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static size_t find_text(const uint64_t *sorted, size_t count, uint64_t text, bool after)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t half = low + (high - low) / 2;
        if (sorted[half] < text || (after && sorted[half] == text))
            low = half + 1;
        else
            high = half;
    }
    return low;
}

// The text that features leave out counts as one column more.
static void count_unseen(double *expected, uint64_t *sorted, const gy_samples *samples)
{
    size_t rows = samples->rows;
    memcpy(sorted, samples->unseen, sizeof(*sorted) * rows);
    qsort(sorted, rows, sizeof(*sorted), by_number);
    for (size_t row = 0; row < rows; row++) {
        uint64_t text = samples->unseen[row];
        expected[row] *= share_of_others(
            find_text(sorted, rows, text, true) - find_text(sorted, rows, text, false), rows);
    }
}

gy_status gy_coincidences_drop(float *likeness, const uint32_t *partner, const gy_samples *samples,
                               gy_arena *scratch, gy_error *err)
{
    size_t rows = samples->rows;
    gy_arena_mark mark = gy_arena_here(scratch);
    double *expected = GY_NEW(scratch, double, rows), most = (double)rows;
    float *sorted = GY_NEW(scratch, float, rows);
    uint64_t *texts = samples->unseen == NULL ? NULL : GY_NEW(scratch, uint64_t, rows);
    if (expected == NULL || sorted == NULL || (samples->unseen != NULL && texts == NULL))
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu rows", rows);
    for (size_t row = 0; row < rows; row++)
        expected[row] = (double)rows;
    if (samples->unseen != NULL)
        count_unseen(expected, texts, samples);
    for (size_t column = 0; column < samples->cols && most > EXPECTED_MAX; column++)
        most = count_column(expected, sorted, likeness, samples, column);
    for (size_t row = 0; row < rows && most > EXPECTED_MAX; row++)
        if (expected[row] > EXPECTED_MAX)
            likeness[row] = 0.0f;
    gy_arena_rewind(scratch, mark);
    return gy_dependences_drop(likeness, partner, samples, scratch, err);
}
