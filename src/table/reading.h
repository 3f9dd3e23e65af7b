// SPDX-License-Identifier: Apache-2.0
//
// How a column of text reads in analysis (docs/formats/reading.md): which spellings stand for no
// value, and which mark is the decimal one. Ids read each cell alone and know nothing of it.
#ifndef GYRE_TABLE_READING_H
#define GYRE_TABLE_READING_H

#include "table/cell.h"

/** All zero: as gy_cell_read does. */
typedef struct gy_reading {
    bool usual;                 // NA, n/a, null, ?, -, NaN, ... are no values
    const char *const *missing; // these are, instead; NULL: not named
    size_t missing_count;
    char decimal; // ',': 1.234,5; '.': 1,234.5; 0: 1234.5
} gy_reading;

/** Whether a reading is other than gy_cell_read's. */
static inline bool gy_reading_differs(const gy_reading *reading)
{
    return reading->usual || reading->missing != NULL || reading->decimal != 0;
}

/** What a contract says of a column. @return false: nothing, reading is all zero. */
bool gy_reading_said(gy_reading *reading, const gy_marks *marks, const char *column);

/** What a pass over a column's cells saw. Zero-initialise. */
typedef struct gy_reading_plan {
    uint64_t kinds[GY_CELL_TEXT + 1]; // cells by gy_cell_kind; but for gaps
    uint64_t gaps, gap_words;         // usual spellings of one; of them no NaN
    uint64_t with_comma, with_groups; // cells that are numbers only by a mark of their own: 1,5 and
                                      // 1.234; 1,234.5
    uint64_t point_groups;            // numbers with a point that may part groups of digits: 1.234
    bool sure_comma, sure_groups;     // some cell can only be read so
} gy_reading_plan;

/** Note a cell of a column of text. */
void gy_reading_note(gy_reading_plan *plan, const gy_cell *cell);

/**
 * Decide how a column reads: gaps only where all else is of one type (numbers, bools, dates), a
 * decimal mark only where every cell is a number by it and one by it alone.
 * @param rare_of all but under one in so many; 0: all.
 */
void gy_reading_decide(gy_reading *reading, const gy_reading_plan *plan, uint64_t rare_of);

enum { GY_GAPS_MAX = 16, GY_GAP_BYTES_MAX = 24 };

/** Spellings that stood for no value, in the order met. Zero-initialise. */
typedef struct gy_gaps {
    struct {
        char text[GY_GAP_BYTES_MAX]; // cut to fit
        size_t length;
        uint64_t count;
    } items[GY_GAPS_MAX];
    size_t count;
    uint64_t others; // cells of spellings beyond those
} gy_gaps;

/**
 * A text column under a reading: still text, cells that are gaps have no value, numbers are spelled
 * with a point. A column that is no text, or whose reading does not differ, is itself.
 * @param view [out] takes its memory from arena, and shares the column's bytes where it can.
 * @param gaps what stood for no value is added; NULL: not wanted.
 */
gy_status gy_reading_apply(gy_column *view, gy_gaps *gaps, const gy_column *column,
                           const gy_reading *reading, size_t rows, gy_arena *arena,
                           gy_error *err) GY_CHECKED;

/** All columns of a table or chunk. @param readings [column_count]; NULL: view is the table. */
gy_status gy_readings_apply(gy_table *view, const gy_table *table, const gy_reading *readings,
                            gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
