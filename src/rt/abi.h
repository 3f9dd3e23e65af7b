// SPDX-License-Identifier: 0BSD
//
// What a compiled model exports (docs/formats/abi.md). All numbers are the machine's own; only
// fields at the end are added, and size_bytes tells how many there are.
#ifndef GYRE_RT_ABI_H
#define GYRE_RT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define GY_ABI_VERSION 1u
#define GY_ABI_RANK_MAX 8

/** An input or output. Arrays are dense, the last axis innermost, aligned for their type. */
typedef struct gy_abi_port {
    uint32_t
        type; // as in ONNX: 1 float32, 2 uint8, 3 int8, 6 int32, 7 int64, 9 bool, 11 float64...
    uint32_t rank;
    uint64_t shape[GY_ABI_RANK_MAX];
    uint64_t count, size_bytes;
} gy_abi_port;

/** The texts that the numbers of a port stand for, in UTF-8: number i is texts[i]. */
typedef struct gy_abi_texts {
    uint64_t count; // 0: the port's numbers are numbers
    const char *const *texts;
} gy_abi_texts;

/** A compiled model: constant, shared by all callers. */
typedef struct gy_abi_model {
    uint32_t version, size_bytes; // GY_ABI_VERSION; of this struct
    uint8_t source[32];           // SHA-256 of the ONNX file it was made from
    uint32_t input_count, output_count;
    const gy_abi_port *inputs, *outputs;
    uint64_t batch;       // samples a call: the first axis of every port; 0: there is no such axis
    uint64_t arena_bytes; // of memory that a call needs, not kept between calls
    uint64_t arena_align;
    uint64_t weights_bytes; // of the weights file; 0: the weights are in the program
    const char *kernels;    // what it runs on: "avx2"
    /**
     * Compute the outputs. Thread-safe: calls that run at once need an arena each.
     * @param weights the mapped weights file, aligned to arena_align; NULL where weights_bytes is
     * 0.
     */
    void (*run)(const void *const *inputs, void *const *outputs, void *arena, const void *weights);
    // One for each port; NULL: none of them has texts. An input's number for any other text is -1.
    const gy_abi_texts *input_texts, *output_texts;
} gy_abi_model;

/** The name of the function that a shared library made from a model exports. */
#define GY_ABI_SYMBOL "gyre_model"
typedef const gy_abi_model *gy_abi_entry(void);

#endif
