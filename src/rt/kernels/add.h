// SPDX-License-Identifier: 0BSD
//
// The sum of two images, whatever their borders.
#ifndef GYRE_RT_KERNELS_ADD_H
#define GYRE_RT_KERNELS_ADD_H

#include "rt/kernels/image.h"
#include "rt/kernels/lanes.h"

static inline void gy_add_row(float *y, const float *a, const float *b, size_t count, float low,
                              float high)
{
    const gy_v16 lows = gy_v16_set(low), highs = gy_v16_set(high);
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        gy_v16_store(y + i,
                     gy_v16_clip(gy_v16_add(gy_v16_load(a + i), gy_v16_load(b + i)), lows, highs));
    for (; i < count; i++)
        y[i] = gy_clipf(a[i] + b[i], low, high);
}

/** y = clip(a + b) inside the borders. */
static inline void gy_add_run(float *y, const gy_image_shape *ys, const float *a,
                              const gy_image_shape *as, const float *b, const gy_image_shape *bs,
                              float low, float high)
{
    const size_t c = ys->channels;
    const size_t y_row = (ys->left + ys->cols + ys->right) * c;
    const size_t a_row = (as->left + as->cols + as->right) * c;
    const size_t b_row = (bs->left + bs->cols + bs->right) * c;
    for (size_t n = 0; n < ys->images; n++)
        for (size_t i = 0; i < ys->rows; i++)
            gy_add_row(y + gy_image_first(ys) + (n * (ys->top + ys->rows + ys->bottom) + i) * y_row,
                       a + gy_image_first(as) + (n * (as->top + as->rows + as->bottom) + i) * a_row,
                       b + gy_image_first(bs) + (n * (bs->top + bs->rows + bs->bottom) + i) * b_row,
                       ys->cols * c, low, high);
}

#endif
