// SPDX-License-Identifier: Apache-2.0
//
// Operators on bytes whose inputs and output each have a scale and a zero point of their own (the
// quantised operators of ONNX Runtime's "QOperator" format). The factors are made in float32 in the
// order in which ONNX Runtime makes them.
#ifndef GYRE_MODEL_OPS_SUPPORT_QLINEAR_H
#define GYRE_MODEL_OPS_SUPPORT_QLINEAR_H

#include "model/ops/support/integer.h"

/** The parameters of an output: sums × x_scale × w_scale / y_scale. */
typedef struct gy_qlinear {
    const gy_tensor *y;
    const gy_tensor *x_scale; // one
    const gy_tensor *w_scale; // one, or one a column or output channel; NULL: 1
    const gy_tensor *y_scale; // one; NULL: 1, the output is float
    const gy_tensor *y_zero;  // one; NULL: 0
    float alpha;              // × all; 0: not at all
} gy_qlinear;

/** GY_UNSUPPORTED unless input i, if given, is float32 scales: one, or `count` of them. */
gy_status gy_qlinear_scales(const gy_node *node, size_t i, size_t count, gy_error *err) GY_CHECKED;
/** The type of a quantised output: that of its zero point, input i; uint8 where it is not given. */
gy_status gy_qlinear_type(gy_dtype *dtype, const gy_node *node, size_t i, gy_error *err) GY_CHECKED;

/** Element i of the output of a sum; k: its column or channel. */
void gy_qlinear_put(const gy_qlinear *q, size_t i, int32_t sum, size_t k);
/** Emit that for `sum` (uint32_t) and element `at`. */
void gy_qlinear_emit_put(gy_text *out, const gy_qlinear *q, const char *k, size_t depth);

/** QLinearAdd and QLinearMul: element by element, broadcast; gy_op.family names the kind. */
typedef enum gy_qlinear_kind { GY_QLINEAR_ADD, GY_QLINEAR_MUL } gy_qlinear_kind;
gy_status gy_qlinear_pair_infer(gy_node *node, gy_error *err);
gy_status gy_qlinear_pair_eval(const gy_node *node, gy_error *err);
void gy_qlinear_pair_emit(const gy_node *node, gy_text *out);

#endif
