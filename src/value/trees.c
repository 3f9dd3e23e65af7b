// SPDX-License-Identifier: Apache-2.0
//
// Extremely randomised trees: at each node a few features with a random threshold each; the split
// that leaves the purest halves (Gini) wins. Sums over trees are whole numbers, so that they do not
// depend on which thread grew which tree.

#include "value/trees.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/thread.h"

enum { TREES_MAX = 4096, SHARE_ONE = 1 << 20 };

typedef struct tree_node {
    float threshold; // up to it: left
    uint32_t feature;
    uint32_t left;         // right is left + 1; 0: a leaf
    uint32_t first, count; // its rows, while the tree grows
} tree_node;

typedef struct grower {
    uint32_t *drawn;  // [rows] how often each group was drawn
    uint32_t *rows;   // [rows] those in the bag, by node
    tree_node *nodes; // [2 x rows]
    size_t node_count;
    double *left, *whole; // [classes]
    uint32_t *features;   // [cols], shuffled
    uint32_t *sums;       // [rows][classes] of shares, out of bag
} grower;

typedef struct forest {
    const gy_samples *samples;
    const uint32_t *groups;
    const gy_trees_recipe *recipe;
    grower *workers;
    size_t tries; // features at a node
} forest;

static float feature_at(const forest *job, uint32_t row, size_t feature)
{
    return job->samples->features[row * job->samples->cols + feature];
}

static double row_weight(const forest *job, const grower *at, uint32_t row)
{
    return (double)at->drawn[job->groups[row]];
}

static double purity(const double *counts, size_t classes, double whole)
{
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++)
        sum += counts[c] * counts[c];
    return whole > 0.0 ? sum / whole : 0.0;
}

static void count_classes(double *counts, const forest *job, const grower *at,
                          const tree_node *node)
{
    memset(counts, 0, sizeof(*counts) * job->samples->class_count);
    for (uint32_t i = node->first; i < node->first + node->count; i++)
        counts[job->samples->labels[at->rows[i]]] += row_weight(job, at, at->rows[i]);
}

// The purity that a threshold leaves, or a negative number if a half would be too small.
static double try_threshold(const forest *job, grower *at, const tree_node *node, size_t feature,
                            float threshold)
{
    size_t classes = job->samples->class_count;
    memset(at->left, 0, sizeof(*at->left) * classes);
    size_t left_rows = 0;
    for (uint32_t i = node->first; i < node->first + node->count; i++) {
        uint32_t row = at->rows[i];
        if (feature_at(job, row, feature) > threshold)
            continue;
        at->left[job->samples->labels[row]] += row_weight(job, at, row);
        left_rows++;
    }
    if (left_rows < job->recipe->leaf_rows_min ||
        node->count - left_rows < job->recipe->leaf_rows_min)
        return -1.0;
    double left = 0.0, right = 0.0, right_squares = 0.0;
    for (size_t c = 0; c < classes; c++) {
        double beside = at->whole[c] - at->left[c];
        left += at->left[c];
        right += beside;
        right_squares += beside * beside;
    }
    return purity(at->left, classes, left) + right_squares / right;
}

static bool feature_range(float *low, float *high, const forest *job, const grower *at,
                          const tree_node *node, size_t feature)
{
    *low = *high = feature_at(job, at->rows[node->first], feature);
    for (uint32_t i = node->first + 1; i < node->first + node->count; i++) {
        float value = feature_at(job, at->rows[i], feature);
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
    return *low < *high;
}

// Choose a split. Features that are constant here do not count as tried.
static bool find_split(tree_node *node, const forest *job, grower *at, gy_random *random)
{
    size_t cols = job->samples->cols, tried = 0;
    double best = -1.0;
    for (size_t i = 0; i < cols && tried < job->tries; i++) {
        size_t other = i + gy_random_below(random, (uint32_t)(cols - i));
        uint32_t feature = at->features[other];
        at->features[other] = at->features[i];
        at->features[i] = feature;
        float low, high;
        if (!feature_range(&low, &high, job, at, node, feature))
            continue;
        tried++;
        float threshold = low + (high - low) * (float)gy_random_unit(random);
        if (threshold >= high) // rounding must not empty the right half
            threshold = low;
        double found = try_threshold(job, at, node, feature, threshold);
        if (found > best) {
            best = found;
            node->feature = feature;
            node->threshold = threshold;
        }
    }
    return best >= 0.0;
}

static uint32_t part_rows(const forest *job, grower *at, const tree_node *node)
{
    uint32_t left = node->first;
    for (uint32_t i = node->first; i < node->first + node->count; i++) {
        uint32_t row = at->rows[i];
        if (feature_at(job, row, node->feature) > node->threshold)
            continue;
        at->rows[i] = at->rows[left];
        at->rows[left++] = row;
    }
    return left - node->first;
}

static bool is_pure(const double *counts, size_t classes)
{
    size_t present = 0;
    for (size_t c = 0; c < classes; c++)
        present += counts[c] > 0.0;
    return present < 2;
}

static void grow(const forest *job, grower *at, gy_random *random)
{
    for (size_t n = 0; n < at->node_count; n++) {
        tree_node *node = &at->nodes[n];
        if (node->count < 2 * job->recipe->leaf_rows_min)
            continue;
        count_classes(at->whole, job, at, node);
        if (is_pure(at->whole, job->samples->class_count) || !find_split(node, job, at, random))
            continue;
        uint32_t left = part_rows(job, at, node);
        node->left = (uint32_t)at->node_count;
        at->nodes[at->node_count++] = (tree_node){.first = node->first, .count = left};
        at->nodes[at->node_count++] =
            (tree_node){.first = node->first + left, .count = node->count - left};
    }
}

static void draw_bag(const forest *job, grower *at, gy_random *random)
{
    size_t rows = job->samples->rows;
    memset(at->drawn, 0, sizeof(*at->drawn) * rows);
    for (size_t i = 0; i < rows; i++) // a group is drawn as often as it has rows
        at->drawn[job->groups[gy_random_below(random, (uint32_t)rows)]]++;
    uint32_t count = 0;
    for (size_t row = 0; row < rows; row++)
        if (at->drawn[job->groups[row]] > 0 && job->samples->labels[row] >= 0)
            at->rows[count++] = (uint32_t)row;
    at->nodes[0] = (tree_node){.first = 0, .count = count};
    at->node_count = 1;
}

static uint32_t find_leaf(const forest *job, const grower *at, uint32_t row)
{
    uint32_t n = 0;
    while (at->nodes[n].left != 0)
        n = at->nodes[n].left +
            (feature_at(job, row, at->nodes[n].feature) > at->nodes[n].threshold);
    return n;
}

static void judge_rows(const forest *job, grower *at)
{
    size_t classes = job->samples->class_count;
    for (size_t row = 0; row < job->samples->rows; row++) {
        if (at->drawn[job->groups[row]] > 0)
            continue;
        count_classes(at->whole, job, at, &at->nodes[find_leaf(job, at, (uint32_t)row)]);
        double whole = 0.0;
        for (size_t c = 0; c < classes; c++)
            whole += at->whole[c];
        for (size_t c = 0; c < classes; c++)
            at->sums[row * classes + c] += (uint32_t)lrint(at->whole[c] / whole * SHARE_ONE);
    }
}

static gy_status grow_trees(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const forest *job = context;
    grower *at = &job->workers[worker];
    for (size_t tree = begin; tree < end; tree++) {
        gy_random random;
        gy_random_init(&random, job->recipe->seed, tree);
        for (size_t i = 0; i < job->samples->cols; i++)
            at->features[i] = (uint32_t)i;
        draw_bag(job, at, &random);
        if (at->nodes[0].count == 0)
            continue;
        grow(job, at, &random);
        judge_rows(job, at);
    }
    return GY_OK;
}

static bool make_grower(grower *at, const gy_samples *samples, gy_arena *arena)
{
    size_t rows = samples->rows, classes = samples->class_count;
    *at = (grower){.drawn = GY_NEW(arena, uint32_t, rows),
                   .rows = GY_NEW(arena, uint32_t, rows),
                   .nodes = GY_NEW(arena, tree_node, 2 * rows),
                   .left = GY_NEW(arena, double, classes),
                   .whole = GY_NEW(arena, double, classes),
                   .features = GY_NEW(arena, uint32_t, samples->cols),
                   .sums = GY_NEW(arena, uint32_t, rows *classes)};
    return at->drawn != NULL && at->rows != NULL && at->nodes != NULL && at->left != NULL &&
           at->whole != NULL && at->features != NULL && at->sums != NULL;
}

// Mean over the trees that judged; a row that none judged is given the shares of all labels.
static void add_up(float *probabilities, const forest *job, size_t threads)
{
    size_t rows = job->samples->rows, classes = job->samples->class_count, labeled = 0;
    double *shares = job->workers[0].whole;
    memset(shares, 0, sizeof(*shares) * classes);
    for (size_t row = 0; row < rows; row++)
        if (job->samples->labels[row] >= 0) {
            shares[job->samples->labels[row]] += 1.0;
            labeled++;
        }
    for (size_t row = 0; row < rows; row++) {
        double whole = 0.0;
        for (size_t c = 0; c < classes; c++) {
            double sum = 0.0;
            for (size_t i = 0; i < threads; i++)
                sum += (double)job->workers[i].sums[row * classes + c];
            probabilities[row * classes + c] = (float)sum;
            whole += sum;
        }
        for (size_t c = 0; c < classes; c++)
            probabilities[row * classes + c] =
                (float)(whole > 0.0 ? (double)probabilities[row * classes + c] / whole
                                    : shares[c] / (double)labeled);
    }
}

gy_status gy_trees_judge(float *probabilities, const gy_samples *samples, const uint32_t *groups,
                         const gy_trees_recipe *recipe, gy_arena *arena, gy_error *err)
{
    assert(recipe->trees > 0 && recipe->trees <= TREES_MAX && recipe->leaf_rows_min > 0);
    size_t threads = recipe->threads == 0 ? gy_thread_count() : recipe->threads;
    gy_arena_mark mark = gy_arena_here(arena);
    forest job = {.samples = samples, .groups = groups, .recipe = recipe};
    job.tries = (size_t)ceil(sqrt((double)samples->cols));
    job.workers = GY_NEW(arena, grower, threads);
    bool is_made = job.workers != NULL;
    for (size_t i = 0; is_made && i < threads; i++)
        is_made = make_grower(&job.workers[i], samples, arena);
    if (!is_made)
        return gy_fail(err, GY_NO_MEMORY, "no memory to grow trees on %zu samples", samples->rows);
    GY_TRY(gy_thread_loop(recipe->trees, 1, threads, grow_trees, &job, err));
    add_up(probabilities, &job, threads);
    gy_arena_rewind(arena, mark);
    return GY_OK;
}
