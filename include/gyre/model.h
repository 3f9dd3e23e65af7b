// SPDX-License-Identifier: Apache-2.0
//
// Models: ONNX files read, checked, run by the reference.
#ifndef GYRE_MODEL_H
#define GYRE_MODEL_H

#include "gyre/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A model in memory: a graph whose weights stay in the mapped file. */
typedef struct gy_model gy_model;

typedef struct gy_model_options {
    size_t batch; // what a symbolic first dimension becomes; 0: 1
    // Other symbolic dimensions: "name=value" texts, NULL-terminated; NULL: none.
    const char *const *dimensions;
    size_t limit_bytes; // of memory for reading; 0: 256 MiB + 3 × file
    // Inputs that are fixed to a value (a shape that the model takes at run time): they become
    // constants and are inputs no longer. Matched by name; copied.
    const gy_array *fixed;
    size_t fixed_count;
} gy_model_options;

/** Shape and type of an input or output. */
typedef struct gy_port {
    const char *name;
    gy_dtype dtype;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    size_t count;
} gy_port;

/**
 * Read an ONNX file and infer all types and shapes.
 * @return GY_OK; GY_FORMAT: malformed, err says where; GY_UNSUPPORTED: an operator, type or shape,
 * err names the node; GY_LIMIT: over a bound; GY_NOT_FOUND, GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_model_open(gy_model **model, const char *path, const gy_model_options *options,
                               gy_error *err) GY_CHECKED;
GY_API void gy_model_close(gy_model *model);

GY_API const gy_port *gy_model_inputs(const gy_model *model, size_t *count);
GY_API const gy_port *gy_model_outputs(const gy_model *model, size_t *count);

/** Run the reference. Arrays are matched by name, else by place; outputs live in arena. */
GY_API gy_status gy_model_run(gy_array *outputs, gy_model *model, const gy_array *inputs,
                              size_t input_count, gy_arena *arena, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
