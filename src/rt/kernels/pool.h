// SPDX-License-Identifier: 0BSD
//
// Pooling. A window is cut at the image's edge; its taps are taken row by row. Lanes are channels.
#ifndef GYRE_RT_KERNELS_POOL_H
#define GYRE_RT_KERNELS_POOL_H

#include <stdbool.h>

#include "rt/kernels/lanes.h"
#include "rt/kernels/shape.h"

/** The taps of one window that lie inside the image, and where the first is. */
typedef struct gy_pool_window {
    size_t rows, cols;
    const float *x;
} gy_pool_window;

// The first tap of an axis that is inside, and how many are.
static inline size_t gy_pool_cut(size_t *first, size_t at, size_t pad, size_t taps, size_t dilate,
                                 size_t size)
{
    size_t begin = at < pad ? (pad - at + dilate - 1) / dilate : 0;
    size_t end = begin;
    while (end < taps && at + end * dilate - pad < size)
        end++;
    *first = at + begin * dilate - pad;
    return end - begin;
}

// One block of channels of one window.
#define GY_POOL(V)                                                                               \
    GY_INLINE V V##_window_max(const gy_pool_window *at, const gy_pool_shape *p)                 \
    {                                                                                            \
        V m = V##_load(at->x);                                                                   \
        for (size_t i = 0; i < at->rows; i++)                                                    \
            for (size_t j = 0; j < at->cols; j++)                                                \
                m = V##_pool_max(m, V##_load(at->x + i * p->dilate_rows * p->x_row +             \
                                             j * p->dilate_cols * p->channels));                 \
        return V##_clip(m, V##_set(p->low), V##_set(p->high));                                   \
    }                                                                                            \
    GY_INLINE V V##_window_mean(const gy_pool_window *at, const gy_pool_shape *p)                \
    {                                                                                            \
        V sum = V##_set(0.0f);                                                                   \
        for (size_t i = 0; i < at->rows; i++)                                                    \
            for (size_t j = 0; j < at->cols; j++)                                                \
                sum = V##_add(sum, V##_load(at->x + i * p->dilate_rows * p->x_row +              \
                                            j * p->dilate_cols * p->channels));                  \
        size_t count = p->count != 0 ? p->count : at->rows * at->cols;                           \
        return V##_clip(V##_div(sum, V##_set((float)count)), V##_set(p->low), V##_set(p->high)); \
    }
GY_POOL(gy_v8)
GY_POOL(gy_v16)

// The channels of one window that do not fill a vector.
static inline void gy_pool_rest(float *y, const gy_pool_window *at, const gy_pool_shape *p,
                                size_t part, bool is_max)
{
    for (size_t c = 0; c < part; c++) {
        float result = is_max ? at->x[c] : 0.0f;
        for (size_t i = 0; i < at->rows; i++)
            for (size_t j = 0; j < at->cols; j++) {
                float x =
                    at->x[i * p->dilate_rows * p->x_row + j * p->dilate_cols * p->channels + c];
                result = is_max ? gy_pool_maxf(result, x) : result + x;
            }
        size_t count = p->count != 0 ? p->count : at->rows * at->cols;
        y[c] = gy_clipf(is_max ? result : result / (float)count, p->low, p->high);
    }
}

static inline void gy_pool_pixel(float *y, gy_pool_window at, const gy_pool_shape *p, bool is_max)
{
    size_t left = p->channels;
    for (; left >= 16; left -= 16, at.x += 16, y += 16)
        gy_v16_store(y, is_max ? gy_v16_window_max(&at, p) : gy_v16_window_mean(&at, p));
    for (; left >= 8; left -= 8, at.x += 8, y += 8)
        gy_v8_store(y, is_max ? gy_v8_window_max(&at, p) : gy_v8_window_mean(&at, p));
    gy_pool_rest(y, &at, p, left, is_max);
}

static inline void gy_pool_run(const gy_pool_shape *p, const float *x, float *y, bool is_max)
{
    for (size_t image = 0; image < p->images; image++)
        for (size_t row = 0; row < p->rows; row++) {
            size_t top, left;
            size_t rows = gy_pool_cut(&top, row * p->step_rows, p->pad_top, p->tap_rows,
                                      p->dilate_rows, p->x_rows);
            for (size_t col = 0; col < p->cols; col++) {
                size_t cols = gy_pool_cut(&left, col * p->step_cols, p->pad_left, p->tap_cols,
                                          p->dilate_cols, p->x_cols);
                const float *from = x + image * p->x_image + top * p->x_row + left * p->channels;
                float *to = y + image * p->y_image + row * p->y_row + col * p->y_col;
                gy_pool_pixel(to, (gy_pool_window){rows, cols, from}, p, is_max);
            }
        }
}

/** The greatest of each window (gy_pool_maxf over its taps), clipped. */
static inline void gy_max_pool_run(const gy_pool_shape *p, const float *x, float *y)
{
    gy_pool_run(p, x, y, true);
}

/** The sum of each window, divided by p->count or by how many taps it has, clipped. */
static inline void gy_mean_pool_run(const gy_pool_shape *p, const float *x, float *y)
{
    gy_pool_run(p, x, y, false);
}

#endif
