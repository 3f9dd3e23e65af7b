// SPDX-License-Identifier: 0BSD
//
// Moving images: borders filled, channels first turned into channels last and back.
#ifndef GYRE_RT_KERNELS_IMAGE_H
#define GYRE_RT_KERNELS_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** An image tensor: rows of pixels of channels, with a border. Sizes count pixels. */
typedef struct gy_image_shape {
    size_t images, rows, cols, channels;
    size_t top, left, bottom, right; // border
} gy_image_shape;

/** The element of the first pixel inside the border. */
static inline size_t gy_image_first(const gy_image_shape *s)
{
    return (s->top * (s->left + s->cols + s->right) + s->left) * s->channels;
}

/** Fill the border of a tensor of `size` bytes an element; all bytes of it are `byte`. */
static inline void gy_image_border(void *y, const gy_image_shape *s, size_t size, int byte)
{
    const size_t pixel = s->channels * size, row = (s->left + s->cols + s->right) * pixel;
    // From the end of one row to the start of the next is one piece.
    const size_t head = s->top * row + s->left * pixel, gap = (s->right + s->left) * pixel;
    const size_t tail = s->right * pixel + s->bottom * row;
    unsigned char *at = (unsigned char *)y;
    for (size_t image = 0; image < s->images; image++) {
        memset(at, byte, head);
        at += head + s->cols * pixel;
        for (size_t i = 1; i < s->rows; i++, at += row)
            memset(at, byte, gap);
        memset(at, byte, tail);
        at += tail;
    }
}

// MOVE(name, type): the turns for one type of element. Plain: channels first, no border.
#define GY_IMAGE_MOVE(NAME, TYPE)                                                                  \
    static inline void gy_image_from_plain_##NAME(TYPE *y, const TYPE *x, const gy_image_shape *s) \
    {                                                                                              \
        const size_t row = (s->left + s->cols + s->right) * s->channels;                           \
        const size_t plane = s->rows * s->cols;                                                    \
        const size_t image = row * (s->top + s->rows + s->bottom);                                 \
        for (size_t n = 0; n < s->images; n++)                                                     \
            for (size_t i = 0; i < s->rows; i++)                                                   \
                for (size_t j = 0; j < s->cols; j++) {                                             \
                    const TYPE *from = x + n * s->channels * plane + i * s->cols + j;              \
                    TYPE *to = y + n * image + gy_image_first(s) + i * row + j * s->channels;      \
                    for (size_t c = 0; c < s->channels; c++)                                       \
                        to[c] = from[c * plane];                                                   \
                }                                                                                  \
    }                                                                                              \
    static inline void gy_image_to_plain_##NAME(TYPE *y, const TYPE *x, const gy_image_shape *s)   \
    {                                                                                              \
        const size_t row = (s->left + s->cols + s->right) * s->channels;                           \
        const size_t plane = s->rows * s->cols;                                                    \
        const size_t image = row * (s->top + s->rows + s->bottom);                                 \
        for (size_t n = 0; n < s->images; n++)                                                     \
            for (size_t i = 0; i < s->rows; i++)                                                   \
                for (size_t j = 0; j < s->cols; j++) {                                             \
                    const TYPE *from =                                                             \
                        x + n * image + gy_image_first(s) + i * row + j * s->channels;             \
                    TYPE *to = y + n * s->channels * plane + i * s->cols + j;                      \
                    for (size_t c = 0; c < s->channels; c++)                                       \
                        to[c * plane] = from[c];                                                   \
                }                                                                                  \
    }                                                                                              \
    /* From one border to another. */                                                              \
    static inline void gy_image_copy_##NAME(TYPE *y, const gy_image_shape *ys, const TYPE *x,      \
                                            const gy_image_shape *xs)                              \
    {                                                                                              \
        const size_t from = (xs->left + xs->cols + xs->right) * xs->channels;                      \
        const size_t to = (ys->left + ys->cols + ys->right) * ys->channels;                        \
        for (size_t n = 0; n < xs->images; n++)                                                    \
            for (size_t i = 0; i < xs->rows; i++)                                                  \
                memcpy(y + n * to * (ys->top + ys->rows + ys->bottom) + gy_image_first(ys) +       \
                           i * to,                                                                 \
                       x + n * from * (xs->top + xs->rows + xs->bottom) + gy_image_first(xs) +     \
                           i * from,                                                               \
                       xs->cols * xs->channels * sizeof(TYPE));                                    \
    }
GY_IMAGE_MOVE(u8, uint8_t)
GY_IMAGE_MOVE(f32, float)

#endif
