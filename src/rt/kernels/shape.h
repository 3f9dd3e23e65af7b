// SPDX-License-Identifier: 0BSD
//
// The shapes that kernels work on. All steps count elements. Images are rows of pixels of channels
// (NHWC); a tensor may have a border, that is, pixels around the image that hold zeros for the
// padding of the convolution that reads it.
#ifndef GYRE_RT_KERNELS_SHAPE_H
#define GYRE_RT_KERNELS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A convolution; a matrix product is one with a single row of pixels. The sum of one output starts
 * at its bias and takes the taps row by row, column by column, channel by channel.
 */
typedef struct gy_conv_shape {
    size_t images, rows, cols;         // of the output, without border
    size_t tap_rows, tap_cols, run;    // taps: rows × cols × run floats that lie side by side
    size_t tap_row_step, tap_col_step; // in x
    size_t x_image, x_row, x_col;      // in x, from one output pixel to the next
    size_t y_image, y_row, y_col;      // in y
    size_t outputs;                    // channels of y
    float low, high;                   // y is clipped to it
} gy_conv_shape;

/** What a convolution of bytes makes. */
typedef enum gy_quant_kind { GY_QUANT_FLOAT, GY_QUANT_INT8, GY_QUANT_UINT8 } gy_quant_kind;

/** A convolution of bytes. c->low and c->high are of no use here. */
typedef struct gy_quant_shape {
    gy_conv_shape c;
    bool is_signed; // x is
    gy_quant_kind kind;
    int32_t zero;    // zero point of y
    float low, high; // float32(sum) × factor is clipped to it, before the zero point is added
    size_t strip;    // columns, or rows, of y that quant_m4.h computes from one scratch
} gy_quant_shape;

/** Pooling over windows that are cut at the image's edge. */
typedef struct gy_pool_shape {
    size_t images, rows, cols, channels; // of the output, without border
    size_t x_rows, x_cols;               // of the input image
    size_t tap_rows, tap_cols;
    size_t step_rows, step_cols; // of the window from one output pixel to the next
    size_t dilate_rows, dilate_cols;
    size_t pad_top, pad_left;
    size_t x_image, x_row;        // in x; a pixel is `channels` elements
    size_t y_image, y_row, y_col; // in y
    size_t count;                 // average: divide by it; 0: by the taps inside the image
    float low, high;
} gy_pool_shape;

#endif
