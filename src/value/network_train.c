// SPDX-License-Identifier: Apache-2.0
//
// Training of a small network: AdamW on batches in a seeded order, the rate up and down once.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "rt/math.h"
#include "value/network.h"

struct gy_network_training {
    gy_network network;
    gy_network_flow flow;
    float *parameters, *gradient, *mean, *square; // [parameter_count]
    float *staged;                                // one sample, scaled
    uint32_t *order;                              // [order_capacity]
    size_t order_capacity;
};

gy_status gy_network_training_make(gy_network_training **training, const gy_network *network,
                                   size_t rows_max, gy_arena *arena, gy_error *err)
{
    gy_network_training *made = GY_NEW(arena, gy_network_training, 1);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to train a network");
    made->network = *network;
    GY_TRY(gy_network_flow_make(&made->flow, network, arena, err));
    made->parameters = GY_NEW(arena, float, network->parameter_count);
    made->gradient = GY_NEW(arena, float, network->parameter_count);
    made->mean = GY_NEW(arena, float, network->parameter_count);
    made->square = GY_NEW(arena, float, network->parameter_count);
    made->staged = GY_NEW(arena, float, network->channels * network->height * network->width);
    made->order = GY_NEW(arena, uint32_t, rows_max);
    made->order_capacity = rows_max;
    if (made->parameters == NULL || made->gradient == NULL || made->mean == NULL ||
        made->square == NULL || made->staged == NULL || made->order == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to train a network of %zu parameters",
                       network->parameter_count);
    *training = made;
    return GY_OK;
}

// Uniform, with the variance that keeps a ReLU layer's outputs at theirs (He et al. 2015).
static void start_parameters(gy_network_training *training, gy_random *random)
{
    const gy_network *network = &training->network;
    memset(training->parameters, 0, sizeof(float) * network->parameter_count);
    for (size_t at = 0; at < network->layer_count; at++) {
        const gy_network_layer *layer = &network->layers[at];
        size_t inputs = layer->in_channels * (layer->is_conv ? 9 : 1);
        float gain = layer->is_last ? 1.0f : 6.0f;
        float bound = sqrtf(gain / (float)inputs);
        for (size_t i = layer->weights; i < layer->bias; i++)
            training->parameters[i] = bound * (float)(2.0 * gy_random_unit(random) - 1.0);
    }
}

static void put_sample(gy_network_training *training, const gy_network_data *data, size_t lane,
                       uint32_t row, int shift_x, int shift_y)
{
    const gy_network *network = &training->network;
    size_t inputs = network->channels * network->height * network->width;
    const float *features = data->features + row * inputs;
    for (size_t i = 0; i < inputs; i++)
        training->staged[i] = (features[i] - data->center) * data->scale;
    gy_network_put(&training->flow, network, lane, training->staged, shift_x, shift_y);
}

// Slopes of the mean cross-entropy by the scores, which become probabilities. A lane without share
// has no slope.
static void loss_slopes(gy_network_training *training, const gy_network_data *data,
                        const uint32_t *rows, const float *shares)
{
    const gy_network *network = &training->network;
    float *probabilities = training->flow.inputs[network->layer_count];
    float *slopes = training->flow.slopes[network->layer_count];
    network->kernels->softmax(probabilities, network->classes);
    for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
        const float *targets = data->targets + rows[lane] * network->classes;
        float weight =
            data->weights != NULL ? shares[lane] * data->weights[rows[lane]] : shares[lane];
        for (size_t c = 0; c < network->classes; c++)
            slopes[c * GY_VALUE_LANES + lane] =
                weight * (probabilities[c * GY_VALUE_LANES + lane] - targets[c]);
    }
}

static void add_batch(gy_network_training *training, const gy_network_data *data,
                      const uint32_t *rows, size_t count, unsigned shift, gy_random *random)
{
    const gy_network *network = &training->network;
    memset(training->gradient, 0, sizeof(float) * network->parameter_count);
    gy_network_batch_begin(&training->flow, network, training->parameters);
    for (size_t first = 0; first < count; first += GY_VALUE_LANES) {
        uint32_t taken[GY_VALUE_LANES];
        float shares[GY_VALUE_LANES];
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
            // Lanes past the end hold the last sample again, with no slope.
            bool is_there = first + lane < count;
            taken[lane] = rows[is_there ? first + lane : count - 1];
            shares[lane] = is_there ? 1.0f / (float)count : 0.0f;
            int shift_x = 0, shift_y = 0;
            if (shift > 0) {
                shift_x = (int)gy_random_below(random, 2 * shift + 1) - (int)shift;
                shift_y = (int)gy_random_below(random, 2 * shift + 1) - (int)shift;
            }
            put_sample(training, data, lane, taken[lane], shift_x, shift_y);
        }
        gy_network_forward(&training->flow, network, training->parameters);
        loss_slopes(training, data, taken, shares);
        gy_network_backward(&training->flow, network, training->parameters, training->gradient);
    }
    gy_network_batch_end(&training->flow, network, training->gradient);
}

typedef struct adam {
    float rate, decay, mean_scale, square_scale; // scales undo the start at zero
} adam;

static void adam_step(gy_network_training *training, adam step)
{
    static const float KEEP_MEAN = 0.9f, KEEP_SQUARE = 0.999f, FLOOR = 1e-8f;
    float *restrict parameters = training->parameters, *restrict mean = training->mean;
    float *restrict square = training->square;
    const float *restrict gradient = training->gradient;
    for (size_t i = 0; i < training->network.parameter_count; i++) {
        float slope = gradient[i];
        mean[i] = KEEP_MEAN * mean[i] + (1.0f - KEEP_MEAN) * slope;
        square[i] = KEEP_SQUARE * square[i] + (1.0f - KEEP_SQUARE) * slope * slope;
        float move = mean[i] * step.mean_scale / (sqrtf(square[i] * step.square_scale) + FLOOR);
        parameters[i] -= step.rate * (move + step.decay * parameters[i]);
    }
}

// Up in the first fifth, then down to zero: straight lines.
static float rate_at(float height, size_t step, size_t steps)
{
    float done = ((float)step + 0.5f) / (float)steps;
    return height * (done < 0.2f ? 0.05f + 0.95f * done / 0.2f : (1.0f - done) / 0.8f);
}

void gy_network_train(gy_network_training *training, const gy_network_data *data,
                      const uint32_t *rows, size_t count, const gy_network_recipe *recipe)
{
    assert(count > 0 && count <= training->order_capacity);
    assert(recipe->batch > 0 && recipe->batch % GY_VALUE_LANES == 0);
    gy_random random;
    gy_random_init(&random, recipe->seed, 1);
    start_parameters(training, &random);
    memset(training->mean, 0, sizeof(float) * training->network.parameter_count);
    memset(training->square, 0, sizeof(float) * training->network.parameter_count);
    memcpy(training->order, rows, sizeof(*rows) * count);

    size_t batches = (count + recipe->batch - 1) / recipe->batch, step = 0;
    double mean_left = 1.0, square_left = 1.0;
    for (size_t epoch = 0; epoch < recipe->epochs; epoch++) {
        gy_random_shuffle(&random, training->order, count);
        for (size_t first = 0; first < count; first += recipe->batch, step++) {
            size_t size = count - first < recipe->batch ? count - first : recipe->batch;
            add_batch(training, data, training->order + first, size, recipe->shift, &random);
            mean_left *= 0.9;
            square_left *= 0.999;
            adam_step(training,
                      (adam){.rate = rate_at(recipe->rate, step, batches * recipe->epochs),
                             .decay = recipe->decay,
                             .mean_scale = (float)(1.0 / (1.0 - mean_left)),
                             .square_scale = (float)(1.0 / (1.0 - square_left))});
        }
    }
}

void gy_network_predict(float *probabilities, float *hidden, gy_network_training *training,
                        const gy_network_data *data, const uint32_t *rows, size_t count)
{
    const gy_network *network = &training->network;
    size_t last = network->layer_count - 1, units = network->layers[last].in_channels;
    for (size_t first = 0; first < count; first += GY_VALUE_LANES) {
        size_t size = count - first < GY_VALUE_LANES ? count - first : GY_VALUE_LANES;
        for (size_t lane = 0; lane < size; lane++)
            put_sample(training, data, lane, rows[first + lane], 0, 0);
        gy_network_forward(&training->flow, network, training->parameters);
        network->kernels->softmax(training->flow.inputs[last + 1], network->classes);
        for (size_t lane = 0; lane < size; lane++) {
            size_t row = rows[first + lane];
            for (size_t c = 0; c < network->classes; c++)
                probabilities[row * network->classes + c] =
                    training->flow.inputs[last + 1][c * GY_VALUE_LANES + lane];
            for (size_t i = 0; hidden != NULL && i < units; i++)
                hidden[row * units + i] = training->flow.inputs[last][i * GY_VALUE_LANES + lane];
        }
    }
}
