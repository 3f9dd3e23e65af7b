// SPDX-License-Identifier: Apache-2.0
//
// The tables of a forest, and the reference that walks them.
//
// Table 0: nodes of 64 bits, a tree after the other, level by level, children side by side.
// Table 1: where each tree starts. Table 2: the depth of each group of 8 trees, its last one's.
// Tables 3 and 4: where trees have one target each, the weight of each node (0 of a split) and the
// target of each tree; else the leaves' rows of weights and the row of each node. Then, for blocks
// of samples: the splits' features, thresholds and masks, and where each tree's splits start
// (twice: those with NaN to the right, then the others).

#include <string.h>

#include "model/ops/support/forest.h"
#include "model/ops/support/forest_table.h"
#include "rt/math.h"

static gy_status add_table(void **data, gy_node *node, size_t place, gy_dtype dtype, size_t count,
                           gy_error *err)
{
    return gy_tensor_constant(&node->tables[place], data, node->arena, node->name, dtype, &count, 1,
                              err);
}

static uint64_t pack(const gy_forest *forest, const gy_forest_node *from, size_t features,
                     size_t way)
{
    uint64_t high = forest->slots - 1;
    float threshold = gy_bits_float(0x7f800000u);
    if (!from->is_leaf) {
        bool is_second = from->nan_left && forest->slots > features + 1;
        high = (uint64_t)way << forest->slot_bits | (from->feature + (is_second ? features : 0));
        threshold = from->threshold;
    }
    return high << 32 | gy_float_bits(threshold);
}

/** Where a tree's nodes go. */
typedef struct walk_tables {
    uint64_t *packed;
    float *weights; // by node, of trees with one target
    uint32_t *rows; // by node, of others: the leaf's row of weights
    uint32_t *queue;
    size_t features, end;
} walk_tables;

// One tree, level by level: the two children of a split stand side by side.
static bool pack_tree(walk_tables *to, const gy_forest *forest, size_t t)
{
    size_t tail = 0, start = to->end;
    to->queue[tail++] = forest->roots[t];
    for (size_t head = 0; head < tail; head++) {
        const gy_forest_node *from = &forest->nodes[to->queue[head]];
        size_t way = tail - head;
        to->packed[start + head] = pack(forest, from, to->features, way);
        if (from->is_leaf && forest->tree_target != NULL)
            to->weights[start + head] =
                forest->weights[from->leaf * forest->targets + forest->tree_target[t]];
        else if (from->is_leaf)
            to->rows[start + head] = from->leaf;
        if (from->is_leaf)
            continue;
        if (way >= UINT64_C(1) << (32 - forest->slot_bits))
            return false;
        to->queue[tail++] = from->left;
        to->queue[tail++] = from->right;
    }
    to->end = start + tail;
    return true;
}

static gy_status make_walk(gy_node *node, gy_forest *forest, size_t features, gy_error *err)
{
    bool is_single = forest->tree_target != NULL;
    void *packed, *starts, *depths, *weights, *rows;
    walk_tables to = {.queue = GY_NEW(node->arena, uint32_t, forest->node_count),
                      .features = features};
    size_t groups = forest->trees / GY_FOREST_LOCKSTEP, count = forest->node_count;
    if (to.queue == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    GY_TRY(add_table(&packed, node, GY_FOREST_NODES, GY_UINT64, count, err));
    GY_TRY(add_table(&starts, node, GY_FOREST_STARTS, GY_UINT32, forest->trees, err));
    GY_TRY(add_table(&depths, node, GY_FOREST_DEPTHS, GY_UINT32, groups + 1, err));
    GY_TRY(add_table(&weights, node, GY_FOREST_WEIGHTS, GY_FLOAT32,
                     is_single ? count : forest->leaves * forest->targets, err));
    GY_TRY(add_table(&rows, node, GY_FOREST_TARGETS, GY_UINT32, is_single ? forest->trees : count,
                     err));
    if (is_single)
        memcpy(rows, forest->tree_target, forest->trees * sizeof(uint32_t));
    else
        memcpy(weights, forest->weights, forest->leaves * forest->targets * sizeof(float));
    to.packed = packed;
    to.weights = weights;
    to.rows = rows;
    for (size_t t = 0; t < forest->trees; t++) {
        ((uint32_t *)starts)[t] = (uint32_t)to.end;
        if (!pack_tree(&to, forest, t))
            return gy_node_fail(node, GY_LIMIT, err,
                                "a tree of over %u nodes on a level, with %u bits of features",
                                1u << (32 - forest->slot_bits), forest->slot_bits);
    }
    for (size_t g = 0; g < groups; g++)
        ((uint32_t *)depths)[g] = forest->depths[g * GY_FOREST_LOCKSTEP + GY_FOREST_LOCKSTEP - 1];
    ((uint32_t *)depths)[groups] = forest->depths[forest->trees - 1];
    return GY_OK;
}

// ---- blocks: the leaves of a tree are bits, from the left; a split whose test fails clears the
// leaves on its left, and the lowest bit that is left is the leaf that is reached

/** The tables for blocks while they are filled. */
typedef struct blocks {
    uint32_t *features, *masks, *starts, *values; // values: a float's bits, or a row
    float *thresholds;
    size_t split; // next to fill
} blocks;

/** A subtree on the way down: which of its splits are wanted. */
typedef struct range {
    uint32_t first, end; // leaves
} range;

// Leaves below a node, from the left, by recursion: a tree of 32 leaves is at most 31 deep.
static range put_splits(blocks *to, const gy_forest *forest, uint32_t at, uint32_t next,
                        bool nan_left, size_t t)
{
    const gy_forest_node *from = &forest->nodes[at];
    if (from->is_leaf) {
        size_t target = forest->tree_target == NULL ? 0 : forest->tree_target[t];
        float weight = forest->weights[from->leaf * forest->targets + target];
        to->values[t * GY_FOREST_LEAVES + next] =
            forest->tree_target == NULL ? from->leaf : gy_float_bits(weight);
        return (range){next, next + 1};
    }
    range left = put_splits(to, forest, from->left, next, nan_left, t);
    range right = put_splits(to, forest, from->right, left.end, nan_left, t);
    if (from->nan_left == nan_left) {
        uint64_t cleared = (UINT64_C(1) << left.end) - (UINT64_C(1) << left.first);
        to->features[to->split] = from->feature;
        to->thresholds[to->split] = from->threshold;
        to->masks[to->split++] = (uint32_t)~cleared;
    }
    return (range){left.first, right.end};
}

static size_t count_leaves(const gy_forest *forest, uint32_t *queue, size_t t)
{
    size_t tail = 0, leaves = 0;
    queue[tail++] = forest->roots[t];
    for (size_t head = 0; head < tail; head++) {
        const gy_forest_node *at = &forest->nodes[queue[head]];
        leaves += at->is_leaf;
        if (!at->is_leaf) {
            queue[tail++] = at->left;
            queue[tail++] = at->right;
        }
    }
    return leaves;
}

static gy_status fits_blocks(bool *fits, gy_node *node, const gy_forest *forest, gy_error *err)
{
    uint32_t *queue = GY_NEW(node->arena, uint32_t, forest->node_count);
    if (queue == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    *fits = true;
    for (size_t t = 0; *fits && t < forest->trees; t++)
        *fits = count_leaves(forest, queue, t) <= GY_FOREST_LEAVES;
    return GY_OK;
}

static gy_status make_scratch(gy_node *node, size_t floats, gy_error *err)
{
    node->scratch = gy_tensor_new(node->arena, node->name);
    if (node->scratch == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    return gy_tensor_set(node->scratch, GY_FLOAT32, &floats, 1, err);
}

static gy_status make_blocks(gy_node *node, const gy_forest *forest, size_t features, gy_error *err)
{
    size_t splits = forest->node_count - forest->leaves + 2 * forest->trees; // and their ends
    blocks to = {0};
    void *data[5];
    static const gy_dtype types[] = {GY_UINT32, GY_FLOAT32, GY_UINT32, GY_UINT32, GY_UINT32};
    size_t counts[] = {splits, splits, splits, 2 * forest->trees + 1,
                       forest->trees * GY_FOREST_LEAVES};
    for (size_t i = 0; i < 5; i++)
        GY_TRY(add_table(&data[i], node, GY_FOREST_FEATURES + i, types[i], counts[i], err));
    to.features = data[0];
    to.thresholds = data[1];
    to.masks = data[2];
    to.starts = data[3];
    to.values = data[4];
    for (size_t t = 0; t < forest->trees; t++)
        for (size_t half = 0; half < 2; half++) {
            to.starts[2 * t + half] = (uint32_t)to.split;
            put_splits(&to, forest, forest->roots[t], 0, half == 1, t);
            to.split++; // a mask of 0 ends the list
        }
    to.starts[2 * forest->trees] = (uint32_t)to.split;
    node->table_count = GY_FOREST_TABLES;
    // A block's features, one after the other, and its sums.
    return make_scratch(node, (features + forest->targets) * GY_FOREST_BLOCK, err);
}

gy_status gy_forest_tables(gy_node *node, gy_forest *forest, size_t batch, size_t features,
                           gy_error *err)
{
    node->tables = GY_NEW(node->arena, gy_tensor *, GY_FOREST_TABLES);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    node->table_count = GY_FOREST_FEATURES;
    forest->slots = (forest->nan_left_some ? 2 : 1) * features + 1;
    forest->slot_bits = 1;
    while (forest->slot_bits < 31 && forest->slots > UINT64_C(1) << forest->slot_bits)
        forest->slot_bits++;
    GY_TRY(make_walk(node, forest, features, err));
    bool fits = false;
    if (batch >= GY_FOREST_BLOCK_MIN)
        GY_TRY(fits_blocks(&fits, node, forest, err));
    return fits ? make_blocks(node, forest, features, err) : make_scratch(node, forest->slots, err);
}

static float slot_value(const gy_forest *forest, const float *x, size_t slot)
{
    size_t features = (forest->slots - 1) / (forest->nan_left_some ? 2 : 1);
    if (slot < features)
        return x[slot];
    float value = x[slot - features];
    return value != value ? gy_bits_float(0xff800000u) : value;
}

void gy_forest_sum(float *sums, const gy_node *node, const gy_forest *forest, const float *x)
{
    const uint64_t *nodes = node->tables[GY_FOREST_NODES]->data;
    const uint32_t *starts = node->tables[GY_FOREST_STARTS]->data;
    const uint32_t *rows = node->tables[GY_FOREST_TARGETS]->data;
    const float *weights = node->tables[GY_FOREST_WEIGHTS]->data;
    unsigned bits = forest->slot_bits;
    memcpy(sums, forest->base, forest->targets * sizeof(float));
    for (size_t t = 0; t < forest->trees; t++) {
        size_t at = starts[t];
        for (uint32_t high; (high = (uint32_t)(nodes[at] >> 32)) >> bits != 0;) {
            float value = slot_value(forest, x, high & ((1u << bits) - 1));
            at += (high >> bits) + !(value <= gy_bits_float((uint32_t)nodes[at]));
        }
        if (forest->tree_target != NULL) {
            sums[forest->tree_target[t]] = sums[forest->tree_target[t]] + weights[at];
            continue;
        }
        for (size_t k = 0; k < forest->targets; k++)
            sums[k] = sums[k] + weights[rows[at] * forest->targets + k];
    }
    for (size_t k = 0; forest->averages && k < forest->targets; k++)
        sums[k] = sums[k] / (float)forest->trees;
}
