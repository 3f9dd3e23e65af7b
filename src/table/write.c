// SPDX-License-Identifier: Apache-2.0
//
// Tables to files, in one step: what fails leaves the old file.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/file.h"
#include "table/build.h"
#include "table/csv.h"
#include "table/duckdb.h"
#include "table/read.h"
#include "table/write.h"

size_t gy_column_spell(char small[GY_CELL_BYTES_MAX], const char **text, const gy_column *column,
                       size_t row)
{
    size_t length = 0;
    *text = small;
    small[0] = '\0';
    if (!gy_column_has(column, row))
        return 0;
    if (column->type == GY_COLUMN_TEXT) {
        *text = gy_column_text(column, row, &length);
        return length;
    }
    if (column->type == GY_COLUMN_FLOAT)
        return gy_decimal_spell_float(small, ((const float *)column->values)[row]);
    gy_cell cell;
    gy_cell_of(&cell, column, row);
    return gy_cell_spell(small, &cell);
}

static gy_status write_csv(gy_text *out, const gy_table *table, char separator)
{
    char small[GY_CELL_BYTES_MAX];
    for (size_t c = 0; c < table->column_count; c++) {
        if (c > 0)
            gy_text_append(out, &separator, 1);
        gy_csv_write(out, table->columns[c].name, strlen(table->columns[c].name), separator);
    }
    gy_text_append(out, "\n", 1);
    for (size_t row = 0; row < table->rows && out->status == GY_OK; row++) {
        for (size_t c = 0; c < table->column_count; c++) {
            const char *text;
            size_t length = gy_column_spell(small, &text, &table->columns[c], row);
            if (c > 0)
                gy_text_append(out, &separator, 1);
            gy_csv_write(out, text, length, separator);
        }
        gy_text_append(out, "\n", 1);
    }
    return out->status;
}

void gy_json_cell_write(gy_text *out, const gy_column *column, size_t row)
{
    char small[GY_CELL_BYTES_MAX];
    const char *text;
    size_t length = gy_column_spell(small, &text, column, row);
    bool plain = column->type == GY_COLUMN_BOOL || column->type == GY_COLUMN_INT64 ||
                 ((column->type == GY_COLUMN_DOUBLE || column->type == GY_COLUMN_FLOAT) &&
                  small[length - 1] >= '0' && small[length - 1] <= '9');
    if (plain)
        gy_text_append(out, text, length);
    else // nan and inf are no JSON numbers; as text they read back as what they are
        gy_text_json_string(out, text, length);
}

static gy_status write_jsonl(gy_text *out, const gy_table *table)
{
    for (size_t row = 0; row < table->rows && out->status == GY_OK; row++) {
        const char *before = "{";
        for (size_t c = 0; c < table->column_count; c++) {
            const gy_column *column = &table->columns[c];
            if (!gy_column_has(column, row))
                continue;
            gy_text_add(out, "%s", before);
            gy_text_json_string(out, column->name, strlen(column->name));
            gy_text_append(out, ":", 1);
            gy_json_cell_write(out, column, row);
            before = ",";
        }
        gy_text_add(out, "%s}\n", before[0] == '{' ? "{" : "");
    }
    return out->status;
}

// ---- Parquet

// DuckDB writes the draft; the name comes when its bytes are on the disk.
static gy_status name_draft(const char *draft, const char *path, gy_error *err)
{
    int file = gy_io_open(draft, O_RDONLY, 0);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_sync(file) != 0 || gy_io_rename(draft, path) != 0)
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    return status == GY_OK ? gy_file_sync_folder(path, err) : status;
}

static gy_status write_parquet(const gy_table *table, const char *path, gy_error *err)
{
    char draft[4096], what[600];
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
    int length = snprintf(draft, sizeof(draft), "%.*s.%s.gyre-draft", folder, path, path + folder);
    if (length < 0 || (size_t)length >= sizeof(draft))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(draft), path);
    snprintf(what, sizeof(what), "write '%.500s'", path);
    gy_text sql = {0};
    gy_text_add(&sql, "COPY rows TO ");
    gy_duckdb_quote(&sql, draft, '\'');
    gy_text_add(&sql, " (FORMAT parquet, COMPRESSION zstd)");
    gy_duckdb duckdb;
    gy_status status = gy_duckdb_open(&duckdb, (size_t)4 << 30, 1, err);
    if (status == GY_OK && sql.status != GY_OK)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a statement");
    if (status == GY_OK)
        status = gy_duckdb_store(&duckdb, table, err);
    if (status == GY_OK)
        status = gy_duckdb_run(&duckdb, sql.bytes, what, err);
    gy_duckdb_close(&duckdb);
    gy_text_release(&sql);
    if (status == GY_OK)
        status = name_draft(draft, path, err);
    if (status != GY_OK)
        unlink(draft);
    return status;
}

gy_status gy_table_write(const gy_table *table, const char *path, gy_error *err)
{
    gy_table_format format = gy_table_format_of_name(path);
    for (size_t c = 0; c < table->column_count; c++)
        if (table->columns[c].type == GY_COLUMN_TENSOR)
            return gy_fail(err, GY_UNSUPPORTED,
                           "column '%s' holds tensors, which only an .npz can hold",
                           table->columns[c].name);
    size_t length = strlen(path);
    bool packed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    if (packed ||
        (format != GY_TABLE_CSV && format != GY_TABLE_JSONL && format != GY_TABLE_PARQUET))
        return gy_fail(err, GY_UNSUPPORTED,
                       "cannot write '%s': a table's name ends in .csv, .tsv, .jsonl or .parquet",
                       path);
    if (format == GY_TABLE_PARQUET)
        return write_parquet(table, path, err);
    gy_text out = {0};
    bool tabs = length > 4 && strcmp(path + length - 4, ".tsv") == 0;
    gy_status status = format == GY_TABLE_CSV ? write_csv(&out, table, tabs ? '\t' : ',')
                                              : write_jsonl(&out, table);
    if (status != GY_OK)
        status = gy_fail(err, status, "no memory to write '%s'", path);
    else
        status = gy_file_replace(path, out.bytes == NULL ? "" : out.bytes, out.length, err);
    gy_text_release(&out);
    return status;
}
