// SPDX-License-Identifier: Apache-2.0
//
// Rules in SQL, run by DuckDB over the table alone: it may open no other file and change no
// setting.

#include "quality/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/parquet.h"
#include "table/read.h"

enum { MEMORY_BYTES = 1 << 30 };

static gy_status add_row_numbers(gy_table *table, gy_arena *arena, gy_error *err)
{
    gy_column *columns = GY_NEW(arena, gy_column, table->column_count + 1);
    int64_t *numbers = GY_NEW(arena, int64_t, table->rows + 1);
    if (columns == NULL || numbers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to query '%s'", table->path);
    memcpy(columns, table->columns, table->column_count * sizeof(*columns));
    for (size_t row = 0; row < table->rows; row++)
        numbers[row] = (int64_t)row + 1;
    columns[table->column_count++] =
        (gy_column){.name = "gyre_row", .type = GY_COLUMN_INT64, .values = numbers};
    table->columns = columns;
    return GY_OK;
}

// Make `gyre_data` the table: a view on a Parquet file, a copy of anything else.
static gy_status give_table(gy_duckdb *duckdb, const char *path, const gy_marks *marks,
                            gy_error *err)
{
    gy_table_format format;
    GY_TRY(gy_table_format_of(&format, path, err));
    gy_text sql = {0};
    gy_status status = GY_OK;
    if (format == GY_TABLE_PARQUET) {
        gy_text_add(&sql, "CREATE VIEW gyre_data AS SELECT * EXCLUDE (file_row_number), "
                          "file_row_number + 1 AS gyre_row FROM read_parquet(");
        gy_duckdb_quote(&sql, path, '\'');
        gy_text_add(&sql, ", hive_partitioning = false, file_row_number = true)");
    } else {
        const gy_table_options options = {.tolerant = true};
        gy_table table;
        gy_arena *scratch = gy_arena_new(0);
        if (scratch == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to query '%s'", path);
        status = gy_table_read(&table, path, &options, scratch, err);
        if (status == GY_OK)
            status = gy_table_typed(&table, &table, marks, scratch, err);
        if (status == GY_OK)
            status = add_row_numbers(&table, scratch, err);
        if (status == GY_OK)
            status = gy_duckdb_store(duckdb, &table, err);
        gy_arena_free(scratch);
        gy_text_add(&sql, "ALTER TABLE rows RENAME TO gyre_data");
    }
    if (status == GY_OK && sql.status != GY_OK)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a statement");
    if (status == GY_OK)
        status = gy_duckdb_run(duckdb, sql.bytes, "prepare the table for queries", err);
    gy_text_release(&sql);
    return status == GY_OK ? gy_duckdb_confine(duckdb, path, err) : status;
}

// The query in parentheses, with ${table}, {table}, ${object} and ${column} put in.
static void write_query(gy_text *sql, const gy_rule *rule)
{
    static const char *const names[] = {"${table}", "{table}", "${object}", "{object}", NULL};
    static const char *const columns[] = {"${column}", "{column}", "${property}", "{property}",
                                          NULL};
    gy_text_add(sql, "(");
    for (const char *at = rule->query; *at != '\0';) {
        size_t skip = 0;
        for (int i = 0; names[i] != NULL && skip == 0; i++)
            if (strncmp(at, names[i], strlen(names[i])) == 0) {
                skip = strlen(names[i]);
                gy_text_add(sql, "gyre_data");
            }
        for (int i = 0; columns[i] != NULL && skip == 0 && rule->column != NULL; i++)
            if (strncmp(at, columns[i], strlen(columns[i])) == 0) {
                skip = strlen(columns[i]);
                gy_duckdb_quote(sql, rule->column, '"');
            }
        if (skip == 0)
            gy_text_append(sql, at, skip = 1);
        at += skip;
    }
    while (sql->length > 0 && strchr("; \n\t", sql->bytes[sql->length - 1]) != NULL)
        sql->length--;
    gy_text_add(sql, ")");
}

static int compare_rows(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static gy_status read_rows(gy_rule *rule, gy_duckdb_scan *scan, const gy_column *numbers,
                           gy_arena *arena, gy_error *err)
{
    gy_text rows = {0};
    gy_status status;
    gy_arena *chunk = gy_arena_new(0);
    while (chunk != NULL && (status = gy_duckdb_scan_next(scan, chunk, err)) == GY_OK &&
           scan->row_count > 0)
        for (size_t i = 0; i < scan->row_count; i++) {
            int64_t number = gy_column_has(numbers, i) ? ((const int64_t *)numbers->values)[i] : 0;
            uint64_t row = (uint64_t)number - 1;
            if (number > 0)
                gy_text_append(&rows, &row, sizeof(row));
        }
    size_t count = rows.length / sizeof(uint64_t), kept = 0;
    rule->rows = GY_NEW(arena, uint64_t, count + 1);
    if (chunk == NULL || rule->rows == NULL || rows.status != GY_OK)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for the rows of '%s'", rule->name);
    if (status == GY_OK && count > 0) {
        memcpy(rule->rows, rows.bytes, rows.length);
        qsort(rule->rows, count, sizeof(*rule->rows), compare_rows);
        for (size_t i = 0; i < count; i++)
            if (kept == 0 || rule->rows[kept - 1] != rule->rows[i])
                rule->rows[kept++] = rule->rows[i];
    }
    rule->row_count = kept;
    gy_text_release(&rows);
    gy_arena_free(chunk);
    return status;
}

static gy_status read_number(double *number, gy_rule *rule, gy_duckdb_scan *scan, gy_error *err)
{
    GY_TRY(gy_duckdb_scan_next(scan, scan->arena, err));
    gy_cell cell = {0};
    if (scan->row_count == 1 && scan->column_count == 1)
        gy_cell_of(&cell, &scan->columns[0], 0);
    if (cell.kind != GY_CELL_INTEGER && cell.kind != GY_CELL_NUMBER && cell.kind != GY_CELL_BOOL)
        return gy_fail(err, GY_FORMAT,
                       "rule '%s': its query gives neither one number nor a column "
                       "gyre_row",
                       rule->name);
    *number = cell.kind == GY_CELL_NUMBER ? cell.as.number
              : cell.kind == GY_CELL_BOOL ? (cell.as.boolean ? 1.0 : 0.0)
                                          : (double)cell.as.integer;
    return GY_OK;
}

static gy_status run_query(gy_rule *rule, gy_duckdb *duckdb, gy_arena *arena, gy_error *err)
{
    gy_text sql = {0};
    char what[300];
    gy_duckdb_scan scan;
    snprintf(what, sizeof(what), "run the query of rule '%.200s'", rule->name);
    write_query(&sql, rule);
    gy_status status = sql.status != GY_OK
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for a statement")
                           : gy_duckdb_scan_open(&scan, duckdb, sql.bytes, NULL, 0, what, err);
    gy_text_release(&sql);
    GY_TRY(status);
    const gy_column *numbers = NULL;
    for (size_t c = 0; c < scan.column_count; c++)
        if (strcmp(scan.columns[c].name, "gyre_row") == 0 &&
            scan.columns[c].type == GY_COLUMN_INT64)
            numbers = &scan.columns[c];
    if (numbers != NULL) {
        status = read_rows(rule, &scan, numbers, arena, err);
        rule->metric = (double)rule->row_count;
    } else {
        status = read_number(&rule->metric, rule, &scan, err);
    }
    gy_duckdb_scan_close(&scan);
    rule->broken = status == GY_OK && !gy_rule_holds(&rule->bound, rule->metric, SIZE_MAX);
    rule->told_whole = numbers == NULL || (rule->broken && rule->row_count == 0);
    return status;
}

gy_status gy_query_rules(gy_rules *rules, const char *path, const gy_marks *marks, gy_arena *arena,
                         gy_error *err)
{
    bool any = false;
    for (size_t r = 0; r < rules->count; r++)
        any = any || rules->items[r].kind == GY_RULE_SQL;
    if (!any)
        return GY_OK;
    gy_duckdb duckdb;
    GY_TRY(gy_duckdb_open(&duckdb, MEMORY_BYTES, 0, err));
    gy_status status = give_table(&duckdb, path, marks, err);
    for (size_t r = 0; r < rules->count && status == GY_OK; r++)
        if (rules->items[r].kind == GY_RULE_SQL)
            status = run_query(&rules->items[r], &duckdb, arena, err);
    gy_duckdb_close(&duckdb);
    return status;
}
