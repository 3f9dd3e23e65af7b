// SPDX-License-Identifier: Apache-2.0
//
// The places of a forest's tables in node->tables, and what the makers of its forms share.
#ifndef GYRE_MODEL_OPS_SUPPORT_FOREST_TABLE_H
#define GYRE_MODEL_OPS_SUPPORT_FOREST_TABLE_H

#include "model/ops/support/forest.h"

/** Of the walk. GY_WALK_TARGETS only where targets are over 1. */
enum { GY_WALK_NODES, GY_WALK_STARTS, GY_WALK_DEPTHS, GY_WALK_WEIGHTS, GY_WALK_TARGETS };

/** Of blocks. The last only where targets are over 1: the trees' targets, or, where leaves have a
 * weight for each target, the weights. So for masks. */
enum {
    GY_BLOCK_VALUES,
    GY_BLOCK_FEATURES,
    GY_BLOCK_THRESHOLDS,
    GY_BLOCK_MASKS,
    GY_BLOCK_SPLITS,
    GY_BLOCK_TARGETS
};

/** Of masks. */
enum {
    GY_MASK_VALUES,
    GY_MASK_COLUMNS,
    GY_MASK_THRESHOLDS,
    GY_MASK_ENDS,
    GY_MASK_NODES,
    GY_MASK_ROWS,
    GY_MASK_TARGETS,
    GY_FOREST_TABLES_MAX
};

/** One split of a tree whose leaves are bits, from the left: a sample that fails its test cannot
 * reach the leaves on its left. */
typedef struct gy_forest_split {
    uint32_t tree, feature;
    float threshold;
    bool nan_left;
    uint64_t cleared; // leaves
} gy_forest_split;

/** Make node->tables[place]: a vector of constants, zeroed, in *data. */
gy_status gy_forest_add(void **data, gy_node *node, size_t place, gy_dtype dtype, size_t count,
                        gy_error *err) GY_CHECKED;

/** Make table 0, what leaves give (a float's bits, or the row of weights; `stride` a tree), and the
 * one at `targets` where there are more than one, and from the node's arena a list of all splits,
 * tree by tree, each tree's from the left. No tree may have over 64 leaves. Sets table_count. */
gy_status gy_forest_leaf_tables(gy_forest_split **splits, gy_node *node, const gy_forest *forest,
                                size_t stride, size_t targets, gy_error *err) GY_CHECKED;

/** Make the tables of one form. leaves: of the largest tree. */
gy_status gy_forest_walk(gy_node *node, gy_forest *forest, size_t features,
                         gy_error *err) GY_CHECKED;
gy_status gy_forest_masks(gy_node *node, gy_forest *forest, size_t leaves,
                          gy_error *err) GY_CHECKED;
gy_status gy_forest_blocks(gy_node *node, gy_forest *forest, size_t features,
                           gy_error *err) GY_CHECKED;

/** Whether masks are likely to be faster than a walk. leaves: of the largest tree; columns:
 * features that are split on. */
bool gy_forest_suits_masks(const gy_forest *forest, size_t leaves, size_t columns);

/** Emit one line. */
void gy_forest_line(gy_text *out, size_t depth, const char *text);
/** The name of a table in emitted code. */
const char *gy_forest_table(const gy_node *node, size_t place);
/** Emit "float s[] = {base...};", and the division of an average. */
void gy_forest_emit_base(const gy_forest *forest, size_t depth, gy_text *out);
void gy_forest_emit_average(const gy_forest *forest, size_t depth, gy_text *out);
/** Emit the sums `s` of sample n, before an average is divided, in the loop over samples (at depth
 * 1). */
void gy_forest_emit_walk(const gy_node *node, const gy_forest *forest, size_t features,
                         gy_text *out);
void gy_forest_emit_masks(const gy_node *node, const gy_forest *forest, size_t features,
                          gy_text *out);
/** Emit all samples in blocks. */
void gy_forest_emit_blocks(const gy_node *node, const gy_forest *forest, size_t batch,
                           size_t features, gy_forest_finish *finish, gy_text *out);

#endif
