// SPDX-License-Identifier: Apache-2.0
#include "quality/survey.h"

#include <math.h>
#include <string.h>

#include "table/write.h"

static gy_status start(gy_survey *survey, const gy_table *chunk, gy_arena *arena, gy_error *err)
{
    survey->columns = GY_NEW(arena, gy_survey_column, chunk->column_count + 1);
    survey->column_count = chunk->column_count;
    for (size_t c = 0; c < chunk->column_count && survey->columns != NULL; c++) {
        gy_survey_column *column = &survey->columns[c];
        const char *name = chunk->columns[c].name;
        *column = (gy_survey_column){.name = gy_arena_copy(arena, name, strlen(name)),
                                     .least = INFINITY,
                                     .most = -INFINITY,
                                     .first = INT64_MAX,
                                     .last = INT64_MIN,
                                     .distinct = true,
                                     .places = {.arena = arena}};
        column->values = GY_NEW(arena, gy_survey_value, GY_SURVEY_VALUES_MAX);
        if (column->name == NULL || column->values == NULL)
            survey->columns = NULL;
    }
    return survey->columns != NULL
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", chunk->column_count);
}

static gy_status add_value(gy_survey_column *column, const char *text, size_t length,
                           gy_arena *arena, gy_error *err)
{
    uint64_t *place = NULL;
    bool fresh = false;
    if (column->many)
        return GY_OK;
    if (column->value_count == GY_SURVEY_VALUES_MAX &&
        gy_text_map_find(&column->places, text, length) == NULL) {
        column->many = true;
        return GY_OK;
    }
    GY_TRY(gy_text_map_at(&place, &fresh, &column->places, text, length, err));
    if (!fresh) {
        column->values[*place].count++;
        column->distinct = false;
        return GY_OK;
    }
    *place = column->value_count;
    const char *copy = gy_arena_copy(arena, text, length);
    if (copy == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the values of column '%s'", column->name);
    column->values[column->value_count++] = (gy_survey_value){copy, length, 1};
    return GY_OK;
}

static void add_range(gy_survey_column *column, const gy_cell *cell)
{
    double number = cell->kind == GY_CELL_INTEGER  ? (double)cell->as.integer
                    : cell->kind == GY_CELL_NUMBER ? cell->as.number
                                                   : NAN;
    if (isfinite(number)) {
        column->least = number < column->least ? number : column->least;
        column->most = number > column->most ? number : column->most;
    }
    if (cell->kind == GY_CELL_DATE || cell->kind == GY_CELL_TIME) {
        int64_t time =
            cell->kind == GY_CELL_DATE ? cell->as.integer * INT64_C(86400000000) : cell->as.integer;
        column->first = time < column->first ? time : column->first;
        column->last = time > column->last ? time : column->last;
    }
}

static gy_status add_column(gy_survey_column *to, const gy_column *from, size_t rows,
                            gy_arena *arena, gy_error *err)
{
    to->spelled = to->spelled || from->type == GY_COLUMN_TEXT;
    for (size_t row = 0; row < rows; row++) {
        gy_cell cell;
        gy_cell_of(&cell, from, row);
        if (cell.kind == GY_CELL_NUMBER && isnan(cell.as.number))
            cell.kind = GY_CELL_NULL;
        to->kinds[cell.kind]++;
        if (cell.kind == GY_CELL_NULL)
            continue;
        add_range(to, &cell);
        if (!to->many) {
            char small[GY_CELL_BYTES_MAX];
            const char *text;
            size_t length = gy_column_spell(small, &text, from, row);
            GY_TRY(add_value(to, text, length, arena, err));
        }
    }
    return GY_OK;
}

gy_status gy_survey_table(gy_survey *survey, const char *path, gy_arena *arena, gy_error *err)
{
    gy_table_scan *scan;
    gy_table chunk;
    *survey = (gy_survey){0};
    GY_TRY(gy_table_scan_open(&scan, path, NULL, 0, err));
    gy_status status;
    while ((status = gy_table_scan_next(scan, &chunk, err)) == GY_OK) {
        if (survey->columns == NULL)
            status = start(survey, &chunk, arena, err);
        for (size_t c = 0; c < chunk.column_count && status == GY_OK; c++)
            status = add_column(&survey->columns[c], &chunk.columns[c], chunk.rows, arena, err);
        survey->rows += chunk.rows;
        survey->faults += chunk.fault_count;
        if (status != GY_OK || chunk.rows == 0)
            break;
    }
    gy_table_scan_close(scan);
    return status;
}
