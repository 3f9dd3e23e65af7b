// SPDX-License-Identifier: Apache-2.0
//
// What the makers of a forest's forms share: tables, and lines of emitted code.

#include "model/ops/support/forest_table.h"

#include <string.h>

#include "rt/math.h"

// ---- tables

gy_status gy_forest_add(void **data, gy_node *node, size_t place, gy_dtype dtype, size_t count,
                        gy_error *err)
{
    return gy_tensor_constant(&node->tables[place], data, node->arena, node->name, dtype, &count, 1,
                              err);
}

/** Splits and leaves' values on the way through a tree. */
typedef struct split_walk {
    const gy_forest *forest;
    gy_forest_split *splits;
    size_t split_count, tree;
    uint32_t *values; // of this tree
    uint32_t leaf;    // the next one's number, from the left
} split_walk;

// By recursion: a tree of 64 leaves is at most 63 deep.
static void walk_splits(split_walk *walk, uint32_t at)
{
    const gy_forest *forest = walk->forest;
    const gy_forest_node *from = &forest->nodes[at];
    if (from->is_leaf) {
        uint32_t *value = &walk->values[walk->leaf++];
        *value = from->leaf;
        if (forest->tree_target != NULL)
            *value = gy_float_bits(
                forest->weights[from->leaf * forest->targets + forest->tree_target[walk->tree]]);
        return;
    }
    uint32_t first = walk->leaf;
    walk_splits(walk, from->left);
    uint64_t cleared = (UINT64_C(1) << walk->leaf) - (UINT64_C(1) << first);
    walk->splits[walk->split_count++] = (gy_forest_split){(uint32_t)walk->tree, from->feature,
                                                          from->threshold, from->nan_left, cleared};
    walk_splits(walk, from->right);
}

static gy_status add_targets(gy_node *node, const gy_forest *forest, size_t place, gy_error *err)
{
    void *data;
    node->table_count = place;
    if (forest->targets == 1)
        return GY_OK;
    bool is_single = forest->tree_target != NULL;
    size_t count = is_single ? forest->trees : forest->leaves * forest->targets;
    GY_TRY(gy_forest_add(&data, node, place, is_single ? GY_UINT32 : GY_FLOAT32, count, err));
    if (is_single)
        memcpy(data, forest->tree_target, count * sizeof(uint32_t));
    else
        memcpy(data, forest->weights, count * sizeof(float));
    node->table_count++;
    return GY_OK;
}

gy_status gy_forest_leaf_tables(gy_forest_split **splits, gy_node *node, const gy_forest *forest,
                                size_t stride, size_t targets, gy_error *err)
{
    void *values;
    GY_TRY(gy_forest_add(&values, node, 0, GY_UINT32, forest->trees * stride, err));
    GY_TRY(add_targets(node, forest, targets, err));
    *splits = GY_NEW(node->arena, gy_forest_split, forest->node_count - forest->leaves + 1);
    if (*splits == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    split_walk walk = {.forest = forest, .splits = *splits};
    for (; walk.tree < forest->trees; walk.tree++) {
        walk.values = (uint32_t *)values + walk.tree * stride;
        walk.leaf = 0;
        walk_splits(&walk, forest->roots[walk.tree]);
    }
    return GY_OK;
}

// ---- what is emitted

void gy_forest_line(gy_text *out, size_t depth, const char *text)
{
    gy_indent(out, depth);
    gy_text_add(out, "%s\n", text);
}

const char *gy_forest_table(const gy_node *node, size_t place)
{
    return node->tables[place]->c_name;
}

void gy_forest_emit_base(const gy_forest *forest, size_t depth, gy_text *out)
{
    gy_indent(out, depth);
    gy_text_add(out, "float s[%zu] = {", forest->targets);
    for (size_t k = 0; k < forest->targets; k++) {
        gy_text_add(out, k == 0 ? "" : k % 8 == 0 ? ",\n" : ", ");
        gy_emit_float(out, forest->base[k]);
    }
    gy_text_add(out, "};\n");
}

void gy_forest_emit_average(const gy_forest *forest, size_t depth, gy_text *out)
{
    if (!forest->averages)
        return;
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
    gy_indent(out, depth + 1);
    gy_text_add(out, "s[k] = s[k] / %zu.0f;\n", forest->trees);
}
