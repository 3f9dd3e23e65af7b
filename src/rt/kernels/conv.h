// SPDX-License-Identifier: 0BSD
//
// Convolutions and matrix products. Weights are packed in panels of 16 outputs, [tap][16], the last
// of 8 if no more than 8 outputs are left; biases likewise. A tile computes R pixels × P panels in
// registers: each accumulator has a name, because compilers spill arrays of them.
#ifndef GYRE_RT_KERNELS_CONV_H
#define GYRE_RT_KERNELS_CONV_H

#include <stdbool.h>

#include "rt/kernels/lanes.h"
#include "rt/kernels/shape.h"

// How many pixels a tile of two panels takes: 12 accumulators of a register a panel, or 6 of two.
#if defined(__AVX512F__) && !defined(GY_LANES_PLAIN)
#define GY_CONV_WIDE 6
#else
#define GY_CONV_WIDE 3
#endif

/** What the tiles of one group of panels share. */
typedef struct gy_conv_job {
    const gy_conv_shape *c;
    const float *w, *bias;
    size_t panel;  // floats from one panel of w to the next
    size_t output; // first channel of the group
    size_t left;   // channels of the last panel of the group, at most its width
} gy_conv_job;

/** Where the pixels of a tile are read and written. */
typedef struct gy_conv_pixels {
    const float *x[8];
    float *y[8];
} gy_conv_pixels;

typedef void gy_conv_tile(const gy_conv_job *job, const gy_conv_pixels *at);

#define GY_EACH_1(M, V) M(0, V)
#define GY_EACH_2(M, V) GY_EACH_1(M, V) M(1, V)
#define GY_EACH_3(M, V) GY_EACH_2(M, V) M(2, V)
#define GY_EACH_4(M, V) GY_EACH_3(M, V) M(3, V)
#define GY_EACH_5(M, V) GY_EACH_4(M, V) M(4, V)
#define GY_EACH_6(M, V) GY_EACH_5(M, V) M(5, V)
#define GY_EACH_7(M, V) GY_EACH_6(M, V) M(6, V)
#define GY_EACH_8(M, V) GY_EACH_7(M, V) M(7, V)

#define GY_TILE_READ(i, V) const float *x##i = at->x[i] + offset;
#define GY_TILE_START_1(i, V) V a##i = bias;
#define GY_TILE_STEP_1(i, V) a##i = V##_fma(V##_set(x##i[k]), w0, a##i);
#define GY_TILE_END_1(i, V) V##_end(at->y[i] + job->output, a##i, job);
#define GY_TILE_START_2(i, V) V a##i = bias, b##i = bias1;
#define GY_TILE_STEP_2(i, V)         \
    {                                \
        V x = V##_set(x##i[k]);      \
        a##i = V##_fma(x, w0, a##i); \
        b##i = V##_fma(x, w1, b##i); \
    }
#define GY_TILE_END_2(i, V)                                                 \
    V##_store(at->y[i] + job->output,                                       \
              V##_clip(a##i, V##_set(job->c->low), V##_set(job->c->high))); \
    V##_end(at->y[i] + job->output + 16, b##i, job);

// Clip and store the last panel of a tile, which may be partly filled.
#define GY_TILE_STORE(W, V)                                               \
    GY_INLINE void V##_end(float *y, V sum, const gy_conv_job *job)       \
    {                                                                     \
        sum = V##_clip(sum, V##_set(job->c->low), V##_set(job->c->high)); \
        if (job->left == W)                                               \
            V##_store(y, sum);                                            \
        else                                                              \
            V##_store_part(y, sum, job->left);                            \
    }
GY_TILE_STORE(8, gy_v8)
GY_TILE_STORE(16, gy_v16)

#define GY_TILE_1(R, W, V)                                                                         \
    static inline void V##_tile_##R##x1(const gy_conv_job *job, const gy_conv_pixels *at)          \
    {                                                                                              \
        const gy_conv_shape *c = job->c;                                                           \
        const float *w = job->w;                                                                   \
        const V bias = V##_load(job->bias);                                                        \
        GY_EACH_##R(GY_TILE_START_1, V) for (size_t row = 0; row < c->tap_rows;                    \
                                             row++) for (size_t col = 0; col < c->tap_cols; col++) \
        {                                                                                          \
            const size_t offset = row * c->tap_row_step + col * c->tap_col_step;                   \
            GY_EACH_##R(GY_TILE_READ, V) for (size_t k = 0; k < c->run; k++, w += W)               \
            {                                                                                      \
                const V w0 = V##_load(w);                                                          \
                GY_EACH_##R(GY_TILE_STEP_1, V)                                                     \
            }                                                                                      \
        }                                                                                          \
        GY_EACH_##R(GY_TILE_END_1, V)                                                              \
    }
#define GY_TILE_2(R)                                                                             \
    static void gy_v16_tile_##R##x2(const gy_conv_job *job, const gy_conv_pixels *at)            \
    {                                                                                            \
        const gy_conv_shape *c = job->c;                                                         \
        const float *w = job->w, *v = job->w + job->panel;                                       \
        const gy_v16 bias = gy_v16_load(job->bias), bias1 = gy_v16_load(job->bias + 16);         \
        GY_EACH_##R(GY_TILE_START_2, gy_v16) for (size_t row = 0; row < c->tap_rows;             \
                                                  row++) for (size_t col = 0; col < c->tap_cols; \
                                                              col++)                             \
        {                                                                                        \
            const size_t offset = row * c->tap_row_step + col * c->tap_col_step;                 \
            GY_EACH_##R(GY_TILE_READ, gy_v16) for (size_t k = 0; k < c->run;                     \
                                                   k++, w += 16, v += 16)                        \
            {                                                                                    \
                const gy_v16 w0 = gy_v16_load(w), w1 = gy_v16_load(v);                           \
                GY_EACH_##R(GY_TILE_STEP_2, gy_v16)                                              \
            }                                                                                    \
        }                                                                                        \
        GY_EACH_##R(GY_TILE_END_2, gy_v16)                                                       \
    }
GY_TILE_1(1, 8, gy_v8)
GY_TILE_1(2, 8, gy_v8)
GY_TILE_1(4, 8, gy_v8)
GY_TILE_1(8, 8, gy_v8)
GY_TILE_1(1, 16, gy_v16)
GY_TILE_1(2, 16, gy_v16)
GY_TILE_1(3, 16, gy_v16)
GY_TILE_1(4, 16, gy_v16)
GY_TILE_1(5, 16, gy_v16)
GY_TILE_1(6, 16, gy_v16)
GY_TILE_2(1)
GY_TILE_2(2)
GY_TILE_2(3)
#if GY_CONV_WIDE == 6
GY_TILE_2(4)
GY_TILE_2(5)
GY_TILE_2(6)
#endif

// One pixel, four panels: what a matrix product of one row needs to hide the latency of fma.
static inline void gy_v16_tile_1x4(const gy_conv_job *job, const gy_conv_pixels *at)
{
    const gy_conv_shape *c = job->c;
    const size_t panel = job->panel;
    const float *w = job->w;
    gy_v16 a = gy_v16_load(job->bias), b = gy_v16_load(job->bias + 16);
    gy_v16 d = gy_v16_load(job->bias + 32), e = gy_v16_load(job->bias + 48);
    for (size_t row = 0; row < c->tap_rows; row++)
        for (size_t col = 0; col < c->tap_cols; col++) {
            const float *x0 = at->x[0] + row * c->tap_row_step + col * c->tap_col_step;
            for (size_t k = 0; k < c->run; k++, w += 16) {
                const gy_v16 x = gy_v16_set(x0[k]);
                a = gy_v16_fma(x, gy_v16_load(w), a);
                b = gy_v16_fma(x, gy_v16_load(w + panel), b);
                d = gy_v16_fma(x, gy_v16_load(w + 2 * panel), d);
                e = gy_v16_fma(x, gy_v16_load(w + 3 * panel), e);
            }
        }
    const gy_v16 low = gy_v16_set(c->low), high = gy_v16_set(c->high);
    float *y = at->y[0] + job->output;
    gy_v16_store(y, gy_v16_clip(a, low, high));
    gy_v16_store(y + 16, gy_v16_clip(b, low, high));
    gy_v16_store(y + 32, gy_v16_clip(d, low, high));
    gy_v16_end(y + 48, e, job);
}

/** The next output pixel, in row order. */
typedef struct gy_conv_walk {
    size_t col, row;
    size_t x, x_row, x_image; // in x: the pixel, its row's and its image's first one
    size_t y, y_row, y_image;
} gy_conv_walk;

// Take the next `count` pixels for a tile.
static inline void gy_conv_take(gy_conv_pixels *at, gy_conv_walk *next, const gy_conv_shape *c,
                                const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        at->x[i] = x + next->x;
        at->y[i] = y + next->y;
        next->x += c->x_col;
        next->y += c->y_col;
        if (++next->col < c->cols)
            continue;
        next->col = 0;
        next->x = next->x_row += c->x_row;
        next->y = next->y_row += c->y_row;
        if (++next->row < c->rows)
            continue;
        next->row = 0;
        next->x = next->x_row = next->x_image += c->x_image;
        next->y = next->y_row = next->y_image += c->y_image;
    }
}

// All pixels for one group of panels, in tiles of at most `most` pixels, the last two alike.
static inline void gy_conv_group(const gy_conv_job *job, gy_conv_tile *const *tiles, size_t most,
                                 const float *x, float *y)
{
    gy_conv_walk next = {0, 0, 0, 0, 0, 0, 0, 0};
    gy_conv_pixels at;
    for (size_t left = job->c->images * job->c->rows * job->c->cols; left > 0;) {
        size_t count = left < most ? left : most;
        if (left > most && left < 2 * most)
            count = (left + 1) / 2;
        while (tiles[count] == NULL)
            count--;
        gy_conv_take(&at, &next, job->c, x, y, count);
        tiles[count](job, &at);
        left -= count;
    }
}

/** The tiles for a group of `panels` panels (0: half a one), and how many pixels they take. */
static inline gy_conv_tile *const *gy_conv_tiles(size_t *most, size_t panels)
{
    static gy_conv_tile *const halves[] = {NULL, gy_v8_tile_1x1, gy_v8_tile_2x1,
                                           NULL, gy_v8_tile_4x1, NULL,
                                           NULL, NULL,           gy_v8_tile_8x1};
    static gy_conv_tile *const ones[] = {NULL,
                                         gy_v16_tile_1x1,
                                         gy_v16_tile_2x1,
                                         gy_v16_tile_3x1,
                                         gy_v16_tile_4x1,
                                         gy_v16_tile_5x1,
                                         gy_v16_tile_6x1};
    static gy_conv_tile *const twos[] = {NULL,
                                         gy_v16_tile_1x2,
                                         gy_v16_tile_2x2,
                                         gy_v16_tile_3x2,
#if GY_CONV_WIDE == 6
                                         gy_v16_tile_4x2,
                                         gy_v16_tile_5x2,
                                         gy_v16_tile_6x2
#endif
    };
    static gy_conv_tile *const fours[] = {NULL, gy_v16_tile_1x4};
    *most = panels == 4 ? 1 : panels == 2 ? GY_CONV_WIDE : panels == 1 ? 6 : 8;
    return panels == 4 ? fours : panels == 2 ? twos : panels == 1 ? ones : halves;
}

/** y = clip(bias + sum of w × x), in the order stated at gy_conv_shape. */
static inline void gy_conv_run(const gy_conv_shape *c, const float *x, const float *w,
                               const float *bias, float *y)
{
    const size_t pixels = c->images * c->rows * c->cols;
    const size_t taps = c->tap_rows * c->tap_cols * c->run;
    // Few pixels make few chains: two panels at once then hide the latency of fma.
    const bool wide = GY_CONV_WIDE == 6 || pixels <= 3 || pixels == 9;
    gy_conv_job job = {c, w, bias, taps * 16, 0, 0};
    for (size_t left = c->outputs; left > 0;) {
        // All panels of a group but a half one are of 16, so the last has over 8 channels.
        size_t panels = left > 56 && pixels == 1 ? 4 : left > 24 && wide ? 2 : left > 8 ? 1 : 0;
        size_t width = panels == 0 ? 8 : panels * 16, used = left < width ? left : width;
        size_t most;
        gy_conv_tile *const *tiles = gy_conv_tiles(&most, panels);
        job.left = panels == 0 ? used : used - (width - 16);
        gy_conv_group(&job, tiles, most, x, y);
        job.w += width * taps;
        job.bias += width;
        job.output += used;
        left -= used;
    }
}

#endif
