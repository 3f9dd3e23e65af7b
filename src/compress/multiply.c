// SPDX-License-Identifier: Apache-2.0
//
// Products of matrices for runs that only calibrate. Each sum starts at what stands in y and takes
// one product after the other, each rounded: the same bits on every processor and for every split
// of the work, since only different sums share a register.

#include "compress/work.h"

typedef float four __attribute__((vector_size(16), aligned(4)));

enum { ROWS = 4 };

// ROWS rows by 8 columns of y, kept in registers.
static void multiply_block(const gy_compress_product *product, size_t row, size_t column)
{
    const float *a = product->a + row * product->inner, *p = product->p + column;
    float *y = product->y + row * product->y_stride + column;
    size_t inner = product->inner, stride = product->stride;
    four sums[ROWS][2];
    for (size_t i = 0; i < ROWS; i++) {
        sums[i][0] = *(const four *)(y + i * product->y_stride);
        sums[i][1] = *(const four *)(y + i * product->y_stride + 4);
    }
    for (size_t k = 0; k < inner; k++, p += stride) {
        four left = *(const four *)p, right = *(const four *)(p + 4);
        for (size_t i = 0; i < ROWS; i++) {
            float value = a[i * inner + k];
            four all = {value, value, value, value};
            sums[i][0] += all * left;
            sums[i][1] += all * right;
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        *(four *)(y + i * product->y_stride) = sums[i][0];
        *(four *)(y + i * product->y_stride + 4) = sums[i][1];
    }
}

static void multiply_row(const gy_compress_product *product, size_t row, size_t column)
{
    const float *a = product->a + row * product->inner, *p = product->p + column;
    float *y = product->y + row * product->y_stride + column;
    four left = *(const four *)y, right = *(const four *)(y + 4);
    for (size_t k = 0; k < product->inner; k++, p += product->stride) {
        four all = {a[k], a[k], a[k], a[k]};
        left += all * *(const four *)p;
        right += all * *(const four *)(p + 4);
    }
    *(four *)y = left;
    *(four *)(y + 4) = right;
}

void gy_compress_multiply(const gy_compress_product *product)
{
    size_t row = 0;
    for (; row + ROWS <= product->rows; row += ROWS)
        for (size_t column = 0; column < product->stride; column += 8)
            multiply_block(product, row, column);
    for (; row < product->rows; row++)
        for (size_t column = 0; column < product->stride; column += 8)
            multiply_row(product, row, column);
}
