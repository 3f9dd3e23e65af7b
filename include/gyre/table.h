// SPDX-License-Identifier: Apache-2.0
//
// Rows: typed columns under ids. What all rooms exchange.
#ifndef GYRE_TABLE_H
#define GYRE_TABLE_H

#include "gyre/arrow.h"
#include "gyre/base.h"
#include "gyre/image.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gy_dtype {
    GY_FLOAT32,
    GY_FLOAT64,
    GY_FLOAT16,
    GY_INT8,
    GY_UINT8,
    GY_INT16,
    GY_UINT16,
    GY_INT32,
    GY_UINT32,
    GY_INT64,
    GY_UINT64,
    GY_BOOL,
    GY_STRING // const char *[count]
} gy_dtype;

enum { GY_RANK_MAX = 8 };

typedef enum gy_column_type {
    GY_COLUMN_NULL,   // no value at all
    GY_COLUMN_BOOL,   // bits, as validity
    GY_COLUMN_INT64,  // int64_t
    GY_COLUMN_FLOAT,  // float
    GY_COLUMN_DOUBLE, // double
    GY_COLUMN_TEXT,   // UTF-8; offsets: int64_t[rows + 1] into values (Arrow's LargeUtf8)
    GY_COLUMN_DATE,   // int32_t, days since 1970-01-01
    GY_COLUMN_TIME,   // int64_t, microseconds since 1970-01-01T00:00:00Z
    GY_COLUMN_TENSOR  // an array of one shape in every row, in C order, one after the other
} gy_column_type;

/** One column, laid out as in the Arrow C Data interface. */
typedef struct gy_column {
    const char *name;
    gy_column_type type;
    size_t null_count;
    const uint8_t *validity; // bit i % 8 of byte i / 8: row i has a value; NULL: all have
    const void *values;
    const int64_t *offsets; // GY_COLUMN_TEXT only
    // GY_COLUMN_TENSOR only: of one row.
    gy_dtype dtype;
    size_t rank, shape[GY_RANK_MAX];
} gy_column;

/** A record that could not be read: its row is there, without values and without an id. */
typedef struct gy_row_fault {
    size_t row;          // in the table, from 0
    size_t line;         // in the file, from 1
    const char *message; // "3 fields, the header has 5"
} gy_row_fault;

/** A table in memory. It lives in the arena it was read into. */
typedef struct gy_table {
    const char *path;   // where it was read from, for messages
    const char *folder; // where the relative paths in its cells start; "" or with a final slash
    gy_column *columns;
    size_t column_count;
    size_t rows;
    size_t first_row;           // number of row 0 in its file, from 1, header not counted
    const gy_row_fault *faults; // by row; only options.tolerant lets there be any
    size_t fault_count;
    // Filled by gy_table_ids; NULL before.
    const gy_id *ids;
    const uint8_t *has_id;       // bit per row: a record that could not be read has none ("-")
    const uint32_t *occurrences; // 0 for the first row of an id, 1 for the next equal row, ...
    const char *file_fault;      // of the first row whose file could not be read; NULL: none
} gy_table;

/** Whether row has a value in column. */
static inline bool gy_column_has(const gy_column *column, size_t row)
{
    return column->type != GY_COLUMN_NULL &&
           (column->validity == NULL || (column->validity[row / 8] >> row % 8 & 1));
}

/** The text of row in a GY_COLUMN_TEXT column that has one. Not NUL-terminated. */
static inline const char *gy_column_text(const gy_column *column, size_t row, size_t *length)
{
    *length = (size_t)(column->offsets[row + 1] - column->offsets[row]);
    return (const char *)column->values + column->offsets[row];
}

/** The column of that name; NULL: there is none. */
GY_API const gy_column *gy_table_column(const gy_table *table, const char *name);

/** How a contract says that a column of text is spelled, where it says so. */
typedef struct gy_spelling {
    const char *column;
    const char *const *missing; // gyre.missing: each stands for no value; NULL: not said
    size_t missing_count;
    char decimal; // gyre.decimal: ',' or '.', the other one parts groups; 0: not said
} gy_spelling;

/** What a contract (ODCS 3.1 YAML) marks; all NULL where there is no contract. Lives in an arena.
 */
typedef struct gy_marks {
    const char *path;           // of the contract; NULL: none
    const char *file_column;    // gyre.file, else "path" if the table has it
    const char *label_column;   // gyre.label, else the first of label, target, class, y
    const char *const *exclude; // gyre.exclude: columns that are not part of an id
    size_t exclude_count;
    const char *const *pii; // gyre.pii: enter ids keyed
    size_t pii_count;
    const gy_spelling *spellings; // gyre.missing, gyre.decimal: nothing to ids
    size_t spelling_count;
} gy_marks;

typedef struct gy_table_options {
    const char *label;    // --label: overrides contract and guess; NULL: not given
    const char *contract; // path; NULL: NAME.contract.yaml beside the table, if there
    size_t limit_bytes;   // of memory for one table; 0: 4 GiB
    size_t threads;       // 0: all
    bool tolerant;        // a record that cannot be read is a row without values and a fault,
                          // instead of GY_FORMAT
} gy_table_options;

/** Whether a path is named as a file of rows: .csv .tsv .jsonl .ndjson .parquet .pq, also .gz. */
GY_API bool gy_table_is_rows(const char *path);

/**
 * Read a table: CSV, TSV, JSONL; Parquet (DuckDB); NPY, NPZ, IDX (.gz too); a folder of images (a
 * row a file: path, and label from the sub-folder). Every CSV cell that spells a number, a bool or
 * a date has that type only if its whole column does; ids do not hang on it. A CSV has a header,
 * is UTF-8, and is separated as its header is (comma, tab, semicolon or bar).
 * @param options NULL: as zeroed.
 * @return GY_OK, GY_NOT_FOUND, GY_FORMAT (err: line and column), GY_UNSUPPORTED, GY_LIMIT, ...
 */
GY_API gy_status gy_table_read(gy_table *table, const char *path, const gy_table_options *options,
                               gy_arena *arena, gy_error *err) GY_CHECKED;

/** The rows of a Parquet, NPY, NPZ or IDX file, from its header where that says it. */
GY_API gy_status gy_table_count(uint64_t *rows, const char *path, gy_error *err) GY_CHECKED;

/** The marks that hold for a table: the option, the contract, the names, in this order. */
GY_API gy_status gy_table_marks(gy_marks *marks, const gy_table *table,
                                const gy_table_options *options, gy_arena *arena,
                                gy_error *err) GY_CHECKED;

/**
 * Give every row its id and occurrence (docs/formats/id.md). A row that names a file has that
 * file's id; relative paths start at the table's folder. A file that cannot be read, or is outside
 * of that folder and its project (GYRE_OUTSIDE in the environment allows it), leaves the row
 * without.
 */
GY_API gy_status gy_table_ids(gy_table *table, const gy_marks *marks, gy_arena *arena,
                              gy_error *err) GY_CHECKED;

/**
 * The table as analysis takes it (docs/formats/reading.md): a text column that holds numbers, bools
 * or dates but for gaps that are spelled (NA, n/a, null, ?, -, ...) has that type, one whose
 * numbers are spelled with a decimal comma or with groups of three digits are numbers. The
 * contract's gyre.missing and gyre.decimal go before. Ids, if there are some, are those of the
 * table: no id hangs on any of this.
 * @param typed [out] may be table; shares what it can with it, takes the rest from arena.
 */
GY_API gy_status gy_table_typed(gy_table *typed, const gy_table *table, const gy_marks *marks,
                                gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * The rows of two tables as one table; columns are those of the first, found in the second by name.
 * @param first, second with ids, which are kept.
 * @param file_column the column that names files: relative paths get their table's folder; NULL:
 * none does.
 * @return GY_OK; GY_INVALID: a column is missing, or of another type; GY_NO_MEMORY.
 */
GY_API gy_status gy_table_append(gy_table *both, const gy_table *first, const gy_table *second,
                                 const char *file_column, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

/**
 * Write a table as CSV (RFC 4180), TSV, JSONL or Parquet, by its ending, in one step.
 * @return GY_OK; GY_UNSUPPORTED: another ending, or a column of tensors; GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_table_write(const gy_table *table, const char *path, gy_error *err) GY_CHECKED;

/** One changed cell. */
typedef struct gy_edit {
    size_t row; // from 0
    const char *column;
    const char *text; // as a CSV cell spells it; NULL or "": no value
} gy_edit;

/** Whether the table at path can be rewritten as `out`, to be asked before long work on it.
 * @return GY_OK; GY_INVALID: another format; GY_UNSUPPORTED: no table, packed; GY_NOT_FOUND. */
GY_API gy_status gy_table_rewrite_check(const char *path, const char *out,
                                        gy_error *err) GY_CHECKED;

/**
 * Write a table again with some cells changed, some rows left out, and perhaps new columns. A CSV,
 * TSV or JSONL keeps the bytes of all that is not changed: spelling, quotes, line breaks, broken
 * records. A column that the table lacks is added behind the others, in the order of the edits.
 *
 * @param out     where to: may be path itself, has its ending.
 * @param edits   rows ascending.
 * @param dropped bit per row: leave it out; NULL: none.
 * @return GY_OK; GY_FORMAT; GY_INVALID: an edit of a row that is not there or cannot be read;
 * GY_UNSUPPORTED: arrays and image folders.
 */
GY_API gy_status gy_table_rewrite(const char *path, const char *out, const gy_edit *edits,
                                  size_t edit_count, const uint8_t *dropped,
                                  gy_error *err) GY_CHECKED;

/**
 * A scan of a table of any size: chunks of at most 65,536 rows, in row order. CSV and Parquet in
 * bounded memory; what else there is is read whole first. A CSV comes as text, cell by cell as it
 * is spelled (a whole column's type would show only at its end); a broken record is a row without
 * values and a fault.
 * @param columns NULL: all. One that the table lacks is GY_INVALID.
 */
typedef struct gy_table_scan gy_table_scan;
GY_API gy_status gy_table_scan_open(gy_table_scan **scan, const char *path,
                                    const char *const *columns, size_t column_count,
                                    gy_error *err) GY_CHECKED;
/** Next chunk, good until the call after; rows 0: the end. */
GY_API gy_status gy_table_scan_next(gy_table_scan *scan, gy_table *chunk, gy_error *err) GY_CHECKED;
GY_API void gy_table_scan_close(gy_table_scan *scan);

// ---- Arrow

/**
 * Give a table as one Arrow struct array, a field a column; no value is copied (bits of boolean
 * tensors are made). Tensors are fixed-size lists, over one axis arrow.fixed_shape_tensor. schema
 * does not need the table.
 * @param done called once, with context, by the thread that releases the last part: the table is
 * no longer needed. Not called after a failure. NULL: the table outlives them.
 * @return GY_OK; GY_UNSUPPORTED: a column of strings in tensors; GY_NO_MEMORY.
 */
GY_API gy_status gy_table_export_arrow(struct ArrowSchema *schema, struct ArrowArray *array,
                                       const gy_table *table, void (*done)(void *context),
                                       void *context, gy_error *err) GY_CHECKED;
/** The same as a stream of one batch. */
GY_API gy_status gy_table_stream_arrow(struct ArrowArrayStream *stream, const gy_table *table,
                                       void (*done)(void *context), void *context,
                                       gy_error *err) GY_CHECKED;

/**
 * Make a table of Arrow arrays, batches of one schema: a struct's fields are columns, what is no
 * struct is one. Values are not copied where the layout is ours and there is one batch: release the
 * arrays after the last use of the table. Dictionaries are resolved; what has no column type of its
 * own becomes what the same column of a Parquet file does.
 * @return GY_OK; GY_UNSUPPORTED: a column of another type; GY_INVALID: two columns of one name;
 * GY_FORMAT: an array that contradicts its schema; GY_NO_MEMORY.
 */
GY_API gy_status gy_table_import_arrow(gy_table *table, const struct ArrowSchema *schema,
                                       const struct ArrowArray *arrays, size_t count,
                                       gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- samples, as judges and models take them

/** The column of a table that a feature is made from. */
typedef struct gy_source {
    const char *name;
    const gy_column *column; // its values, by row_of; NULL: marked gyre.pii, no value is told
} gy_source;

/** A view of labeled samples. It owns nothing; the arrays outlive the call it is given to. */
typedef struct gy_samples {
    const gy_id *ids;      // [rows]
    const float *features; // [rows][cols], row-major, finite
    const int32_t *labels; // [rows], class index from 0; -1: no label
    size_t rows;
    size_t cols;
    // What the features are, where it matters (images: neighbours, duplicates): height x width x
    // channels, channels innermost. 0: a plain table.
    uint32_t width, height, channels;
    const char *const *classes; // [class_count] names, sorted: as numbers if all are whole numbers
    size_t class_count;
    const uint32_t *row_of; // [rows] row of each sample in its table, from 0; broken rows left out
    const char *note; // what a person should know of how they were made, a line each; "" if nothing
    // [rows] equal where rows hold the same text in the columns that features leave out (but for
    // identifiers: each value once, without blanks). NULL: there is none.
    const uint64_t *unseen;
    // [cols] columns of the table; those of one column stand together. NULL: images, tensors.
    const gy_source *sources;
} gy_samples;

/**
 * The samples of a table for judges. Images (the rows' files, or a column of 8-bit tensors): scaled
 * to [0, 1], all to their commonest size, at most 64 x 64. Other tensors as they are. Else the
 * columns: numbers, bools and dates standardised (mean 0, deviation 1; missing: 0, and a 0/1
 * column); text of at most 32 values one-hot; other text, columns of one value, and those that
 * number the rows left out. `note` says what was. A label column that holds a quantity (fractions;
 * over 64 numbers with gaps; under three rows a value) makes no classes: class_count is 0.
 * @param table gets its ids, if it has none yet.
 * @param samples [out] lives as long as arena. Rows without an id, or whose image cannot be
 * decoded, are left out; a row without a label has label -1.
 * @return GY_OK; GY_INVALID: nothing to judge by; GY_LIMIT: over 8 GiB of features.
 */
GY_API gy_status gy_samples_read(gy_samples *samples, gy_table *table, const gy_marks *marks,
                                 gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- arrays

/** One array of an NPY or NPZ file, or of a model's inputs and outputs. C order. */
typedef struct gy_array {
    const char *name; // as in the NPZ, without ".npy"
    gy_dtype dtype;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    size_t count; // product of shape
    void *data;
} gy_array;

GY_API size_t gy_dtype_size(gy_dtype dtype);      // bytes of one element
GY_API const char *gy_dtype_name(gy_dtype dtype); // "float32"

/**
 * Read all arrays of an .npy or .npz (stored or deflated).
 * @return GY_OK; GY_NOT_FOUND; GY_FORMAT: damaged; GY_UNSUPPORTED: a type that is none of ours, no
 * zlib; GY_LIMIT; GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_arrays_read(gy_array **arrays, size_t *count, const char *path, gy_arena *arena,
                                gy_error *err) GY_CHECKED;
/** Write arrays as .npz (stored) or one as .npy, in one step. */
GY_API gy_status gy_arrays_write(const gy_array *arrays, size_t count, const char *path,
                                 gy_error *err) GY_CHECKED;

// ---- findings: what an audit or a person says of samples

typedef enum gy_finding_kind {
    GY_FINDING_LABEL,     // the label is at odds with the sample
    GY_FINDING_OUTLIER,   // the sample belongs to no crowd
    GY_FINDING_DUPLICATE, // the sample is another one, hardly changed
    GY_FINDING_BROKEN     // the sample cannot be judged: it cannot be read, or has no label
} gy_finding_kind;

/** What is said of one sample. Texts live as long as what they were made in. */
typedef struct gy_finding {
    gy_finding_kind kind;
    size_t row;            // in its table, from 0
    bool has_id;           // a record that cannot be read has none
    gy_id id;              // of the sample
    const char *path;      // of the sample's file, as its cell says; NULL: it is a row
    bool is_flagged;       // a finding; else only a score
    double score;          // 0 to 1, higher is worse
    const char *given;     // the label; NULL: none
    const char *suggested; // the label that fits best, or the partner's id; NULL: none
    const char *reason;    // for a person
    const char *rule;      // GY_FINDING_BROKEN: of the contract, "label.validValues"; NULL: none
    const char *soft;      // GY_FINDING_LABEL: JSON object, class to probability; NULL: not known
    size_t partner_row;    // GY_FINDING_DUPLICATE: from 1, of the sample most like it; 0: none
} gy_finding;

/** "label", "outlier", "duplicate", "broken". */
GY_API const char *gy_finding_kind_name(gy_finding_kind kind);

/** Append a finding as one JSON object and a line break (docs/formats/findings.md). */
GY_API void gy_finding_add_json(gy_text *out, const gy_finding *finding);

/** Write findings as JSON lines, in one step. */
GY_API gy_status gy_findings_write(const gy_finding *findings, size_t count, const char *path,
                                   gy_error *err) GY_CHECKED;

/**
 * Read findings from JSON lines; what gyre check --json prints are findings too, but for those of a
 * table as a whole, which are left out. @return GY_OK, GY_NOT_FOUND, GY_FORMAT (err: line), ... */
GY_API gy_status gy_findings_read(gy_finding **findings, size_t *count, const char *path,
                                  gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Complete findings with what their table says: the paths of files (in the reason, that of a
 * duplicate's partner), and a finding (broken) for each row that is not among the samples or has no
 * label.
 * @param findings [in, out] replaced by a longer list in arena.
 */
GY_API gy_status gy_findings_complete(gy_finding **findings, size_t *count, const gy_table *table,
                                      const gy_marks *marks, const gy_samples *samples,
                                      gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Keep what a deed ("audit", "check") found in a table in its project (.gyre/DEED), as JSON lines
 * under the table's present content, and find it again there.
 * @param fresh [out] false: the same was kept there before. NULL will do.
 * @return GY_OK; GY_NOT_FOUND: nothing is kept for this content; GY_IO, GY_FORMAT, GY_NO_MEMORY.
 */
GY_API gy_status gy_findings_keep(bool *fresh, const gy_text *lines, const char *deed,
                                  const char *project, const gy_table *table,
                                  gy_error *err) GY_CHECKED;
GY_API gy_status gy_findings_kept(gy_finding **findings, size_t *count, const char *deed,
                                  const char *project, const gy_table *table, gy_arena *arena,
                                  gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
