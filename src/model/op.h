// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OP_H
#define GYRE_MODEL_OP_H

#include "model/graph.h"

/** One operator: all that the toolkit knows of it, in one row and one file. */
typedef struct gy_op {
    const char *domain; // as in ONNX: "", "ai.onnx.ml", "com.microsoft"; "gyre": made by lowering
    const char *type;   // as in ONNX: "Relu"
    int opset_min; // the first opset with this meaning; the row with the greatest one not above the
                   // model's counts
    int inputs_min, inputs_max, outputs_max;
    // Set type and shape of each output from those of the inputs. Everything that eval or emit
    // cannot do is refused here, by the node's name.
    gy_status (*infer)(gy_node *node, gy_error *err);
    // Compute the outputs on the host, one element after the other in the stated order: the
    // reference that emitted code equals to the bit. Output data is there and of the inferred size.
    gy_status (*eval)(const gy_node *node, gy_error *err);
    // Write the C statements that compute the outputs. It cannot fail: infer has refused what it
    // cannot do. NULL: lowering turns the node into others before emission.
    void (*emit)(const gy_node *node, gy_text *out);
} gy_op;

#define OP(name) extern const gy_op gy_op_##name;
#include "model/ops.def"
#undef OP

/** The row of an operator in a model of this opset. NULL: not supported. */
const gy_op *gy_op_find(const char *domain, const char *type, int opset);

#endif
