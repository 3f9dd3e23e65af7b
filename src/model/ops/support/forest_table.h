// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OPS_SUPPORT_FOREST_TABLE_H
#define GYRE_MODEL_OPS_SUPPORT_FOREST_TABLE_H

/** The places of a forest's tables in node->tables; those from FEATURES on only for blocks. */
enum {
    GY_FOREST_NODES,
    GY_FOREST_STARTS,
    GY_FOREST_DEPTHS,
    GY_FOREST_WEIGHTS,
    GY_FOREST_TARGETS,
    GY_FOREST_FEATURES,
    GY_FOREST_THRESHOLDS,
    GY_FOREST_MASKS,
    GY_FOREST_SPLITS,
    GY_FOREST_VALUES,
    GY_FOREST_TABLES
};

#endif
