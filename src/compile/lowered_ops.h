// SPDX-License-Identifier: Apache-2.0
//
// The operators of the lowered graph, and what each node of theirs holds in its state.
#ifndef GYRE_COMPILE_LOWERED_OPS_H
#define GYRE_COMPILE_LOWERED_OPS_H

#include "model/op.h"
#include "rt/kernels/image.h"

/** gyre.Conv: convolution (x, weights [outputs][rows][cols][channels / groups], bias), then max
 * pooling over windows that do not overlap, then clipping. */
typedef struct gy_conv_state {
    gy_image_shape x, y;
    size_t rows, cols; // of the convolution, before pooling
    size_t kernel_rows, kernel_cols, step_rows, step_cols, dilate_rows, dilate_cols;
    size_t pad_top, pad_left; // at most x's border
    size_t groups;
    size_t pool_rows, pool_cols; // 1: no pooling
    float low, high;
} gy_conv_state;

/**
 * gyre.QuantConv: the same on bytes. Inputs: x, weights int8, bias int32 (which makes up for x's
 * zero point), factor float32 of each output. y = clip(float32(sum) × factor), and for bytes
 * rounded half to even plus y's zero point. The border of x holds its zero point.
 */
typedef struct gy_quant_state {
    gy_conv_state conv; // its low and high hold before the zero point is added
    bool is_signed;     // x
    int32_t zero;       // of y
} gy_quant_state;

/** gyre.Quantize: floats into bytes on one scale. */
typedef struct gy_quantize_state {
    float scale;
    int32_t zero;
} gy_quantize_state;

/**
 * gyre.QuantAdd: y = clip(a + b), gyre.QuantMean: the mean of an image's pixels, both of bytes that
 * are read as floats and rounded to bytes again.
 */
typedef struct gy_quant_sum_state {
    gy_image_shape x[2], y;
    gy_quantize_state from[2], to;
    float low, high; // of the sum
    int border_byte; // what the border of y is filled with
} gy_quant_sum_state;

/** gyre.Table: y = table[x], byte by byte; x and y differ in their borders alone. */
typedef struct gy_table_state {
    gy_image_shape x, y;
    int border_byte; // what the border of y is filled with
} gy_table_state;

/** gyre.MaxPool, gyre.MeanPool: windows are cut at the image's edge. gyre.QuantMaxPool: the
 * greatest byte of windows that do not leave the image. */
typedef struct gy_pool_state {
    gy_image_shape x, y;
    size_t kernel_rows, kernel_cols, step_rows, step_cols, dilate_rows, dilate_cols;
    size_t pad_top, pad_left;
    size_t count; // divisor of a mean; 0: the taps inside
    float low, high;
    int border_byte; // what the border of y is filled with
} gy_pool_state;

/** gyre.Layout: an image from or to the order of ONNX, or to another border. */
typedef enum gy_layout_kind {
    GY_LAYOUT_FROM_PLAIN,
    GY_LAYOUT_TO_PLAIN,
    GY_LAYOUT_COPY
} gy_layout_kind;
typedef struct gy_layout_state {
    gy_layout_kind kind;
    gy_image_shape x, y; // the plain side has no border
    int border_byte;
} gy_layout_state;

/** gyre.Add: the sum of two images, clipped. */
typedef struct gy_add_state {
    gy_image_shape a, b, y;
    float low, high;
} gy_add_state;

extern const gy_op gy_lowered_conv, gy_lowered_max_pool, gy_lowered_mean_pool, gy_lowered_layout,
    gy_lowered_add, gy_lowered_view, gy_lowered_quant_conv, gy_lowered_quant_max_pool,
    gy_lowered_quantize, gy_lowered_table, gy_lowered_quant_add, gy_lowered_quant_mean;

/** Whether a convolution has one channel a group, in and out. */
bool gy_conv_is_depthwise(const gy_conv_state *s);
/** Elements of a row of pixels, border included. */
size_t gy_image_row(const gy_image_shape *shape);

#endif
