// SPDX-License-Identifier: Apache-2.0
//
// The kernels, written once over a vector of eight floats. kernel_plain.c and kernel_avx2.c say
// what a vector is and include this. Tiles only change which outputs are computed together, never
// the order inside one.

#include <string.h>

#define TILE static inline __attribute__((always_inline)) void

// One tile of rows x vectors outputs. Rows and vectors are constants where it is called, so that
// the compiler keeps all sums in registers.
TILE product_tile(const gy_value_product *p, size_t row, size_t col, const size_t rows,
                  const size_t vectors)
{
    vector sum[12];
    float *out = p->out + row * p->out_stride + col;
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            sum[i * vectors + v] = p->start != NULL
                                       ? vector_all(p->start[row + i])
                                       : vector_load(out + i * p->out_stride + v * GY_VALUE_LANES);
    const float *a = p->a + row * p->a_row;
    for (size_t t = 0; t < p->depth; t++, a += p->a_step) {
        const float *b = p->b[t] + col;
        vector right[3];
        for (size_t v = 0; v < vectors; v++)
            right[v] = vector_load(b + v * GY_VALUE_LANES);
        for (size_t i = 0; i < rows; i++) {
            vector left = vector_all(a[i * p->a_row]);
            for (size_t v = 0; v < vectors; v++)
                sum[i * vectors + v] = vector_fma(left, right[v], sum[i * vectors + v]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            vector_store(out + i * p->out_stride + v * GY_VALUE_LANES, sum[i * vectors + v]);
}

// The last columns, fewer than a vector: the same chains, beside lanes that nobody asks for.
TILE edge_tile(const gy_value_product *p, size_t row, size_t col, const size_t rows)
{
    vector sum[8];
    size_t cols = p->cols - col;
    float *out = p->out + row * p->out_stride + col;
    for (size_t i = 0; i < rows; i++)
        sum[i] = p->start != NULL ? vector_all(p->start[row + i])
                                  : vector_load_part(out + i * p->out_stride, cols);
    const float *a = p->a + row * p->a_row;
    for (size_t t = 0; t < p->depth; t++, a += p->a_step) {
        vector right = vector_load_part(p->b[t] + col, cols);
        for (size_t i = 0; i < rows; i++)
            sum[i] = vector_fma(vector_all(a[i * p->a_row]), right, sum[i]);
    }
    for (size_t i = 0; i < rows; i++)
        vector_store_part(out + i * p->out_stride, sum[i], cols);
}

static void product_edge(const gy_value_product *p, size_t col)
{
    size_t row = 0;
    for (; row + 8 <= p->rows; row += 8)
        edge_tile(p, row, col, 8);
    for (; row < p->rows; row++)
        edge_tile(p, row, col, 1);
}

TILE product_columns(const gy_value_product *p, size_t col, const size_t rows, const size_t vectors)
{
    size_t row = 0;
    for (; row + rows <= p->rows; row += rows)
        product_tile(p, row, col, rows, vectors);
    for (; row + 2 <= p->rows; row += 2)
        product_tile(p, row, col, 2, vectors);
    for (; row < p->rows; row++)
        product_tile(p, row, col, 1, vectors);
}

static void multiply(const gy_value_product *p)
{
    size_t col = 0;
    for (; col + (size_t)3 * GY_VALUE_LANES <= p->cols; col += (size_t)3 * GY_VALUE_LANES)
        product_columns(p, col, 4, 3);
    for (; col + (size_t)2 * GY_VALUE_LANES <= p->cols; col += (size_t)2 * GY_VALUE_LANES)
        product_columns(p, col, 4, 2);
    for (; col + GY_VALUE_LANES <= p->cols; col += GY_VALUE_LANES)
        product_columns(p, col, 10, 1);
    if (col < p->cols)
        product_edge(p, col);
}

TILE dots_tile(const gy_dots *d, size_t row, size_t col, const size_t rows, const size_t cols)
{
    vector sum[12];
    for (size_t i = 0; i < rows; i++)
        for (size_t t = 0; t < cols; t++)
            sum[i * cols + t] =
                vector_load(d->lanes + ((row + i) * d->cols + col + t) * GY_VALUE_LANES);
    const float *a = d->a + row * d->a_stride;
    for (size_t j = 0; j < d->length; j += GY_VALUE_LANES) {
        vector right[3];
        for (size_t t = 0; t < cols; t++)
            right[t] = vector_load(d->b[col + t] + j);
        for (size_t i = 0; i < rows; i++) {
            vector left = vector_load(a + i * d->a_stride + j);
            for (size_t t = 0; t < cols; t++)
                sum[i * cols + t] = vector_fma(left, right[t], sum[i * cols + t]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t t = 0; t < cols; t++)
            vector_store(d->lanes + ((row + i) * d->cols + col + t) * GY_VALUE_LANES,
                         sum[i * cols + t]);
}

TILE dots_columns(const gy_dots *d, size_t col, const size_t cols)
{
    size_t row = 0;
    for (; row + 4 <= d->rows; row += 4)
        dots_tile(d, row, col, 4, cols);
    for (; row < d->rows; row++)
        dots_tile(d, row, col, 1, cols);
}

static void dots(const gy_dots *d)
{
    size_t col = 0;
    for (; col + 3 <= d->cols; col += 3)
        dots_columns(d, col, 3);
    for (; col < d->cols; col++)
        dots_columns(d, col, 1);
}

TILE distance_tile(const gy_panel_distances *d, size_t query, size_t lane, const size_t queries)
{
    vector sum[8];
    for (size_t i = 0; i < queries * 2; i++)
        sum[i] = vector_all(0.0f);
    const float *x = d->queries + query * d->cols;
    for (size_t t = 0; t < d->cols; t++) {
        vector left = vector_load(d->panel + t * GY_PANEL + lane);
        vector right = vector_load(d->panel + t * GY_PANEL + lane + GY_VALUE_LANES);
        for (size_t i = 0; i < queries; i++) {
            vector at = vector_all(x[i * d->cols + t]);
            vector step = vector_sub(left, at);
            sum[2 * i] = vector_fma(step, step, sum[2 * i]);
            step = vector_sub(right, at);
            sum[2 * i + 1] = vector_fma(step, step, sum[2 * i + 1]);
        }
    }
    for (size_t i = 0; i < queries; i++) {
        float *out = d->out + (query + i) * d->out_stride + lane;
        vector_store(out, sum[2 * i]);
        vector_store(out + GY_VALUE_LANES, sum[2 * i + 1]);
    }
}

static void distances(const gy_panel_distances *d)
{
    for (size_t lane = 0; lane < GY_PANEL; lane += (size_t)2 * GY_VALUE_LANES) {
        size_t query = 0;
        for (; query + 4 <= d->count; query += 4)
            distance_tile(d, query, lane, 4);
        for (; query < d->count; query++)
            distance_tile(d, query, lane, 1);
    }
}

static size_t below(uint8_t lanes[GY_PANEL], const float *distances, float limit)
{
    size_t count = 0;
    for (size_t lane = 0; lane < GY_PANEL; lane += GY_VALUE_LANES) {
        unsigned found = vector_below(vector_load(distances + lane), vector_all(limit));
        for (; found != 0; found &= found - 1)
            lanes[count++] = (uint8_t)(lane + gy_lowest_bit(found));
    }
    return count;
}

static void softmax(float *scores, size_t classes)
{
    float most[GY_VALUE_LANES], sum[GY_VALUE_LANES] = {0};
    memcpy(most, scores, sizeof(most));
    for (size_t c = 1; c < classes; c++)
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
            float score = scores[c * GY_VALUE_LANES + lane];
            most[lane] = score > most[lane] ? score : most[lane];
        }
    for (size_t c = 0; c < classes; c++)
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
            float share = gy_expf(scores[c * GY_VALUE_LANES + lane] - most[lane]);
            scores[c * GY_VALUE_LANES + lane] = share;
            sum[lane] += share;
        }
    for (size_t c = 0; c < classes; c++)
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++)
            scores[c * GY_VALUE_LANES + lane] /= sum[lane];
}

static void exps(float *out, const float *x, float scale, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gy_expf(scale * x[i]);
}

static void logs(float *out, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gy_logf(x[i]);
}

#define VALUE_KERNELS                                                           \
    .multiply = multiply, .dots = dots, .distances = distances, .below = below, \
    .softmax = softmax, .exps = exps, .logs = logs
