// SPDX-License-Identifier: Apache-2.0
//
// The rules of a contract, ready to be applied to columns.
#ifndef GYRE_QUALITY_RULE_H
#define GYRE_QUALITY_RULE_H

#include "base/map.h"
#include "quality/pattern.h"
#include "table/cell.h"
#include "table/contract.h"
#include "table/reading.h"

typedef enum gy_rule_kind {
    GY_RULE_READABLE, // a record that could be read
    GY_RULE_EXISTS,   // the table has the column
    GY_RULE_REQUIRED,
    GY_RULE_TYPE,
    GY_RULE_LEAST, // minimum, exclusiveMinimum
    GY_RULE_MOST,  // maximum, exclusiveMaximum
    GY_RULE_SHORTEST,
    GY_RULE_LONGEST,
    GY_RULE_PATTERN,
    GY_RULE_VALUES,  // one of a list
    GY_RULE_MISSING, // none of a list that stands for "missing"
    GY_RULE_UNIQUE,  // by one or several columns
    GY_RULE_FILE,    // the file is there
    GY_RULE_IMAGE,   // and is an image
    GY_RULE_ROW_COUNT,
    GY_RULE_SQL
} gy_rule_kind;

typedef enum gy_logical_type {
    GY_LOGICAL_ANY, // string: every value can be one
    GY_LOGICAL_INTEGER,
    GY_LOGICAL_NUMBER,
    GY_LOGICAL_BOOLEAN,
    GY_LOGICAL_DATE,
    GY_LOGICAL_TIMESTAMP
} gy_logical_type;

/** What a rule's count must be: mustBe 0 unless the contract says else. */
typedef struct gy_rule_bound {
    enum {
        GY_BE,
        GY_NOT_BE,
        GY_ABOVE,
        GY_AT_LEAST,
        GY_BELOW,
        GY_AT_MOST,
        GY_WITHIN,
        GY_OUTSIDE
    } kind;
    double low, high;
    bool percent; // of the rows, not rows
} gy_rule_bound;

typedef struct gy_rule {
    gy_rule_kind kind;
    const char *name;   // "label.validValues"
    const char *column; // NULL: of the table
    bool warning;
    bool single; // one failing row breaks it
    gy_rule_bound bound;
    gy_logical_type type;
    gy_cell limit; // LEAST, MOST
    bool exclusive;
    size_t length;
    gy_pattern *pattern;
    const char *pattern_text;
    gy_text_map values; // VALUES, MISSING: their spellings
    gy_cell *cells;     // [cell_count] the same as values
    size_t cell_count;
    const char **columns;       // UNIQUE
    const gy_reading *readings; // [column_count] of them; NULL: each cell alone
    size_t column_count;
    const char *query; // SQL

    // Of the check that runs.
    size_t place;   // of the column in the scan
    uint64_t *rows; // UNIQUE, SQL: the failing rows, ascending, from 0
    size_t row_count, row_next;
    size_t failing;
    double metric;
    bool told_whole; // SQL, ROW_COUNT, EXISTS: the table as a whole
    bool broken;
    const char *why;
} gy_rule;

typedef struct gy_rules {
    gy_rule *items;
    size_t count, room;
    const char *path; // of the contract
    gy_arena *arena;
} gy_rules;

/** All rules of a contract's schema. @return GY_FORMAT: err names what is not known, and its line.
 */
gy_status gy_rules_read(gy_rules *rules, const gy_json *schema, const char *path, gy_arena *arena,
                        gy_error *err) GY_CHECKED;

/** Whether a count of rows, or a number that a query gave, is as the bound says. */
bool gy_rule_holds(const gy_rule_bound *bound, double value, size_t rows);

#endif
