// SPDX-License-Identifier: Apache-2.0
//
// Goal: the parts compute what they say. Method: definitions in double, and the property that
// balance leaves the model's function as it is.

#include <math.h>
#include <stdlib.h>

#include "net.h"

static void test_products_are_sums_in_order(void)
{
    gy_random_init(&net_random, 1, 1);
    for (size_t rows = 1; rows <= 9; rows++)
        for (size_t inner = 0; inner <= 17; inner += 4) {
            enum { COLUMNS = 16 };
            float a[9 * 17], p[17 * COLUMNS], y[9 * COLUMNS], expected[9 * COLUMNS];
            for (size_t i = 0; i < rows * inner; i++)
                a[i] = net_number();
            for (size_t i = 0; i < inner * COLUMNS; i++)
                p[i] = net_number();
            for (size_t i = 0; i < rows * COLUMNS; i++)
                y[i] = expected[i] = net_number();
            for (size_t i = 0; i < rows; i++)
                for (size_t j = 0; j < COLUMNS; j++)
                    for (size_t k = 0; k < inner; k++)
                        expected[i * COLUMNS + j] += a[i * inner + k] * p[k * COLUMNS + j];
            gy_compress_multiply(&(gy_compress_product){y, a, p, rows, inner, COLUMNS, COLUMNS});
            CHECK(memcmp(y, expected, rows * COLUMNS * sizeof(float)) == 0);
        }
}

static void test_values_are_rounded_as_onnx_says(void)
{
    static const float ranges[][2] = {{0, 6}, {-1, 1}, {-3, 0.01f}, {0, 0}, {-3e38f, 3e38f}};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        gy_activation to = {0};
        gy_activation_set(&to, ranges[i][0], ranges[i][1]);
        CHECK(to.scale > 0 && isfinite(to.scale) && to.zero >= 0 && to.zero <= 255);
        for (int k = -700; k <= 700; k++) {
            float value = to.scale * 0.25f * (float)k, rounded = value;
            gy_round_values(&rounded, 1, &to);
            double steps = fmin(fmax(rint((double)(value / to.scale)) + to.zero, 0), 255);
            CHECK(rounded == (float)(steps - to.zero) * to.scale);
        }
        float zero = 0;
        gy_round_values(&zero, 1, &to);
        CHECK(zero == 0); // padding and what Relu cuts stay exact
    }
}

static void test_balance_leaves_the_function_as_it_is(void)
{
    char path[] = "/tmp/gyre-parts-XXXXXX", data_path[64];
    CHECK(mkdtemp(path) != NULL);
    char model_path[64];
    (void)snprintf(model_path, sizeof(model_path), "%s/net.onnx", path);
    (void)snprintf(data_path, sizeof(data_path), "%s/data.npz", path);
    net_write(model_path, data_path);
    gy_arena arena = GY_ARENA_INIT;
    gy_model *model;
    gy_compressor work;
    gy_inputs inputs;
    size_t count;
    CHECK(gy_model_open(&model, model_path, &(gy_model_options){.batch = 32}, NULL) == GY_OK);
    CHECK(gy_compressor_init(&work, model, 32, &(gy_compress_options){0}, &arena, NULL) == GY_OK);
    CHECK(gy_compress_read_inputs(&inputs, data_path, gy_model_inputs(model, &count), NET_CLASSES,
                                  0, 1000, &arena, NULL) == GY_OK);
    static float plain[NET_SAMPLES * NET_CLASSES], even[NET_SAMPLES * NET_CLASSES];
    gy_part part = {&inputs, 0, NET_SAMPLES};
    CHECK(gy_compress_observe(&work, &part, NULL) == GY_OK);
    CHECK(gy_compressor_run(plain, &work, &part, NULL) == GY_OK);
    float first = work.layers[0].weights[0], third = work.layers[1].weights[9];
    for (int quarters = 1; quarters <= 4; quarters++) {
        gy_compress_balance(&work, quarters);
        CHECK(work.layers[1].weights[9] != third);
        gy_compressor_switch(&work, false);
        CHECK(gy_compressor_run(even, &work, &part, NULL) == GY_OK);
        for (size_t i = 0; i < NET_SAMPLES * NET_CLASSES; i++)
            CHECK_NEAR(even[i], plain[i], 1e-4 * (1 + fabs((double)plain[i])));
    }
    gy_compress_balance(&work, 0);
    CHECK(work.layers[0].weights[0] == first && work.layers[1].weights[9] == third);
    gy_arena_release(&arena);
    gy_model_close(model);
    (void)unlink(model_path);
    (void)unlink(data_path);
    (void)rmdir(path);
}

static void test_judging_counts_labels_and_ignores_a_shift(void)
{
    const float expected[] = {1, 2, 3, 3, 1, 2}, shifted[] = {6, 7, 8, 3, 1, 2},
                other[] = {1, 4, 3, 3, 1, 2};
    gy_compress_judgement judged = gy_compress_judge(shifted, expected, 2, 3);
    CHECK(judged.flipped == 0 && judged.noise < 1e-12);
    judged = gy_compress_judge(other, expected, 2, 3);
    CHECK(judged.flipped == 1);
    CHECK_NEAR(judged.noise, (8.0 / 3) / 4, 1e-12);
}

int main(void)
{
    RUN(test_products_are_sums_in_order);
    RUN(test_values_are_rounded_as_onnx_says);
    RUN(test_balance_leaves_the_function_as_it_is);
    RUN(test_judging_counts_labels_and_ignores_a_shift);
    return check_done();
}
