// SPDX-License-Identifier: Apache-2.0
//
// Exact Shapley values of a k-nearest-neighbour vote. For one test sample they follow from the
// training samples, ranked by distance, in one pass from the farthest to the nearest; the result
// is the mean over the test samples. Ranking is a radix sort on the bits of the distance, which for
// floats that are not negative order as the numbers do; it is stable, so that ties rank by row.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/thread.h"
#include "value/neighbors.h"
#include "value/panels.h"

enum { QUERY_BLOCK = 16, DIGIT_BITS = 11, DIGITS = 3, BUCKETS = 1 << DIGIT_BITS };

// One sum of values is exact in any order: whole multiples of 2^-41, at most 2^21 of them.
static const double FIXED_ONE = 0x1p41;
enum { TEST_ROWS_MAX = 1 << 21 };

typedef struct ranked {
    uint32_t key; // the bits of the distance
    uint32_t row;
} ranked;

typedef struct scratch {
    float *distances; // [QUERY_BLOCK][stride]
    ranked *order, *spare;
    int64_t *sums; // [train rows], fixed point
} scratch;

typedef struct valuation {
    const gy_samples *train, *test;
    const gy_panels *panels;
    const double *weights; // [i]: min(k, i) / (i k), i from 1
    scratch *workers;
    size_t stride;
} valuation;

static void sort_by_distance(scratch *at, const float *distances, size_t rows)
{
    uint32_t starts[DIGITS][BUCKETS];
    memset(starts, 0, sizeof(starts));
    for (size_t row = 0; row < rows; row++) {
        uint32_t key;
        memcpy(&key, &distances[row], sizeof(key));
        at->order[row] = (ranked){key, (uint32_t)row};
        for (size_t digit = 0; digit < DIGITS; digit++)
            starts[digit][key >> digit * DIGIT_BITS & (BUCKETS - 1)]++;
    }
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t next = 0;
        for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
            uint32_t count = starts[digit][bucket];
            starts[digit][bucket] = next;
            next += count;
        }
        for (size_t i = 0; i < rows; i++) {
            ranked item = at->order[i];
            at->spare[starts[digit][item.key >> digit * DIGIT_BITS & (BUCKETS - 1)]++] = item;
        }
        ranked *sorted = at->spare;
        at->spare = at->order;
        at->order = sorted;
    }
}

// Add one test sample's Shapley values. Samples of rank i and i + 1 (from 1) differ in value only
// where one of the two has the right label, and then by min(k, i) / (i k).
static void add_values(scratch *at, const valuation *job, int32_t label)
{
    double value = 0.0;
    double right_farther = 0.0;
    for (size_t i = job->train->rows; i > 0; i--) {
        uint32_t row = at->order[i - 1].row;
        double right = job->train->labels[row] == label ? 1.0 : 0.0;
        value += (right - right_farther) * job->weights[i];
        at->sums[row] += llrint(value * FIXED_ONE);
        right_farther = right;
    }
}

static gy_status value_block(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const valuation *job = context;
    scratch *at = &job->workers[worker];
    size_t cols = job->panels->cols;
    for (size_t panel = 0; panel < job->panels->count; panel++)
        job->panels->kernels->distances(
            &(gy_panel_distances){.out = at->distances + panel * GY_PANEL,
                                  .out_stride = job->stride,
                                  .queries = job->test->features + begin * cols,
                                  .panel = job->panels->values + panel * cols * GY_PANEL,
                                  .count = end - begin,
                                  .cols = cols});
    for (size_t row = begin; row < end; row++) {
        sort_by_distance(at, at->distances + (row - begin) * job->stride, job->train->rows);
        add_values(at, job, job->test->labels[row]);
    }
    return GY_OK;
}

static gy_status check_sizes(const gy_samples *train, const gy_samples *test, size_t k,
                             gy_error *err)
{
    if (train->rows == 0 || test->rows == 0)
        return gy_fail(err, GY_INVALID, "no %s samples", train->rows == 0 ? "training" : "test");
    if (test->cols != train->cols)
        return gy_fail(err, GY_INVALID, "test samples have %zu features, training samples %zu",
                       test->cols, train->cols);
    if (k < 1 || k > train->rows)
        return gy_fail(err, GY_INVALID, "k is %zu, must be 1 to %zu", k, train->rows);
    if (test->rows > TEST_ROWS_MAX)
        return gy_fail(err, GY_LIMIT, "over %d test samples", TEST_ROWS_MAX);
    GY_TRY(gy_samples_check(train, "training", err));
    return gy_samples_check(test, "test", err);
}

static gy_status make_workers(valuation *job, size_t threads, gy_arena *arena, gy_error *err)
{
    size_t rows = job->train->rows;
    job->stride = job->panels->count * GY_PANEL;
    job->workers = GY_NEW(arena, scratch, threads);
    for (size_t i = 0; job->workers != NULL && i < threads; i++) {
        scratch *at = &job->workers[i];
        at->distances = GY_NEW(arena, float, QUERY_BLOCK * job->stride);
        at->order = GY_NEW(arena, ranked, rows);
        at->spare = GY_NEW(arena, ranked, rows);
        at->sums = GY_NEW(arena, int64_t, rows);
        if (at->distances == NULL || at->order == NULL || at->spare == NULL || at->sums == NULL)
            job->workers = NULL;
    }
    if (job->workers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to rank %zu samples", rows);
    return GY_OK;
}

gy_status gy_value_knn_shapley(double *values, const gy_samples *train, const gy_samples *test,
                               size_t k, size_t threads, gy_arena *arena, gy_error *err)
{
    assert(values != NULL);
    assert(arena != NULL);
    GY_TRY(check_sizes(train, test, k, err));
    if (threads == 0)
        threads = gy_thread_count();

    gy_panels panels;
    GY_TRY(gy_panels_make(&panels, train->features, NULL, train->rows, train->cols, arena, err));
    double *weights = GY_NEW(arena, double, train->rows + 1);
    if (weights == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to rank %zu samples", train->rows);
    for (size_t i = 1; i <= train->rows; i++)
        weights[i] = (double)(k < i ? k : i) / ((double)i * (double)k);

    valuation job = {.train = train, .test = test, .panels = &panels, .weights = weights};
    GY_TRY(make_workers(&job, threads, arena, err));
    GY_TRY(gy_thread_loop(test->rows, QUERY_BLOCK, threads, value_block, &job, err));

    for (size_t row = 0; row < train->rows; row++) {
        int64_t sum = 0;
        for (size_t i = 0; i < threads; i++)
            sum += job.workers[i].sums[row];
        values[row] = (double)sum / FIXED_ONE / (double)test->rows;
    }
    return GY_OK;
}
