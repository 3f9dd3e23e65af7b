// SPDX-License-Identifier: Apache-2.0
//
// Goal: the kernels equal the definition to the bit on every shape, not only on those of the test
// models. Method: seeded random shapes, each output as one chain of fma from its bias; bytes in
// whole numbers. The kernels are built for this file's processor; scripts run them on the others.

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rt/kernels/conv.h"
#include "rt/kernels/depthwise.h"
#include "rt/kernels/pool.h"
#include "rt/kernels/quant.h"

enum { FLOATS = 1 << 16, ROUNDS = 400 };
static float x[FLOATS], w[FLOATS], packed[FLOATS], bias[256], factor[256], y[FLOATS];
static int8_t x8[FLOATS], w8[FLOATS], packed8[FLOATS];
static int32_t bias32[256];
static uint32_t state = 1;

static size_t draw(size_t least, size_t most)
{
    state = state * 1664525u + 1013904223u;
    return least + (state >> 8) % (most - least + 1);
}

static void fill(void)
{
    for (size_t i = 0; i < FLOATS; i++) {
        x[i] = (float)draw(0, 2000) / 1000.0f - 1.0f;
        w[i] = (float)draw(0, 2000) / 1000.0f - 1.0f;
        x8[i] = (int8_t)((int)draw(0, 255) - 128);
        w8[i] = (int8_t)((int)draw(0, 254) - 127);
    }
    for (size_t i = 0; i < 256; i++) {
        bias[i] = (float)draw(0, 2000) / 1000.0f - 1.0f;
        bias32[i] = (int32_t)draw(0, 20000) - 10000;
        factor[i] = (float)draw(1, 1000) / 1000000.0f;
    }
}

static gy_conv_shape draw_shape(void)
{
    gy_conv_shape c = {.images = draw(1, 2), .rows = draw(1, 5), .cols = draw(1, 9)};
    c.tap_rows = draw(1, 3), c.tap_cols = draw(1, 2), c.run = draw(1, 11);
    c.outputs = draw(1, 70);
    c.x_col = draw(1, 12), c.x_row = 130, c.x_image = 900;
    c.tap_row_step = 130, c.tap_col_step = draw(1, 12);
    c.y_col = c.outputs, c.y_row = c.cols * c.outputs + draw(0, 3);
    c.y_image = c.rows * c.y_row;
    c.low = draw(0, 1) == 0 ? 0.0f : -1e30f, c.high = draw(0, 1) == 0 ? 2.0f : 1e30f;
    return c;
}

// Weights are w[output][tap].
static float by_definition(const gy_conv_shape *c, size_t at, size_t output)
{
    const float *tap = w + output * c->tap_rows * c->tap_cols * c->run;
    float sum = bias[output];
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++)
            for (size_t k = 0; k < c->run; k++)
                sum = gy_fmaf(x[at + i * c->tap_row_step + j * c->tap_col_step + k], *tap++, sum);
    return gy_clipf(sum, c->low, c->high);
}

static void pack(const gy_conv_shape *c)
{
    size_t taps = c->tap_rows * c->tap_cols * c->run;
    float *to = packed;
    for (size_t first = 0; first < c->outputs; first += 16) {
        size_t width = c->outputs - first <= 8 ? 8 : 16;
        for (size_t k = 0; k < taps; k++)
            for (size_t i = 0; i < width; i++)
                *to++ = first + i < c->outputs ? w[(first + i) * taps + k] : 0.0f;
    }
}

static void test_convolutions_are_chains_of_fma(void)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        gy_conv_shape c = draw_shape();
        size_t wrong = 0;
        pack(&c);
        memset(y, 0, sizeof(y));
        gy_conv_run(&c, x, packed, bias, y);
        for (size_t n = 0; n < c.images; n++)
            for (size_t i = 0; i < c.rows; i++)
                for (size_t j = 0; j < c.cols; j++)
                    for (size_t m = 0; m < c.outputs; m++) {
                        size_t from = n * c.x_image + i * c.x_row + j * c.x_col;
                        size_t to = n * c.y_image + i * c.y_row + j * c.y_col + m;
                        wrong += gy_float_bits(y[to]) != gy_float_bits(by_definition(&c, from, m));
                    }
        CHECK(wrong == 0);
    }
}

static int32_t sum_of_bytes(const gy_conv_shape *c, size_t at, size_t output, bool is_signed)
{
    const int8_t *tap = w8 + output * c->tap_rows * c->tap_cols * c->run;
    int32_t sum = bias32[output];
    for (size_t i = 0; i < c->tap_rows; i++)
        for (size_t j = 0; j < c->tap_cols; j++)
            for (size_t k = 0; k < c->run; k++) {
                int8_t byte = x8[at + i * c->tap_row_step + j * c->tap_col_step + k];
                sum += *tap++ * (is_signed ? byte : (uint8_t)byte);
            }
    return sum;
}

static void pack_bytes(const gy_conv_shape *c)
{
    size_t runs = c->tap_rows * c->tap_cols, taps = runs * c->run;
    int8_t *to = packed8;
    memset(packed8, 0, sizeof(packed8));
    for (size_t first = 0; first < c->outputs; first += 16)
        for (size_t r = 0; r < runs; r++)
            for (size_t k = 0; k < c->run; k += 4, to += 64)
                for (size_t i = 0; i < 64; i++)
                    if (first + i / 4 < c->outputs && k + i % 4 < c->run)
                        to[i] = w8[(first + i / 4) * taps + r * c->run + k + i % 4];
}

static void test_sums_of_bytes_are_exact_and_round_half_to_even(void)
{
    static uint8_t bytes[FLOATS];
    for (size_t round = 0; round < ROUNDS; round++) {
        gy_quant_shape q = {.c = draw_shape(), .is_signed = draw(0, 1) == 0};
        q.kind = draw(0, 1) == 0 ? GY_QUANT_INT8 : GY_QUANT_UINT8;
        q.zero = q.kind == GY_QUANT_INT8 ? (int32_t)draw(0, 200) - 100 : (int32_t)draw(0, 200);
        q.low = (float)((q.kind == GY_QUANT_INT8 ? -128 : 0) - q.zero), q.high = q.low + 255.0f;
        const gy_conv_shape *c = &q.c;
        size_t wrong = 0;
        pack_bytes(c);
        gy_quant_run(&q, x8, packed8, bias32, factor, bytes);
        for (size_t n = 0; n < c->images; n++)
            for (size_t i = 0; i < c->rows; i++)
                for (size_t j = 0; j < c->cols; j++)
                    for (size_t m = 0; m < c->outputs; m++) {
                        size_t from = n * c->x_image + i * c->x_row + j * c->x_col;
                        size_t to = n * c->y_image + i * c->y_row + j * c->y_col + m;
                        float sum = (float)sum_of_bytes(c, from, m, q.is_signed) * factor[m];
                        sum = sum < q.low ? q.low : sum > q.high ? q.high : sum;
                        wrong += bytes[to] != (uint8_t)((int32_t)rintf(sum) + q.zero);
                    }
        CHECK(wrong == 0);
    }
}

static void test_a_window_is_cut_at_the_edge(void)
{
    gy_pool_shape p = {.images = 1,
                       .rows = 3,
                       .cols = 3,
                       .channels = 19,
                       .x_rows = 5,
                       .x_cols = 5,
                       .tap_rows = 3,
                       .tap_cols = 3,
                       .step_rows = 2,
                       .step_cols = 2,
                       .dilate_rows = 1,
                       .dilate_cols = 1,
                       .pad_top = 1,
                       .pad_left = 1,
                       .x_row = 5 * 19,
                       .y_row = 3 * 19,
                       .y_col = 19,
                       .low = -1e30f,
                       .high = 1e30f};
    size_t wrong = 0;
    gy_max_pool_run(&p, x, y);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t c = 0; c < 19; c++) {
                float most = -1e30f;
                for (size_t r = 2 * i; r < 2 * i + 3; r++)
                    for (size_t s = 2 * j; s < 2 * j + 3; s++)
                        if (r >= 1 && s >= 1 && r <= 5 && s <= 5)
                            most = fmaxf(most, x[((r - 1) * 5 + s - 1) * 19 + c]);
                wrong += y[(i * 3 + j) * 19 + c] != most;
            }
    CHECK(wrong == 0);
}

int main(void)
{
    fill();
    RUN(test_convolutions_are_chains_of_fma);
    RUN(test_sums_of_bytes_are_exact_and_round_half_to_even);
    RUN(test_a_window_is_cut_at_the_edge);
    return check_done();
}
