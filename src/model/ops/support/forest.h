// SPDX-License-Identifier: Apache-2.0
//
// Ensembles of trees: tables, no code a tree. Three forms of them (gy_forest_form); which one,
// hangs on the forest's shape and the batch alone, and all give the same leaves and so the same
// bits.
//
// Every split is normalised to "x <= threshold: left, else right", with the way of NaN marked where
// it goes left. Trees stand in order of depth (equal ones as in the model); each output is one
// chain of sums over them in that order, from its base value.
#ifndef GYRE_MODEL_OPS_SUPPORT_FOREST_H
#define GYRE_MODEL_OPS_SUPPORT_FOREST_H

#include "model/ops/support/window.h"

enum {
    GY_FOREST_LOCKSTEP = 8,   // trees that are walked at once for one sample
    GY_FOREST_BLOCK = 64,     // samples that go through a tree at once
    GY_FOREST_BLOCK_MIN = 24, // from this batch on samples are taken in blocks
    GY_FOREST_LEAVES = 32,    // that fit the bits of a word
    GY_FOREST_LEAVES_MAX = 64 // of a tree in the form of masks: two words
};

/** How a forest is run. */
typedef enum gy_forest_form {
    GY_FOREST_WALK,  // a sample from root to leaf, several trees in lock step
    GY_FOREST_MASKS, // a sample feature by feature, the leaves of all trees as bits
    GY_FOREST_BLOCKS // many samples tree by tree, the leaves of a tree as bits
} gy_forest_form;

/** A node as the model gives it. Children are indices into the same list. */
typedef struct gy_forest_node {
    bool is_leaf, nan_left;
    uint32_t feature;
    float threshold;
    uint32_t left, right;
    uint32_t leaf; // of a leaf: its row of weights
} gy_forest_node;

/** A forest, read from a node's attributes. */
typedef struct gy_forest {
    gy_forest_node *nodes;
    size_t node_count;
    uint32_t *roots; // by tree, in order of depth
    uint32_t *depths;
    size_t trees;
    float *weights; // [leaves][targets]
    size_t leaves, targets;
    float *base; // [targets]
    bool averages;
    // One target a tree, for all its leaves: its number. NULL: leaves have a weight for each.
    uint32_t *tree_target;
    bool nan_left_some, nan_left_all;
    bool weights_positive; // all of the model's weights are at least 0
    // The packed walk: low word the threshold, high word the slot of the value that it is held
    // against, above it the way to the left child; at a leaf that way is 0, and the test (0 <= inf)
    // goes left, so that a walker stays.
    // Slots: the features, NaN as it is (it goes right); where some splits send it left, the
    // features again with -inf for NaN; then a 0 for the leaves.
    size_t slots;
    unsigned slot_bits;
    gy_forest_form form;
    // Masks: words of leaves a tree and in all (a multiple of 16), features that are split on,
    // splits from one ready row of words to the next, values a tree.
    size_t words, live, columns, step, stride;
} gy_forest;

/** Names of the attributes that hold the leaves' weights: "class" or "target". */
gy_status gy_forest_read(gy_forest **forest, const gy_node *node, const char *leaves,
                         size_t targets, size_t features, gy_error *err) GY_CHECKED;

/** Choose the form and put its tables, which emitted code reads, into node->tables. */
gy_status gy_forest_tables(gy_node *node, gy_forest *forest, size_t batch, size_t features,
                           gy_error *err) GY_CHECKED;

/** The sums of one sample, targets of them: the reference, from root to leaf, without tables. */
void gy_forest_sum(float *sums, const gy_forest *forest, const float *x);

/**
 * Emit what sums each sample; for each, with its sums in `s` and its number in `n`, `finish`
 * writes what follows.
 */
typedef void gy_forest_finish(const gy_node *node, const gy_forest *forest, size_t depth,
                              gy_text *out);
void gy_forest_emit(const gy_node *node, const gy_forest *forest, size_t batch, size_t features,
                    gy_forest_finish *finish, gy_text *out);

#endif
