// SPDX-License-Identifier: Apache-2.0
//
// Exact nearest neighbours. Each query keeps its k best in a heap whose top is the worst. Where
// points lie so that a tree of boxes leaves most of them out, it is asked; else brute force over
// blocks that stay in the cache: 64 queries against one panel of points at a time. Both find the
// same, to the bit: a distance is one chain of additions, and ties go to the row that comes first.

#include "value/neighbors.h"

#include <assert.h>
#include <math.h>

#include "base/thread.h"
#include "value/kd_tree.h"

enum {
    QUERY_BLOCK = 64,
    TREE_POINTS_MIN = 1000, // below it brute force is done before a tree is built
    TREE_QUERIES_MIN = 1000,
    PROBES = 32,     // queries by which the tree is tried
    PROBED_SHARE = 3 // it is asked where it leaves two thirds of the points out
};

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
    const gy_kd_tree *tree; // NULL: brute force
    const gy_samples *queries;
    bool is_self;
    size_t k;
    float (*distances)[QUERY_BLOCK * GY_PANEL]; // a worker each
} search;

// Offer a query the points of a panel that are nearer than `limit`.
static void offer(gy_neighbor *heap, const search *job, const float *distances, size_t panel,
                  size_t query, float limit)
{
    uint8_t lanes[GY_PANEL];
    size_t first = panel * GY_PANEL, count = job->panels->kernels->below(lanes, distances, limit);
    for (size_t i = 0; i < count && first + lanes[i] < job->panels->rows; i++) {
        size_t place = first + lanes[i], row = job->tree != NULL ? job->tree->rows[place] : place;
        gy_neighbor found = {distances[lanes[i]], (uint32_t)row};
        if (is_worse(heap[0], found) && !(job->is_self && row == query))
            heap_sink(heap, job->k, found);
    }
}

static void measure_panel(float *distances, const search *job, size_t query, size_t count,
                          size_t panel)
{
    size_t cols = job->panels->cols;
    job->panels->kernels->distances(
        &(gy_panel_distances){.out = distances,
                              .out_stride = GY_PANEL,
                              .queries = job->queries->features + query * cols,
                              .panel = job->panels->values + panel * cols * GY_PANEL,
                              .count = count,
                              .cols = cols});
}

static gy_status search_block(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const search *job = context;
    float *distances = job->distances[worker];
    for (size_t i = begin * job->k; i < end * job->k; i++)
        job->nearest[i] = (gy_neighbor){INFINITY, UINT32_MAX};
    for (size_t panel = 0; panel < job->panels->count; panel++) {
        measure_panel(distances, job, begin, end - begin, panel);
        for (size_t query = begin; query < end; query++) {
            gy_neighbor *heap = job->nearest + query * job->k;
            // Rows come in ascending order: at the same distance, the one that is there stays.
            offer(heap, job, distances + (query - begin) * GY_PANEL, panel, query,
                  heap[0].distance);
        }
    }
    for (size_t query = begin; query < end; query++)
        heap_sort(job->nearest + query * job->k, job->k);
    return GY_OK;
}

// A node still to be looked at, and what its distances are at least.
typedef struct visit {
    uint32_t node;
    float bound;
} visit;

static bool comes_first(const gy_kd_tree *tree, visit a, visit b)
{
    return a.bound < b.bound ||
           (a.bound == b.bound && tree->nodes[a.node].row_min < tree->nodes[b.node].row_min);
}

// Search the tree for one query; returns how many panels were measured.
static size_t search_tree(const search *job, size_t query, float *distances)
{
    const gy_kd_tree *tree = job->tree;
    const float *features = job->queries->features + query * job->queries->cols;
    gy_neighbor *heap = job->nearest + query * job->k;
    visit ahead[GY_KD_DEPTH_MAX];
    size_t count = 0, measured = 0;
    ahead[count++] = (visit){0, 0.0f};
    for (size_t i = 0; i < job->k; i++)
        heap[i] = (gy_neighbor){INFINITY, UINT32_MAX};
    while (count > 0) {
        visit at = ahead[--count];
        const gy_kd_node *node = &tree->nodes[at.node];
        if (!is_worse(heap[0], (gy_neighbor){at.bound, node->row_min}))
            continue;
        if (node->right == 0) {
            measure_panel(distances, job, query, 1, node->panel);
            offer(heap, job, distances, node->panel, query, nextafterf(heap[0].distance, INFINITY));
            measured++;
            continue;
        }
        visit near = {at.node + 1, gy_kd_bound(tree, at.node + 1, features)};
        visit far = {node->right, gy_kd_bound(tree, node->right, features)};
        bool is_turned = comes_first(tree, far, near);
        ahead[count++] = is_turned ? near : far;
        ahead[count++] = is_turned ? far : near;
    }
    heap_sort(heap, job->k);
    return measured;
}

static gy_status search_by_tree(void *context, size_t begin, size_t end, size_t worker,
                                gy_error *err)
{
    (void)err;
    const search *job = context;
    // Queries that are points go leaf by leaf: what one needs, the next finds in the cache.
    for (size_t i = begin; i < end; i++)
        search_tree(job, job->is_self ? job->tree->rows[i] : i, job->distances[worker]);
    return GY_OK;
}

// Whether the tree leaves out enough of the points, by a few queries.
static bool is_of_use(const search *job)
{
    size_t rows = job->queries->rows, measured = 0;
    for (size_t i = 0; i < PROBES; i++)
        measured += search_tree(job, i * rows / PROBES, job->distances[0]);
    return measured * PROBED_SHARE < PROBES * job->panels->count;
}

static gy_status run_search(search *job, const gy_samples *points, size_t threads,
                            gy_arena *scratch, gy_error *err)
{
    job->distances =
        (float(*)[QUERY_BLOCK * GY_PANEL]) gy_arena_take(scratch, threads, sizeof(*job->distances));
    if (job->distances == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the distances of %zu threads", threads);
    if (points->rows >= TREE_POINTS_MIN && job->queries->rows >= TREE_QUERIES_MIN &&
        points->cols <= GY_KD_COLS_MAX) {
        gy_arena_mark mark = gy_arena_here(scratch);
        gy_kd_tree tree;
        GY_TRY(gy_kd_make(&tree, points, scratch, err));
        job->tree = &tree;
        job->panels = &tree.panels;
        if (is_of_use(job))
            return gy_thread_loop(job->queries->rows, QUERY_BLOCK, threads, search_by_tree, job,
                                  err);
        job->tree = NULL;
        gy_arena_rewind(scratch, mark);
    }
    gy_panels panels;
    GY_TRY(
        gy_panels_make(&panels, points->features, NULL, points->rows, points->cols, scratch, err));
    job->panels = &panels;
    return gy_thread_loop(job->queries->rows, QUERY_BLOCK, threads, search_block, job, err);
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
    search job = {.nearest = nearest, .queries = queries, .is_self = is_self, .k = k};
    gy_arena_mark mark = gy_arena_here(scratch);
    GY_TRY(run_search(&job, points, threads == 0 ? gy_thread_count() : threads, scratch, err));
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
