// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_PREPARE_H
#define GYRE_COMPILE_PREPARE_H

#include "compile/emit.h"
#include "compile/lowered_ops.h"

/** Pack the weights of a lowered graph as the target's kernels read them, give nodes their scratch
 * and tensors their names in C. The graph is the target's from then on. */
gy_status gy_prepare(gy_program *program, gy_graph *graph, gy_arena *arena,
                     gy_error *err) GY_CHECKED;

/** Floats of the packed weights and of the packed biases of one group of outputs. */
size_t gy_conv_packed_outputs(const gy_target *target, size_t outputs);

/** Pack the weights of a gyre.QuantConv for the target. */
gy_status gy_prepare_quant(gy_node *node, const gy_target *target, gy_arena *arena,
                           gy_error *err) GY_CHECKED;
/** Give it the memory that its kernel needs besides. */
gy_status gy_prepare_quant_scratch(gy_node *node, const gy_target *target, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

/** Whether a kernel for bytes pools the convolution's windows itself. */
bool gy_quant_pools_itself(const gy_conv_state *s, const gy_target *target);
/** Columns of y (of depthwise ones, rows) that quant_m4.h computes from one strip of widened rows;
 * int16s of its scratch. */
size_t gy_quant_strip_columns(const gy_conv_state *s, const gy_target *target);
size_t gy_quant_strip_count(const gy_conv_state *s, const gy_target *target);

#endif
