// SPDX-License-Identifier: Apache-2.0
//
// The lowered graph: the same function of the same inputs in operators of the domain "gyre", which
// work on images with channels last. It is the same for every target, and its evaluation is what
// every target's program equals to the bit.
#ifndef GYRE_COMPILE_LOWER_H
#define GYRE_COMPILE_LOWER_H

#include "model/graph.h"

/**
 * Lower a graph: convolutions, matrix products and pools become gyre operators with what follows
 * them fused in; reshapes become views; layouts are turned only where an operator needs it.
 * @param lowered [out] a graph of its own in arena; shares constants with `graph`.
 */
gy_status gy_lower(gy_graph **lowered, const gy_graph *graph, gy_arena *arena,
                   gy_error *err) GY_CHECKED;

#endif
