// SPDX-License-Identifier: Apache-2.0
//
// Records of a CSV file (RFC 4180, with what is common beside it), one after the other, without
// copying.
#ifndef GYRE_TABLE_CSV_H
#define GYRE_TABLE_CSV_H

#include "gyre/table.h"

enum { GY_CSV_COLUMNS_MAX = 65536 };

typedef struct gy_csv_field {
    const char *text; // between the quotes, if it is quoted
    size_t length;
    bool quoted;
    bool escaped; // holds "" for each "
} gy_csv_field;

typedef struct gy_csv {
    const char *path;
    const char *bytes, *end;
    const char *at; // the next record
    size_t line;    // its line, from 1
    char separator;
    size_t columns;
    const char **names;
    gy_csv_field *fields; // [columns] of the last record
    const char *record;   // where the last record starts and ends, without its line break
    const char *record_end;
    size_t record_line;
    char fault[200]; // what is wrong with the last record
} gy_csv;

typedef enum gy_csv_state {
    GY_CSV_RECORD,
    GY_CSV_FAULT, // csv->fault says why; the next record starts on the next line
    GY_CSV_END
} gy_csv_state;

/**
 * Start with the header: UTF-8, perhaps with a byte order mark. The separator is a comma, unless
 * the header has none but a tab, semicolon or bar. A column without a name is `column_N`.
 * @return GY_OK; GY_FORMAT: no header, a name twice, UTF-16; GY_LIMIT; GY_NO_MEMORY.
 */
gy_status gy_csv_open(gy_csv *csv, const char *bytes, size_t size_bytes, const char *path,
                      gy_arena *arena, gy_error *err) GY_CHECKED;

/** The next record; blank lines are skipped when there is more than one column. */
gy_csv_state gy_csv_next(gy_csv *csv);

/** Go back to the first record. */
void gy_csv_rewind(gy_csv *csv, const char *first, size_t line);

/** The field's text with its quotes undone; out has room for field->length. @return its length. */
size_t gy_csv_text(char *out, const gy_csv_field *field);

/** Append a cell as CSV, quoted if it must be. */
void gy_csv_write(gy_text *out, const char *text, size_t length, char separator);

#endif
