// SPDX-License-Identifier: Apache-2.0
//
// How a table becomes features: private to the room.
#ifndef GYRE_TABLE_SAMPLES_H
#define GYRE_TABLE_SAMPLES_H

#include "gyre/table.h"

enum {
    GY_SAMPLE_SIDE_MAX = 64,
    GY_ONE_HOT_MAX = 32,
};
#define GY_SAMPLE_BYTES_MAX ((size_t)8 << 30)

// Each sets features, cols, width, height and channels, and may drop rows from samples->row_of
// (samples->rows shrinks with them). note: a line each.
gy_status gy_samples_of_files(gy_samples *samples, uint32_t *row_of, const gy_table *table,
                              const gy_column *paths, gy_text *note, gy_arena *arena,
                              gy_error *err) GY_CHECKED;
gy_status gy_samples_of_tensors(gy_samples *samples, const gy_column *column, gy_text *note,
                                gy_arena *arena, gy_error *err) GY_CHECKED;
gy_status gy_samples_of_columns(gy_samples *samples, const gy_table *table, const gy_marks *marks,
                                gy_text *note, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Set samples->unseen, by the columns of text that were left out. */
gy_status gy_samples_note_unseen(gy_samples *samples, const gy_column *const *left_out,
                                 size_t count, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Memory for rows x cols features, within the bound. */
gy_status gy_samples_take(float **features, size_t rows, size_t cols, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

/** GY_INVALID where a column holds the names of images and no mark makes it a file column. */
gy_status gy_samples_refuse_unmarked_images(const gy_table *table, gy_error *err) GY_CHECKED;

#endif
