// SPDX-License-Identifier: Apache-2.0
//
// Arrays as tables: the first index is the row. An array of one dimension is a column of numbers,
// one of more a column of tensors. An IDX file of images is joined by the labels beside it.

#include <string.h>

#include "base/file.h"
#include "table/build.h"
#include "table/read.h"

static gy_column_type type_of(gy_dtype dtype)
{
    switch (dtype) {
    case GY_FLOAT32:
        return GY_COLUMN_FLOAT;
    case GY_FLOAT64:
        return GY_COLUMN_DOUBLE;
    case GY_INT8:
    case GY_UINT8:
    case GY_INT16:
    case GY_UINT16:
    case GY_INT32:
    case GY_UINT32:
    case GY_INT64:
        return GY_COLUMN_INT64;
    case GY_BOOL:
        return GY_COLUMN_BOOL;
    case GY_STRING:
        return GY_COLUMN_TEXT;
    case GY_FLOAT16:
    case GY_UINT64:
        break;
    }
    return GY_COLUMN_TENSOR;
}

static int64_t integer_at(const gy_array *array, size_t i)
{
    switch (array->dtype) {
    case GY_INT8:
        return ((const int8_t *)array->data)[i];
    case GY_UINT8:
        return ((const uint8_t *)array->data)[i];
    case GY_INT16:
        return ((const int16_t *)array->data)[i];
    case GY_UINT16:
        return ((const uint16_t *)array->data)[i];
    case GY_INT32:
        return ((const int32_t *)array->data)[i];
    case GY_UINT32:
        return ((const uint32_t *)array->data)[i];
    default:
        return ((const int64_t *)array->data)[i];
    }
}

static void fill_column(gy_column *column, const gy_array *array)
{
    for (size_t i = 0; i < array->count; i++) {
        if (column->type == GY_COLUMN_INT64)
            ((int64_t *)column->values)[i] = integer_at(array, i);
        else if (column->type == GY_COLUMN_BOOL && ((const uint8_t *)array->data)[i] != 0)
            ((uint8_t *)column->values)[i / 8] |= (uint8_t)(1u << i % 8);
    }
}

static gy_status add_column(gy_column *column, const gy_array *array, const char *path,
                            gy_arena *arena, gy_error *err)
{
    const char *name = array->name[0] == '\0' ? "x" : array->name;
    gy_column_type type = array->rank > 1 ? GY_COLUMN_TENSOR : type_of(array->dtype);
    if (type == GY_COLUMN_TENSOR && array->dtype == GY_STRING)
        return gy_fail(err, GY_UNSUPPORTED, "'%s': array '%s' holds texts in %zu dimensions", path,
                       name, array->rank);
    if (type == GY_COLUMN_TENSOR || type == GY_COLUMN_FLOAT || type == GY_COLUMN_DOUBLE) {
        *column = (gy_column){.name = name, .type = type, .values = array->data};
        if (type == GY_COLUMN_TENSOR) {
            column->dtype = array->dtype;
            column->rank = array->rank - 1;
            memcpy(column->shape, array->shape + 1, column->rank * sizeof(*column->shape));
        }
        return GY_OK;
    }
    gy_column_plan plan = {0};
    const char *const *texts = array->data;
    for (size_t i = 0; type == GY_COLUMN_TEXT && i < array->count; i++) {
        plan.text_bytes += strlen(texts[i]);
        plan.null_count += texts[i][0] == '\0';
    }
    GY_TRY(gy_column_take(column, &plan, name, type, array->count, arena, err));
    for (size_t i = 0; type == GY_COLUMN_TEXT && i < array->count; i++)
        gy_column_set(column, i, texts[i], strlen(texts[i]));
    fill_column(column, array);
    return GY_OK;
}

static gy_status table_of_arrays(gy_table *table, const gy_array *arrays, size_t count,
                                 gy_arena *arena, gy_error *err)
{
    table->columns = GY_NEW(arena, gy_column, count + 1);
    table->column_count = count;
    if (table->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", count);
    if (count == 0)
        return gy_fail(err, GY_FORMAT, "'%s' holds no array", table->path);
    table->rows = arrays[0].rank == 0 ? 0 : arrays[0].shape[0];
    for (size_t i = 0; i < count; i++) {
        if (arrays[i].rank == 0)
            return gy_fail(err, GY_FORMAT, "'%s' is no table: array '%s' is a single value",
                           table->path, arrays[i].name);
        if (arrays[i].shape[0] != table->rows)
            return gy_fail(err, GY_FORMAT,
                           "'%s' is no table: array '%s' has %zu rows, array '%s' %zu", table->path,
                           arrays[0].name, table->rows, arrays[i].name, arrays[i].shape[0]);
        GY_TRY(add_column(&table->columns[i], &arrays[i], table->path, arena, err));
    }
    return GY_OK;
}

gy_status gy_array_table_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                              gy_error *err)
{
    (void)options;
    gy_array *arrays;
    size_t count;
    GY_TRY(gy_arrays_read(&arrays, &count, table->path, arena, err));
    return table_of_arrays(table, arrays, count, arena, err);
}

// ---- IDX, the format of MNIST: 00 00 type rank, sides in big-endian, elements in big-endian

static gy_status decode_idx(gy_array *array, const char *path, size_t limit_bytes, gy_arena *arena,
                            gy_error *err)
{
    static const struct {
        uint8_t code, size_bytes;
        gy_dtype dtype;
    } types[] = {{0x08, 1, GY_UINT8}, {0x09, 1, GY_INT8},    {0x0b, 2, GY_INT16},
                 {0x0c, 4, GY_INT32}, {0x0d, 4, GY_FLOAT32}, {0x0e, 8, GY_FLOAT64}};
    gy_table_bytes file;
    GY_TRY(gy_table_bytes_open(&file, path, limit_bytes, err));
    const unsigned char *bytes = (const unsigned char *)file.bytes;
    gy_status status = GY_OK;
    size_t type = 0, rank = file.size_bytes < 4 ? 0 : bytes[3], count = 1, header = 4 + 4 * rank;
    while (file.size_bytes >= 4 && type < 6 && types[type].code != bytes[2])
        type++;
    if (file.size_bytes < header || bytes[0] != 0 || bytes[1] != 0 || type == 6 || rank < 1 ||
        rank > GY_RANK_MAX) {
        status = gy_fail(err, GY_FORMAT, "'%s' is not an IDX file", path);
        goto done;
    }
    *array = (gy_array){.name = "x", .dtype = types[type].dtype, .rank = rank};
    for (size_t d = 0; d < rank; d++) {
        const unsigned char *b = bytes + 4 + 4 * d;
        array->shape[d] = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        if (array->shape[d] != 0 && count > PTRDIFF_MAX / 8 / array->shape[d])
            count = PTRDIFF_MAX / 8;
        else
            count *= array->shape[d];
    }
    size_t size = types[type].size_bytes;
    if (count * size != file.size_bytes - header) {
        status = gy_fail(err, GY_FORMAT,
                         "'%s' is cut short or broken: %zu bytes of data, its "
                         "header says %zu",
                         path, file.size_bytes - header, count * size);
        goto done;
    }
    unsigned char *data = gy_arena_take(arena, count, size);
    if (data == NULL) {
        status = gy_fail(err, GY_NO_MEMORY, "no memory for %zu bytes of '%s'", count * size, path);
        goto done;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < size; b++)
            data[i * size + b] = bytes[header + i * size + (size - 1 - b)];
    array->count = count;
    array->data = data;
done:
    gy_table_bytes_close(&file);
    return status;
}

// train-images-idx3-ubyte.gz -> train-labels-idx1-ubyte.gz; NULL: not named so, or not there.
static const char *labels_beside(const char *path, gy_arena *arena)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *images = strstr(name, "-images-idx3-ubyte");
    if (images == NULL)
        return NULL;
    char *labels = gy_arena_format(arena, "%.*s-labels-idx1-ubyte%s", (int)(images - path), path,
                                   images + strlen("-images-idx3-ubyte"));
    return labels != NULL && gy_file_exists(labels) ? labels : NULL;
}

gy_status gy_idx_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                      gy_error *err)
{
    gy_array arrays[2];
    size_t limit_bytes = gy_table_limit(options), count = 1;
    GY_TRY(decode_idx(&arrays[0], table->path, limit_bytes, arena, err));
    const char *labels = labels_beside(table->path, arena);
    if (labels != NULL) {
        GY_TRY(decode_idx(&arrays[1], labels, limit_bytes, arena, err));
        arrays[1].name = "label";
        count = 2;
    }
    return table_of_arrays(table, arrays, count, arena, err);
}
