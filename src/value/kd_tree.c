// SPDX-License-Identifier: Apache-2.0
//
// A k-d tree (Bentley 1975) whose leaves are whole panels. A box is halved at the median of the
// feature in which it is widest; the order of rows decides between equal values.

#include "value/kd_tree.h"

#include <assert.h>
#include <string.h>

typedef struct key {
    float value;
    uint32_t row;
} key;

typedef struct build {
    const gy_samples *points;
    gy_kd_node *nodes;
    float *boxes;
    key *keys; // [rows], of the feature that is cut next
    size_t node_count;
} build;

static bool is_before(key a, key b)
{
    return a.value < b.value || (a.value == b.value && a.row < b.row);
}

static key middle_of(key a, key b, key c)
{
    if (is_before(b, a)) {
        key before = b;
        b = a;
        a = before;
    }
    return is_before(c, a) ? a : is_before(b, c) ? b : c;
}

// Bring the first `wanted` of the keys to the front (Hoare's selection). No two are equal.
static void select_first(key *keys, size_t count, size_t wanted)
{
    size_t low = 0, high = count; // what is wanted ends between them
    while (high - low > 1) {
        key pivot = middle_of(keys[low], keys[low + (high - low - 1) / 2], keys[high - 1]);
        size_t left = low, right = high - 1;
        for (;; left++, right--) {
            while (is_before(keys[left], pivot))
                left++;
            while (is_before(pivot, keys[right]))
                right--;
            if (left >= right)
                break;
            key moved = keys[left];
            keys[left] = keys[right];
            keys[right] = moved;
        }
        // Never all of them: of two the pivot is the first, of more the middle one of three.
        size_t cut = right + 1;
        if (wanted < cut)
            high = cut;
        else if (wanted > cut)
            low = cut;
        else
            return;
    }
}

static void find_box(build *job, size_t node, const key *keys, size_t count)
{
    size_t cols = job->points->cols;
    float *low = job->boxes + node * 2 * cols, *high = low + cols;
    uint32_t first = keys[0].row;
    memcpy(low, job->points->features + keys[0].row * cols, sizeof(float) * cols);
    memcpy(high, low, sizeof(float) * cols);
    for (size_t i = 1; i < count; i++) {
        const float *point = job->points->features + keys[i].row * cols;
        first = keys[i].row < first ? keys[i].row : first;
        for (size_t col = 0; col < cols; col++) {
            low[col] = point[col] < low[col] ? point[col] : low[col];
            high[col] = point[col] > high[col] ? point[col] : high[col];
        }
    }
    job->nodes[node].row_min = first;
}

static size_t widest(const build *job, size_t node)
{
    size_t cols = job->points->cols, best = 0;
    const float *low = job->boxes + node * 2 * cols, *high = low + cols;
    for (size_t col = 1; col < cols; col++)
        if (high[col] - low[col] > high[best] - low[best])
            best = col;
    return best;
}

// Depth first, so that the first half follows its parent. Halves are whole panels but for the last.
static void cut(build *job, size_t first, size_t count)
{
    size_t node = job->node_count++, cols = job->points->cols;
    key *keys = job->keys + first;
    find_box(job, node, keys, count);
    job->nodes[node].panel = (uint32_t)(first / GY_PANEL);
    if (count <= GY_PANEL)
        return;
    size_t feature = widest(job, node), panels = (count + GY_PANEL - 1) / GY_PANEL;
    size_t half = (panels + 1) / 2 * GY_PANEL;
    for (size_t i = 0; i < count; i++)
        keys[i].value = job->points->features[keys[i].row * cols + feature];
    select_first(keys, count, half);
    cut(job, first, half);
    job->nodes[node].right = (uint32_t)job->node_count;
    cut(job, first + half, count - half);
}

gy_status gy_kd_make(gy_kd_tree *tree, const gy_samples *points, gy_arena *arena, gy_error *err)
{
    size_t rows = points->rows, panels = (rows + GY_PANEL - 1) / GY_PANEL;
    assert(points->cols <= GY_KD_COLS_MAX && rows <= UINT32_MAX);
    build job = {.points = points,
                 .nodes = GY_NEW(arena, gy_kd_node, 2 * panels),
                 .boxes = GY_NEW(arena, float, 2 * panels * 2 * points->cols)};
    uint32_t *order = GY_NEW(arena, uint32_t, rows);
    gy_arena_mark mark = gy_arena_here(arena);
    job.keys = GY_NEW(arena, key, rows);
    if (job.nodes == NULL || job.boxes == NULL || order == NULL || job.keys == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to order %zu samples", rows);
    for (size_t row = 0; row < rows; row++)
        job.keys[row].row = (uint32_t)row;
    cut(&job, 0, rows);
    for (size_t i = 0; i < rows; i++)
        order[i] = job.keys[i].row;
    gy_arena_rewind(arena, mark);
    *tree = (gy_kd_tree){.rows = order, .nodes = job.nodes, .boxes = job.boxes};
    return gy_panels_make(&tree->panels, points->features, order, rows, points->cols, arena, err);
}

float gy_kd_bound(const gy_kd_tree *tree, uint32_t node, const float *query)
{
    // Each of at most 64 roundings takes 2^-24 of a sum, here and in the kernels; below 1e-30 a
    // square may lose more than that.
    static const float ROUNDING = 0.99998f, TINY = 1e-30f;
    size_t cols = tree->panels.cols;
    const float *low = tree->boxes + (size_t)node * 2 * cols, *high = low + cols;
    float sum = 0.0f;
    for (size_t col = 0; col < cols; col++) {
        float below = low[col] - query[col], above = query[col] - high[col];
        float gap = below > above ? below : above;
        sum += gap > 0.0f ? gap * gap : 0.0f;
    }
    return sum < TINY ? 0.0f : sum * ROUNDING;
}
