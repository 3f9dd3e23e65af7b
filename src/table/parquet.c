// SPDX-License-Identifier: Apache-2.0
//
// Parquet through DuckDB, into columns of exact size: their number of rows stands in the file.

#include "table/parquet.h"

#include <stdio.h>
#include <string.h>

#include "table/build.h"
#include "table/read.h"

typedef struct reading {
    gy_table *table;
    gy_duckdb duckdb;
    gy_duckdb_scan scan;
    gy_text *texts; // [columns] bytes of text columns
    size_t rows;    // filled
    size_t limit_bytes;
    gy_arena *arena;
} reading;

gy_status gy_parquet_source(gy_text *sql, const char *path, gy_error *err)
{
    if (strpbrk(path, "*?[") != NULL)
        return gy_fail(err, GY_UNSUPPORTED,
                       "cannot read '%s': a Parquet file's name must have no * ? or [", path);
    gy_text_add(sql, "read_parquet(");
    gy_duckdb_quote(sql, path, '\'');
    gy_text_add(sql, ", hive_partitioning = false)");
    return sql->status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a statement");
}

static gy_status count_rows(size_t *rows, gy_duckdb *duckdb, const char *from, const char *what,
                            gy_error *err)
{
    gy_duckdb_scan scan;
    gy_text sql = {0};
    gy_text_add(&sql, "(SELECT count(*) AS n FROM %s)", from);
    gy_status status = sql.status != GY_OK
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for a statement")
                           : gy_duckdb_scan_open(&scan, duckdb, sql.bytes, NULL, 0, what, err);
    gy_text_release(&sql);
    GY_TRY(status);
    status = gy_duckdb_scan_next(&scan, scan.arena, err);
    if (status == GY_OK)
        *rows = scan.row_count == 1 ? (size_t)*(const int64_t *)scan.columns[0].values : 0;
    gy_duckdb_scan_close(&scan);
    return status;
}

// DuckDB reads a decimal of over 38 digits as a double that has lost most of them.
static gy_status check_decimals(gy_duckdb *duckdb, const char *path, const char *what,
                                gy_error *err)
{
    gy_duckdb_scan scan;
    gy_text sql = {0};
    gy_text_add(&sql, "(SELECT name FROM parquet_schema(");
    gy_duckdb_quote(&sql, path, '\'');
    gy_text_add(&sql, ") WHERE precision > 38 LIMIT 1)");
    gy_status status = sql.status != GY_OK
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for a statement")
                           : gy_duckdb_scan_open(&scan, duckdb, sql.bytes, NULL, 0, what, err);
    gy_text_release(&sql);
    GY_TRY(status);
    status = gy_duckdb_scan_next(&scan, scan.arena, err);
    if (status == GY_OK && scan.row_count > 0)
        status =
            gy_fail(err, GY_UNSUPPORTED,
                    "cannot %s: column '%.*s' holds decimals of over 38 digits (write them as "
                    "text)",
                    what, (int)scan.columns[0].offsets[1], (const char *)scan.columns[0].values);
    gy_duckdb_scan_close(&scan);
    return status;
}

static gy_status take_columns(reading *in, gy_error *err)
{
    gy_table *table = in->table;
    table->column_count = in->scan.column_count;
    table->columns = GY_NEW(in->arena, gy_column, table->column_count + 1);
    in->texts = GY_NEW(in->scan.arena, gy_text, table->column_count + 1);
    if (table->columns == NULL || in->texts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    if (table->column_count > 0 && table->rows > in->limit_bytes / 8 / table->column_count)
        return gy_fail(err, GY_LIMIT, "'%s' (%zu rows) takes over %zu bytes of memory", table->path,
                       table->rows, in->limit_bytes);
    for (size_t i = 0; i < table->column_count; i++) {
        const gy_column *from = &in->scan.columns[i];
        const char *name = gy_arena_copy(in->arena, from->name, strlen(from->name));
        // Whether any value is missing shows later; a validity map that is full goes then.
        const gy_column_plan plan = {.null_count = 1};
        if (name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
        GY_TRY(gy_column_take(&table->columns[i], &plan, name, from->type, table->rows, in->arena,
                              err));
        table->columns[i].null_count = 0;
    }
    return GY_OK;
}

static void copy_bits(uint8_t *to, size_t first, const uint8_t *from, size_t count)
{
    if (first % 8 == 0 && from != NULL) {
        memcpy(to + first / 8, from, (count + 7) / 8);
        if (count % 8 != 0)
            to[first / 8 + count / 8] &= (uint8_t)((1u << count % 8) - 1);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (from == NULL || (from[i / 8] >> i % 8 & 1) != 0)
            to[(first + i) / 8] |= (uint8_t)(1u << (first + i) % 8);
}

static gy_status add_text(reading *in, gy_column *to, const gy_column *from, gy_text *bytes,
                          gy_error *err)
{
    size_t rows = in->scan.row_count, length = (size_t)from->offsets[rows];
    int64_t *offsets = (int64_t *)to->offsets + in->rows;
    if (bytes->length + length > in->limit_bytes)
        return gy_fail(err, GY_LIMIT, "column '%s' of '%s' takes over %zu bytes of memory",
                       to->name, in->table->path, in->limit_bytes);
    for (size_t row = 0; row < rows; row++)
        offsets[row + 1] = (int64_t)bytes->length + from->offsets[row + 1];
    gy_text_append(bytes, from->values, length);
    if (bytes->status != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s' of '%s'", to->name,
                       in->table->path);
    return GY_OK;
}

static gy_status add_chunk(reading *in, gy_error *err)
{
    size_t rows = in->scan.row_count;
    if (rows > in->table->rows - in->rows)
        return gy_fail(err, GY_FORMAT, "'%s' has more rows than it says (%zu)", in->table->path,
                       in->table->rows);
    for (size_t i = 0; i < in->table->column_count; i++) {
        gy_column *to = &in->table->columns[i];
        const gy_column *from = &in->scan.columns[i];
        to->null_count += from->null_count;
        copy_bits((uint8_t *)to->validity, in->rows, from->validity, rows);
        size_t size = gy_column_value_bytes(to);
        if (to->type == GY_COLUMN_TEXT)
            GY_TRY(add_text(in, to, from, &in->texts[i], err));
        else if (to->type == GY_COLUMN_BOOL)
            copy_bits((uint8_t *)to->values, in->rows, from->values, rows);
        else
            memcpy((char *)to->values + in->rows * size, from->values, rows * size);
    }
    in->rows += rows;
    return GY_OK;
}

static gy_status end_columns(reading *in, gy_error *err)
{
    if (in->rows != in->table->rows)
        return gy_fail(err, GY_FORMAT, "'%s' says it has %zu rows, but ends after %zu",
                       in->table->path, in->table->rows, in->rows);
    for (size_t i = 0; i < in->table->column_count; i++) {
        gy_column *column = &in->table->columns[i];
        gy_text *bytes = &in->texts[i];
        if (column->null_count == 0)
            column->validity = NULL;
        if (column->type != GY_COLUMN_TEXT)
            continue;
        column->values = bytes->bytes == NULL ? "" : bytes->bytes;
        if (in->scan.narrow[i])
            GY_TRY(gy_column_narrow(column, in->rows, in->arena, err));
        if (column->type == GY_COLUMN_TEXT)
            column->values = gy_arena_copy(in->arena, column->values, bytes->length);
        if (column->type == GY_COLUMN_TEXT && column->values == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", column->name);
        gy_text_release(bytes);
    }
    return GY_OK;
}

static gy_status read_rows(reading *in, const char *from, const char *what, gy_error *err)
{
    GY_TRY(check_decimals(&in->duckdb, in->table->path, what, err));
    GY_TRY(count_rows(&in->table->rows, &in->duckdb, from, what, err));
    GY_TRY(gy_duckdb_scan_open(&in->scan, &in->duckdb, from, NULL, 0, what, err));
    gy_arena *chunk = gy_arena_new(0);
    gy_status status =
        chunk == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory to %s", what) : take_columns(in, err);
    do {
        gy_arena_mark mark = {0};
        if (status == GY_OK)
            mark = gy_arena_here(chunk);
        if (status == GY_OK)
            status = gy_duckdb_scan_next(&in->scan, chunk, err);
        if (status == GY_OK && in->scan.row_count > 0)
            status = add_chunk(in, err);
        if (status == GY_OK)
            gy_arena_rewind(chunk, mark);
    } while (status == GY_OK && in->scan.row_count > 0);
    gy_arena_free(chunk);
    if (status == GY_OK)
        status = end_columns(in, err);
    for (size_t i = 0; in->texts != NULL && i < in->table->column_count; i++)
        gy_text_release(&in->texts[i]);
    gy_duckdb_scan_close(&in->scan);
    return status;
}

gy_status gy_parquet_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                          gy_error *err)
{
    reading in = {.table = table, .limit_bytes = gy_table_limit(options), .arena = arena};
    gy_text from = {0};
    char what[600];
    snprintf(what, sizeof(what), "read '%.500s'", table->path);
    gy_status status = gy_parquet_source(&from, table->path, err);
    if (status == GY_OK)
        status = gy_duckdb_open(&in.duckdb, (size_t)1 << 30, options->threads, err);
    if (status == GY_OK)
        status = read_rows(&in, from.bytes, what, err);
    gy_duckdb_close(&in.duckdb);
    gy_text_release(&from);
    return status;
}

gy_status gy_parquet_count(uint64_t *rows, const char *path, gy_error *err)
{
    gy_duckdb duckdb = {0};
    gy_text from = {0};
    size_t count = 0;
    char what[600];
    snprintf(what, sizeof(what), "read '%.500s'", path);
    gy_status status = gy_parquet_source(&from, path, err);
    if (status == GY_OK)
        status = gy_duckdb_open(&duckdb, (size_t)1 << 30, 1, err);
    if (status == GY_OK)
        status = count_rows(&count, &duckdb, from.bytes, what, err);
    gy_duckdb_close(&duckdb);
    gy_text_release(&from);
    *rows = count;
    return status;
}
