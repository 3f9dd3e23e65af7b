// SPDX-License-Identifier: 0BSD
//
// Sums and means of bytes: each byte is read as a float, what comes out is rounded to a byte again.
// They are the operations of the floats' kernels, one by one, without the floats' memory.
#ifndef GYRE_RT_KERNELS_QUANT_SUM_H
#define GYRE_RT_KERNELS_QUANT_SUM_H

#include "rt/kernels/image.h"
#include "rt/kernels/quant.h"

/** What bytes stand for: (byte - zero) × scale. */
typedef struct gy_quant_scale {
    float scale;
    int32_t zero;
    bool is_signed;
} gy_quant_scale;

static inline float gy_quant_read(uint8_t byte, const gy_quant_scale *from)
{
    return (float)(gy_quant_byte(byte, from->is_signed) - from->zero) * from->scale;
}

static inline uint8_t gy_quant_write(float x, const gy_quant_scale *to)
{
    const float least = (float)((to->is_signed ? -128 : 0) - to->zero);
    return gy_quantize_one(x / to->scale, to->zero, least, least + 255.0f);
}

/** y = clip(a + b), element by element inside the borders. */
static inline void gy_quant_add_run(uint8_t *y, const gy_image_shape *ys, const gy_quant_scale *to,
                                    const uint8_t *a, const gy_image_shape *as,
                                    const gy_quant_scale *from_a, const uint8_t *b,
                                    const gy_image_shape *bs, const gy_quant_scale *from_b,
                                    float low, float high)
{
    const gy_quant_scale one = *from_a, other = *from_b, sum = *to; // y may not alias them
    const size_t c = ys->channels, y_row = (ys->left + ys->cols + ys->right) * c;
    const size_t a_row = (as->left + as->cols + as->right) * c;
    const size_t b_row = (bs->left + bs->cols + bs->right) * c;
    for (size_t n = 0; n < ys->images; n++)
        for (size_t i = 0; i < ys->rows; i++) {
            const uint8_t *p =
                a + gy_image_first(as) + (n * (as->top + as->rows + as->bottom) + i) * a_row;
            const uint8_t *q =
                b + gy_image_first(bs) + (n * (bs->top + bs->rows + bs->bottom) + i) * b_row;
            uint8_t *r =
                y + gy_image_first(ys) + (n * (ys->top + ys->rows + ys->bottom) + i) * y_row;
            for (size_t k = 0; k < ys->cols * c; k++) {
                const float left = gy_quant_read(p[k], &one);
                const float right = gy_quant_read(q[k], &other);
                r[k] = gy_quant_write(gy_clipf(left + right, low, high), &sum);
            }
        }
}

/** The mean of all pixels of an image, channel by channel; y: from one image to the next y_image.
 */
static inline void gy_quant_mean_run(uint8_t *y, size_t y_image, const gy_quant_scale *to,
                                     const uint8_t *x, const gy_image_shape *s,
                                     const gy_quant_scale *from)
{
    const gy_quant_scale in = *from, out = *to;
    const size_t c = s->channels, row = (s->left + s->cols + s->right) * c;
    const float count = (float)(s->rows * s->cols);
    for (size_t n = 0; n < s->images; n++)
        for (size_t first = 0; first < c; first += 4) {
            const size_t left = c - first < 4 ? c - first : 4;
            const uint8_t *line =
                x + gy_image_first(s) + n * (s->top + s->rows + s->bottom) * row + first;
            float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            for (size_t i = 0; i < s->rows; i++, line += row)
                for (size_t j = 0; j < s->cols * c; j += c)
                    for (size_t k = 0; k < left; k++)
                        sums[k] = sums[k] + gy_quant_read(line[j + k], &in);
            for (size_t k = 0; k < left; k++)
                y[n * y_image + first + k] = gy_quant_write(sums[k] / count, &out);
        }
}

#endif
