// SPDX-License-Identifier: Apache-2.0
//
// Windows that slide over 1 to 3 spatial axes: what convolutions and pools share.
#ifndef GYRE_MODEL_OPS_SUPPORT_WINDOW_H
#define GYRE_MODEL_OPS_SUPPORT_WINDOW_H

#include "model/ops/support/loop.h"

/** Sizes by spatial axis, outermost first; rank 1 and 2 have leading axes of size 1, kernel 1. */
typedef struct gy_window {
    size_t rank; // of the model: 1, 2 or 3
    size_t batch, channels;
    size_t in[3], out[3], kernel[3], stride[3], dilation[3], pad[3], pad_end[3];
    bool rounds_up;
} gy_window;

/** Read kernel_shape (or take kernel), strides, dilations, pads, auto_pad, ceil_mode of a node with
 * input x of N × C × spatial. kernel NULL: kernel_shape must be given. */
gy_status gy_window_read(gy_window *window, const gy_node *node, const size_t *kernel,
                         gy_error *err) GY_CHECKED;
/** The output's type and shape: batch × channels × out. */
gy_status gy_window_set_output(gy_node *node, const gy_window *window, size_t channels,
                               gy_dtype dtype, gy_error *err) GY_CHECKED;
/** One window for each channel of the whole plane. */
gy_status gy_window_global(gy_window *window, const gy_node *node, gy_error *err) GY_CHECKED;

/** Where tap k of output place o reads along an axis; false: in the padding. */
static inline bool gy_window_tap(size_t *in, const gy_window *window, size_t axis, size_t o,
                                 size_t k)
{
    size_t at = o * window->stride[axis] + k * window->dilation[axis];
    *in = at - window->pad[axis];
    return at >= window->pad[axis] && *in < window->in[axis];
}

/** Whether any tap can fall into padding along an axis. */
bool gy_window_is_padded(const gy_window *window, size_t axis);

/** Emit the loops over an output's places: o0, o1, o2 where the axis is longer than 1. */
size_t gy_window_emit_places(gy_text *out, const gy_window *window, size_t depth);
/** Emit the loops over the taps, and the taps' places r0, r1, r2 (before padding is taken off). */
size_t gy_window_emit_taps(gy_text *out, const gy_window *window, size_t depth);
/** Emit the condition that a tap is inside: "" where it always is. @return whether there is one. */
bool gy_window_emit_inside(gy_text *out, const gy_window *window);
/** Emit the offsets within a plane: of the tap's place, of the output's, of the kernel's. */
void gy_window_emit_in(gy_text *out, const gy_window *window);
void gy_window_emit_out(gy_text *out, const gy_window *window);
void gy_window_emit_kernel(gy_text *out, const gy_window *window);
/** Close loops from depth inner to depth outer. */
void gy_emit_close(gy_text *out, size_t outer, size_t inner);
/** A loop "for (size_t NAME = 0; NAME < COUNT; NAME++) {" at depth; depth + 1. */
size_t gy_emit_for(gy_text *out, const char *name, size_t count, size_t depth);

#endif
