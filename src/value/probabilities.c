// SPDX-License-Identifier: Apache-2.0
//
// The user's own probabilities: what a net said of samples that it had not seen.

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "gyre/value.h"

typedef struct reading {
    const gy_samples *samples;
    size_t table_rows;
    const char *path;
    double *sums;     // [rows][classes]
    uint32_t *voices; // [rows]: files that spoke of the sample
    gy_id_map rows;   // of ids, made when a file has ids
    uint32_t *next;   // [rows]: the next sample of the same id, plus 1; 0: none
    gy_arena *arena;
} reading;

// One file's numbers, wherever they stand.
typedef struct shares {
    size_t rows, classes;
    const gy_array *array;     // [rows][classes], or
    const gy_table *table;     // a column a class:
    const gy_column **columns; // [class_count]
    const gy_id *ids;          // [rows]; NULL: row order
    const uint32_t *class_of;  // [classes] of the array: which class each is
} shares;

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static gy_status find_class(uint32_t *found, const reading *job, const char *name, size_t length,
                            gy_error *err)
{
    for (size_t c = 0; c < job->samples->class_count; c++)
        if (strlen(job->samples->classes[c]) == length &&
            memcmp(job->samples->classes[c], name, length) == 0) {
            *found = (uint32_t)c;
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID, "'%s' speaks of class '%.*s', which no label has", job->path,
                   (int)length, name);
}

static gy_status take_ids(gy_id **ids, const reading *job, const char *const *texts, size_t count,
                          gy_error *err)
{
    *ids = GY_NEW(job->arena, gy_id, count + 1);
    if (*ids == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ids", count);
    for (size_t i = 0; i < count; i++)
        if (gy_id_parse(&(*ids)[i], texts[i], NULL) != GY_OK)
            return gy_fail(err, GY_INVALID, "'%s': id %zu, '%.70s', is not 64 hex digits",
                           job->path, i + 1, texts[i]);
    return GY_OK;
}

static gy_status open_arrays(shares *found, const reading *job, gy_error *err)
{
    gy_array *arrays;
    size_t count;
    GY_TRY(gy_arrays_read(&arrays, &count, job->path, job->arena, err));
    const gy_array *ids = NULL, *classes = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_probs = arrays[i].name != NULL && strcmp(arrays[i].name, "probs") == 0;
        if (arrays[i].dtype != GY_STRING && arrays[i].rank == 2 &&
            (found->array == NULL || is_probs))
            found->array = &arrays[i];
        else if (arrays[i].dtype == GY_STRING && strcmp(arrays[i].name, "ids") == 0)
            ids = &arrays[i];
        else if (arrays[i].dtype == GY_STRING && strcmp(arrays[i].name, "classes") == 0)
            classes = &arrays[i];
    }
    if (found->array == NULL)
        return gy_fail(err, GY_INVALID, "'%s' has no array of rows x classes", job->path);
    if (found->array->dtype != GY_FLOAT32 && found->array->dtype != GY_FLOAT64)
        return gy_fail(err, GY_INVALID, "'%s': probabilities are %s, must be float32 or float64",
                       job->path, gy_dtype_name(found->array->dtype));
    found->rows = found->array->shape[0];
    found->classes = found->array->shape[1];
    uint32_t *class_of = GY_NEW(job->arena, uint32_t, found->classes + 1);
    if (class_of == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu classes", found->classes);
    if (classes != NULL && classes->count != found->classes)
        return gy_fail(err, GY_INVALID, "'%s': %zu classes for %zu columns", job->path,
                       classes->count, found->classes);
    if (classes == NULL && found->classes != job->samples->class_count)
        return gy_fail(err, GY_INVALID, "'%s' has %zu columns, the labels %zu classes", job->path,
                       found->classes, job->samples->class_count);
    for (size_t c = 0; c < found->classes; c++) {
        const char *name = classes != NULL ? ((const char *const *)classes->data)[c] : NULL;
        class_of[c] = (uint32_t)c;
        if (name != NULL)
            GY_TRY(find_class(&class_of[c], job, name, strlen(name), err));
    }
    found->class_of = class_of;
    if (ids == NULL)
        return GY_OK;
    if (ids->count != found->rows)
        return gy_fail(err, GY_INVALID, "'%s': %zu ids for %zu rows", job->path, ids->count,
                       found->rows);
    gy_id *parsed = NULL;
    GY_TRY(take_ids(&parsed, job, ids->data, ids->count, err));
    found->ids = parsed;
    return GY_OK;
}

static gy_status open_table(shares *found, const reading *job, gy_error *err)
{
    gy_table *table = GY_NEW(job->arena, gy_table, 1);
    if (table == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", job->path);
    GY_TRY(gy_table_read(table, job->path, NULL, job->arena, err));
    found->table = table;
    found->rows = table->rows;
    found->classes = job->samples->class_count;
    found->columns =
        (const gy_column **)gy_arena_take(job->arena, found->classes, sizeof(gy_column *));
    const char **texts = GY_NEW(job->arena, const char *, table->rows + 1);
    if (found->columns == NULL || texts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", job->path);
    for (size_t c = 0; c < found->classes; c++) {
        found->columns[c] = gy_table_column(table, job->samples->classes[c]);
        gy_column_type type = found->columns[c] != NULL ? found->columns[c]->type : GY_COLUMN_NULL;
        if (type != GY_COLUMN_DOUBLE && type != GY_COLUMN_FLOAT && type != GY_COLUMN_INT64)
            return gy_fail(err, GY_INVALID, "'%s' has no column of numbers for class '%s'",
                           job->path, job->samples->classes[c]);
    }
    const gy_column *ids = gy_table_column(table, "gyre_id");
    if (ids == NULL)
        ids = gy_table_column(table, "id");
    if (ids == NULL || ids->type != GY_COLUMN_TEXT)
        return GY_OK;
    for (size_t row = 0; row < table->rows; row++) {
        size_t length = 0;
        const char *text = gy_column_has(ids, row) ? gy_column_text(ids, row, &length) : "";
        texts[row] = gy_arena_copy(job->arena, text, length);
        if (texts[row] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ids", table->rows);
    }
    gy_id *parsed = NULL;
    GY_TRY(take_ids(&parsed, job, texts, table->rows, err));
    found->ids = parsed;
    return GY_OK;
}

static double share_at(const shares *from, size_t row, size_t column)
{
    if (from->array != NULL) {
        size_t at = row * from->classes + column;
        return from->array->dtype == GY_FLOAT32 ? (double)((const float *)from->array->data)[at]
                                                : ((const double *)from->array->data)[at];
    }
    const gy_column *values = from->columns[column];
    if (!gy_column_has(values, row))
        return NAN;
    return values->type == GY_COLUMN_DOUBLE  ? ((const double *)values->values)[row]
           : values->type == GY_COLUMN_FLOAT ? (double)((const float *)values->values)[row]
                                             : (double)((const int64_t *)values->values)[row];
}

// Add one row of a file to one sample.
static gy_status add_row(reading *job, const shares *from, size_t row, size_t sample, gy_error *err)
{
    double whole = 0.0;
    size_t classes = job->samples->class_count;
    for (size_t column = 0; column < from->classes; column++) {
        double share = share_at(from, row, column);
        if (!(share >= 0.0 && share <= 1.0 + 1e-6))
            return gy_fail(err, GY_INVALID, "'%s' row %zu: %g is not a probability", job->path,
                           row + 1, share);
        whole += share;
    }
    if (fabs(whole - 1.0) > 0.01)
        return gy_fail(err, GY_INVALID, "'%s' row %zu: probabilities sum to %g, must be 1",
                       job->path, row + 1, whole);
    for (size_t column = 0; column < from->classes; column++) {
        size_t c = from->class_of != NULL ? from->class_of[column] : column;
        job->sums[sample * classes + c] += share_at(from, row, column) / whole;
    }
    job->voices[sample]++;
    return GY_OK;
}

static gy_status index_ids(reading *job, gy_error *err)
{
    if (job->next != NULL)
        return GY_OK;
    size_t rows = job->samples->rows;
    job->rows.arena = job->arena;
    job->next = GY_NEW(job->arena, uint32_t, rows);
    if (job->next == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ids", rows);
    for (size_t row = 0; row < rows; row++) { // equal samples form a chain
        uint64_t *at = NULL;
        GY_TRY(gy_id_map_at(&at, NULL, &job->rows, &job->samples->ids[row], err));
        job->next[row] = (uint32_t)*at;
        *at = row + 1;
    }
    return GY_OK;
}

static gy_status add_by_id(reading *job, const shares *from, gy_error *err)
{
    GY_TRY(index_ids(job, err));
    for (size_t row = 0; row < from->rows; row++) {
        const uint64_t *at = gy_id_map_find(&job->rows, &from->ids[row]);
        for (size_t sample = at != NULL ? (size_t)*at : 0; sample > 0;
             sample = job->next[sample - 1])
            GY_TRY(add_row(job, from, row, sample - 1, err));
    }
    return GY_OK;
}

static gy_status add_in_order(reading *job, const shares *from, gy_error *err)
{
    const gy_samples *samples = job->samples;
    if (from->rows != job->table_rows && from->rows != samples->rows)
        return gy_fail(err, GY_INVALID,
                       "'%s' has %zu rows and no ids; the table has %zu rows, %zu of them samples",
                       job->path, from->rows, job->table_rows, samples->rows);
    bool is_table = from->rows == job->table_rows;
    for (size_t sample = 0; sample < samples->rows; sample++) {
        size_t row = is_table && samples->row_of != NULL ? samples->row_of[sample] : sample;
        GY_TRY(add_row(job, from, row, sample, err));
    }
    return GY_OK;
}

gy_status gy_probabilities_read(float **probabilities, const gy_samples *samples, size_t table_rows,
                                const char *const *paths, size_t count, gy_arena *arena,
                                gy_error *err)
{
    size_t rows = samples->rows, classes = samples->class_count;
    reading job = {.samples = samples,
                   .table_rows = table_rows,
                   .sums = GY_NEW(arena, double, rows *classes + 1),
                   .voices = GY_NEW(arena, uint32_t, rows + 1),
                   .arena = arena};
    float *made = GY_NEW(arena, float, rows *classes + 1);
    if (job.sums == NULL || job.voices == NULL || made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the probabilities of %zu samples", rows);
    for (size_t i = 0; i < count; i++) {
        shares from = {0};
        job.path = paths[i];
        if (ends_with(paths[i], ".npy") || ends_with(paths[i], ".npz"))
            GY_TRY(open_arrays(&from, &job, err));
        else
            GY_TRY(open_table(&from, &job, err));
        if (from.ids != NULL && samples->ids != NULL)
            GY_TRY(add_by_id(&job, &from, err));
        else
            GY_TRY(add_in_order(&job, &from, err));
    }
    for (size_t row = 0; row < rows; row++)
        for (size_t c = 0; c < classes; c++)
            made[row * classes + c] =
                job.voices[row] > 0 ? (float)(job.sums[row * classes + c] / (double)job.voices[row])
                                    : 1.0f / (float)classes;
    *probabilities = made;
    return GY_OK;
}
