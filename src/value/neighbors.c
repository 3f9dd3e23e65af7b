// SPDX-License-Identifier: Apache-2.0
//
// Exact nearest neighbours by brute force over blocks that stay in the cache: 64 queries against
// one panel of points at a time. Each query keeps its k best in a heap whose top is the worst.

#include "value/neighbors.h"

#include <assert.h>
#include <math.h>

#include "base/thread.h"

enum { QUERY_BLOCK = 64 };

// Beyond it a squared distance could overflow, and an infinite one has no rank.
static const float FEATURE_MAX = 1e15f;

gy_status gy_samples_check(const gy_samples *samples, const char *role, gy_error *err)
{
    if (samples->rows == 0 || samples->cols == 0)
        return gy_fail(err, GY_INVALID, "no %s %s", role, samples->rows == 0 ? "rows" : "features");
    if (samples->rows > INT32_MAX)
        return gy_fail(err, GY_LIMIT, "over %d %s rows", INT32_MAX, role);
    for (size_t i = 0; i < samples->rows * samples->cols; i++)
        if (!(fabsf(samples->features[i]) <= FEATURE_MAX))
            return gy_fail(err, GY_INVALID, "feature %zu of %s row %zu is %g, must be in +-%g",
                           i % samples->cols, role, i / samples->cols, (double)samples->features[i],
                           (double)FEATURE_MAX);
    return GY_OK;
}

gy_status gy_panels_make(gy_panels *panels, const float *features, size_t rows, size_t cols,
                         gy_arena *arena, gy_error *err)
{
    size_t count = (rows + GY_PANEL - 1) / GY_PANEL;
    float *values = GY_NEW(arena, float, count *cols *GY_PANEL);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to lay out %zu samples", rows);
    for (size_t row = 0; row < rows; row++) {
        float *panel = values + row / GY_PANEL * cols * GY_PANEL + row % GY_PANEL;
        for (size_t col = 0; col < cols; col++)
            panel[col * GY_PANEL] = features[row * cols + col];
    }
    *panels = (gy_panels){values, rows, cols, count, gy_value_kernels_pick()};
    return GY_OK;
}

static bool is_worse(gy_neighbor a, gy_neighbor b)
{
    return a.distance > b.distance || (a.distance == b.distance && a.row > b.row);
}

// Put `taken` where it belongs below the top of a heap of `count`, the worst on top.
static void heap_sink(gy_neighbor *heap, size_t count, gy_neighbor taken)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_worse(heap[child + 1], heap[child]))
            child++;
        if (!is_worse(heap[child], taken))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = taken;
}

// A heap becomes a list, nearest first.
static void heap_sort(gy_neighbor *heap, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        gy_neighbor last = heap[left - 1];
        heap[left - 1] = heap[0];
        heap_sink(heap, left - 1, last);
    }
}

typedef struct search {
    gy_neighbor *nearest;
    const gy_panels *panels;
    const gy_samples *queries;
    bool is_self;
    size_t k;
    float (*distances)[QUERY_BLOCK * GY_PANEL]; // a worker each
} search;

static void offer(gy_neighbor *heap, const search *job, const float *distances, size_t panel,
                  size_t query)
{
    size_t first = panel * GY_PANEL;
    size_t count = job->panels->rows - first < GY_PANEL ? job->panels->rows - first : GY_PANEL;
    float limit = heap[0].distance;
    for (size_t lane = 0; lane < count; lane++) {
        // Rows come in ascending order: at the same distance, the one that is there stays.
        if (distances[lane] >= limit || (job->is_self && first + lane == query))
            continue;
        heap_sink(heap, job->k, (gy_neighbor){distances[lane], (uint32_t)(first + lane)});
        limit = heap[0].distance;
    }
}

static gy_status search_block(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const search *job = context;
    float *distances = job->distances[worker];
    for (size_t i = begin * job->k; i < end * job->k; i++)
        job->nearest[i] = (gy_neighbor){INFINITY, UINT32_MAX};
    for (size_t panel = 0; panel < job->panels->count; panel++) {
        size_t cols = job->panels->cols;
        job->panels->kernels->distances(
            &(gy_panel_distances){.out = distances,
                                  .out_stride = GY_PANEL,
                                  .queries = job->queries->features + begin * cols,
                                  .panel = job->panels->values + panel * cols * GY_PANEL,
                                  .count = end - begin,
                                  .cols = cols});
        for (size_t query = begin; query < end; query++)
            offer(job->nearest + query * job->k, job, distances + (query - begin) * GY_PANEL, panel,
                  query);
    }
    for (size_t query = begin; query < end; query++)
        heap_sort(job->nearest + query * job->k, job->k);
    return GY_OK;
}

gy_status gy_value_neighbors(gy_neighbor *nearest, const gy_samples *points,
                             const gy_samples *queries, size_t k, size_t threads, gy_arena *scratch,
                             gy_error *err)
{
    assert(nearest != NULL);
    GY_TRY(gy_samples_check(points, "sample", err));
    if (queries != points)
        GY_TRY(gy_samples_check(queries, "query", err));
    if (queries->cols != points->cols)
        return gy_fail(err, GY_INVALID, "queries have %zu features, samples %zu", queries->cols,
                       points->cols);
    bool is_self = queries->features == points->features;
    size_t most = points->rows - (is_self ? 1 : 0);
    if (k < 1 || k > most)
        return gy_fail(err, GY_INVALID, "k is %zu, must be 1 to %zu", k, most);

    if (threads == 0)
        threads = gy_thread_count();
    gy_panels panels;
    GY_TRY(gy_panels_make(&panels, points->features, points->rows, points->cols, scratch, err));
    search job = {nearest, &panels, queries, is_self, k, NULL};
    job.distances =
        (float(*)[QUERY_BLOCK * GY_PANEL]) gy_arena_take(scratch, threads, sizeof(*job.distances));
    if (job.distances == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the distances of %zu threads", threads);
    return gy_thread_loop(queries->rows, QUERY_BLOCK, threads, search_block, &job, err);
}
