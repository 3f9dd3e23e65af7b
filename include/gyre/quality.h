// SPDX-License-Identifier: Apache-2.0
//
// Data quality: what findings mean for a table.
#ifndef GYRE_QUALITY_H
#define GYRE_QUALITY_H

#include "gyre/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is done to rows whose label is at odds with the sample. */
typedef enum gy_clean_recipe {
    GY_CLEAN_SOFT,    // the label becomes the likeliest class, gyre_soft says how likely each is
    GY_CLEAN_RELABEL, // the label becomes the likeliest class
    GY_CLEAN_DROP     // the row goes
} gy_clean_recipe;

/** Read "soft", "relabel" or "drop". @return GY_OK; GY_INVALID: names the three. */
GY_API gy_status gy_clean_recipe_parse(gy_clean_recipe *recipe, const char *text,
                                       gy_error *err) GY_CHECKED;

typedef struct gy_clean_options {
    gy_clean_recipe recipe;
    bool keep_outliers, keep_duplicates, keep_broken; // else their rows go
} gy_clean_options;

/** A label that changes. */
typedef struct gy_label_change {
    size_t row; // from 0
    gy_id id;
    const char *old_label, *new_label;
    const char *reason;
} gy_label_change;

/** What cleaning does to a table. Lives in an arena. */
typedef struct gy_cleaning {
    const gy_edit *edits; // rows ascending
    size_t edit_count;
    const uint8_t *dropped;         // bit per row
    const gy_label_change *changes; // of rows that stay
    size_t change_count;
    size_t soft; // rows that get a soft label
    // Rows that go, by the first reason in this order.
    size_t dropped_broken, dropped_duplicates, dropped_outliers, dropped_labels;
} gy_cleaning;

/**
 * Say what findings mean for a table, by a recipe. Nothing is written: see gy_table_rewrite.
 *
 * Findings are matched by row and id: a sample that has moved is found by its id. Findings that are
 * not flagged count for soft labels alone.
 * @param table    with ids.
 * @return GY_OK; GY_INVALID: the table has no label column, or a finding speaks of a sample that is
 * not in it; GY_NO_MEMORY.
 */
GY_API gy_status gy_clean(gy_cleaning *cleaning, const gy_table *table, const gy_marks *marks,
                          const gy_finding *findings, size_t count, const gy_clean_options *options,
                          gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Write the cleaned table, in one step. A table keeps the bytes of all that does not change; of an
 * image folder comes a new table of paths and labels.
 * @param out may be the table's own path. GY_UNSUPPORTED: arrays.
 */
GY_API gy_status gy_clean_write(const gy_cleaning *cleaning, const gy_table *table,
                                const gy_marks *marks, const char *out, gy_arena *arena,
                                gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
