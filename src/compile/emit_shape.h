// SPDX-License-Identifier: Apache-2.0
//
// The shapes that kernels are called with: from lowered nodes, and as C.
#ifndef GYRE_COMPILE_EMIT_SHAPE_H
#define GYRE_COMPILE_EMIT_SHAPE_H

#include "compile/lowered_ops.h"
#include "rt/kernels/shape.h"

/** Elements of one image of a tensor, border included. */
size_t gy_emit_image_size(const gy_image_shape *s);
/** The taps of a convolution as runs of elements that lie side by side in x. */
void gy_conv_taps(gy_conv_shape *c, const gy_conv_state *s);
/** A whole convolution, before it is pooled. */
gy_conv_shape gy_emit_conv_of(const gy_conv_state *s);
/** The element of x that the convolution's first tap reads. */
size_t gy_emit_first_tap(const gy_conv_state *s);
/** A pool; all but the places of its first elements. */
gy_pool_shape gy_emit_pool_of(const gy_pool_state *s);
/** Pooling of rows of a convolution that were put into a scratch. */
gy_pool_shape gy_emit_rows_pool(const gy_conv_state *s);

// Definitions of constants in C: `name`, c, p.
void gy_emit_image_shape(gy_text *out, const char *name, const gy_image_shape *s);
void gy_emit_conv_shape(gy_text *out, const gy_conv_shape *c);
void gy_emit_pool_shape(gy_text *out, const gy_pool_shape *p);
/** The statement that fills the border of y, where it has one, with a byte. */
void gy_emit_border(gy_text *out, const gy_tensor *y, const gy_image_shape *s, int byte);

#endif
