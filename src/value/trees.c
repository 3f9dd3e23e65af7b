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
enum { ROW_BYTES = 72 }; // that a worker takes for each row, beside its sums
static const size_t WORKERS_BYTES_MAX = (size_t)1 << 29;

typedef struct tree_node {
    uint32_t first, count;         // of its rows in the bag
    uint32_t judged_first, judged; // of its rows out of it
} tree_node;

typedef struct split {
    float threshold; // up to it: left
    uint32_t feature;
} split;

typedef struct bag_row {
    uint32_t row, weight; // how often it was drawn
    int32_t label;
} bag_row;

typedef struct grower {
    uint32_t *drawn;      // [rows] how often each group was drawn
    bag_row *bag, *spare; // [rows] those in the bag, by node
    uint32_t *beside;     // [rows] those out of it, by node
    float *values, *best; // [rows] of the node at hand: the feature that is tried, the best so far
    tree_node *nodes;     // [2 x rows]
    size_t node_count;
    int64_t *left, *whole; // [classes] draws of the node at hand
    uint32_t *present;     // [classes] that have any
    size_t present_count;
    uint32_t *features; // [cols], shuffled
    uint32_t *sums;     // [rows][classes] of shares, out of bag
} grower;

typedef struct forest {
    const gy_samples *samples;
    const float *columns; // [cols][rows]: a node asks many rows for one feature
    const uint32_t *groups;
    const gy_trees_recipe *recipe;
    grower *workers;
    size_t tries; // features at a node
} forest;

static double purity(const grower *at, const int64_t *counts)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < at->present_count; i++) {
        double count = (double)counts[at->present[i]];
        sum += count;
        squares += count * count;
    }
    return sum > 0.0 ? squares / sum : 0.0;
}

static void count_classes(grower *at, const tree_node *node)
{
    for (size_t i = 0; i < at->present_count; i++)
        at->whole[at->present[i]] = 0;
    at->present_count = 0;
    for (const bag_row *row = at->bag + node->first; row < at->bag + node->first + node->count;
         row++) {
        if (at->whole[row->label] == 0)
            at->present[at->present_count++] = (uint32_t)row->label;
        at->whole[row->label] += row->weight;
    }
}

// The purity that a threshold leaves, or a negative number if a half would be too small.
static double try_threshold(const forest *job, grower *at, const tree_node *node, float threshold)
{
    const bag_row *bag = at->bag + node->first;
    size_t left_rows = 0;
    for (size_t i = 0; i < at->present_count; i++)
        at->left[at->present[i]] = 0;
    for (size_t i = 0; i < node->count; i++) {
        uint32_t is_left = at->values[i] <= threshold;
        at->left[bag[i].label] += bag[i].weight & (0u - is_left); // no branch: it is a coin

        left_rows += is_left;
    }
    if (left_rows < job->recipe->leaf_rows_min ||
        node->count - left_rows < job->recipe->leaf_rows_min)
        return -1.0;
    double left = purity(at, at->left);
    for (size_t i = 0; i < at->present_count; i++)
        at->left[at->present[i]] = at->whole[at->present[i]] - at->left[at->present[i]];
    return left + purity(at, at->left);
}

static bool take_values(float *low, float *high, const forest *job, const grower *at,
                        const tree_node *node, size_t feature)
{
    const float *column = job->columns + feature * job->samples->rows;
    const bag_row *bag = at->bag + node->first;
    *low = *high = column[bag[0].row];
    for (size_t i = 0; i < node->count; i++) {
        float value = at->values[i] = column[bag[i].row];
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
    return *low < *high;
}

// Choose a split. Features that are constant here do not count as tried.
static bool find_split(split *chosen, const tree_node *node, const forest *job, grower *at,
                       gy_random *random)
{
    size_t cols = job->samples->cols, tried = 0;
    double best = -1.0;
    for (size_t i = 0; i < cols && tried < job->tries; i++) {
        size_t other = i + gy_random_below(random, (uint32_t)(cols - i));
        uint32_t feature = at->features[other];
        at->features[other] = at->features[i];
        at->features[i] = feature;
        float low, high;
        if (!take_values(&low, &high, job, at, node, feature))
            continue;
        tried++;
        float threshold = low + (high - low) * (float)gy_random_unit(random);
        if (threshold >= high) // rounding must not empty the right half
            threshold = low;
        double found = try_threshold(job, at, node, threshold);
        if (found > best) {
            float *values = at->values;
            at->values = at->best;
            at->best = values;
            best = found;
            *chosen = (split){threshold, feature};
        }
    }
    return best >= 0.0;
}

// Part rows in the bag by their values at hand; those on a side stay in order, so that columns are
// read forwards.
static uint32_t part_bag(grower *at, const tree_node *node, float threshold)
{
    bag_row *bag = at->bag + node->first;
    uint32_t left = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        bag_row row = bag[i];
        bag[left] = row; // both, without a branch: the next one goes over what is not wanted
        at->spare[i - left] = row;
        left += at->best[i] <= threshold;
    }
    memcpy(bag + left, at->spare, sizeof(*bag) * (node->count - left));
    return left;
}

// The same for rows out of the bag, by their column.
static uint32_t part_beside(grower *at, const tree_node *node, float threshold, const float *column)
{
    uint32_t *beside = at->beside + node->judged_first, left = 0;
    for (uint32_t i = 0; i < node->judged; i++) {
        uint32_t row = beside[i];
        beside[left] = row;
        at->spare[i - left].row = row;
        left += column[row] <= threshold;
    }
    for (uint32_t i = left; i < node->judged; i++)
        beside[i] = at->spare[i - left].row;
    return left;
}

static void part_rows(tree_node halves[2], const tree_node *node, const split *chosen,
                      const forest *job, grower *at)
{
    const float *column = job->columns + chosen->feature * job->samples->rows;
    uint32_t left = part_bag(at, node, chosen->threshold);
    uint32_t judged = part_beside(at, node, chosen->threshold, column);
    halves[0] = (tree_node){node->first, left, node->judged_first, judged};
    halves[1] = (tree_node){node->first + left, node->count - left, node->judged_first + judged,
                            node->judged - judged};
}

// What a leaf thinks of the rows that the tree has not seen.
static void judge_rows(const forest *job, grower *at, const tree_node *leaf)
{
    size_t classes = job->samples->class_count;
    double whole = 0.0;
    for (size_t i = 0; i < at->present_count; i++)
        whole += (double)at->whole[at->present[i]];
    for (size_t i = 0; i < at->present_count; i++) {
        uint32_t c = at->present[i];
        uint32_t share = (uint32_t)lrint((double)at->whole[c] / whole * SHARE_ONE);
        for (uint32_t j = leaf->judged_first; j < leaf->judged_first + leaf->judged; j++)
            at->sums[at->beside[j] * classes + c] += share;
    }
}

static void grow(const forest *job, grower *at, gy_random *random)
{
    for (size_t n = 0; n < at->node_count; n++) {
        const tree_node *node = &at->nodes[n];
        split chosen;
        count_classes(at, node);
        if (node->count < 2 * job->recipe->leaf_rows_min || at->present_count < 2 ||
            !find_split(&chosen, node, job, at, random)) {
            judge_rows(job, at, node);
            continue;
        }
        part_rows(&at->nodes[at->node_count], node, &chosen, job, at);
        at->node_count += 2;
    }
}

static void draw_bag(const forest *job, grower *at, gy_random *random)
{
    size_t rows = job->samples->rows;
    memset(at->drawn, 0, sizeof(*at->drawn) * rows);
    for (size_t i = 0; i < rows; i++) // a group is drawn as often as it has rows
        at->drawn[job->groups[gy_random_below(random, (uint32_t)rows)]]++;
    uint32_t count = 0, judged = 0;
    for (size_t row = 0; row < rows; row++) {
        uint32_t weight = at->drawn[job->groups[row]];
        int32_t label = job->samples->labels[row];
        if (weight == 0)
            at->beside[judged++] = (uint32_t)row;
        else if (label >= 0)
            at->bag[count++] = (bag_row){(uint32_t)row, weight, label};
    }
    at->nodes[0] = (tree_node){.count = count, .judged = judged};
    at->node_count = 1;
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
        if (at->nodes[0].count > 0)
            grow(job, at, &random);
    }
    return GY_OK;
}

static bool make_grower(grower *at, const gy_samples *samples, gy_arena *arena)
{
    size_t rows = samples->rows, classes = samples->class_count;
    *at = (grower){.drawn = GY_NEW(arena, uint32_t, rows),
                   .bag = GY_NEW(arena, bag_row, rows),
                   .spare = GY_NEW(arena, bag_row, rows),
                   .beside = GY_NEW(arena, uint32_t, rows),
                   .values = GY_NEW(arena, float, rows),
                   .best = GY_NEW(arena, float, rows),
                   .nodes = GY_NEW(arena, tree_node, 2 * rows),
                   .left = GY_NEW(arena, int64_t, classes),
                   .whole = GY_NEW(arena, int64_t, classes),
                   .present = GY_NEW(arena, uint32_t, classes),
                   .features = GY_NEW(arena, uint32_t, samples->cols),
                   .sums = GY_NEW(arena, uint32_t, rows *classes)};
    return at->drawn != NULL && at->bag != NULL && at->spare != NULL && at->beside != NULL &&
           at->values != NULL && at->best != NULL && at->nodes != NULL && at->left != NULL &&
           at->whole != NULL && at->present != NULL && at->features != NULL && at->sums != NULL;
}

static float *turn_columns(const gy_samples *samples, gy_arena *arena)
{
    float *columns = GY_NEW(arena, float, samples->rows * samples->cols);
    for (size_t row = 0; columns != NULL && row < samples->rows; row++)
        for (size_t col = 0; col < samples->cols; col++)
            columns[col * samples->rows + row] = samples->features[row * samples->cols + col];
    return columns;
}

// Mean over the trees that judged; a row that none judged is given the shares of all labels.
static void add_up(float *probabilities, const forest *job, size_t threads)
{
    size_t rows = job->samples->rows, classes = job->samples->class_count, labeled = 0;
    int64_t *counts = job->workers[0].whole;
    memset(counts, 0, sizeof(*counts) * classes);
    for (size_t row = 0; row < rows; row++)
        if (job->samples->labels[row] >= 0) {
            counts[job->samples->labels[row]]++;
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
                                    : (double)counts[c] / (double)labeled);
    }
}

gy_status gy_trees_judge(float *probabilities, const gy_samples *samples, const uint32_t *groups,
                         const gy_trees_recipe *recipe, gy_arena *arena, gy_error *err)
{
    assert(recipe->trees > 0 && recipe->trees <= TREES_MAX && recipe->leaf_rows_min > 0);
    size_t threads = recipe->threads == 0 ? gy_thread_count() : recipe->threads;
    size_t most = WORKERS_BYTES_MAX / (samples->rows * (ROW_BYTES + 4 * samples->class_count));
    threads = most < 1 ? 1 : threads < most ? threads : most;
    gy_arena_mark mark = gy_arena_here(arena);
    forest job = {.samples = samples, .groups = groups, .recipe = recipe};
    job.tries = (size_t)ceil(sqrt((double)samples->cols));
    job.columns = turn_columns(samples, arena);
    job.workers = GY_NEW(arena, grower, threads);
    bool is_made = job.columns != NULL && job.workers != NULL;
    for (size_t i = 0; is_made && i < threads; i++)
        is_made = make_grower(&job.workers[i], samples, arena);
    if (!is_made)
        return gy_fail(err, GY_NO_MEMORY, "no memory to grow trees on %zu samples", samples->rows);
    GY_TRY(gy_thread_loop(recipe->trees, 1, threads, grow_trees, &job, err));
    add_up(probabilities, &job, threads);
    gy_arena_rewind(arena, mark);
    return GY_OK;
}
