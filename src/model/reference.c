// SPDX-License-Identifier: Apache-2.0
//
// The reference that a deployed model's sketches are made by (docs/formats/sketch.md), from samples
// and what the model says of them.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gyre/model.h"
#include "rt/sketch.h"

enum { INPUTS_MAX = 16, OUTPUTS_MAX = 64 };

static float value_at(const gy_array *array, size_t i)
{
    return array->dtype == GY_FLOAT32 ? ((const float *)array->data)[i]
                                      : (float)((const uint8_t *)array->data)[i];
}

// Feature `feature` of a row: an element, or of many elements their mean (0) and deviation (1).
static float feature_of(const gy_array *array, size_t row, size_t width, bool whole, size_t feature)
{
    double sum = 0, squares = 0;
    if (!whole)
        return value_at(array, row * width + feature);
    for (size_t i = 0; i < width; i++)
        sum += (double)value_at(array, row * width + i);
    double mean = sum / (double)width;
    for (size_t i = 0; i < width && feature == 1; i++) {
        double off = (double)value_at(array, row * width + i) - mean;
        squares = fma(off, off, squares);
    }
    return (float)(feature == 0 ? mean : sqrt(squares / (double)width));
}

static int compare_floats(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static gy_status add_edges(gy_sketch_edges *edges, size_t *made, const gy_array *array, size_t rows,
                           size_t elements_max, gy_arena *arena, gy_error *err)
{
    size_t width = array->count / rows;
    bool whole = width > elements_max;
    float *values = GY_NEW(arena, float, rows);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu samples", rows);
    for (size_t f = 0; f < (whole ? 2 : width); f++) {
        size_t count = 0;
        for (size_t row = 0; row < rows; row++) {
            float value = feature_of(array, row, width, whole, f);
            if (isfinite(value))
                values[count++] = value;
        }
        if (count == 0)
            return gy_fail(err, GY_INVALID, "array '%s' has no finite value at %zu", array->name,
                           f);
        qsort(values, count, sizeof(*values), compare_floats);
        gy_sketch_edges_set(&edges[(*made)++], values, count);
    }
    return GY_OK;
}

gy_status gy_reference_make(gy_text *bytes, const gy_array *input, const gy_array *output,
                            gy_arena *arena, gy_error *err)
{
    size_t rows = input->rank == 0 ? 0 : input->shape[0], made = 0;
    bool known = (input->dtype == GY_FLOAT32 || input->dtype == GY_UINT8) &&
                 (output->dtype == GY_FLOAT32 || output->dtype == GY_UINT8);
    if (!known || rows == 0 || output->count % rows != 0 || output->count == 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "no reference of '%s' and '%s': it is made of float32 or uint8, a row a "
                       "sample",
                       input->name, output->name);
    gy_sketch_edges *edges = GY_NEW(arena, gy_sketch_edges, INPUTS_MAX + OUTPUTS_MAX);
    uint8_t *out = GY_NEW(arena, uint8_t, GY_REFERENCE_BYTES(INPUTS_MAX + OUTPUTS_MAX));
    if (edges == NULL || out == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a reference");
    GY_TRY(add_edges(edges, &made, input, rows, INPUTS_MAX, arena, err));
    GY_TRY(add_edges(edges, &made, output, rows, OUTPUTS_MAX, arena, err));
    size_t size =
        gy_reference_write(out, GY_REFERENCE_BYTES(INPUTS_MAX + OUTPUTS_MAX), edges, made);
    gy_text_append(bytes, out, size);
    return bytes->status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a reference");
}
