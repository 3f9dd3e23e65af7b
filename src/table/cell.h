// SPDX-License-Identifier: Apache-2.0
//
// What one cell says, read alone: the same text means the same value in every format
// (docs/formats/id.md).
#ifndef GYRE_TABLE_CELL_H
#define GYRE_TABLE_CELL_H

#include "gyre/table.h"

typedef enum gy_cell_kind {
    GY_CELL_NULL,
    GY_CELL_BOOL,
    GY_CELL_INTEGER, // fits an int64_t
    GY_CELL_BIG,     // an integer that does not
    GY_CELL_NUMBER,  // a double
    GY_CELL_DATE,
    GY_CELL_TIME,
    GY_CELL_TEXT
} gy_cell_kind;

typedef struct gy_cell {
    gy_cell_kind kind;
    union {
        bool boolean;
        int64_t integer; // INTEGER; DATE: days; TIME: microseconds
        double number;
    } as;
    const char *text; // BIG and TEXT: into what was read
    size_t length;
} gy_cell;

/**
 * Read text: empty is null; `true`, `false` (also True, TRUE, ...); `-12` (no `+`, no needless
 * leading zero); `-1.5e3`, `.5`, `nan`, `inf`; `2024-02-29`; `2024-02-29T12:30:15.25+01:00` (a
 * blank in place of T, no seconds or no zone will do); all else is text. Blanks around anything but
 * text do not count.
 */
void gy_cell_read(gy_cell *cell, const char *text, size_t length);

/** The value of a row in a column, as gy_cell_read would have read its spelling. */
void gy_cell_of(gy_cell *cell, const gy_column *column, size_t row);

/** Whether an integer keeps its canonical form as a double. */
bool gy_cell_integer_is_double(int64_t integer);

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back.
int32_t gy_days_of_date(int32_t year, uint32_t month, uint32_t day);
void gy_date_of_days(int32_t *year, uint32_t *month, uint32_t *day, int64_t days);

enum { GY_CELL_BYTES_MAX = 40 };

/** Spell a value that is no text as ISO 8601 or JSON would. @return length. NUL-terminated. */
size_t gy_cell_spell(char out[GY_CELL_BYTES_MAX], const gy_cell *cell);

#endif
