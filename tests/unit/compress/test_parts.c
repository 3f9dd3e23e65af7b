// SPDX-License-Identifier: Apache-2.0
//
// Goal: the parts compute what they say. Method: definitions in double, and the property that
// balance leaves the model's function as it is.

#include <float.h>
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

/** The net of net.h, opened. */
typedef struct opened {
    char folder[32], model_path[64], data_path[64];
    gy_arena arena;
    gy_model *model;
    gy_compressor work;
    gy_inputs inputs;
    gy_part part;
} opened;

static void open_net(opened *net)
{
    *net = (opened){.folder = "/tmp/gyre-parts-XXXXXX", .arena = GY_ARENA_INIT};
    size_t count;
    CHECK(mkdtemp(net->folder) != NULL);
    (void)snprintf(net->model_path, sizeof(net->model_path), "%s/net.onnx", net->folder);
    (void)snprintf(net->data_path, sizeof(net->data_path), "%s/data.npz", net->folder);
    net_write(net->model_path, net->data_path);
    CHECK(gy_model_open(&net->model, net->model_path, &(gy_model_options){.batch = 32}, NULL) ==
          GY_OK);
    CHECK(gy_compressor_init(&net->work, net->model, 32, &(gy_compress_options){0}, &net->arena,
                             NULL) == GY_OK);
    CHECK(gy_compress_read_inputs(&net->inputs, net->data_path, gy_model_inputs(net->model, &count),
                                  NET_CLASSES, 0, 1000, &net->arena, NULL) == GY_OK);
    net->part = (gy_part){&net->inputs, 0, NET_SAMPLES};
    CHECK(gy_compress_observe(&net->work, &net->part, NULL) == GY_OK);
}

static void close_net(opened *net)
{
    gy_arena_release(&net->arena);
    gy_model_close(net->model);
    (void)unlink(net->model_path);
    (void)unlink(net->data_path);
    (void)rmdir(net->folder);
}

static void test_balance_leaves_the_function_as_it_is(void)
{
    opened net;
    open_net(&net);
    gy_compressor *work = &net.work;
    static float plain[NET_SAMPLES * NET_CLASSES], even[NET_SAMPLES * NET_CLASSES];
    CHECK(gy_compressor_run(plain, work, &net.part, NULL) == GY_OK);
    float first = work->layers[0].weights[0], third = work->layers[1].weights[9];
    for (int quarters = 1; quarters <= 4; quarters++) {
        gy_compress_balance(work, quarters);
        CHECK(work->layers[1].weights[9] != third);
        gy_compressor_switch(work, false);
        CHECK(gy_compressor_run(even, work, &net.part, NULL) == GY_OK);
        for (size_t i = 0; i < NET_SAMPLES * NET_CLASSES; i++)
            CHECK_NEAR(even[i], plain[i], 1e-4 * (1 + fabs((double)plain[i])));
    }
    gy_compress_balance(work, 0);
    CHECK(work->layers[0].weights[0] == first && work->layers[1].weights[9] == third);
    close_net(&net);
}

// All sums of a layer from the bytes that give the greatest and the least, one float after the
// other, against whole numbers.
static void check_sums(const gy_layer *layer, const gy_activation *input)
{
    float unit = gy_activation_unit(input);
    for (size_t m = 0; m < layer->outputs; m++)
        for (int sign = -1; sign <= 1; sign += 2) {
            float sum = 0, scale = layer->scales[m];
            int64_t whole = 0;
            for (size_t k = 0; k < layer->fan_in; k++) {
                int steps = layer->steps[m * layer->fan_in + k];
                int byte = (steps * sign > 0 ? 255 : 0) - input->zero;
                sum += (float)byte * unit * ((float)steps * scale);
                whole += byte * steps;
            }
            sum += (float)layer->bias_steps[m] * (unit * scale);
            whole += layer->bias_steps[m];
            CHECK((double)sum == (double)whole * (double)unit * (double)scale);
        }
}

static void test_floats_hold_every_sum(void)
{
    opened net;
    open_net(&net);
    gy_compressor *work = &net.work;
    int exponent;
    gy_compress_set_ranges(work, GY_MIN_MAX);
    gy_compress_make_exact(work);
    gy_compressor_switch(work, true);
    for (size_t i = 0; i < work->layer_count; i++) {
        const gy_layer *layer = &work->layers[i];
        const gy_activation *input = &work->activations[work->activations[layer->input].root];
        CHECK(frexpf(gy_activation_unit(input), &exponent) == 0.5f);
        CHECK(gy_activation_gain(input) > 0.7 && gy_activation_gain(input) < 1.42);
        CHECK(gy_layer_is_exact(layer, input));
        check_sums(layer, input);
    }
    work->layers[0].scales[0] *= 1.0f + FLT_EPSILON; // 24 digits: no room for a sum
    CHECK(!gy_layer_is_exact(&work->layers[0], &work->activations[work->layers[0].input]));
    close_net(&net);
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
    RUN(test_floats_hold_every_sum);
    RUN(test_judging_counts_labels_and_ignores_a_shift);
    return check_done();
}
