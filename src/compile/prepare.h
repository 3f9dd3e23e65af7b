// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_PREPARE_H
#define GYRE_COMPILE_PREPARE_H

#include "compile/emit.h"

/** Pack the weights of a gyre.QuantConv for the target. */
gy_status gy_prepare_quant(gy_node *node, const gy_target *target, gy_arena *arena,
                           gy_error *err) GY_CHECKED;
/** Give it the memory that its kernel needs besides. */
gy_status gy_prepare_quant_scratch(gy_node *node, const gy_target *target, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

#endif
