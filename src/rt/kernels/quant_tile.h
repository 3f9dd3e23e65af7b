// SPDX-License-Identifier: 0BSD
//
// What the kernels for bytes share.
#ifndef GYRE_RT_KERNELS_QUANT_TILE_H
#define GYRE_RT_KERNELS_QUANT_TILE_H

#include <stdbool.h>
#include <string.h>

#include "rt/kernels/shape.h"
#include "rt/math.h"

/** One panel of outputs. */
typedef struct gy_quant_job {
    const gy_quant_shape *q;
    const uint8_t *x;
    const int8_t *w;
    const int32_t *bias;
    const float *factor;
    void *y;
    size_t left; // outputs of the panel, at most 16
} gy_quant_job;

/** Nearest whole number of a float under 2^22, halves to even, as bits of an int32. */
static inline uint32_t gy_quant_round(float x)
{
    return gy_float_bits(x + 12582912.0f) - 0x4b400000u;
}

static inline int32_t gy_quant_byte(uint8_t byte, bool is_signed)
{
    return (int32_t)byte - (is_signed && byte > 127 ? 256 : 0);
}

// Sums wrap around: what a model that is out of bounds computes is defined too.
static inline int32_t gy_quant_add(int32_t sum, int32_t x, int32_t w)
{
    union {
        uint32_t bits;
        int32_t number;
    } both = {.bits = (uint32_t)sum + (uint32_t)(x * w)};
    return both.number;
}

// The sums of 16 channels of one pixel, each with its own taps.
static inline void gy_quant_channels(const gy_quant_job *job, size_t at, const int8_t *w,
                                     int32_t sums[16])
{
    const gy_conv_shape *c = &job->q->c;
    const bool is_signed = job->q->is_signed;
    memset(sums, 0, 16 * sizeof(sums[0]));
    memcpy(sums, job->bias, job->left * sizeof(sums[0]));
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++, w += c->outputs) {
            const uint8_t *x = job->x + at + i * c->tap_row_step + j * c->tap_col_step;
            for (size_t k = 0; k < job->left; k++)
                sums[k] = gy_quant_add(sums[k], gy_quant_byte(x[k], is_signed), w[k]);
        }
}

/** The greatest byte of each window that does not leave the image. */
static inline void gy_quant_max_pool_run(const gy_pool_shape *p, const void *x, void *y,
                                         bool is_signed)
{
    const unsigned flip = is_signed ? 0x80u : 0u; // makes their order that of unsigned bytes
    for (size_t n = 0; n < p->images; n++)
        for (size_t row = 0; row < p->rows; row++)
            for (size_t col = 0; col < p->cols; col++) {
                const uint8_t *from = (const uint8_t *)x + n * p->x_image +
                                      row * p->step_rows * p->x_row +
                                      col * p->step_cols * p->channels;
                uint8_t *to = (uint8_t *)y + n * p->y_image + row * p->y_row + col * p->y_col;
                for (size_t i = 0; i < p->channels; i++) {
                    unsigned most = 0;
                    for (size_t r = 0; r < p->tap_rows; r++)
                        for (size_t s = 0; s < p->tap_cols; s++) {
                            const unsigned tap = from[r * p->x_row + s * p->channels + i] ^ flip;
                            most = tap > most ? tap : most;
                        }
                    to[i] = (uint8_t)(most ^ flip);
                }
            }
}

#endif
