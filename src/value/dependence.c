// SPDX-License-Identifier: Apache-2.0
//
// How many rows a row equals by chance, where columns depend on each other (the model of an
// aircraft tells its seats): the chain of its values, each given the one before it that foretells
// it best. A tree of pairs as in Chow and Liu (1968), grown for the one row.

#include "value/dependence.h"

#include <string.h>

// Rows. Half a row is what two equal ones leave to be expected of a value that no other has.
static const double EXPECTED_MAX = 0.5;

enum { SAMPLE_MAX = 4096, SAMPLE_VALUES_MAX = 1 << 22, WORD_BITS = 64 };

typedef struct dependence {
    const gy_samples *samples;
    size_t sample_count, words; // rows of the sample, and 64 bits of it
    size_t stride;              // of the sample in the rows
    const float *columns;       // [cols][sample_count]
    uint64_t *equal;            // [1 + cols][words]: where the sample has a value of the row
    size_t *counts;             // [1 + cols] of equal
} dependence;

static gy_status take_sample(dependence *work, const gy_samples *samples, gy_arena *scratch,
                             gy_error *err)
{
    size_t most = SAMPLE_VALUES_MAX / samples->cols;
    most = most > SAMPLE_MAX ? SAMPLE_MAX : most < WORD_BITS ? WORD_BITS : most;
    work->samples = samples;
    work->stride = (samples->rows + most - 1) / most;
    work->sample_count = (samples->rows + work->stride - 1) / work->stride;
    work->words = (work->sample_count + WORD_BITS - 1) / WORD_BITS;
    float *columns = GY_NEW(scratch, float, samples->cols * work->sample_count);
    work->columns = columns;
    work->equal = GY_NEW(scratch, uint64_t, (1 + samples->cols) * work->words);
    work->counts = GY_NEW(scratch, size_t, 1 + samples->cols);
    if (columns == NULL || work->equal == NULL || work->counts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu rows", samples->rows);
    for (size_t s = 0; s < work->sample_count; s++)
        for (size_t c = 0; c < samples->cols; c++)
            columns[c * work->sample_count + s] =
                samples->features[s * work->stride * samples->cols + c];
    return GY_OK;
}

static size_t count_both(const uint64_t *a, const uint64_t *b, size_t words)
{
    size_t count = 0;
    for (size_t w = 0; w < words; w++)
        count += (size_t)__builtin_popcountll(a[w] & b[w]);
    return count;
}

// The row and the one that it equals are what is asked about: they do not count.
static void leave_out(dependence *work, size_t at, size_t row)
{
    size_t s = row / work->stride;
    if (row % work->stride == 0)
        work->equal[at * work->words + s / WORD_BITS] &= ~(UINT64_C(1) << s % WORD_BITS);
}

static void count_marks(dependence *work, size_t at, size_t row, size_t partner)
{
    const uint64_t *bits = work->equal + at * work->words;
    leave_out(work, at, row);
    leave_out(work, at, partner);
    work->counts[at] = count_both(bits, bits, work->words);
}

static void mark_value(dependence *work, size_t at, const float *column, float value)
{
    uint64_t *bits = work->equal + at * work->words;
    memset(bits, 0, sizeof(*bits) * work->words);
    for (size_t s = 0; s < work->sample_count; s++)
        bits[s / WORD_BITS] |= (uint64_t)(column[s] == value) << s % WORD_BITS;
}

// The text that features leave out counts as one column more.
static void mark_unseen(dependence *work, size_t at, size_t row)
{
    const uint64_t *unseen = work->samples->unseen;
    uint64_t *bits = work->equal + at * work->words;
    memset(bits, 0, sizeof(*bits) * work->words);
    for (size_t s = 0; s < work->sample_count; s++)
        bits[s / WORD_BITS] |= (uint64_t)(unseen[s * work->stride] == unseen[row]) << s % WORD_BITS;
}

// The share of value number `at` in the sample, or among the rows with an earlier value that
// foretells it better. Of few such rows little is believed: the plain share counts as one row.
static double share_of(const dependence *work, size_t at)
{
    const uint64_t *bits = work->equal + at * work->words;
    double count = (double)work->counts[at];
    double plain = (count > 0.0 ? count : 0.5) / (double)work->sample_count, best = plain;
    for (size_t i = 0; i < at; i++) {
        double both = (double)count_both(work->equal + i * work->words, bits, work->words);
        double given = (both + plain) / ((double)work->counts[i] + 1.0);
        best = given > best ? given : best;
    }
    return best;
}

// How many rows are expected to equal this one; where it is less than enough, that is said.
static double expect(dependence *work, size_t row, size_t partner, double enough)
{
    const gy_samples *samples = work->samples;
    double expected = (double)samples->rows;
    size_t values = 0;
    if (samples->unseen != NULL) {
        mark_unseen(work, values, row);
        count_marks(work, values, row, partner);
        expected *= share_of(work, values++);
    }
    for (size_t c = 0; c < samples->cols && expected > enough; c++) {
        float value = samples->features[row * samples->cols + c];
        if (value == 0.0f) // a word that the row does not hold
            continue;
        mark_value(work, values, work->columns + c * work->sample_count, value);
        count_marks(work, values, row, partner);
        expected *= share_of(work, values++);
    }
    return expected;
}

gy_status gy_dependences_drop(float *likeness, const uint32_t *partner, const gy_samples *samples,
                              gy_arena *scratch, gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(scratch);
    dependence work;
    GY_TRY(take_sample(&work, samples, scratch, err));
    for (size_t row = 0; row < samples->rows; row++)
        if (likeness[row] >= 0.5f && expect(&work, row, partner[row], EXPECTED_MAX) > EXPECTED_MAX)
            likeness[row] = 0.0f;
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
