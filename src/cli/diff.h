// SPDX-License-Identifier: Apache-2.0
//
// gyre diff, row by row: tables of two versions, matched by the ids of their samples.
#ifndef GYRE_CLI_DIFF_H
#define GYRE_CLI_DIFF_H

#include "cli/command.h"

/** One side of a comparison of tables. */
typedef struct gy_diff_side {
    const char *table;    // a file to read
    const char *folder;   // where the relative paths in its cells start, with a final slash
    const char *revision; // NULL: the work tree; else files have the ids that they had in it
    bool is_output;       // of a stage: a column "id" says which samples its rows are about
} gy_diff_side;

/** What a comparison of tables found. */
typedef struct gy_diff_counts {
    size_t added, removed, changed; // rows
    size_t labels;                  // of the changed: their label is another
    bool has_labels;                // a column of labels is known
    size_t without_id;
} gy_diff_counts;

/**
 * Append a line for each row that was added, removed, or changed in a column that is no part of its
 * id (its label, first of all).
 * @param path of the dataset, relative to the project.
 * @param shown_max lines at most; 0: all.
 */
gy_status gy_diff_tables(gy_text *out, gy_diff_counts *counts, gy_cli *cli, gy_store *store,
                         const char *path, const gy_diff_side *before, const gy_diff_side *after,
                         size_t shown_max, gy_error *err) GY_CHECKED;

#endif
