// SPDX-License-Identifier: Apache-2.0
#include "quality/survey.h"

#include <math.h>
#include <string.h>

#include "quality/kinds.h"
#include "table/write.h"

typedef struct surveying {
    gy_survey *survey;
    gy_survey_column **columns; // of a chunk
    gy_arena *scratch;          // as long as one chunk
    gy_arena *arena;
} surveying;

static gy_status start_column(gy_survey_column *column, const char *name, const gy_reading *reading,
                              gy_arena *arena, gy_error *err)
{
    *column = (gy_survey_column){.name = gy_arena_copy(arena, name, strlen(name)),
                                 .least = INFINITY,
                                 .most = -INFINITY,
                                 .first = INT64_MAX,
                                 .last = INT64_MIN,
                                 .distinct = true,
                                 .places = {.arena = arena},
                                 .values = GY_NEW(arena, gy_survey_value, GY_SURVEY_VALUES_MAX),
                                 .reading = *reading};
    return column->name != NULL && column->values != NULL
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory for the values of column '%s'", name);
}

static gy_status start(surveying *all, const gy_table *chunk, gy_error *err)
{
    size_t count = chunk->column_count;
    gy_survey *survey = all->survey;
    survey->columns = GY_NEW(all->arena, gy_survey_column, count + 1);
    survey->column_count = count;
    all->columns = GY_NEW(all->arena, gy_survey_column *, count + 1);
    if (survey->columns == NULL || all->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", count);
    for (size_t c = 0; c < count; c++) {
        all->columns[c] = &survey->columns[c];
        GY_TRY(start_column(all->columns[c], chunk->columns[c].name, &(gy_reading){0}, all->arena,
                            err));
    }
    return GY_OK;
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

static gy_status add_column(surveying *all, gy_survey_column *to, const gy_column *chunk,
                            size_t rows, gy_error *err)
{
    gy_column view, *from = &view;
    GY_TRY(gy_reading_apply(&view, &to->gaps, chunk, &to->reading, rows, all->scratch, err));
    to->spelled = to->spelled || from->type == GY_COLUMN_TEXT;
    for (size_t row = 0; row < rows; row++) {
        gy_cell cell;
        gy_cell_of(&cell, from, row);
        if (from->type == GY_COLUMN_TEXT)
            gy_reading_note(&to->plan, &cell);
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
            GY_TRY(add_value(to, text, length, all->arena, err));
        }
    }
    return GY_OK;
}

// names NULL: all columns, with their rows counted.
static gy_status scan(surveying *all, const char *path, const char *const *names, size_t count,
                      gy_error *err)
{
    gy_table_scan *scan;
    gy_table chunk;
    GY_TRY(gy_table_scan_open(&scan, path, names, count, err));
    gy_status status;
    while ((status = gy_table_scan_next(scan, &chunk, err)) == GY_OK) {
        gy_arena_rewind(all->scratch, (gy_arena_mark){NULL, 0});
        if (all->survey->columns == NULL)
            status = start(all, &chunk, err);
        for (size_t c = 0; c < chunk.column_count && status == GY_OK; c++)
            status = add_column(all, all->columns[c], &chunk.columns[c], chunk.rows, err);
        all->survey->rows += names == NULL ? chunk.rows : 0;
        all->survey->faults += names == NULL ? chunk.fault_count : 0;
        if (status != GY_OK || chunk.rows == 0)
            break;
    }
    gy_table_scan_close(scan);
    return status;
}

// Forget what was seen of the columns that read otherwise than a cell alone does.
static gy_status choose_again(surveying *all, const char **names, size_t *count, gy_error *err)
{
    *count = 0;
    for (size_t c = 0; c < all->survey->column_count; c++) {
        gy_survey_column *column = &all->survey->columns[c];
        gy_reading reading;
        gy_reading_decide(&reading, &column->plan, GY_RARE_OF);
        if (!gy_reading_differs(&reading))
            continue;
        GY_TRY(start_column(column, column->name, &reading, all->arena, err));
        names[*count] = column->name;
        all->columns[(*count)++] = column;
    }
    return GY_OK;
}

static gy_status survey_columns(surveying *all, const char *path, gy_error *err)
{
    size_t count;
    GY_TRY(scan(all, path, NULL, 0, err));
    const char **names = GY_NEW(all->arena, const char *, all->survey->column_count + 1);
    if (names == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", all->survey->column_count);
    GY_TRY(choose_again(all, names, &count, err));
    return count == 0 ? GY_OK : scan(all, path, names, count, err);
}

gy_status gy_survey_table(gy_survey *survey, const char *path, gy_arena *arena, gy_error *err)
{
    *survey = (gy_survey){0};
    surveying all = {.survey = survey, .scratch = gy_arena_new(0), .arena = arena};
    gy_status status = all.scratch == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a chunk")
                                           : survey_columns(&all, path, err);
    gy_arena_free(all.scratch);
    return status;
}
