// SPDX-License-Identifier: Apache-2.0
//
// Predictions by id, from any table. A label and a prediction are the same when they are spelt the
// same, a number as its shortest decimal: 3 in one file is 3.0 in another.

#include "pipeline/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "pipeline/cell.h"

static gy_status no_memory(const char *path, gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for the predictions of '%s'", path);
}

static gy_status number_of_class(uint32_t *number, gy_classes *classes, const char *text,
                                 size_t length, gy_error *err)
{
    uint64_t *value;
    bool fresh;
    gy_arena *arena = classes->map.arena;
    GY_TRY(gy_text_map_at(&value, &fresh, &classes->map, text, length, err));
    if (fresh) {
        const char **grown = gy_arena_grow(arena, classes->names, classes->count,
                                           &classes->capacity, sizeof(*grown));
        if (grown == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", classes->count);
        classes->names = grown;
        *value = classes->count;
        classes->names[classes->count] = gy_arena_copy(arena, text, length);
        if (classes->names[classes->count++] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", classes->count);
    }
    *number = (uint32_t)*value;
    return GY_OK;
}

static gy_status find_column(const gy_column **column, const gy_table *table, const char *name,
                             gy_error *err)
{
    *column = gy_table_column(table, name);
    return *column != NULL
               ? GY_OK
               : gy_fail(err, GY_FORMAT,
                         "'%s' has no column '%s': predictions have a row a sample with "
                         "id, label and prediction",
                         table->path, name);
}

static gy_status read_id(gy_id *id, const gy_table *table, const gy_column *column, size_t row,
                         gy_error *err)
{
    char hex[65] = "";
    const char *text = "";
    size_t length = 0;
    if (column->type == GY_COLUMN_TEXT && gy_column_has(column, row))
        text = gy_column_text(column, row, &length);
    if (length == 64)
        memcpy(hex, text, 64);
    return gy_id_parse(id, hex, NULL) == GY_OK
               ? GY_OK
               : gy_fail(err, GY_FORMAT, "'%s': row %zu: '%.*s' is not an id of 64 hex digits",
                         table->path, table->first_row + row, (int)(length < 70 ? length : 70),
                         text);
}

static double loss_at(const gy_column *column, size_t row)
{
    if (!gy_column_has(column, row))
        return NAN;
    switch (column->type) {
    case GY_COLUMN_INT64:
        return (double)((const int64_t *)column->values)[row];
    case GY_COLUMN_FLOAT:
        return (double)((const float *)column->values)[row];
    case GY_COLUMN_DOUBLE:
        return ((const double *)column->values)[row];
    default:
        return NAN;
    }
}

typedef struct place {
    gy_id id;
    size_t row;
} place;

static int compare_places(const void *left, const void *right)
{
    const place *a = left, *b = right;
    int order = gy_id_compare(&a->id, &b->id);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

// The columns of one table, and where its rows go.
typedef struct prediction_columns {
    const gy_table *table;
    const gy_column *id, *label, *output, *loss;
} prediction_columns;

static gy_status read_row(gy_predictions *into, size_t at, gy_classes *classes,
                          const prediction_columns *from, size_t row, gy_error *err)
{
    gy_number_text room;
    const char *text;
    size_t length;
    into->labels[at] = UINT32_MAX;
    if (gy_cell_text(&text, &length, &room, from->label, row))
        GY_TRY(number_of_class(&into->labels[at], classes, text, length, err));
    if (!gy_cell_text(&text, &length, &room, from->output, row))
        return gy_fail(err, GY_FORMAT, "'%s': row %zu has no prediction", from->table->path,
                       from->table->first_row + row);
    GY_TRY(number_of_class(&into->outputs[at], classes, text, length, err));
    if (from->loss != NULL) {
        into->losses[at] = loss_at(from->loss, row);
        if (!isfinite(into->losses[at]))
            return gy_fail(err, GY_FORMAT, "'%s': row %zu: the loss is not a finite number",
                           from->table->path, from->table->first_row + row);
    }
    return GY_OK;
}

gy_status gy_predictions_read(gy_predictions *predictions, gy_classes *classes, const char *path,
                              gy_arena *arena, gy_error *err)
{
    gy_table *table = GY_NEW(arena, gy_table, 1);
    if (table == NULL)
        return no_memory(path, err);
    prediction_columns from = {.table = table};
    GY_TRY(gy_table_read(table, path, NULL, arena, err));
    GY_TRY(find_column(&from.id, table, "id", err));
    GY_TRY(find_column(&from.label, table, "label", err));
    GY_TRY(find_column(&from.output, table, "prediction", err));
    from.loss = gy_table_column(table, "loss");
    size_t count = table->rows;
    if (count == 0 || count > GY_PREDICTIONS_MAX)
        return gy_fail(err, count == 0 ? GY_FORMAT : GY_LIMIT, "'%s' has %zu rows, must be 1 to %d",
                       path, count, GY_PREDICTIONS_MAX);
    place *places = GY_NEW(arena, place, count);
    *predictions =
        (gy_predictions){.path = path,
                         .count = count,
                         .ids = GY_NEW(arena, gy_id, count),
                         .labels = GY_NEW(arena, uint32_t, count),
                         .outputs = GY_NEW(arena, uint32_t, count),
                         .losses = from.loss == NULL ? NULL : GY_NEW(arena, double, count)};
    if (places == NULL || predictions->ids == NULL || predictions->labels == NULL ||
        predictions->outputs == NULL || (from.loss != NULL && predictions->losses == NULL))
        return no_memory(path, err);
    for (size_t row = 0; row < count; row++) {
        places[row].row = row;
        GY_TRY(read_id(&places[row].id, table, from.id, row, err));
    }
    qsort(places, count, sizeof(*places), compare_places);
    for (size_t at = 0; at < count; at++) {
        predictions->ids[at] = places[at].id;
        GY_TRY(read_row(predictions, at, classes, &from, places[at].row, err));
    }
    return GY_OK;
}
