// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_LOWER_FUSE_H
#define GYRE_COMPILE_LOWER_FUSE_H

#include "compile/lowering.h"

/** What follows a node and is fused into it. */
typedef struct gy_fused {
    const gy_tensor *tail; // what the last fused node makes
    float low, high;       // of the values; no bounds: infinities
} gy_fused;

/** Nothing is fused yet. */
gy_fused gy_fuse_start(const gy_tensor *tail);
/** Fuse a node: the lowering passes over it from now on. */
void gy_fuse_take(gy_fused *fused, gy_node *node);
/** Take a Relu or Clip that is the only user of fused->tail. */
void gy_fuse_clip(gy_fused *fused, gy_lowering *l);
/**
 * A MaxPool that is the only user of a tensor, and whose windows neither overlap nor leave the
 * image; what does not fill one is dropped. NULL: none.
 */
gy_node *gy_fuse_find_pool(gy_window *window, const gy_lowering *l, const gy_tensor *tail);

#endif
