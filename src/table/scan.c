// SPDX-License-Identifier: Apache-2.0
//
// Tables chunk by chunk: a CSV from the mapped file, Parquet from DuckDB's vectors, what else there
// is from memory.

#include <stdio.h>
#include <string.h>

#include "base/thread.h"
#include "table/ahead.h"
#include "table/build.h"
#include "table/csv.h"
#include "table/parquet.h"
#include "table/read.h"

enum {
    CSV_ROWS = 8192,
    MEMORY_ROWS = 65536,
    SCAN_MEMORY_BYTES = 96 << 20,
    AHEAD_ROWS_MIN = 20000 // a table that is longer is worth a thread
};

struct gy_table_scan {
    gy_table_format format;
    const char *path, *folder;
    char what[600];
    size_t rows; // given so far
    size_t column_count;
    gy_column *columns; // of the chunk
    gy_arena *arena;    // as long as the scan
    gy_arena *chunk;    // as long as one chunk
    // CSV
    gy_table_bytes file;
    bool file_open;
    gy_csv csv;
    size_t *fields; // [column_count] which field of a record
    gy_text *texts; // [column_count]
    // Parquet
    gy_duckdb duckdb;
    gy_duckdb_scan parquet;
    gy_ahead *ahead; // reads on with it; NULL: not started
    // anything else
    gy_table table;
};

static gy_status no_column(const gy_table_scan *scan, const char *name, gy_error *err)
{
    return gy_fail(err, GY_INVALID, "'%s' has no column '%s'", scan->path, name);
}

// ---- CSV

static gy_status open_csv(gy_table_scan *scan, const char *const *columns, size_t column_count,
                          gy_error *err)
{
    GY_TRY(gy_table_bytes_open(&scan->file, scan->path, (size_t)GY_TABLE_GIB_DEFAULT << 30, err));
    scan->file_open = true;
    GY_TRY(gy_csv_open(&scan->csv, scan->file.bytes, scan->file.size_bytes, scan->path, scan->arena,
                       err));
    scan->column_count = columns == NULL ? scan->csv.columns : column_count;
    scan->fields = GY_NEW(scan->arena, size_t, scan->column_count + 1);
    scan->texts = GY_NEW(scan->arena, gy_text, scan->column_count + 1);
    scan->columns = GY_NEW(scan->arena, gy_column, scan->column_count + 1);
    if (scan->fields == NULL || scan->texts == NULL || scan->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", scan->column_count);
    for (size_t i = 0; i < scan->column_count; i++) {
        size_t field = i;
        for (field = 0; field < scan->csv.columns; field++)
            if (columns == NULL ? field == i : strcmp(scan->csv.names[field], columns[i]) == 0)
                break;
        if (field == scan->csv.columns)
            return no_column(scan, columns[i], err);
        scan->fields[i] = field;
        scan->columns[i].name = scan->csv.names[field];
        scan->columns[i].type = GY_COLUMN_TEXT;
    }
    return GY_OK;
}

static void add_cell(gy_column *column, gy_text *text, const gy_csv_field *field, size_t row)
{
    size_t length = 0;
    if (field != NULL && !field->escaped) {
        length = field->length;
        gy_text_append(text, field->text, length);
    } else if (field != NULL) {
        size_t before = text->length;
        gy_text_append(text, field->text, field->length); // room for more than is needed
        if (text->status == GY_OK)
            length = gy_csv_text(text->bytes + before, field);
        text->length = before + length;
    }
    ((int64_t *)column->offsets)[row + 1] = (int64_t)text->length;
    if (length > 0)
        ((uint8_t *)column->validity)[row / 8] |= (uint8_t)(1u << row % 8);
    else
        column->null_count++;
}

static gy_status next_csv(gy_table_scan *scan, gy_table *chunk, gy_error *err)
{
    for (size_t c = 0; c < scan->column_count; c++) {
        gy_column *column = &scan->columns[c];
        scan->texts[c].length = 0;
        column->null_count = 0;
        column->offsets = GY_NEW(scan->chunk, int64_t, CSV_ROWS + 1);
        column->validity = GY_NEW(scan->chunk, uint8_t, CSV_ROWS / 8);
        if (column->offsets == NULL || column->validity == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to %s", scan->what);
    }
    for (gy_csv_state state;
         chunk->rows < CSV_ROWS && (state = gy_csv_next(&scan->csv)) != GY_CSV_END; chunk->rows++) {
        if (state == GY_CSV_FAULT)
            GY_TRY(gy_table_add_fault(chunk, chunk->rows, scan->csv.record_line, scan->csv.fault,
                                      scan->chunk, err));
        for (size_t c = 0; c < scan->column_count; c++)
            add_cell(&scan->columns[c], &scan->texts[c],
                     state == GY_CSV_FAULT ? NULL : &scan->csv.fields[scan->fields[c]],
                     chunk->rows);
    }
    for (size_t c = 0; c < scan->column_count; c++) {
        if (scan->texts[c].status != GY_OK)
            return gy_fail(err, GY_NO_MEMORY, "no memory to %s", scan->what);
        scan->columns[c].values = scan->texts[c].bytes == NULL ? "" : scan->texts[c].bytes;
    }
    return GY_OK;
}

// ---- Parquet

static gy_status open_parquet(gy_table_scan *scan, const char *const *columns, size_t column_count,
                              gy_error *err)
{
    gy_text from = {0};
    GY_TRY(gy_duckdb_open(&scan->duckdb, SCAN_MEMORY_BYTES, 1, err));
    gy_status status = gy_parquet_source(&from, scan->path, err);
    if (status == GY_OK)
        status = gy_duckdb_scan_open(&scan->parquet, &scan->duckdb, from.bytes, columns,
                                     column_count, scan->what, err);
    gy_text_release(&from);
    scan->column_count = scan->parquet.column_count;
    scan->columns = scan->parquet.columns;
    return status;
}

static gy_status next_parquet(gy_table_scan *scan, gy_table *chunk, gy_error *err)
{
    if (scan->ahead == NULL && scan->rows >= AHEAD_ROWS_MIN && gy_thread_count() > 1) {
        gy_status status = gy_ahead_open(&scan->ahead, &scan->parquet, err);
        if (status != GY_OK && status != GY_UNSUPPORTED)
            return status;
    }
    if (scan->ahead != NULL)
        return gy_ahead_next(&chunk->columns, &chunk->rows, scan->ahead, err);
    gy_status status = gy_duckdb_scan_next(&scan->parquet, scan->chunk, err);
    chunk->rows = scan->parquet.row_count;
    return status;
}

// ---- from memory

static gy_status open_memory(gy_table_scan *scan, const char *const *columns, size_t column_count,
                             gy_error *err)
{
    const gy_table_options options = {.tolerant = true};
    GY_TRY(gy_table_read(&scan->table, scan->path, &options, scan->arena, err));
    scan->column_count = columns == NULL ? scan->table.column_count : column_count;
    scan->columns = GY_NEW(scan->arena, gy_column, scan->column_count + 1);
    if (scan->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", scan->column_count);
    for (size_t i = 0; i < scan->column_count; i++) {
        const gy_column *from =
            columns == NULL ? &scan->table.columns[i] : gy_table_column(&scan->table, columns[i]);
        if (from == NULL)
            return no_column(scan, columns[i], err);
        scan->columns[i] = *from;
    }
    return GY_OK;
}

static size_t count_nulls(const gy_column *column, size_t rows)
{
    size_t nulls = 0;
    for (size_t row = 0; row < rows; row++)
        nulls += !gy_column_has(column, row);
    return nulls;
}

// The columns move on by MEMORY_ROWS, a multiple of 8: bits stay where they are in their bytes.
static void next_memory(gy_table_scan *scan, gy_table *chunk)
{
    size_t first = scan->rows, left = scan->table.rows - first;
    chunk->rows = left < MEMORY_ROWS ? left : MEMORY_ROWS;
    for (size_t c = 0; c < scan->column_count && first > 0 && left > 0; c++) {
        gy_column *column = &scan->columns[c];
        size_t bytes = column->type == GY_COLUMN_BOOL ? MEMORY_ROWS / 8
                                                      : MEMORY_ROWS * gy_column_value_bytes(column);
        if (column->validity != NULL)
            column->validity += MEMORY_ROWS / 8;
        if (column->type == GY_COLUMN_TEXT)
            column->offsets += MEMORY_ROWS;
        else if (column->values != NULL)
            column->values = (const char *)column->values + bytes;
    }
    for (size_t c = 0; c < scan->column_count; c++)
        scan->columns[c].null_count = count_nulls(&scan->columns[c], chunk->rows);
}

static gy_status give_faults(gy_table_scan *scan, gy_table *chunk, gy_error *err)
{
    for (size_t i = 0; i < scan->table.fault_count; i++) {
        const gy_row_fault *fault = &scan->table.faults[i];
        if (fault->row >= scan->rows && fault->row < scan->rows + chunk->rows)
            GY_TRY(gy_table_add_fault(chunk, fault->row - scan->rows, fault->line, fault->message,
                                      scan->chunk, err));
    }
    return GY_OK;
}

// ----

static gy_status open_scan(gy_table_scan *scan, const char *path, const char *const *columns,
                           size_t column_count, gy_error *err)
{
    const char *slash = strrchr(path, '/');
    GY_TRY(gy_table_format_of(&scan->format, path, err));
    scan->path = gy_arena_copy(scan->arena, path, strlen(path));
    scan->folder =
        scan->format == GY_TABLE_FOLDER
            ? gy_arena_format(scan->arena, "%s/", path)
            : gy_arena_copy(scan->arena, path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
    scan->chunk = gy_arena_new(0);
    if (scan->path == NULL || scan->folder == NULL || scan->chunk == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    snprintf(scan->what, sizeof(scan->what), "read '%.500s'", path);
    if (scan->format == GY_TABLE_CSV)
        return open_csv(scan, columns, column_count, err);
    if (scan->format == GY_TABLE_PARQUET)
        return open_parquet(scan, columns, column_count, err);
    return open_memory(scan, columns, column_count, err);
}

gy_status gy_table_scan_open(gy_table_scan **scan, const char *path, const char *const *columns,
                             size_t column_count, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    *scan = arena == NULL ? NULL : GY_NEW(arena, gy_table_scan, 1);
    if (*scan == NULL) {
        gy_arena_free(arena);
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    }
    (*scan)->arena = arena;
    gy_status status = open_scan(*scan, path, columns, column_count, err);
    if (status != GY_OK) {
        gy_table_scan_close(*scan);
        *scan = NULL;
    }
    return status;
}

gy_status gy_table_scan_next(gy_table_scan *scan, gy_table *chunk, gy_error *err)
{
    gy_arena_rewind(scan->chunk, (gy_arena_mark){NULL, 0});
    *chunk = (gy_table){.path = scan->path,
                        .folder = scan->folder,
                        .columns = scan->columns,
                        .column_count = scan->column_count,
                        .first_row = scan->rows + 1};
    gy_status status = GY_OK;
    if (scan->format == GY_TABLE_CSV) {
        status = next_csv(scan, chunk, err);
    } else if (scan->format == GY_TABLE_PARQUET) {
        status = next_parquet(scan, chunk, err);
    } else {
        next_memory(scan, chunk);
        status = give_faults(scan, chunk, err);
    }
    scan->rows += chunk->rows;
    return status;
}

void gy_table_scan_close(gy_table_scan *scan)
{
    if (scan == NULL)
        return;
    for (size_t c = 0; scan->texts != NULL && c < scan->column_count; c++)
        gy_text_release(&scan->texts[c]);
    if (scan->file_open)
        gy_table_bytes_close(&scan->file);
    gy_ahead_close(scan->ahead);
    if (scan->parquet.rows != NULL)
        gy_duckdb_scan_close(&scan->parquet);
    gy_duckdb_close(&scan->duckdb);
    gy_arena_free(scan->chunk);
    gy_arena_free(scan->arena);
}
