// SPDX-License-Identifier: Apache-2.0
//
// A CSV into columns, in two passes: the first finds every column's type and size, the second
// fills.

#include <string.h>

#include "table/build.h"
#include "table/csv.h"
#include "table/read.h"

typedef struct reading {
    gy_table *table;
    gy_csv csv;
    gy_column_plan *plans;
    char *text; // one cell with its quotes undone
    size_t text_bytes;
    bool tolerant;
    gy_arena *arena;
} reading;

// The cell's text: in the file, or, if it has quotes to undo, in the reading's own memory.
static gy_status cell_text(const char **text, size_t *length, reading *in,
                           const gy_csv_field *field, gy_error *err)
{
    *text = field->text;
    *length = field->length;
    if (!field->escaped)
        return GY_OK;
    if (field->length > in->text_bytes) {
        in->text_bytes = 2 * field->length;
        in->text = GY_NEW(in->arena, char, in->text_bytes);
        if (in->text == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a cell of %zu bytes", field->length);
    }
    *length = gy_csv_text(in->text, field);
    *text = in->text;
    return GY_OK;
}

static gy_status note_fault(reading *in, gy_error *err)
{
    if (!in->tolerant)
        return gy_fail(err, GY_FORMAT, "cannot read '%s': line %zu: %s", in->csv.path,
                       in->csv.record_line, in->csv.fault);
    for (size_t c = 0; c < in->csv.columns; c++)
        gy_plan_note(&in->plans[c], "", 0);
    return gy_table_add_fault(in->table, in->table->rows, in->csv.record_line, in->csv.fault,
                              in->arena, err);
}

static gy_status note_cells(reading *in, gy_error *err)
{
    gy_csv *csv = &in->csv;
    for (gy_csv_state state; (state = gy_csv_next(csv)) != GY_CSV_END; in->table->rows++) {
        if (state == GY_CSV_FAULT) {
            GY_TRY(note_fault(in, err));
            continue;
        }
        for (size_t c = 0; c < csv->columns; c++) {
            const char *text;
            size_t length;
            GY_TRY(cell_text(&text, &length, in, &csv->fields[c], err));
            gy_plan_note(&in->plans[c], text, length);
        }
    }
    return GY_OK;
}

static gy_status take_columns(reading *in, size_t limit_bytes, gy_error *err)
{
    gy_table *table = in->table;
    size_t needed = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        gy_column_type type = gy_plan_type(&in->plans[c]);
        needed += 8 * table->rows + (type == GY_COLUMN_TEXT ? in->plans[c].text_bytes : 0);
        if (needed > limit_bytes)
            return gy_fail(err, GY_LIMIT, "'%s' takes over %zu bytes of memory", table->path,
                           limit_bytes);
        GY_TRY(gy_column_take(&table->columns[c], &in->plans[c], in->csv.names[c], type,
                              table->rows, in->arena, err));
    }
    return GY_OK;
}

static gy_status fill_columns(reading *in, gy_error *err)
{
    gy_csv *csv = &in->csv;
    size_t row = 0;
    for (gy_csv_state state; (state = gy_csv_next(csv)) != GY_CSV_END; row++)
        for (size_t c = 0; c < csv->columns; c++) {
            const char *text = "";
            size_t length = 0;
            if (state == GY_CSV_RECORD)
                GY_TRY(cell_text(&text, &length, in, &csv->fields[c], err));
            gy_column_set(&in->table->columns[c], row, text, length);
        }
    return GY_OK;
}

gy_status gy_csv_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                      gy_error *err)
{
    gy_table_bytes file;
    size_t limit_bytes = gy_table_limit(options);
    GY_TRY(gy_table_bytes_open(&file, table->path, limit_bytes, err));
    reading in = {.table = table, .tolerant = options->tolerant, .arena = arena};
    gy_status status = gy_csv_open(&in.csv, file.bytes, file.size_bytes, table->path, arena, err);
    if (status != GY_OK)
        goto done;
    const char *first = in.csv.at;
    size_t first_line = in.csv.line;
    table->column_count = in.csv.columns;
    table->columns = GY_NEW(arena, gy_column, in.csv.columns);
    in.plans = GY_NEW(arena, gy_column_plan, in.csv.columns);
    if (table->columns == NULL || in.plans == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", in.csv.columns);
    if (status == GY_OK)
        status = note_cells(&in, err);
    if (status == GY_OK)
        status = take_columns(&in, limit_bytes, err);
    gy_csv_rewind(&in.csv, first, first_line);
    if (status == GY_OK)
        status = fill_columns(&in, err);
done:
    gy_table_bytes_close(&file);
    return status;
}
