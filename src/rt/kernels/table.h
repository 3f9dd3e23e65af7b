// SPDX-License-Identifier: 0BSD
//
// Functions of one byte, as a table of what each becomes.
#ifndef GYRE_RT_KERNELS_TABLE_H
#define GYRE_RT_KERNELS_TABLE_H

#include "rt/kernels/image.h"

/** y = table[x] for each element inside the borders; y and x differ in theirs alone. */
static inline void gy_table_run(uint8_t *y, const gy_image_shape *to, const uint8_t *x,
                                const gy_image_shape *from, const uint8_t *table)
{
    const size_t x_row = (from->left + from->cols + from->right) * from->channels;
    const size_t y_row = (to->left + to->cols + to->right) * to->channels;
    const size_t x_image = (from->top + from->rows + from->bottom) * x_row;
    const size_t y_image = (to->top + to->rows + to->bottom) * y_row;
    const size_t count = to->cols * to->channels;
    for (size_t n = 0; n < to->images; n++)
        for (size_t i = 0; i < to->rows; i++) {
            const uint8_t *in = x + n * x_image + gy_image_first(from) + i * x_row;
            uint8_t *out = y + n * y_image + gy_image_first(to) + i * y_row;
            for (size_t k = 0; k < count; k++)
                out[k] = table[in[k]];
        }
}

#endif
