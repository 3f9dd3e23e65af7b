// SPDX-License-Identifier: Apache-2.0
//
// Models into programs: C that carries a model, for this machine or for a device.
#ifndef GYRE_COMPILE_H
#define GYRE_COMPILE_H

#include "gyre/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gy_compile_options {
    const char *target;  // "host", "generic", "cortex-m4", "aarch64"; NULL: "host"
    const char *name;    // of the program's functions, a C identifier; NULL: from the file's name
    const char *weights; // "c", "object", "file"; NULL: "c" on a microcontroller, else "object"
    size_t ram_bytes;    // the most RAM it may need; 0: any
    size_t flash_bytes;  // the most flash it may need; 0: any
    gy_model_options model; // batch: samples a call
    const char
        *levels; // host: which kinds of processor to build for, "plain avx2 avx512"; NULL: all
} gy_compile_options;

/** One tensor of a compiled model that lies in the arena. */
typedef struct gy_compile_tensor {
    const char *name; // of the model
    gy_dtype dtype;
    size_t rank, shape[GY_RANK_MAX];
    size_t offset_bytes, size_bytes;
    size_t first_node, last_node; // lives from and to
} gy_compile_tensor;

/** One operator that a compiled model runs. */
typedef struct gy_compile_node {
    const char *name, *type;
    size_t macs;          // multiplications that are added up
    size_t weights_bytes; // as packed
    const char *output;   // name of its first output
} gy_compile_node;

/** An input or output of a compiled model. Where the model has texts, it has their places. */
typedef struct gy_compile_port {
    const char *name; // of the model
    gy_dtype dtype;   // of the program
    size_t rank, shape[GY_RANK_MAX];
    const char *const *texts; // that its numbers stand for; NULL: they are numbers
    size_t text_count;
} gy_compile_port;

/** What a compiled model needs. Lists live in the arena of the call. */
typedef struct gy_compile_report {
    const char *target, *kernels;
    size_t arena_bytes; // planned memory, reused between tensors
    size_t floor_bytes; // what is alive at the worst node: no plan is smaller
    const char *worst;  // name of the node where that is
    size_t ports_bytes; // inputs and outputs, which the caller holds
    size_t stack_bytes; // estimated, an upper bound
    size_t ram_bytes;   // arena and stack
    size_t weights_bytes;
    size_t texts_bytes; // tables of texts, with their pointers
    size_t code_bytes;  // measured where the target's compiler is at hand, else estimated
    bool code_measured;
    size_t flash_bytes; // weights, texts and code
    size_t macs;
    gy_compile_tensor *tensors;
    size_t tensor_count;
    gy_compile_node *nodes;
    size_t node_count;
    gy_compile_port *inputs, *outputs;
    size_t input_count, output_count;
} gy_compile_report;

/**
 * Compile an ONNX file into a folder of C: NAME.h, NAME.c, gyre_abi.h, a kernel header where the
 * target has intrinsics, the weights, and for the host NAME.so. The folder appears whole or not at
 * all; an older one that gyre made is replaced.
 * @param report may be NULL.
 * @return GY_OK; GY_LIMIT: over ram_bytes or flash_bytes, err names what is to blame and what would
 * fit; GY_UNSUPPORTED: an operator, or no compiler; GY_INVALID; as gy_model_open; GY_IO.
 */
GY_API gy_status gy_compile(gy_compile_report *report, const char *model_path, const char *folder,
                            const gy_compile_options *options, gy_arena *arena,
                            gy_error *err) GY_CHECKED;

/** What gy_compile would make, without making it. */
GY_API gy_status gy_compile_inspect(gy_compile_report *report, const char *model_path,
                                    const gy_compile_options *options, gy_arena *arena,
                                    gy_error *err) GY_CHECKED;

typedef struct gy_infer_options {
    const char *target;     // as in gy_compile_options; ignored by the reference
    bool reference;         // the lowered graph by the reference, nothing compiled
    size_t threads;         // host; 0: all
    gy_model_options model; // batch: samples a call
} gy_infer_options;

/** How a model ran. What is not known is 0. */
typedef struct gy_infer_counts {
    size_t calls;
    size_t batch; // samples a call
    // Of a device, one call: instructions (the least and the most over the calls, to 40), stack,
    // and how much of its memory was written.
    size_t instructions_min, instructions_max, stack_bytes, arena_bytes;
    size_t flash_bytes;  // of a device: code and constants as built, start-up included
    const char *kernels; // what it ran on: "avx2", "reference"; static storage or the arena
} gy_infer_counts;

/**
 * Run a model on arrays: compile it for the target into a temporary folder and run that, on this
 * machine or under an emulator (qemu-aarch64; qemu-system-arm for cortex-m4). Where every input
 * and output has the same first axis, the inputs may hold any multiple of it: the model is called
 * once for each, and the outputs are joined. Where the first axis is free, no batch is asked for
 * and the model lets samples meet (a mean over the batch), it is called once with all of them.
 * @param outputs [out] *output_count arrays, named as in the model; they live in arena.
 * @param counts  may be NULL.
 * @return GY_OK; GY_INVALID: arrays do not fit the model; GY_UNSUPPORTED: no compiler or emulator
 * for the target, or an operator; as gy_compile.
 */
GY_API gy_status gy_infer(gy_array **outputs, size_t *output_count, gy_infer_counts *counts,
                          const char *model_path, const gy_array *inputs, size_t input_count,
                          const gy_infer_options *options, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
