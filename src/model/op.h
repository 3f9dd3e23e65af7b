// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OP_H
#define GYRE_MODEL_OP_H

#include "model/graph.h"

/**
 * One operator: all that the toolkit knows of it, in one row and one file.
 *
 * What emit writes: whole C11 statements from column 0, 4 spaces a level, in a block of their own
 * (the caller writes the braces). They name
 * - inputs, outputs and tables by c_name: pointers to (or arrays of) the C type of the dtype
 *   (gy_dtype_c: bool is uint8_t of 0 and 1), rows in C order, const where they are read; a tensor
 *   of rank 0 is an array of one. No two of them overlap, and none is NULL;
 * - the scratch tensor, if the node has one, in the same way;
 * - size_t and the types of stdint.h; functions gy_... of rt/math.h and of the op's kernel; nothing
 *   else.
 * Shapes are literals. The statements do, element for element, the operations of eval in its
 * order: same bits. An output NaN is given its one form (7fc00000) at the graph's outputs, by
 * gy_model_run and by the emitted program; operators do not care about a NaN's sign or payload.
 * Nodes with tensors of strings are the reference's alone: their emit is not called.
 */
typedef struct gy_op {
    const char *domain; // as in ONNX: "", "ai.onnx.ml", "com.microsoft"; "gyre": made by lowering
    const char *type;   // as in ONNX: "Relu"
    int opset_min; // the first opset with this meaning; the row with the greatest one not above the
                   // model's counts
    int inputs_min, inputs_max, outputs_max;
    // Set type and shape of each output from those of the inputs. Everything that eval or emit
    // cannot do is refused here, by the node's name. May be called again after shapes changed.
    gy_status (*infer)(gy_node *node, gy_error *err);
    // Compute the outputs on the host, one element after the other in the stated order: the
    // reference that emitted code equals to the bit. Output data is there and of the inferred size;
    // inputs are aligned.
    gy_status (*eval)(const gy_node *node, gy_error *err);
    // Write the C statements that compute the outputs. It cannot fail: infer has refused what it
    // cannot do. NULL: lowering turns the node into others before emission, or only the reference
    // has it.
    void (*emit)(const gy_node *node, gy_text *out);
    // Not computed while reading even if all its inputs are constants: QDQ weights stay int8, and
    // what takes more than a few steps an element would let a small file take hours.
    bool is_kept;
    // A header of rt/kernels whose functions both eval and emitted code call: "svm"; NULL: none.
    const char *kernel;
    // What the code that a family of operators shares needs to know of this one, e.g. a gy_element.
    const void *family;
    const char *types; // for the list of operators in the docs: "float32 int64"; NULL: float32
} gy_op;

/** The C type of an element, as emitted code spells it: "float", "uint8_t" (of bools too). */
const char *gy_dtype_c(gy_dtype dtype);
/** A float as a C11 expression with exactly its bits: "0.1f", "gy_bits_float(0x7f800000u)". */
void gy_emit_float(gy_text *out, float value);

/** Refuse a node: "node 'conv_3': " and the reason. */
gy_status gy_node_fail(const gy_node *node, gy_status status, gy_error *err, const char *format,
                       ...) GY_PRINTF(4, 5);
/** GY_UNSUPPORTED unless input i is given and of one of the types in a bit set 1 << dtype. */
gy_status gy_node_type(const gy_node *node, size_t i, unsigned allowed, gy_error *err) GY_CHECKED;
/** An axis from -rank to rank - 1 (or rank, if past_end) as one from 0. */
gy_status gy_node_axis(size_t *axis, const gy_node *node, int64_t given, size_t rank, bool past_end,
                       gy_error *err) GY_CHECKED;
/** Input i as integers. GY_UNSUPPORTED: not a constant. count 0: not given. In node's arena. */
gy_status gy_node_int_input(int64_t **values, size_t *count, const gy_node *node, size_t i,
                            gy_error *err) GY_CHECKED;
/** Integers from input i where it is given, else from an attribute. count 0 and NULL: neither. */
gy_status gy_node_ints_either(const int64_t **values, size_t *count, const gy_node *node, size_t i,
                              const char *attribute, gy_error *err) GY_CHECKED;
/** Memory that the node needs while it runs: so many elements. */
gy_status gy_node_scratch(gy_node *node, gy_dtype dtype, size_t count, gy_error *err) GY_CHECKED;
static inline const gy_tensor *gy_node_input(const gy_node *node, size_t i)
{
    return i < node->input_count ? node->inputs[i] : NULL;
}
static inline gy_tensor *gy_node_output(const gy_node *node, size_t i)
{
    return i < node->output_count ? node->outputs[i] : NULL;
}

#define OP(name) extern const gy_op gy_op_##name;
#include "model/ops.def"
#undef OP

/** The row of an operator in a model of this opset. NULL: not supported. */
const gy_op *gy_op_find(const char *domain, const char *type, int opset);

/** The newest opset of a domain whose meaning is known; 0: no operator of that domain is. */
int gy_op_opset_max(const char *domain);

/** All rows, in the order of ops.def. */
const gy_op *const *gy_op_list(size_t *count);

#endif
