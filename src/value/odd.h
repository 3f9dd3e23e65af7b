// SPDX-License-Identifier: Apache-2.0
//
// The values of a table's row in words, and what is usual beside them.
#ifndef GYRE_VALUE_ODD_H
#define GYRE_VALUE_ODD_H

#include "gyre/value.h"

/** What is usual in a table, found when it is first asked for. */
typedef struct gy_usual {
    const gy_audit *audit;
    const gy_samples *samples;
    struct gy_usual_feature *features; // [cols]
    struct gy_usual_place *places;     // [rows], to sort
} gy_usual;

/** Samples without sources have no words: features stays NULL. */
gy_status gy_usual_make(gy_usual *usual, const gy_audit *audit, const gy_samples *samples,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/** The first feature of the same column. */
size_t gy_odd_column_first(const gy_samples *samples, size_t feature);

/** Add a row's value in the column of a feature: 430, 'north' or missing; of personal data none. */
void gy_odd_add_value(gy_text *out, const gy_samples *samples, size_t row, size_t feature);

/**
 * The columns that set an outlier apart, with its values and what is usual: "age 430 (usual 17 to
 * 90), city 'Rome' (in 2 of 800 rows)"; of a value that is usual by itself, the value that the
 * ordinary row has that is most like it.
 * @return in arena; "" where nothing is known; NULL: no memory.
 */
const char *gy_odd_columns(gy_usual *usual, size_t row, gy_arena *arena);

#endif
