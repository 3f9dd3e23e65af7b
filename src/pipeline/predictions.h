// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PIPELINE_PREDICTIONS_H
#define GYRE_PIPELINE_PREDICTIONS_H

#include "base/map.h"
#include "gyre/pipeline.h"

enum { GY_PREDICTIONS_MAX = 100000000 };

/** Spellings of labels and predictions, numbered in the order in which they were met. */
typedef struct gy_classes {
    gy_text_map map;
    const char **names;
    size_t count, capacity;
} gy_classes;

/** What a model said of each sample, sorted by id; equal samples in the order of their rows. */
typedef struct gy_predictions {
    const char *path;
    size_t count;
    gy_id *ids;
    uint32_t *labels, *outputs; // classes; label UINT32_MAX: none
    double *losses;             // NULL: the table has none
} gy_predictions;

/**
 * Read a table with a row a sample: columns id, label, prediction, and loss if there is one.
 * @param classes grows; share it between tables whose labels are compared.
 */
gy_status gy_predictions_read(gy_predictions *predictions, gy_classes *classes, const char *path,
                              gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- gate.c

/** A table of predictions, and what messages call it. */
typedef struct gy_gate_table {
    const char *path, *name;
} gy_gate_table;

/** Judge by two tables: sets result, passes and words of a verdict whose other members are set. */
gy_status gy_gate_judge(gy_gate_verdict *verdict, const gy_gate_table *new_table,
                        const gy_gate_table *old_table, const gy_gate_options *options,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
