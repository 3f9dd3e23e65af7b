// SPDX-License-Identifier: Apache-2.0
//
// What a table should be, what it is, where the two differ, and what findings mean for it: schema,
// check, profile, clean.
#ifndef GYRE_QUALITY_H
#define GYRE_QUALITY_H

#include "gyre/table.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- check

/** One row, or the table as a whole, that breaks one rule. */
typedef struct gy_failure {
    size_t row;         // from 1, header not counted; 0: the table as a whole
    const gy_id *id;    // NULL: the row has none
    const char *rule;   // "label.validValues"
    const char *column; // NULL: no single one
    const char *value;  // the cell's spelling; not NUL-terminated; NULL: none, or personal
    size_t value_length;
    const char *why; // "not one of 10 valid values"
    bool warning;    // its severity is not error
    bool broken;     // the row itself is at fault: neither a warning, nor a rule of several rows
                     // (unique, a share of them)
} gy_failure;

/** Called for each failure, in the order of rows, then of rules. A failure it returns ends the
 * check. */
typedef gy_status gy_failure_sink(void *context, const gy_failure *failure, gy_error *err);

typedef struct gy_rule_result {
    const char *name;
    size_t failing; // rows
    bool broken;
    bool warning;
} gy_rule_result;

typedef struct gy_check_result {
    size_t rows, failing_rows;
    const gy_rule_result *rules;
    size_t rule_count, broken_count;
    bool refused; // a rule of severity error is broken
} gy_check_result;

typedef struct gy_check_options {
    const char *contract;                         // NULL: NAME.contract.yaml beside the table
    size_t threads;                               // 0: all
    void (*progress)(void *context, size_t rows); // NULL: none
    void *progress_context;
} gy_check_options;

/**
 * Check a table against its contract (docs/formats/contract.md): every failing row by number and
 * id. CSV and Parquet of any size in bounded memory.
 *
 * @param sink what to do with each failure; NULL: count only.
 * @param result lives in arena.
 * @return GY_OK, also when rules are broken; GY_NOT_FOUND: no table or contract; GY_FORMAT: the
 * contract is broken or has a rule that is not known: err names it and its line.
 */
GY_API gy_status gy_check(gy_check_result *result, const char *path,
                          const gy_check_options *options, gy_failure_sink *sink, void *context,
                          gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- schema

/**
 * Write down what a table seems to be as a contract to edit: types, what is required and unique,
 * the few values of a category, which column names files, which is the label. What under one in a
 * hundred rows is otherwise is taken for a fault: the contract says in a comment what was judged
 * so, and gy_check then reports exactly that.
 *
 * @param yaml  [out] the contract's text; the caller releases it, also after a failure.
 * @param label the label's column; NULL: as in gy_table_marks.
 * @return GY_OK; GY_INVALID: no column of that name; GY_NO_MEMORY; as gy_table_scan_open.
 */
GY_API gy_status gy_schema_infer(gy_text *yaml, const char *path, const char *label,
                                 gy_error *err) GY_CHECKED;

/** Write a contract's text to a file, in one step. @return GY_OK, GY_IO, GY_NO_MEMORY. */
GY_API gy_status gy_schema_write(const gy_text *yaml, const char *path, gy_error *err) GY_CHECKED;

/** The same contract as JSON, in one line, without its comments. */
GY_API gy_status gy_schema_to_json(gy_text *json, const gy_text *yaml, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

// ---- profile

enum {
    GY_PROFILE_QUANTILES = 5,
    GY_PROFILE_COMMON = 10,
    GY_PROFILE_SIZES = 8,
    GY_PROFILE_GAPS = 16
};

/** A value and how many rows hold it. */
typedef struct gy_profile_value {
    const char *text;
    uint64_t count; // at least
} gy_profile_value;

typedef struct gy_profile_column {
    const char *name;
    const char *type; // as in a contract: integer, number, boolean, date, timestamp, string; "" if
                      // no row has a value
    uint64_t odd;     // values that are not of the type: under one in a hundred
    uint64_t missing; // null, "", NaN, or spelled so, below
    uint64_t infinite;
    uint64_t distinct; // different values: exact up to 1,000, else within 3 % (.8 % is usual)
    bool distinct_exact;
    // Of numbers; NaN if there are none. Of dates and times: microseconds since 1970.
    double least, most, mean, deviation;
    double quantiles[GY_PROFILE_QUANTILES]; // 5, 25, 50, 75, 95 %
    double quantile_error;                  // their ranks are no further off, as a share
    // Of text, in bytes.
    uint64_t shortest, longest;
    double mean_length;
    bool personal; // marked gyre.pii: no value is told
    // Spellings that stand for no value in this column (docs/formats/reading.md), in the order met.
    gy_profile_value gaps[GY_PROFILE_GAPS];
    size_t gap_count;
    uint64_t gap_words; // of a column of words: cells spelled so, which are words here
    char decimal; // ',' or '.': how its numbers are spelled, the other mark parts groups; 0: plain
    gy_profile_value common[GY_PROFILE_COMMON];
    size_t common_count;
} gy_profile_column;

/** Of the images that the rows name. */
typedef struct gy_profile_images {
    uint64_t decoded, undecodable, missing_files;
    struct {
        uint32_t width, height, channels;
        uint64_t count;
    } sizes[GY_PROFILE_SIZES]; // the commonest first
    size_t size_count;
    uint64_t other_sizes;                    // images of sizes beyond those
    double brightness[GY_PROFILE_QUANTILES]; // quantiles of the images' mean pixel, 0 to 255
} gy_profile_images;

typedef struct gy_profile {
    uint64_t rows, unreadable; // records that cannot be read
    gy_profile_column *columns;
    size_t column_count;
    const gy_profile_images *images; // NULL: the rows name none
} gy_profile;

typedef struct gy_profile_options {
    const char *contract; // for its marks; NULL: NAME.contract.yaml beside the table, if there
    size_t threads;
    void (*progress)(void *context, size_t rows); // NULL: none
    void *progress_context;
} gy_profile_options;

/**
 * Say what a table holds, in one scan, a second one of the columns whose gaps or decimal marks have
 * a spelling of their own, and bounded memory (about 1 MB a column).
 * @param profile [out] lives in arena.
 * @param options NULL: as zeroed.
 * @return GY_OK; GY_NO_MEMORY; what reading the contract and scanning the table return.
 */
GY_API gy_status gy_profile_table(gy_profile *profile, const char *path,
                                  const gy_profile_options *options, gy_arena *arena,
                                  gy_error *err) GY_CHECKED;

/** Spell a date or time of a profile, ISO 8601, by its column's type. */
GY_API void gy_profile_spell(char out[40], const gy_profile_column *column, double value);

// ---- clean

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

/** Rows that go because one rule, or the audit, says that they are broken. */
typedef struct gy_broken_rows {
    const char *rule; // "label.validValues"; of an audit its reason
    size_t rows;      // each counted under the first rule it breaks
} gy_broken_rows;

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
    size_t kept_outliers;         // that stay
    const gy_broken_rows *broken; // [broken_count] dropped_broken by rule, as first met
    size_t broken_count;
    const gy_edit *reasons; // why each broken row goes, rows ascending: of column gyre_reason
    size_t reason_count;
} gy_cleaning;

/**
 * Say what findings mean for a table, by a recipe. Nothing is written: see gy_table_rewrite.
 *
 * Findings are matched by row and id: a sample that has moved is found by its id. Findings that are
 * not flagged count for soft labels alone.
 * @param table    with ids.
 * @return GY_OK; GY_INVALID: there are findings on labels but the table has no label column, or a
 * finding speaks of a sample that is not in it; GY_NO_MEMORY.
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

/**
 * Write the broken rows that go as a table of their own, in one step: their bytes as they are, and
 * a column gyre_reason, which a record that cannot be read lacks.
 * @param out has the table's ending. @return GY_UNSUPPORTED: an image folder, arrays; ...
 */
GY_API gy_status gy_clean_quarantine(const gy_cleaning *cleaning, const gy_table *table,
                                     const char *out, gy_arena *arena, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
