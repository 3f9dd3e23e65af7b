// SPDX-License-Identifier: Apache-2.0
//
// Folders of ONNX's official node tests: their values, and their model opened with or without its
// integer inputs fixed.
#ifndef GYRE_TESTS_MODEL_NODE_TEST_H
#define GYRE_TESTS_MODEL_NODE_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/onnx.h"

enum { PORTS_MAX = 64 };

// The values of a test are TensorProtos in files: the reader's own parser reads them.
static inline gy_status read_value(gy_array *array, const char *path, gy_arena *arena,
                                   gy_error *err)
{
    char *bytes;
    size_t size_bytes;
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, SIZE_MAX / 2, arena, err));
    const unsigned char *start = (const unsigned char *)bytes;
    gy_model model = {.path = path, .arena = arena};
    gy_onnx_reader reader = {.model = &model, .arena = arena};
    gy_tensor *tensor;
    gy_wire wire = {start, start + size_bytes, start};
    GY_TRY(gy_onnx_tensor(&tensor, wire, &reader, err));
    GY_TRY(gy_tensor_align(tensor, arena, err));
    *array = (gy_array){.name = tensor->name,
                        .dtype = tensor->dtype,
                        .rank = tensor->rank,
                        .count = tensor->count,
                        .data = (void *)(uintptr_t)tensor->data};
    memcpy(array->shape, tensor->shape, sizeof(array->shape));
    return GY_OK;
}

static inline size_t read_values(gy_array *arrays, const char *folder, const char *kind,
                                 gy_arena *arena, gy_status *status, gy_error *err)
{
    size_t count = 0;
    for (; count < PORTS_MAX; count++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/test_data_set_0/%s_%zu.pb", folder, kind, count);
        if (!gy_file_exists(path))
            break;
        *status = read_value(&arrays[count], path, arena, err);
        if (*status != GY_OK)
            break;
    }
    return count;
}

/** One test: its values, and where it is. */
typedef struct node_test {
    const char *folder;
    gy_array inputs[PORTS_MAX], wanted[PORTS_MAX];
    size_t input_count, wanted_count;
    const char *out; // NULL: run the file as it is
} node_test;

// Open the model with those inputs from `first` on that are not floats fixed to their values; the
// rest is what it is to be given.
static inline gy_status open_test(gy_model **model, gy_array *given, size_t *given_count,
                                  const node_test *test, size_t first, gy_error *err)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/model.onnx", test->folder);
    gy_array fixed[PORTS_MAX];
    gy_model_options options = {.fixed = fixed};
    *given_count = 0;
    for (size_t i = 0; i < test->input_count; i++) {
        bool fixes = i >= first && test->inputs[i].dtype != GY_FLOAT32;
        if (fixes)
            fixed[options.fixed_count++] = test->inputs[i];
        else
            given[(*given_count)++] = test->inputs[i];
    }
    return gy_model_open(model, path, &options, err);
}

#endif
