// SPDX-License-Identifier: Apache-2.0
//
// A forest's reference, and the choice of the form that emitted code has.

#include <stdlib.h>
#include <string.h>

#include "model/ops/support/forest_table.h"

// ---- the reference

static uint32_t reach(const gy_forest *forest, uint32_t at, const float *x)
{
    const gy_forest_node *node = &forest->nodes[at];
    while (!node->is_leaf) {
        float value = x[node->feature];
        bool is_left = value != value ? node->nan_left : value <= node->threshold;
        node = &forest->nodes[is_left ? node->left : node->right];
    }
    return node->leaf;
}

void gy_forest_sum(float *sums, const gy_forest *forest, const float *x)
{
    memcpy(sums, forest->base, forest->targets * sizeof(float));
    for (size_t t = 0; t < forest->trees; t++) {
        const float *weights =
            forest->weights + reach(forest, forest->roots[t], x) * forest->targets;
        size_t first = forest->tree_target == NULL ? 0 : forest->tree_target[t];
        size_t end = forest->tree_target == NULL ? forest->targets : first + 1;
        for (size_t k = first; k < end; k++)
            sums[k] = sums[k] + weights[k];
    }
    for (size_t k = 0; forest->averages && k < forest->targets; k++)
        sums[k] = sums[k] / (float)forest->trees;
}

// ---- the choice

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

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static size_t count_columns(const gy_forest *forest, uint32_t *features)
{
    size_t count = 0, columns = 0;
    for (size_t i = 0; i < forest->node_count; i++)
        if (!forest->nodes[i].is_leaf)
            features[count++] = forest->nodes[i].feature;
    qsort(features, count, sizeof(features[0]), by_number);
    for (size_t i = 0; i < count; i++)
        columns += i == 0 || features[i] != features[i - 1];
    return columns;
}

// The leaves of the largest tree, and the features that are split on.
static gy_status measure(size_t *leaves, size_t *columns, gy_node *node, const gy_forest *forest,
                         gy_error *err)
{
    uint32_t *list = GY_NEW(node->arena, uint32_t, forest->node_count);
    *leaves = *columns = 0;
    if (list == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    for (size_t t = 0; t < forest->trees; t++) {
        size_t count = count_leaves(forest, list, t);
        *leaves = count > *leaves ? count : *leaves;
    }
    *columns = count_columns(forest, list);
    return GY_OK;
}

gy_status gy_forest_tables(gy_node *node, gy_forest *forest, size_t batch, size_t features,
                           gy_error *err)
{
    size_t leaves = 0, columns = 0;
    GY_TRY(measure(&leaves, &columns, node, forest, err));
    node->tables = GY_NEW(node->arena, gy_tensor *, GY_FOREST_TABLES_MAX);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    forest->form = GY_FOREST_WALK;
    if (batch >= GY_FOREST_BLOCK_MIN && leaves <= GY_FOREST_LEAVES)
        forest->form = GY_FOREST_BLOCKS;
    else if (gy_forest_suits_masks(forest, leaves, columns))
        forest->form = GY_FOREST_MASKS;
    switch (forest->form) {
    case GY_FOREST_WALK:
        return gy_forest_walk(node, forest, features, err);
    case GY_FOREST_MASKS:
        return gy_forest_masks(node, forest, leaves, err);
    case GY_FOREST_BLOCKS:
        return gy_forest_blocks(node, forest, features, err);
    }
    return GY_OK;
}

void gy_forest_emit(const gy_node *node, const gy_forest *forest, size_t batch, size_t features,
                    gy_forest_finish *finish, gy_text *out)
{
    if (batch == 0)
        return;
    if (forest->form == GY_FOREST_BLOCKS) {
        gy_forest_emit_blocks(node, forest, batch, features, finish, out);
        return;
    }
    size_t depth = gy_emit_for(out, "n", batch, 0);
    if (forest->form == GY_FOREST_MASKS)
        gy_forest_emit_masks(node, forest, features, out);
    else
        gy_forest_emit_walk(node, forest, features, out);
    gy_forest_emit_average(forest, depth, out);
    finish(node, forest, depth, out);
    gy_emit_close(out, 0, depth);
}
