// SPDX-License-Identifier: Apache-2.0
//
// What the cells of a table are: what a schema is inferred from.
#ifndef GYRE_QUALITY_SURVEY_H
#define GYRE_QUALITY_SURVEY_H

#include "base/map.h"
#include "table/reading.h"

enum { GY_SURVEY_VALUES_MAX = 1000 };

typedef struct gy_survey_value {
    const char *text;
    size_t length;
    size_t count;
} gy_survey_value;

typedef struct gy_survey_column {
    const char *name;
    size_t kinds[GY_CELL_TEXT + 1]; // rows by gy_cell_kind
    bool spelled;                   // some cell was text: a text column
    double least, most;             // of finite numbers
    int64_t first, last;            // of dates and times, microseconds
    gy_text_map places;
    gy_survey_value *values; // the different ones, until there are too many
    size_t value_count;
    bool many;     // over GY_SURVEY_VALUES_MAX different values
    bool distinct; // all values up to there were different
    gy_reading reading;
    gy_reading_plan plan;
    gy_gaps gaps; // what stood for no value
} gy_survey_column;

typedef struct gy_survey {
    size_t rows, faults;
    gy_survey_column *columns;
    size_t column_count;
} gy_survey;

/**
 * Scan a table, and once more the columns whose gaps or decimal marks have a spelling of their own.
 * @param survey [out] in arena. @return as gy_table_scan_open.
 */
gy_status gy_survey_table(gy_survey *survey, const char *path, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#endif
