// SPDX-License-Identifier: Apache-2.0
//
// The emitted program, piece by piece.
#ifndef GYRE_COMPILE_EMIT_H
#define GYRE_COMPILE_EMIT_H

#include "compile/plan.h"
#include "compile/target.h"
#include "compile/vocabulary.h"
#include "model/op.h"

typedef enum gy_weights_form {
    GY_WEIGHTS_TEXT,   // as C text
    GY_WEIGHTS_OBJECT, // a .bin file that an assembler file takes in
    GY_WEIGHTS_FILE    // a .bin file that the caller maps
} gy_weights_form;

/** The kernel headers that a program needs. */
typedef enum gy_kernel_use {
    GY_USE_IMAGE = 1,
    GY_USE_CONV = 2,
    GY_USE_DEPTHWISE = 4,
    GY_USE_POOL = 8,
    GY_USE_ADD = 16,
    GY_USE_QUANT = 32,
    GY_USE_TABLE = 64,
    GY_USE_QUANT_SUM = 128,
    GY_USE_SVM = 256,
    GY_USE_RECURRENT = 512
} gy_kernel_use;

/** What is emitted. */
typedef struct gy_program {
    const char *name; // a C identifier
    const gy_target *target;
    gy_weights_form weights;
    const gy_graph *graph;
    gy_plan plan;
    gy_id source;  // of the ONNX file
    size_t batch;  // samples a call; 0: no batch axis
    unsigned uses; // gy_kernel_use
    gy_vocabularies texts;
} gy_program;

void gy_emit_header(gy_text *out, const gy_program *program);  // NAME.h
unsigned gy_kernels_of_op(const gy_op *op);                    // those of its kernel
void gy_emit_kernels(gy_text *out, const gy_program *program); // what the nodes call
void gy_emit_source(gy_text *out, const gy_program *program);  // NAME.c
void gy_emit_host(gy_text *out, const gy_program *program);    // NAME_host.c
void gy_emit_licence(gy_text *out, const gy_program *program, const char *what);

/** What NAME.h says of texts, and the tables and functions themselves. */
void gy_emit_texts_header(gy_text *out, const gy_program *program);
void gy_emit_texts(gy_text *out, const gy_program *program);
/** Lists of texts of the description, "static const gy_abi_texts ..." */
void gy_emit_texts_lists(gy_text *out, const gy_program *program);

/** The statements of a node of the domain "gyre". */
void gy_emit_lowered(gy_text *out, const gy_node *node, const gy_target *target);
/** The same of a node on bytes. */
void gy_emit_lowered_quant(gy_text *out, const gy_node *node, const gy_target *target);

/** The constants as C arrays. */
void gy_emit_weights_text(gy_text *out, const gy_program *program);
/** The bytes of the weights file: constants one after the other, each aligned. */
void gy_emit_weights_bytes(gy_text *out, const gy_program *program);
/** The assembler file that takes them in. */
void gy_emit_weights_assembly(gy_text *out, const gy_program *program);

#endif
