// SPDX-License-Identifier: Apache-2.0
//
// Goal: slopes are those of the loss, and training is the same on every processor. Method: compare
// with finite differences at every parameter, for networks with and without convolutions; learn a
// task that a straight line cannot solve; compare bits.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "value/network.h"

enum { CLASSES = 3, SIDE = 8, CHANNELS = 2, INPUTS = SIDE * SIDE * CHANNELS, ROWS = 40 };

static float features[ROWS * INPUTS], targets[ROWS * CLASSES];
static uint32_t rows[ROWS];

static void fill_samples(void)
{
    gy_random random;
    gy_random_init(&random, 3, 1);
    for (size_t i = 0; i < ROWS * INPUTS; i++)
        features[i] = (float)(gy_random_unit(&random) - 0.5);
    for (size_t i = 0; i < ROWS; i++) {
        targets[i * CLASSES + i % CLASSES] = 0.75f;
        targets[i * CLASSES + (i + 1) % CLASSES] += 0.25f;
        rows[i] = (uint32_t)i;
    }
}

static const gy_network_shape shapes[] = {
    {CHANNELS, SIDE, SIDE, {3, 4}, 5, CLASSES}, // two convolutions and a hidden layer
    {CHANNELS, SIDE, SIDE, {5, 0}, 0, CLASSES},
    {CHANNELS, 7, 7, {2, 2}, 4, CLASSES}, // odd sides: pooling drops a row and a column
    {INPUTS, 1, 1, {0, 0}, 11, CLASSES},
    {INPUTS, 1, 1, {0, 0}, 0, CLASSES}, // logistic regression
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

// A loss with simple slopes: the sum of scores times fixed numbers, over eight samples.
static double loss(gy_network_flow *flow, const gy_network *network, const float *parameters)
{
    gy_network_forward(flow, network, parameters);
    double sum = 0.0;
    for (size_t i = 0; i < CLASSES * GY_VALUE_LANES; i++)
        sum += (double)flow->inputs[network->layer_count][i] * ((double)(i % 5) - 1.7);
    return sum;
}

static void check_slopes(const gy_network_shape *shape)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_network network;
    gy_network_flow flow;
    gy_network_plan(&network, shape);
    CHECK(gy_network_flow_make(&flow, &network, &arena, NULL) == GY_OK);
    float *parameters = GY_NEW(&arena, float, network.parameter_count);
    float *gradient = GY_NEW(&arena, float, network.parameter_count);
    gy_random random;
    gy_random_init(&random, 5, 1);
    for (size_t i = 0; i < network.parameter_count; i++)
        parameters[i] = (float)(gy_random_unit(&random) - 0.5);
    size_t inputs = network.channels * network.height * network.width;
    for (size_t lane = 0; lane < GY_VALUE_LANES; lane++)
        gy_network_put(&flow, &network, lane, features + lane * inputs, 0, 0);

    gy_network_batch_begin(&flow, &network, parameters);
    gy_network_forward(&flow, &network, parameters);
    for (size_t i = 0; i < CLASSES * GY_VALUE_LANES; i++)
        flow.slopes[network.layer_count][i] = (float)(i % 5) - 1.7f;
    gy_network_backward(&flow, &network, parameters, gradient);
    gy_network_batch_end(&flow, &network, gradient);

    size_t far = 0;
    for (size_t i = 0; i < network.parameter_count; i++) {
        float kept = parameters[i], step = 0x1p-11f;
        parameters[i] = kept + step;
        double above = loss(&flow, &network, parameters);
        parameters[i] = kept - step;
        double below = loss(&flow, &network, parameters);
        parameters[i] = kept;
        double slope = (above - below) / (2.0 * (double)step);
        far += fabs(slope - (double)gradient[i]) > 0.02 * (1.0 + fabs(slope));
    }
    // A kink of ReLU or max-pooling inside the step may spoil a difference here and there.
    CHECK(far * 50 <= network.parameter_count);
    gy_arena_release(&arena);
}

static void test_slopes_are_finite_differences(void)
{
    for (size_t i = 0; i < SHAPES; i++)
        check_slopes(&shapes[i]);
}

static void train(float *probabilities, const gy_network_shape *shape, const gy_network_data *data,
                  size_t count, const gy_network_recipe *recipe)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_network network;
    gy_network_training *training;
    gy_network_plan(&network, shape);
    CHECK(gy_network_training_make(&training, &network, count, &arena, NULL) == GY_OK);
    gy_network_train(training, data, rows, count, recipe);
    gy_network_predict(probabilities, NULL, training, data, rows, count);
    gy_arena_release(&arena);
}

static void test_processors_change_no_bit(void)
{
    gy_network_data data = {features, targets, NULL, 0.1f, 2.0f};
    gy_network_recipe recipe = {
        .epochs = 2, .batch = 16, .rate = 0.01f, .decay = 0.01f, .shift = 1};
    for (size_t i = 0; i < SHAPES; i++) {
        float found[2][ROWS * CLASSES];
        for (size_t run = 0; run < 2; run++) {
            setenv("GYRE_CPU", run == 0 ? "" : "plain", 1);
            train(found[run], &shapes[i], &data, ROWS - 1, &recipe);
        }
        CHECK(memcmp(found[0], found[1], sizeof(float) * (ROWS - 1) * CLASSES) == 0);
    }
    unsetenv("GYRE_CPU");
}

static void test_exclusive_or_is_learned(void)
{
    float inputs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, wanted[4][2] = {{0}};
    for (size_t i = 0; i < 4; i++)
        wanted[i][i == 1 || i == 2] = 1.0f;
    gy_network_data data = {inputs[0], wanted[0], NULL, 0.5f, 2.0f};
    gy_network_recipe recipe = {.epochs = 400, .batch = 8, .rate = 0.02f, .seed = 2};
    float found[4][2];
    train(found[0], &(gy_network_shape){2, 1, 1, {0, 0}, 16, 2}, &data, 4, &recipe);
    for (size_t i = 0; i < 4; i++)
        CHECK(found[i][i == 1 || i == 2] > 0.95f);
}

static void test_a_weight_of_zero_takes_a_sample_away(void)
{
    float weights[ROWS], found[2][ROWS * CLASSES];
    for (size_t i = 0; i < ROWS; i++)
        weights[i] = 0.0f;
    gy_network_recipe recipe = {.epochs = 1, .batch = 8, .rate = 0.01f};
    gy_network_data data = {features, targets, weights, 0.0f, 1.0f};
    train(found[0], &shapes[3], &data, ROWS, &recipe);
    recipe.epochs = 3;
    train(found[1], &shapes[3], &data, ROWS, &recipe); // nothing to learn from, so nothing moves
    CHECK(memcmp(found[0], found[1], sizeof(found[0])) == 0);
}

static void test_every_allocation_may_fail(void)
{
    gy_network network;
    gy_network_plan(&network, &shapes[0]);
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_network_training *training;
        status = gy_network_training_make(&training, &network, ROWS, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    fill_samples();
    RUN(test_slopes_are_finite_differences);
    RUN(test_processors_change_no_bit);
    RUN(test_exclusive_or_is_learned);
    RUN(test_a_weight_of_zero_takes_a_sample_away);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
