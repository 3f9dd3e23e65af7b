// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of all judges. Each output is one chain of fused multiply-adds in a stated order;
// where a sum is split, it is split over GY_VALUE_LANES lanes that one fixed tree joins. So the
// bits do not depend on the processor.
#ifndef GYRE_VALUE_KERNEL_H
#define GYRE_VALUE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum { GY_VALUE_LANES = 8 };

/**
 * out(i, j) = start(i) + a(i, 0) b[0][j] + a(i, 1) b[1][j] + ..., for i < rows, j < cols, with
 * a(i, t) = a[i * a_row + t * a_step]. Rows of b come as pointers: a shifted image is a row too.
 */
typedef struct gy_value_product {
    float *out;
    size_t out_stride;
    const float *start; // [rows]; NULL: go on from what out holds
    const float *a;
    size_t a_row, a_step;
    const float *const *b; // [depth]
    size_t rows, cols, depth;
} gy_value_product;

/**
 * lanes(i, t)[l] += a[i][l] b[t][l] + a[i][l + 8] b[t][l + 8] + ... over `length` floats (a
 * multiple of GY_VALUE_LANES). lanes is [rows][cols][GY_VALUE_LANES].
 */
typedef struct gy_dots {
    float *lanes;
    const float *a; // row i starts at a + i * a_stride
    size_t a_stride;
    const float *const *b; // [cols]
    size_t rows, cols, length;
} gy_dots;

enum { GY_PANEL = 96 }; // rows of a panel: with 64 columns it fills most of a first-level cache

/** Squared Euclidean distances of queries (row-major) to one panel ([cols][GY_PANEL]). */
typedef struct gy_panel_distances {
    float *out; // [count][out_stride]
    size_t out_stride;
    const float *queries;
    const float *panel;
    size_t count, cols;
} gy_panel_distances;

typedef struct gy_value_kernels {
    const char *name;
    void (*multiply)(const gy_value_product *product);
    void (*dots)(const gy_dots *dots);
    void (*distances)(const gy_panel_distances *distances);
    /** Which of a panel's distances are below the limit, in order; returns how many. */
    size_t (*below)(uint8_t lanes[GY_PANEL], const float *distances, float limit);
    /** Scores [classes][GY_VALUE_LANES] become probabilities, each lane by itself. */
    void (*softmax)(float *scores, size_t classes);
    /** out[i] = gy_expf(scale x[i]); out may be x. */
    void (*exps)(float *out, const float *x, float scale, size_t count);
    /** out[i] = gy_logf(x[i]); out may be x. */
    void (*logs)(float *out, const float *x, size_t count);
} gy_value_kernels;

extern const gy_value_kernels gy_value_kernels_plain;
extern const gy_value_kernels gy_value_kernels_avx2; // on x86-64 only

/** The fastest that this processor, and GYRE_CPU, allow. */
const gy_value_kernels *gy_value_kernels_pick(void);

/** Join lanes: ((0+4) + (2+6)) + ((1+5) + (3+7)). */
static inline float gy_lanes_join(const float *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

#endif
