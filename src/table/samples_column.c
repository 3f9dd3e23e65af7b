// SPDX-License-Identifier: Apache-2.0
//
// Columns as features: numbers standardised, text of few values one-hot.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "table/cell.h"
#include "table/samples.h"

typedef struct planned {
    const gy_column *column;
    double mean, deviation;
    bool missing;      // some rows have no value: a 0/1 column of its own
    gy_text_map words; // of text: word to place
    size_t place;      // first feature
} planned;

static bool is_number(const gy_column *column)
{
    return column->type != GY_COLUMN_TEXT && column->type != GY_COLUMN_NULL &&
           column->type != GY_COLUMN_TENSOR;
}

// NaN: no value.
static double number_at(const gy_column *column, size_t row)
{
    gy_cell cell;
    gy_cell_of(&cell, column, row);
    switch (cell.kind) {
    case GY_CELL_BOOL:
        return cell.as.boolean ? 1.0 : 0.0;
    case GY_CELL_INTEGER:
    case GY_CELL_DATE:
    case GY_CELL_TIME:
        return (double)cell.as.integer;
    case GY_CELL_NUMBER:
        return isfinite(cell.as.number) ? cell.as.number : NAN;
    case GY_CELL_NULL:
    case GY_CELL_BIG:
    case GY_CELL_TEXT:
        break;
    }
    return NAN;
}

// Whether a column of whole numbers only counts the rows: 0, 1, 2, ... tells nothing of a sample.
static bool numbers_the_rows(const gy_column *column, const gy_samples *samples)
{
    if (column->type != GY_COLUMN_INT64 || column->null_count > 0 || samples->rows < 10)
        return false;
    const int64_t *values = column->values;
    for (size_t i = 1; i < samples->rows; i++)
        if (values[samples->row_of[i]] <= values[samples->row_of[i - 1]])
            return false;
    uint64_t span =
        (uint64_t)values[samples->row_of[samples->rows - 1]] - (uint64_t)values[samples->row_of[0]];
    return span == samples->row_of[samples->rows - 1] - samples->row_of[0];
}

// False: all values are the same.
static bool plan_number(planned *plan, const gy_samples *samples)
{
    double sum = 0.0, squares = 0.0, least = INFINITY, most = -INFINITY;
    size_t count = 0;
    for (size_t i = 0; i < samples->rows; i++) {
        double value = number_at(plan->column, samples->row_of[i]);
        if (isnan(value))
            continue;
        sum += value;
        count++;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    plan->missing = count < samples->rows;
    if (count == 0 || (least == most && !plan->missing))
        return false;
    plan->mean = sum / (double)count;
    for (size_t i = 0; i < samples->rows; i++) {
        double value = number_at(plan->column, samples->row_of[i]);
        if (!isnan(value))
            squares += (value - plan->mean) * (value - plan->mean);
    }
    plan->deviation = sqrt(squares / (double)count);
    if (!isfinite(plan->deviation) || plan->deviation <= 0.0)
        plan->deviation = 1.0;
    return isfinite(plan->mean);
}

static gy_status plan_words(planned *plan, bool *good, const gy_samples *samples, gy_arena *scratch,
                            gy_error *err)
{
    plan->words.arena = scratch;
    for (size_t i = 0; i < samples->rows && plan->words.count <= GY_ONE_HOT_MAX; i++) {
        size_t row = samples->row_of[i], length;
        uint64_t *place = NULL;
        bool fresh = false;
        if (!gy_column_has(plan->column, row))
            continue;
        const char *text = gy_column_text(plan->column, row, &length);
        GY_TRY(gy_text_map_at(&place, &fresh, &plan->words, text, length, err));
        if (fresh)
            *place = plan->words.count - 1;
    }
    *good = plan->words.count > 1 && plan->words.count <= GY_ONE_HOT_MAX;
    return GY_OK;
}

static gy_status plan_column(planned *plan, size_t *cols, const gy_samples *samples, gy_text *note,
                             gy_arena *scratch, gy_error *err)
{
    const gy_column *column = plan->column;
    bool good = false;
    plan->place = *cols;
    if (numbers_the_rows(column, samples)) {
        gy_text_add(note, "column '%s' numbers the rows and is left out\n", column->name);
    } else if (is_number(column)) {
        good = plan_number(plan, samples);
        *cols += good ? 1u + plan->missing : 0u;
    } else if (column->type == GY_COLUMN_TEXT) {
        GY_TRY(plan_words(plan, &good, samples, scratch, err));
        *cols += good ? plan->words.count : 0;
        if (!good && plan->words.count > GY_ONE_HOT_MAX)
            gy_text_add(note, "column '%s' holds text of over %d values and is left out\n",
                        column->name, GY_ONE_HOT_MAX);
    }
    if (!good)
        plan->column = NULL;
    return GY_OK;
}

static void fill_row(float *features, const planned *plan, size_t row)
{
    const gy_column *column = plan->column;
    if (column->type == GY_COLUMN_TEXT) {
        size_t length;
        if (!gy_column_has(column, row))
            return;
        const char *text = gy_column_text(column, row, &length);
        features[plan->place + *gy_text_map_find(&plan->words, text, length)] = 1.0f;
        return;
    }
    double value = number_at(column, row);
    if (!isnan(value))
        features[plan->place] = (float)((value - plan->mean) / plan->deviation);
    else
        features[plan->place + 1] = 1.0f;
}

static bool is_feature(const char *name, const gy_marks *marks)
{
    if (strncmp(name, "gyre_", 5) == 0 ||
        (marks->label_column != NULL && strcmp(name, marks->label_column) == 0))
        return false;
    for (size_t i = 0; i < marks->exclude_count; i++)
        if (strcmp(name, marks->exclude[i]) == 0)
            return false;
    return true;
}

static bool is_personal(const gy_marks *marks, const char *name)
{
    for (size_t i = 0; i < marks->pii_count; i++)
        if (strcmp(marks->pii[i], name) == 0)
            return true;
    return false;
}

static gy_status name_sources(gy_samples *samples, const planned *plans, size_t count,
                              const gy_marks *marks, gy_arena *arena, gy_error *err)
{
    gy_source *sources = GY_NEW(arena, gy_source, samples->cols);
    if (sources == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu features", samples->cols);
    for (size_t p = 0; p < count; p++) {
        const gy_column *column = plans[p].column;
        size_t end = p + 1 < count ? plans[p + 1].place : samples->cols;
        for (size_t i = plans[p].place; i < end; i++)
            sources[i] =
                (gy_source){column->name, is_personal(marks, column->name) ? NULL : column};
    }
    samples->sources = sources;
    return GY_OK;
}

static gy_status build(gy_samples *samples, const gy_table *table, const gy_marks *marks,
                       gy_text *note, gy_arena *scratch, gy_arena *arena, gy_error *err)
{
    planned *plans = GY_NEW(scratch, planned, table->column_count + 1);
    const gy_column **left_out = GY_NEW(scratch, const gy_column *, table->column_count + 1);
    size_t count = 0, cols = 0, left = 0;
    if (plans == NULL || left_out == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t c = 0; c < table->column_count; c++) {
        plans[count].column = &table->columns[c];
        if (!is_feature(table->columns[c].name, marks))
            continue;
        GY_TRY(plan_column(&plans[count], &cols, samples, note, scratch, err));
        if (plans[count].column == NULL && plans[count].words.count > GY_ONE_HOT_MAX)
            left_out[left++] = &table->columns[c];
        count += plans[count].column != NULL;
        if (plans[count].column == NULL)
            plans[count] = (planned){0};
    }
    if (left > 0)
        GY_TRY(gy_samples_note_unseen(samples, left_out, left, arena, err));
    if (cols == 0)
        return gy_fail(err, GY_INVALID,
                       "'%s' has no column to judge by: no numbers that differ, and no text of 2 "
                       "to %d values",
                       table->path, GY_ONE_HOT_MAX);
    float *features;
    GY_TRY(gy_samples_take(&features, samples->rows, cols, arena, err));
    for (size_t i = 0; i < samples->rows; i++)
        for (size_t p = 0; p < count; p++)
            fill_row(features + i * cols, &plans[p], samples->row_of[i]);
    samples->features = features;
    samples->cols = cols;
    return name_sources(samples, plans, count, marks, arena, err);
}

gy_status gy_samples_of_columns(gy_samples *samples, const gy_table *table, const gy_marks *marks,
                                gy_text *note, gy_arena *arena, gy_error *err)
{
    gy_arena *scratch = gy_arena_new(0);
    gy_status status = scratch == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for features")
                                       : build(samples, table, marks, note, scratch, arena, err);
    gy_arena_free(scratch);
    return status;
}
