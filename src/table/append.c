// SPDX-License-Identifier: Apache-2.0
//
// Two tables as one: the rows of the second behind those of the first.

#include <string.h>

#include "table/build.h"

static bool is_number(gy_column_type type)
{
    return type == GY_COLUMN_INT64 || type == GY_COLUMN_FLOAT || type == GY_COLUMN_DOUBLE;
}

static double number_at(const gy_column *column, size_t row)
{
    return column->type == GY_COLUMN_INT64   ? (double)((const int64_t *)column->values)[row]
           : column->type == GY_COLUMN_FLOAT ? (double)((const float *)column->values)[row]
                                             : ((const double *)column->values)[row];
}

static void copy_text(gy_column *both, const gy_column *from, const char *before, size_t rows,
                      size_t first, char *bytes, int64_t *offsets)
{
    int64_t used = offsets[first];
    for (size_t row = 0; row < rows; row++) {
        if (gy_column_has(from, row)) {
            size_t length;
            const char *text = gy_column_text(from, row, &length);
            size_t prefix = length > 0 && text[0] != '/' ? strlen(before) : 0;
            memcpy(bytes + used, before, prefix);
            memcpy(bytes + used + prefix, text, length);
            used += (int64_t)(prefix + length);
        }
        offsets[first + row + 1] = used;
    }
    both->offsets = offsets;
}

static size_t text_room(const gy_column *column, size_t rows, const char *before)
{
    return column->type == GY_COLUMN_TEXT ? (size_t)column->offsets[rows] + rows * strlen(before)
                                          : 0;
}

typedef struct joint {
    const gy_table *tables[2];
    const char *file_column;
    size_t common_bytes; // of the folders' paths: what the rows' relative paths start behind
    gy_arena *arena;
} joint;

// How much of their paths two folders have in common, up to a slash. The root of all is nothing in
// common: rows may name files below what is.
static size_t common_folder(const char *one, const char *other)
{
    size_t common = 0;
    for (size_t i = 0; one[i] != '\0' && one[i] == other[i]; i++)
        if (one[i] == '/')
            common = i + 1;
    return common > 1 ? common : 0;
}

static gy_status fill_values(gy_column *both, const gy_column *const parts[2], const joint *job,
                             gy_error *err)
{
    size_t rows[2] = {job->tables[0]->rows, job->tables[1]->rows};
    size_t width = gy_column_value_bytes(both), total = rows[0] + rows[1], room = width * total;
    bool is_file = job->file_column != NULL && strcmp(both->name, job->file_column) == 0;
    const char *before[2] = {is_file ? job->tables[0]->folder + job->common_bytes : "",
                             is_file ? job->tables[1]->folder + job->common_bytes : ""};
    if (both->type == GY_COLUMN_TEXT)
        room = text_room(parts[0], rows[0], before[0]) + text_room(parts[1], rows[1], before[1]);
    if (both->type == GY_COLUMN_BOOL)
        room = total / 8 + 1;
    char *values = GY_NEW(job->arena, char, room + 1);
    int64_t *offsets = both->type == GY_COLUMN_TEXT ? GY_NEW(job->arena, int64_t, total + 1) : NULL;
    if (values == NULL || (both->type == GY_COLUMN_TEXT && offsets == NULL))
        return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", both->name);
    both->values = values;
    for (size_t part = 0, first = 0; part < 2; first += rows[part++]) {
        const gy_column *from = parts[part];
        if (from->type == GY_COLUMN_NULL) {
            for (size_t row = 0; offsets != NULL && row < rows[part]; row++)
                offsets[first + row + 1] = offsets[first];
        } else if (both->type == GY_COLUMN_TEXT) {
            copy_text(both, from, before[part], rows[part], first, values, offsets);
        } else if (both->type == GY_COLUMN_BOOL) {
            for (size_t row = 0; row < rows[part]; row++)
                if (gy_bit_at(from->values, row))
                    values[(first + row) / 8] |= (char)(1 << (first + row) % 8);
        } else if (from->type == both->type) {
            memcpy(values + first * width, from->values, rows[part] * width);
        } else {
            for (size_t row = 0; row < rows[part]; row++)
                ((double *)(void *)values)[first + row] = number_at(from, row);
        }
    }
    both->offsets = offsets;
    return GY_OK;
}

static gy_status fill_validity(gy_column *both, const gy_column *const parts[2], const joint *job,
                               gy_error *err)
{
    size_t first = job->tables[0]->rows, total = first + job->tables[1]->rows;
    uint8_t *validity = GY_NEW(job->arena, uint8_t, total / 8 + 1);
    if (validity == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", both->name);
    for (size_t row = 0; row < total; row++) {
        bool has =
            row < first ? gy_column_has(parts[0], row) : gy_column_has(parts[1], row - first);
        if (has)
            validity[row / 8] |= (uint8_t)(1u << row % 8);
        else
            both->null_count++;
    }
    both->validity = validity;
    return GY_OK;
}

static bool same_tensor(const gy_column *a, const gy_column *b)
{
    return a->type != GY_COLUMN_TENSOR ||
           (a->dtype == b->dtype && a->rank == b->rank &&
            memcmp(a->shape, b->shape, sizeof(a->shape[0]) * a->rank) == 0);
}

static gy_status append_column(gy_column *both, const gy_column *first, const joint *job,
                               gy_error *err)
{
    const gy_column *second = gy_table_column(job->tables[1], first->name);
    if (second == NULL)
        return gy_fail(err, GY_INVALID, "'%s' has no column '%s', as '%s' has",
                       job->tables[1]->path, first->name, job->tables[0]->path);
    *both = first->type == GY_COLUMN_NULL ? *second : *first;
    both->null_count = 0;
    if (is_number(first->type) && is_number(second->type) && first->type != second->type)
        both->type = GY_COLUMN_DOUBLE;
    else if (first->type != second->type && first->type != GY_COLUMN_NULL &&
             second->type != GY_COLUMN_NULL)
        return gy_fail(err, GY_INVALID, "column '%s' of '%s' is of another type than in '%s'",
                       first->name, job->tables[1]->path, job->tables[0]->path);
    if (first->type == second->type && !same_tensor(first, second))
        return gy_fail(err, GY_INVALID, "column '%s' of '%s' is of another shape than in '%s'",
                       first->name, job->tables[1]->path, job->tables[0]->path);
    const gy_column *parts[2] = {first, second};
    GY_TRY(fill_values(both, parts, job, err));
    return fill_validity(both, parts, job, err);
}

static gy_status append_ids(gy_table *both, const joint *job, gy_error *err)
{
    const gy_table *a = job->tables[0], *b = job->tables[1];
    gy_id *ids = GY_NEW(job->arena, gy_id, both->rows + 1);
    uint8_t *has_id = GY_NEW(job->arena, uint8_t, both->rows / 8 + 1);
    uint32_t *occurrences = GY_NEW(job->arena, uint32_t, both->rows + 1);
    if (ids == NULL || has_id == NULL || occurrences == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ids", both->rows);
    for (size_t row = 0; row < both->rows; row++) {
        const gy_table *from = row < a->rows ? a : b;
        size_t at = row < a->rows ? row : row - a->rows;
        ids[row] = from->ids[at];
        occurrences[row] = from->occurrences[at];
        if (gy_bit_at(from->has_id, at))
            has_id[row / 8] |= (uint8_t)(1u << row % 8);
    }
    both->ids = ids;
    both->has_id = has_id;
    both->occurrences = occurrences;
    return GY_OK;
}

gy_status gy_table_append(gy_table *both, const gy_table *first, const gy_table *second,
                          const char *file_column, gy_arena *arena, gy_error *err)
{
    joint job = {{first, second}, file_column, 0, arena};
    const char *folder = first->folder;
    if (file_column != NULL) {
        job.common_bytes = common_folder(first->folder, second->folder);
        folder = gy_arena_copy(arena, first->folder, job.common_bytes);
    }
    if (folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    *both = (gy_table){.path = first->path,
                       .folder = folder,
                       .column_count = first->column_count,
                       .rows = first->rows + second->rows,
                       .first_row = first->first_row};
    both->columns = GY_NEW(arena, gy_column, first->column_count + 1);
    if (both->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", first->column_count);
    for (size_t i = 0; i < first->column_count; i++)
        GY_TRY(append_column(&both->columns[i], &first->columns[i], &job, err));
    return append_ids(both, &job, err);
}
