// SPDX-License-Identifier: 0BSD
//
// Tiles of quant.h in plain C, where no faster ones were read before.
#ifndef GYRE_RT_KERNELS_QUANT_PLAIN_H
#define GYRE_RT_KERNELS_QUANT_PLAIN_H

#include "rt/kernels/quant_tile.h"

#if !defined(GY_QUANT_PIXELS)
#define GY_QUANT_PIXELS 1

/** The sums of as many of the next `left` pixels as a tile takes: one. */
static inline size_t gy_quant_tile(const gy_quant_job *job, size_t at, int32_t sums[][16],
                                   size_t left)
{
    (void)left;
    const gy_conv_shape *c = &job->q->c;
    const bool is_signed = job->q->is_signed;
    const int8_t *w = job->w;
    memcpy(sums[0], job->bias, 16 * sizeof(sums[0][0]));
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++) {
            const uint8_t *x = job->x + at + i * c->tap_row_step + j * c->tap_col_step;
            for (size_t k = 0; k < c->run; k += 4, w += 64)
                for (size_t tap = 0; tap < 4 && k + tap < c->run; tap++) {
                    const int32_t value = gy_quant_byte(x[k + tap], is_signed);
                    for (size_t o = 0; o < 16; o++)
                        sums[0][o] = gy_quant_add(sums[0][o], value, w[4 * o + tap]);
                }
        }
    return 1;
}
#endif

#endif
