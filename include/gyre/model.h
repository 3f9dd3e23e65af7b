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

// ---- the engine: compiled models

/** A compiled model that was opened: a shared library made by gyre_compile for the host. */
typedef struct gy_engine gy_engine;

/**
 * Open a shared library made from a model. It is code and runs with the caller's rights.
 * @param path of NAME.so; weights that stand in a file of their own are NAME_weights.bin beside it.
 * @return GY_OK; GY_NOT_FOUND; GY_FORMAT: not such a library, or of another version of the format.
 */
GY_API gy_status gy_engine_open(gy_engine **engine, const char *path, gy_error *err) GY_CHECKED;
GY_API void gy_engine_close(gy_engine *engine);

/** Its inputs and outputs, named "x0", "x1", ... and "y0", ... */
GY_API const gy_port *gy_engine_inputs(const gy_engine *engine, size_t *count);
GY_API const gy_port *gy_engine_outputs(const gy_engine *engine, size_t *count);
/** Samples a call: the first axis of every port; 0: there is no such axis. */
GY_API size_t gy_engine_batch(const gy_engine *engine);
/** What it runs on: "avx2". */
GY_API const char *gy_engine_kernels(const gy_engine *engine);
/** SHA-256 of the ONNX file it was made from. */
GY_API void gy_engine_source(gy_id *source, const gy_engine *engine);

/**
 * Compute `calls` calls, spread over threads: call i reads inputs[k] + i × the bytes of port k.
 * The same bits for any number of threads.
 * @param threads 0: as many as gy_thread_count says.
 * @return GY_OK; GY_NO_MEMORY: for an arena a thread.
 */
GY_API gy_status gy_engine_run(gy_engine *engine, void *const *outputs, const void *const *inputs,
                               size_t calls, size_t threads, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
