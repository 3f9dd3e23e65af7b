// SPDX-License-Identifier: Apache-2.0
//
// Arrow arrays as a table: each batch's part of a column is taken as it is; several are joined.

#include <string.h>

#include "table/arrow_form.h"
#include "table/build.h"

typedef struct import {
    const struct ArrowSchema *schema;
    const struct ArrowArray *arrays;
    size_t count, rows;
    bool is_struct;
    gy_arena *arena;
} import;

static gy_status no_memory(const char *name, gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", name);
}

// ---- a column being filled from others of its type

typedef struct filling {
    gy_column *column;
    size_t rows; // so far
    char *values;
    uint8_t *validity;
    int64_t *offsets;
} filling;

// Room for rows of like's type. text_bytes: of all texts.
static gy_status start_filling(filling *to, gy_column *column, const gy_column *like, size_t rows,
                               size_t text_bytes, gy_arena *arena, gy_error *err)
{
    const char *name = column->name;
    *column = *like;
    column->name = name;
    column->null_count = 0;
    column->validity = NULL;
    *to = (filling){.column = column, .validity = GY_NEW(arena, uint8_t, rows / 8 + 1)};
    size_t size_bytes = gy_column_value_bytes(like);
    bool is_text = like->type == GY_COLUMN_TEXT, is_bits = like->type == GY_COLUMN_BOOL;
    to->values = is_text   ? GY_NEW(arena, char, text_bytes + 1)
                 : is_bits ? GY_NEW(arena, char, rows / 8 + 1)
                           : gy_arena_take(arena, rows + 1, size_bytes == 0 ? 1 : size_bytes);
    if (is_text)
        to->offsets = GY_NEW(arena, int64_t, rows + 1);
    if (to->values == NULL || to->validity == NULL || (is_text && to->offsets == NULL))
        return no_memory(name, err);
    column->values = to->values;
    column->offsets = to->offsets;
    return GY_OK;
}

// The next row: that of another column, or none.
static void fill_row(filling *to, const gy_column *from, size_t row, bool has)
{
    size_t at = to->rows++;
    if (to->offsets != NULL)
        to->offsets[at + 1] = to->offsets[at];
    if (!has) {
        to->column->null_count++;
        return;
    }
    gy_bit_set(to->validity, at);
    if (to->offsets != NULL) {
        size_t length;
        const char *text = gy_column_text(from, row, &length);
        memcpy(to->values + to->offsets[at], text, length);
        to->offsets[at + 1] += (int64_t)length;
    } else if (from->type == GY_COLUMN_BOOL) {
        if (gy_bit_at(from->values, row))
            gy_bit_set((uint8_t *)to->values, at);
    } else {
        size_t size = gy_column_value_bytes(from);
        memcpy(to->values + at * size, (const char *)from->values + row * size, size);
    }
}

static void end_filling(filling *to)
{
    to->column->validity = to->column->null_count == 0 ? NULL : to->validity;
}

// ---- dictionaries

static gy_status take_indices(gy_column *indices, const gy_arrow_part *part,
                              const struct ArrowSchema *schema, const import *in, gy_error *err)
{
    gy_arrow_form form;
    GY_TRY(gy_arrow_form_read(&form, schema, indices->name, in->arena, err));
    if (form.type != GY_COLUMN_INT64 || form.kind == GY_ARROW_DECIMAL)
        return gy_fail(err, GY_FORMAT, "column '%s': a dictionary counted by '%s'", indices->name,
                       schema->format);
    GY_TRY(gy_arrow_check(part, &form, indices->name, err));
    return gy_arrow_take(indices, part, &form, in->arena, err);
}

// The words that the indices name.
static gy_status resolve(gy_column *column, const gy_column *indices, size_t rows,
                         const gy_column *words, size_t word_count, gy_arena *arena, gy_error *err)
{
    const int64_t *index = indices->values;
    size_t text_bytes = 0;
    filling to;
    for (size_t row = 0; row < rows; row++) {
        if (!gy_column_has(indices, row))
            continue;
        if (index[row] < 0 || (uint64_t)index[row] >= word_count)
            return gy_fail(err, GY_FORMAT,
                           "column '%s': row %zu is entry %lld of %zu in its "
                           "dictionary",
                           column->name, row + 1, (long long)index[row], word_count);
        if (words->type == GY_COLUMN_TEXT && gy_column_has(words, (size_t)index[row]))
            text_bytes += (size_t)(words->offsets[index[row] + 1] - words->offsets[index[row]]);
    }
    GY_TRY(start_filling(&to, column, words, rows, text_bytes, arena, err));
    for (size_t row = 0; row < rows; row++) {
        size_t word = gy_column_has(indices, row) ? (size_t)index[row] : 0;
        bool has = gy_column_has(indices, row) && gy_column_has(words, word);
        fill_row(&to, words, word, has);
    }
    end_filling(&to);
    return GY_OK;
}

// The dictionary of each batch: they may differ.
static gy_status find_dictionaries(gy_arrow_part *entries, const gy_arrow_part *parts, size_t count,
                                   const char *name, gy_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct ArrowArray *words = parts[i].array->dictionary;
        if (words == NULL || words->length < 0 || words->offset < 0)
            return gy_fail(err, GY_FORMAT, "column '%s': its dictionary is missing", name);
        entries[i] = (gy_arrow_part){words, (size_t)words->offset, (size_t)words->length};
    }
    return GY_OK;
}

static gy_status take_dictionary(gy_column *column, const gy_arrow_part *part,
                                 const gy_arrow_part *entries, const struct ArrowSchema *schema,
                                 const gy_arrow_form *form, const import *in, gy_error *err)
{
    gy_column indices = {.name = column->name}, words = {.name = column->name};
    GY_TRY(gy_arrow_take(&words, entries, form, in->arena, err));
    GY_TRY(take_indices(&indices, part, schema, in, err));
    return resolve(column, &indices, part->rows, &words, entries->rows, in->arena, err);
}

// ---- columns

// A uint64 column is whole numbers if all of its values are of an int64_t; else their text.
static void widen(gy_arrow_form *form, const gy_arrow_part *parts, size_t count)
{
    if (form->kind != GY_ARROW_WHOLE || form->width_bytes != 8)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct ArrowArray *array = parts[i].array;
        const uint8_t *bits = array->null_count == 0 ? NULL : array->buffers[0];
        for (size_t row = 0; row < parts[i].rows; row++) {
            size_t at = parts[i].first + row;
            uint64_t value;
            memcpy(&value, (const char *)array->buffers[1] + 8 * at, sizeof(value));
            if (value > INT64_MAX && (bits == NULL || gy_bit_at(bits, at)))
                form->type = GY_COLUMN_TEXT;
        }
    }
}

static gy_status join(gy_column *column, gy_column *pieces, const gy_arrow_part *parts,
                      const gy_arrow_form *form, const import *in, gy_error *err)
{
    size_t text_bytes = 0;
    filling to;
    if (in->count == 0) { // no batch: as an empty one
        pieces[0].type = form->type;
        pieces[0].dtype = form->dtype;
        pieces[0].rank = form->rank;
        memcpy(pieces[0].shape, form->shape, sizeof(form->shape));
    } else if (in->count == 1 || form->kind == GY_ARROW_NULL) {
        *column = pieces[0];
        column->null_count = form->kind == GY_ARROW_NULL ? in->rows : pieces[0].null_count;
        return GY_OK;
    }
    for (size_t i = 0; pieces[0].type == GY_COLUMN_TEXT && i < in->count; i++)
        text_bytes += (size_t)(pieces[i].offsets[parts[i].rows] - pieces[i].offsets[0]);
    GY_TRY(start_filling(&to, column, &pieces[0], in->rows, text_bytes, in->arena, err));
    for (size_t i = 0; i < in->count; i++)
        for (size_t row = 0; row < parts[i].rows; row++)
            fill_row(&to, &pieces[i], row, gy_column_has(&pieces[i], row));
    end_filling(&to);
    return GY_OK;
}

static gy_status import_parts(gy_column *column, const struct ArrowSchema *schema,
                              const gy_arrow_part *parts, const import *in, gy_error *err)
{
    gy_arrow_form form;
    const struct ArrowSchema *values = schema->dictionary == NULL ? schema : schema->dictionary;
    gy_column *pieces = GY_NEW(in->arena, gy_column, in->count + 1);
    gy_arrow_part *entries = GY_NEW(in->arena, gy_arrow_part, in->count + 1);
    if (pieces == NULL || entries == NULL)
        return no_memory(column->name, err);
    pieces[0].name = column->name;
    GY_TRY(gy_arrow_form_read(&form, values, column->name, in->arena, err));
    if (values != schema) {
        if (form.kind == GY_ARROW_NULL || form.kind == GY_ARROW_TENSOR ||
            values->dictionary != NULL)
            return gy_fail(err, GY_UNSUPPORTED, "column '%s': a dictionary of '%s'", column->name,
                           values->format);
        GY_TRY(find_dictionaries(entries, parts, in->count, column->name, err));
    }
    const gy_arrow_part *sources = values == schema ? parts : entries;
    for (size_t i = 0; i < in->count; i++)
        GY_TRY(gy_arrow_check(&sources[i], &form, column->name, err));
    widen(&form, sources, in->count);
    for (size_t i = 0; i < in->count; i++) {
        pieces[i].name = column->name;
        if (values != schema)
            GY_TRY(take_dictionary(&pieces[i], &parts[i], &entries[i], schema, &form, in, err));
        else
            GY_TRY(gy_arrow_take(&pieces[i], &parts[i], &form, in->arena, err));
    }
    GY_TRY(join(column, pieces, parts, &form, in, err));
    return form.is_narrow ? gy_column_narrow(column, in->rows, in->arena, err) : GY_OK;
}

static gy_status import_column(gy_column *column, const struct ArrowSchema *schema, size_t number,
                               const import *in, gy_error *err)
{
    const char *name = schema->name == NULL || (!in->is_struct && schema->name[0] == '\0')
                           ? (in->is_struct ? "" : "value")
                           : schema->name;
    column->name = gy_arena_copy(in->arena, name, strlen(name));
    gy_arrow_part *parts = GY_NEW(in->arena, gy_arrow_part, in->count + 1);
    if (column->name == NULL || parts == NULL)
        return no_memory(name, err);
    for (size_t i = 0; i < in->count; i++) {
        const struct ArrowArray *batch = &in->arrays[i];
        parts[i] = (gy_arrow_part){batch, (size_t)batch->offset, (size_t)batch->length};
        if (!in->is_struct)
            continue;
        parts[i].array = batch->children[number];
        if (parts[i].array == NULL || parts[i].array->offset < 0 ||
            parts[i].array->length < batch->offset + batch->length)
            return gy_fail(err, GY_FORMAT, "column '%s' has fewer rows than its Arrow batch", name);
        parts[i].first += (size_t)parts[i].array->offset;
    }
    return import_parts(column, schema, parts, in, err);
}

static gy_status count_rows(import *in, size_t columns, gy_error *err)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct ArrowArray *batch = &in->arrays[i];
        if (batch->release == NULL)
            return gy_fail(err, GY_INVALID, "Arrow batch %zu is released already", i + 1);
        if (batch->length < 0 || batch->offset < 0 || batch->length > INT64_MAX / 2 ||
            batch->offset > INT64_MAX / 2)
            return gy_fail(err, GY_FORMAT, "Arrow batch %zu has a negative length", i + 1);
        if (in->is_struct && (size_t)batch->n_children != columns)
            return gy_fail(err, GY_FORMAT, "Arrow batch %zu has %lld columns, its schema %zu",
                           i + 1, (long long)batch->n_children, columns);
        if (in->is_struct && batch->n_buffers > 0 && batch->null_count != 0 &&
            batch->buffers[0] != NULL)
            return gy_fail(err, GY_UNSUPPORTED,
                           "Arrow batch %zu says which rows are null as a whole, which a table "
                           "cannot",
                           i + 1);
        in->rows += (size_t)batch->length;
    }
    return GY_OK;
}

gy_status gy_table_import_arrow(gy_table *table, const struct ArrowSchema *schema,
                                const struct ArrowArray *arrays, size_t count, gy_arena *arena,
                                gy_error *err)
{
import in = {.schema = schema, .arrays = arrays, .count = count, .arena = arena };
    *table = (gy_table){.path = "Arrow data", .folder = "", .first_row = 1};
    if (schema->release == NULL || schema->format == NULL)
        return gy_fail(err, GY_INVALID, "the Arrow schema is released already");
    in.is_struct = strcmp(schema->format, "+s") == 0;
    table->column_count = in.is_struct ? (size_t)schema->n_children : 1;
    GY_TRY(count_rows(&in, table->column_count, err));
    table->rows = in.rows;
    table->columns = GY_NEW(arena, gy_column, table->column_count + 1);
    if (table->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t i = 0; i < table->column_count; i++) {
        GY_TRY(import_column(&table->columns[i], in.is_struct ? schema->children[i] : schema, i,
                             &in, err));
        if (gy_table_column(table, table->columns[i].name) != &table->columns[i])
            return gy_fail(err, GY_INVALID, "two columns have the name '%s'",
                           table->columns[i].name);
    }
    return GY_OK;
}
