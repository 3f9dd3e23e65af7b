// SPDX-License-Identifier: Apache-2.0
//
// Labeled samples from a table: which rows, their ids and classes. The features come from
// samples_image.c and samples_column.c.

#include "table/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "table/cell.h"

// ---- labels

typedef struct class_name {
    const char *text;
    size_t length;
    int64_t number;
    uint32_t found; // in which order it was met
} class_name;

static int compare_texts(const void *a, const void *b)
{
    const class_name *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static int compare_numbers(const void *a, const void *b)
{
    const class_name *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

typedef struct labeling {
    class_name *names;
    size_t count, room;
    gy_text_map seen;
    gy_arena *scratch;
} labeling;

// The spelling of a label: text as it stands, anything else as a cell is spelled.
static const char *label_text(char small[GY_CELL_BYTES_MAX], size_t *length,
                              const gy_column *column, size_t row)
{
    if (column->type == GY_COLUMN_TEXT)
        return gy_column_text(column, row, length);
    gy_cell cell;
    gy_cell_of(&cell, column, row);
    *length = gy_cell_spell(small, &cell);
    return small;
}

static gy_status label_row(int32_t *label, labeling *all, const gy_column *column, size_t row,
                           gy_error *err)
{
    char small[GY_CELL_BYTES_MAX];
    size_t length = 0;
    *label = -1;
    if (!gy_column_has(column, row))
        return GY_OK;
    const char *text = label_text(small, &length, column, row);
    uint64_t *at = NULL;
    bool fresh = false;
    if (length == 0)
        return GY_OK;
    GY_TRY(gy_text_map_at(&at, &fresh, &all->seen, text, length, err));
    if (fresh && all->count == all->room) {
        size_t room = all->room == 0 ? 64 : 2 * all->room;
        class_name *names = GY_NEW(all->scratch, class_name, room);
        if (names == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", room);
        if (all->count > 0)
            memcpy(names, all->names, all->count * sizeof(*names));
        all->names = names;
        all->room = room;
    }
    if (fresh) {
        const char *copy = gy_arena_copy(all->scratch, text, length);
        int64_t number =
            column->type == GY_COLUMN_INT64 ? ((const int64_t *)column->values)[row] : 0;
        if (copy == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", all->count);
        all->names[all->count] = (class_name){copy, length, number, (uint32_t)all->count};
        *at = all->count++;
    }
    *label = (int32_t)*at;
    return GY_OK;
}

// Classes were numbered as they were met; number them in their order.
static gy_status sort_classes(gy_samples *samples, int32_t *labels, labeling *all, bool numbers,
                              gy_arena *arena, gy_error *err)
{
    const char **classes = GY_NEW(arena, const char *, all->count + 1);
    int32_t *place = GY_NEW(all->scratch, int32_t, all->count + 1);
    if (classes == NULL || place == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", all->count);
    if (all->count > 0)
        qsort(all->names, all->count, sizeof(*all->names),
              numbers ? compare_numbers : compare_texts);
    for (size_t i = 0; i < all->count; i++) {
        place[all->names[i].found] = (int32_t)i;
        classes[i] = gy_arena_copy(arena, all->names[i].text, all->names[i].length);
        if (classes[i] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", all->count);
    }
    for (size_t i = 0; i < samples->rows; i++)
        if (labels[i] >= 0)
            labels[i] = place[labels[i]];
    samples->classes = classes;
    samples->class_count = all->count;
    return GY_OK;
}

enum { CLASSES_LIKELY = 8, CLASSES_NUMBERED = 64, ROWS_A_CLASS = 3 };

// Whether labels measure something instead of naming classes: fractions, many numbers with gaps
// between them (classes are numbered without), or hardly a row for each.
static bool is_quantity(const labeling *all, const gy_column *column, const int32_t *labels,
                        size_t rows)
{
    size_t labeled = 0;
    for (size_t i = 0; i < rows; i++)
        labeled += labels[i] >= 0;
    if (all->count <= CLASSES_LIKELY)
        return false;
    if (labeled < ROWS_A_CLASS * all->count)
        return true;
    if (column->type == GY_COLUMN_INT64)
        return all->count > CLASSES_NUMBERED && // sorted
               (uint64_t)all->names[all->count - 1].number - (uint64_t)all->names[0].number >=
                   all->count;
    if (column->type != GY_COLUMN_DOUBLE && column->type != GY_COLUMN_FLOAT)
        return false;
    for (size_t i = 0; i < all->count; i++)
        if (memchr(all->names[i].text, '.', all->names[i].length) != NULL)
            return true;
    return all->count > CLASSES_NUMBERED;
}

static gy_status label_rows(gy_samples *samples, const gy_column *column, gy_text *note,
                            gy_arena *arena, gy_error *err)
{
    int32_t *labels = GY_NEW(arena, int32_t, samples->rows + 1);
    labeling all = {.scratch = gy_arena_new(0)};
    gy_status status = GY_OK;
    all.seen.arena = all.scratch;
    if (labels == NULL || all.scratch == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for %zu labels", samples->rows);
    for (size_t i = 0; i < samples->rows && status == GY_OK; i++) {
        labels[i] = -1;
        if (column != NULL)
            status = label_row(&labels[i], &all, column, samples->row_of[i], err);
    }
    if (status == GY_OK)
        status = sort_classes(samples, labels, &all,
                              column != NULL && column->type == GY_COLUMN_INT64, arena, err);
    if (status == GY_OK && column != NULL && is_quantity(&all, column, labels, samples->rows)) {
        gy_text_add(note,
                    "column '%s' holds a quantity, not classes (%zu different values in %zu rows): "
                    "labels are not judged\n",
                    column->name, all.count, samples->rows);
        for (size_t i = 0; i < samples->rows; i++)
            labels[i] = -1;
        samples->class_count = 0;
    }
    samples->labels = labels;
    gy_arena_free(all.scratch);
    return status;
}

// ---- rows

static gy_status choose_rows(gy_samples *samples, uint32_t **row_of, const gy_table *table,
                             gy_arena *arena, gy_error *err)
{
    *row_of = GY_NEW(arena, uint32_t, table->rows + 1);
    if (*row_of == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu samples", table->rows);
    for (size_t row = 0; row < table->rows; row++)
        if ((table->has_id[row / 8] >> row % 8 & 1) != 0)
            (*row_of)[samples->rows++] = (uint32_t)row;
    samples->row_of = *row_of;
    return GY_OK;
}

static gy_status copy_ids(gy_samples *samples, const gy_table *table, gy_arena *arena,
                          gy_error *err)
{
    gy_id *ids = GY_NEW(arena, gy_id, samples->rows + 1);
    if (ids == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ids", samples->rows);
    for (size_t i = 0; i < samples->rows; i++)
        ids[i] = table->ids[samples->row_of[i]];
    samples->ids = ids;
    return GY_OK;
}

// The only column of tensors, if that is what the table's samples are.
static const gy_column *tensor_column(const gy_table *table)
{
    const gy_column *found = NULL;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type == GY_COLUMN_TENSOR)
            found = found == NULL ? &table->columns[i] : NULL;
    return found;
}

static gy_status make_features(gy_samples *samples, uint32_t *row_of, const gy_table *table,
                               const gy_marks *marks, gy_text *note, gy_arena *arena, gy_error *err)
{
    const gy_column *paths =
        marks->file_column == NULL ? NULL : gy_table_column(table, marks->file_column);
    const gy_column *tensors = tensor_column(table);
    if (paths != NULL)
        return gy_samples_of_files(samples, row_of, table, paths, note, arena, err);
    if (tensors != NULL)
        return gy_samples_of_tensors(samples, tensors, note, arena, err);
    GY_TRY(gy_samples_refuse_unmarked_images(table, err));
    return gy_samples_of_columns(samples, table, marks, note, arena, err);
}

gy_status gy_samples_read(gy_samples *samples, gy_table *table, const gy_marks *marks,
                          gy_arena *arena, gy_error *err)
{
    *samples = (gy_samples){.note = ""};
    if (table->ids == NULL)
        GY_TRY(gy_table_ids(table, marks, arena, err));
    gy_text note = {0};
    uint32_t *row_of;
    gy_table typed;
    GY_TRY(gy_table_typed(&typed, table, marks, arena, err));
    table = &typed;
    GY_TRY(choose_rows(samples, &row_of, table, arena, err));
    size_t without = table->rows - samples->rows;
    if (without > 0)
        gy_text_add(&note, "%zu of %zu rows cannot be read and are left out\n", without,
                    table->rows);
    gy_status status = make_features(samples, row_of, table, marks, &note, arena, err);
    if (status == GY_OK)
        status = copy_ids(samples, table, arena, err);
    const gy_column *label =
        marks->label_column == NULL ? NULL : gy_table_column(table, marks->label_column);
    if (status == GY_OK)
        status = label_rows(samples, label, &note, arena, err);
    if (status == GY_OK && note.length > 0)
        samples->note = gy_arena_copy(arena, note.bytes, note.length);
    if (status == GY_OK && (note.status != GY_OK || samples->note == NULL))
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a note");
    gy_text_release(&note);
    return status;
}
