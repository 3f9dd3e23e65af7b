// SPDX-License-Identifier: Apache-2.0
//
// Scales: of an activation by its range, of weights by the error that they make with the inputs
// that were seen.

#include <string.h>

#include "compress/work.h"
#include "rt/math.h"

enum { WEIGHT_STEPS_MAX = 127, SCALE_TRIES = 16 };

void gy_activation_set(gy_activation *activation, float low, float high)
{
    low = low < 0 ? low : 0;
    high = high > 0 ? high : 0;
    activation->low = low;
    activation->high = high;
    // Halves, so that the span of the largest floats stays finite.
    float scale = (high / 2 - low / 2) / GY_LEVELS * 2;
    activation->scale = scale > FLT_MIN ? scale : 1;
    activation->zero = (int32_t)gy_rintf(-low / activation->scale);
}

static float round_weight(float weight, float scale)
{
    float steps = gy_rintf(weight / scale);
    return steps > WEIGHT_STEPS_MAX    ? WEIGHT_STEPS_MAX
           : steps < -WEIGHT_STEPS_MAX ? -WEIGHT_STEPS_MAX
                                       : steps;
}

static double error_of(const float *weights, const double *power, size_t count, float scale)
{
    double error = 0;
    for (size_t k = 0; k < count; k++) {
        double off = (double)weights[k] - (double)(round_weight(weights[k], scale) * scale);
        error += off * off * power[k];
    }
    return error;
}

void gy_layer_quantize(gy_layer *layer)
{
    for (size_t m = 0; m < layer->outputs; m++) {
        const float *weights = layer->weights + m * layer->fan_in;
        float peak = 0;
        for (size_t k = 0; k < layer->fan_in; k++)
            peak = gy_fabsf(weights[k]) > peak ? gy_fabsf(weights[k]) : peak;
        float whole = peak > FLT_MIN * 256 ? peak / WEIGHT_STEPS_MAX : 1.0f / WEIGHT_STEPS_MAX;
        double least = error_of(weights, layer->power, layer->fan_in, whole);
        layer->scales[m] = whole;
        for (int i = 1; i < SCALE_TRIES; i++) {
            float scale = whole * (1 - 0.02f * (float)i);
            double error = error_of(weights, layer->power, layer->fan_in, scale);
            if (error < least) {
                least = error;
                layer->scales[m] = scale;
            }
        }
        for (size_t k = 0; k < layer->fan_in; k++)
            layer->steps[m * layer->fan_in + k] =
                (int8_t)round_weight(weights[k], layer->scales[m]);
    }
}

// The bias in steps of the sums: of input scale times weight scale.
static float round_bias(gy_layer *layer, size_t m, float input_scale)
{
    float scale = input_scale * layer->scales[m];
    double steps = (double)(layer->bias[m] + layer->correction[m]) / (double)scale;
    steps = steps > INT32_MAX / 2 ? INT32_MAX / 2 : steps < INT32_MIN / 2 ? INT32_MIN / 2 : steps;
    layer->bias_steps[m] = (int32_t)(steps + (steps < 0 ? -0.5 : 0.5));
    return (float)layer->bias_steps[m] * scale;
}

void gy_layer_switch(gy_layer *layer, bool is_on, const gy_compressor *work)
{
    layer->is_on = is_on && layer->why_float == NULL;
    float input_scale = 1;
    if (layer->is_on)
        input_scale = work->activations[work->activations[layer->input].root].scale;
    bool turned = layer->kind != GY_LAYER_CONV;
    for (size_t m = 0; m < layer->outputs; m++) {
        for (size_t k = 0; k < layer->fan_in; k++) {
            size_t at = m * layer->fan_in + k;
            layer->run_weights[turned ? k * layer->run_stride + m : at] =
                layer->is_on ? (float)layer->steps[at] * layer->scales[m] : layer->weights[at];
        }
        // A MatMul has no bias of its own.
        layer->run_bias[m] = layer->kind == GY_LAYER_MATMUL ? 0
                             : layer->is_on                 ? round_bias(layer, m, input_scale)
                                                            : layer->bias[m];
    }
}

void gy_compressor_switch(gy_compressor *work, bool is_on)
{
    for (size_t i = 0; i < work->activation_count; i++)
        work->activations[i].is_on = is_on;
    for (size_t i = 0; i < work->layer_count; i++)
        if (work->layers[i].weights != NULL)
            gy_layer_switch(&work->layers[i], is_on, work);
}
