// SPDX-License-Identifier: Apache-2.0
//
// Samples as the model takes them: the arrays of an .npz as they are, or the images of a table,
// pixels scaled and channels put where the model has them.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/work.h"

enum { LABEL_NAMES = 4 };
static const char *const label_names[LABEL_NAMES] = {"label", "target", "class", "y"};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static size_t row_count(const gy_port *port)
{
    return port->rank == 0 || port->shape[0] == 0 ? 1 : port->count / port->shape[0];
}

static gy_status take_rows(gy_inputs *inputs, const gy_port *port, size_t rows, gy_arena *arena,
                           gy_error *err)
{
    inputs->rows = rows;
    inputs->row_bytes = row_count(port) * gy_dtype_size(port->dtype);
    inputs->bytes = gy_arena_take(arena, rows, inputs->row_bytes);
    if (inputs->bytes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu samples of %zu bytes", rows,
                       inputs->row_bytes);
    return GY_OK;
}

// ---- arrays

static bool fits(const gy_array *array, const gy_port *port)
{
    bool same = array->rank == port->rank && array->shape[0] > 0;
    for (size_t i = 1; same && i < port->rank; i++)
        same = array->shape[i] == port->shape[i];
    return same;
}

static const gy_array *find_input(const gy_array *arrays, size_t count, const gy_port *port)
{
    const gy_array *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!fits(&arrays[i], port))
            continue;
        if (arrays[i].name != NULL && strcmp(arrays[i].name, port->name) == 0)
            return &arrays[i];
        if (found == NULL)
            found = &arrays[i];
    }
    return found;
}

static void add_shape(gy_text *out, const size_t *shape, size_t rank)
{
    for (size_t i = 0; i < rank; i++)
        gy_text_add(out, i == 0 ? "samples" : " x %zu", shape[i]);
}

static gy_status fail_to_fit(const gy_array *arrays, size_t count, const char *path,
                             const gy_port *port, gy_error *err)
{
    gy_text wanted = {0}, given = {0};
    add_shape(&wanted, port->shape, port->rank);
    for (size_t i = 0; i < count; i++) {
        const char *name = arrays[i].name == NULL ? "" : arrays[i].name;
        gy_text_add(&given, name[0] == '\0' ? "%s%sit is " : "%s'%s' is ", i == 0 ? "" : ", ",
                    name);
        add_shape(&given, arrays[i].shape, arrays[i].rank);
        gy_text_add(&given, arrays[i].count == 0 ? " and empty" : "");
    }
    gy_status status = GY_NO_MEMORY;
    if (wanted.status == GY_OK && given.status == GY_OK)
        status = gy_fail(err, GY_INVALID,
                         "no array in '%s' fits the model's input '%s', which is %s: %s", path,
                         port->name, wanted.bytes, count == 0 ? "there is none" : given.bytes);
    gy_text_release(&wanted);
    gy_text_release(&given);
    return status == GY_INVALID ? status : gy_fail(err, status, "no memory for a message");
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Labels given as texts: numbered in their order, as gyre numbers classes.
static gy_status number_texts(int32_t *labels, const gy_array *array, size_t outputs,
                              gy_inputs *inputs, gy_arena *arena, gy_error *err)
{
    const char **sorted = GY_NEW(arena, const char *, array->count);
    if (sorted == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu labels", array->count);
    memcpy(sorted, array->data, array->count * sizeof(*sorted));
    qsort(sorted, array->count, sizeof(*sorted), compare_texts);
    size_t classes = 0;
    for (size_t i = 0; i < array->count; i++)
        if (i == 0 || strcmp(sorted[i], sorted[classes - 1]) != 0)
            sorted[classes++] = sorted[i];
    if (classes != outputs) {
        inputs->labels = NULL;
        inputs->note =
            gy_arena_format(arena, "no accuracy: '%s' has %zu classes, the model %zu outputs",
                            array->name, classes, outputs);
        return inputs->note == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a note") : GY_OK;
    }
    for (size_t i = 0; i < array->count; i++) {
        const char **at = bsearch((const char *const *)array->data + i, sorted, classes,
                                  sizeof(*sorted), compare_texts);
        labels[i] = (int32_t)(at - sorted);
    }
    return GY_OK;
}

static int64_t number_at(const gy_array *array, size_t i)
{
    switch (array->dtype) {
    case GY_INT8:
        return ((const int8_t *)array->data)[i];
    case GY_UINT8:
    case GY_BOOL:
        return ((const uint8_t *)array->data)[i];
    case GY_INT16:
        return ((const int16_t *)array->data)[i];
    case GY_INT32:
        return ((const int32_t *)array->data)[i];
    case GY_INT64:
        return ((const int64_t *)array->data)[i];
    default:
        return -1;
    }
}

static gy_status read_labels(gy_inputs *inputs, const gy_array *arrays, size_t count,
                             size_t all_rows, size_t outputs, gy_arena *arena, gy_error *err)
{
    const gy_array *array = NULL;
    for (size_t k = 0; array == NULL && k < LABEL_NAMES; k++)
        for (size_t i = 0; i < count; i++)
            if (arrays[i].name != NULL && strcmp(arrays[i].name, label_names[k]) == 0 &&
                arrays[i].rank == 1 && arrays[i].count == all_rows)
                array = &arrays[i];
    if (array == NULL)
        return GY_OK;
    int32_t *labels = GY_NEW(arena, int32_t, all_rows);
    inputs->labels = GY_NEW(arena, int32_t, inputs->rows);
    if (labels == NULL || inputs->labels == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu labels", all_rows);
    if (array->dtype == GY_STRING)
        GY_TRY(number_texts(labels, array, outputs, inputs, arena, err));
    else
        for (size_t i = 0; i < all_rows; i++) {
            int64_t label = number_at(array, i);
            labels[i] = label >= 0 && (uint64_t)label < outputs ? (int32_t)label : -1;
        }
    for (size_t i = 0; inputs->labels != NULL && i < inputs->rows; i++)
        inputs->labels[i] = labels[i * all_rows / inputs->rows];
    return GY_OK;
}

static void copy_row(gy_inputs *inputs, size_t to, const gy_array *array, size_t from, double scale)
{
    size_t count = array->count / array->shape[0];
    const uint8_t *row = (const uint8_t *)array->data + from * count * gy_dtype_size(array->dtype);
    uint8_t *into = inputs->bytes + to * inputs->row_bytes;
    if (count * gy_dtype_size(array->dtype) == inputs->row_bytes) {
        memcpy(into, row, inputs->row_bytes);
        return;
    }
    float factor = scale == 0 ? 1.0f : (float)(scale / 255);
    for (size_t i = 0; i < count; i++)
        ((float *)into)[i] = (float)row[i] * factor;
}

static gy_status read_arrays(gy_inputs *inputs, const char *path, const gy_port *port,
                             size_t outputs, double scale, size_t rows_max, gy_arena *arena,
                             gy_error *err)
{
    gy_array *arrays;
    size_t count;
    GY_TRY(gy_arrays_read(&arrays, &count, path, arena, err));
    const gy_array *array = find_input(arrays, count, port);
    if (array == NULL)
        return fail_to_fit(arrays, count, path, port, err);
    bool is_pixels = array->dtype == GY_UINT8 && port->dtype == GY_FLOAT32;
    if (array->dtype != port->dtype && !is_pixels)
        return gy_fail(err, GY_INVALID, "array '%s' in '%s' is %s, the model takes %s", array->name,
                       path, gy_dtype_name(array->dtype), gy_dtype_name(port->dtype));
    size_t all = array->shape[0];
    GY_TRY(take_rows(inputs, port, all < rows_max ? all : rows_max, arena, err));
    inputs->all_rows = all;
    for (size_t i = 0; i < inputs->rows; i++)
        copy_row(inputs, i, array, i * all / inputs->rows, scale);
    return read_labels(inputs, arrays, count, all, outputs, arena, err);
}

// ---- images

static void put_pixel(gy_inputs *inputs, size_t row, size_t at, gy_dtype dtype, float value)
{
    uint8_t *into = inputs->bytes + row * inputs->row_bytes;
    if (dtype == GY_FLOAT32)
        ((float *)into)[at] = value;
    else
        into[at] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5f);
}

static void copy_image(gy_inputs *inputs, size_t to, const gy_samples *samples, size_t from,
                       const gy_port *port, float scale)
{
    size_t channels = samples->channels, plane = samples->cols / channels;
    bool channels_last =
        port->rank == 4 && port->shape[3] == channels && port->shape[1] != channels;
    const float *pixels = samples->features + from * samples->cols;
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < channels; c++)
            put_pixel(inputs, to, channels_last ? i * channels + c : c * plane + i, port->dtype,
                      pixels[i * channels + c] * scale);
}

/** A sample and its id, to choose the same ones whatever the order of the rows. */
typedef struct ranked {
    const gy_id *id;
    size_t row;
} ranked;

static int compare_ids(const void *a, const void *b)
{
    const ranked *left = a, *right = b;
    int order = gy_id_compare(left->id, right->id);
    return order != 0 ? order : (left->row > right->row) - (left->row < right->row);
}

static gy_status read_table(gy_inputs *inputs, const char *path, const gy_port *port,
                            size_t outputs, double scale, size_t rows_max, gy_arena *arena,
                            gy_error *err)
{
    gy_table table;
    gy_marks marks;
    gy_samples samples;
    const gy_table_options options = {0};
    GY_TRY(gy_table_read(&table, path, &options, arena, err));
    GY_TRY(gy_table_marks(&marks, &table, &options, arena, err));
    GY_TRY(gy_samples_read(&samples, &table, &marks, arena, err));
    if (samples.width == 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s' holds no images; write the samples as the model takes them into an "
                       ".npz file, in an array named '%s'",
                       path, port->name);
    if (samples.cols != row_count(port) || (port->dtype != GY_UINT8 && port->dtype != GY_FLOAT32))
        return gy_fail(err, GY_INVALID,
                       "images in '%s' are read as %u x %u x %u, the model's input '%s' has %zu "
                       "elements of %s",
                       path, samples.width, samples.height, samples.channels, port->name,
                       row_count(port), gy_dtype_name(port->dtype));
    ranked *order = GY_NEW(arena, ranked, samples.rows);
    if (order == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to choose of %zu samples", samples.rows);
    for (size_t i = 0; i < samples.rows; i++)
        order[i] = (ranked){&samples.ids[i], i};
    qsort(order, samples.rows, sizeof(*order), compare_ids);

    GY_TRY(take_rows(inputs, port, samples.rows < rows_max ? samples.rows : rows_max, arena, err));
    double factor = scale != 0 ? scale : port->dtype == GY_UINT8 ? 255 : 1;
    for (size_t i = 0; i < inputs->rows; i++)
        copy_image(inputs, i, &samples, order[i].row, port, (float)factor);
    if (samples.class_count != outputs)
        return GY_OK;
    inputs->labels = GY_NEW(arena, int32_t, inputs->rows);
    if (inputs->labels == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu labels", inputs->rows);
    for (size_t i = 0; i < inputs->rows; i++)
        inputs->labels[i] = samples.labels[order[i].row];
    return GY_OK;
}

gy_status gy_compress_read_inputs(gy_inputs *inputs, const char *path, const gy_port *port,
                                  size_t outputs, double scale, size_t rows_max, gy_arena *arena,
                                  gy_error *err)
{
    *inputs = (gy_inputs){.path = path, .note = ""};
    if (!(scale >= 0) || scale > 65535)
        return gy_fail(err, GY_INVALID, "scale %g, must be above 0 and at most 65535", scale);
    if (ends_with(path, ".npz") || ends_with(path, ".npy"))
        GY_TRY(read_arrays(inputs, path, port, outputs, scale, rows_max, arena, err));
    else
        GY_TRY(read_table(inputs, path, port, outputs, scale, rows_max, arena, err));
    if (inputs->rows < 8)
        return gy_fail(err, GY_INVALID, "%zu samples in '%s', at least 8 are needed", inputs->rows,
                       path);
    bool differ = false;
    for (size_t i = 1; i < inputs->rows && !differ; i++)
        differ =
            memcmp(inputs->bytes, inputs->bytes + i * inputs->row_bytes, inputs->row_bytes) != 0;
    if (!differ)
        return gy_fail(err, GY_INVALID, "all %zu samples in '%s' are equal: they show no ranges",
                       inputs->rows, path);
    return GY_OK;
}

gy_status gy_compress_samples(gy_array *samples, const char *model, const char *data, double scale,
                              size_t rows_max, gy_arena *arena, gy_error *err)
{
    gy_model *opened;
    gy_inputs inputs;
    size_t count;
    GY_TRY(gy_model_open(&opened, model, &(gy_model_options){.batch = 1}, err));
    const gy_port *port = gy_model_inputs(opened, &count);
    gy_status status =
        count != 1 || port->rank == 0
            ? gy_fail(
                  err, GY_UNSUPPORTED,
                  "'%s' has %zu inputs; samples are read for a single one with an axis for them",
                  model, count)
            : gy_compress_read_inputs(&inputs, data, port, 0, scale, rows_max, arena, err);
    if (status == GY_OK) {
        *samples = (gy_array){.name = gy_arena_copy(arena, port->name, strlen(port->name)),
                              .dtype = port->dtype,
                              .rank = port->rank,
                              .count = inputs.rows * row_count(port),
                              .data = inputs.bytes};
        memcpy(samples->shape, port->shape, sizeof(samples->shape));
        samples->shape[0] = inputs.rows;
        if (samples->name == NULL)
            status = gy_fail(err, GY_NO_MEMORY, "no memory for a name");
    }
    gy_model_close(opened);
    return status;
}
