// SPDX-License-Identifier: Apache-2.0
//
// Points by place: boxes cut in two until a panel of the distance kernel holds what is left, so
// that a search for the nearest can leave most of them out.
#ifndef GYRE_VALUE_KD_TREE_H
#define GYRE_VALUE_KD_TREE_H

#include "value/panels.h"

typedef struct gy_kd_node {
    uint32_t panel;   // of a leaf
    uint32_t right;   // the other half; the first follows its parent; 0: a leaf
    uint32_t row_min; // the first of its rows
} gy_kd_node;

typedef struct gy_kd_tree {
    gy_panels panels;     // the points, leaf by leaf
    const uint32_t *rows; // [points] which row is where
    const gy_kd_node *nodes;
    const float *boxes; // [nodes][2][cols]: lowest and highest of each feature
} gy_kd_tree;

enum { GY_KD_DEPTH_MAX = 64 }; // halving never needs as many levels as a size_t has bits

/** Equal points are halved by row, so that the first of them are soon found. */
gy_status gy_kd_make(gy_kd_tree *tree, const gy_samples *points, gy_arena *arena,
                     gy_error *err) GY_CHECKED;

/**
 * A bound of the distances that the kernels compute from a query to the points of a node: none is
 * less, rounding counted in. At most GY_KD_COLS_MAX features.
 */
float gy_kd_bound(const gy_kd_tree *tree, uint32_t node, const float *query);

enum { GY_KD_COLS_MAX = 64 };

#endif
