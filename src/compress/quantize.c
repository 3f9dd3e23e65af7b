// SPDX-License-Identifier: Apache-2.0
//
// Scales: of an activation by its range, of weights by the error that they make with the inputs
// that were seen.

#include <math.h> // frexp, ldexp and fmod, which are exact

#include "compress/work.h"
#include "rt/math.h"

enum { WEIGHT_STEPS_MAX = 127, SCALE_TRIES = 16, COARSER_TRIES = 22, DIGITS_MAX = 8 };

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

/** What a scale does to the weights of one output. */
typedef struct trial {
    float scale;  // as the file has it
    double error; // of the sums
    double reach; // how far a sum can get, in its steps, whatever the order
} trial;

static trial try_scale(const gy_layer *layer, size_t m, float scale, const gy_activation *input)
{
    trial made = {.scale = scale};
    const float *weights = layer->weights + m * layer->fan_in;
    float whole = (float)((double)scale * layer->rescale);
    double up = 0, down = 0;
    for (size_t k = 0; k < layer->fan_in; k++) {
        float steps = round_weight(weights[k], whole);
        double off = (double)weights[k] - (double)(steps * whole);
        made.error += off * off * layer->power[k];
        up += steps > 0 ? (double)steps : 0;
        down -= steps < 0 ? (double)steps : 0;
    }
    if (input == NULL)
        return made;
    double most = GY_LEVELS - input->zero, least = input->zero;
    double above = up * most + down * least, below = up * least + down * most;
    double bias = (double)(layer->bias[m] + layer->correction[m]);
    made.reach =
        (above > below ? above : below) + 1 + fabs(bias) / ((double)whole * (double)input->scale);
    return made;
}

// Whether a float holds every whole number up to the reach, times the scale.
static bool is_exact(const trial *made)
{
    int exponent;
    float whole = ldexpf(frexpf(made->scale, &exponent), FLT_MANT_DIG);
    while (fmodf(whole, 2) == 0)
        whole /= 2;
    return made->reach * (double)whole <= 1 << FLT_MANT_DIG;
}

// The nearest number of so many binary digits.
static float cut_digits(float x, int digits)
{
    int exponent;
    float part = ldexpf(frexpf(x, &exponent), digits);
    return ldexpf(gy_rintf(part), exponent - digits);
}

// Of scales near `whole`, the one that makes the least error; of few digits, if digits is not 0,
// and if `exact` then only those with which sums are exact. scale 0: there is none.
static trial find_scale(const gy_layer *layer, size_t m, float whole, const gy_activation *input,
                        int digits, bool exact)
{
    trial best = {0};
    float last = 0;
    for (int i = digits == 0 ? 0 : 1 - COARSER_TRIES; i < SCALE_TRIES; i++) {
        float scale = whole * (1 - 0.02f * (float)i);
        scale = digits == 0 ? scale : cut_digits(scale, digits);
        if (scale == last)
            continue;
        last = scale;
        trial made = try_scale(layer, m, scale, input);
        if ((!exact || is_exact(&made)) && (best.scale == 0 || made.error < best.error))
            best = made;
    }
    return best;
}

static float choose_scale(const gy_layer *layer, size_t m, const gy_activation *input)
{
    const float *weights = layer->weights + m * layer->fan_in;
    float peak = 0;
    for (size_t k = 0; k < layer->fan_in; k++)
        peak = gy_fabsf(weights[k]) > peak ? gy_fabsf(weights[k]) : peak;
    float whole = peak > FLT_MIN * 256 ? peak / WEIGHT_STEPS_MAX : 1.0f / WEIGHT_STEPS_MAX;
    whole = (float)((double)whole / layer->rescale);
    if (input == NULL)
        return find_scale(layer, m, whole, NULL, 0, false).scale;
    int digits;
    (void)frexp((1 << FLT_MANT_DIG) / try_scale(layer, m, whole, input).reach, &digits);
    digits = digits < 1 ? 1 : digits > DIGITS_MAX ? DIGITS_MAX : digits;
    trial found = find_scale(layer, m, whole, input, digits, true);
    return found.scale != 0 ? found.scale : find_scale(layer, m, whole, input, 1, false).scale;
}

void gy_layer_quantize(gy_layer *layer, const gy_activation *input)
{
    for (size_t m = 0; m < layer->outputs; m++) {
        layer->scales[m] = choose_scale(layer, m, input);
        float whole = (float)((double)layer->scales[m] * layer->rescale);
        for (size_t k = 0; k < layer->fan_in; k++) {
            size_t at = m * layer->fan_in + k;
            layer->steps[at] = (int8_t)round_weight(layer->weights[at], whole);
        }
    }
}

bool gy_layer_is_exact(const gy_layer *layer, const gy_activation *input)
{
    for (size_t m = 0; m < layer->outputs; m++) {
        trial made = try_scale(layer, m, layer->scales[m], input);
        if (!is_exact(&made))
            return false;
    }
    return true;
}

// The bias in steps of the sums: of input scale times weight scale.
static float round_bias(gy_layer *layer, size_t m, float input_scale)
{
    double scale = (double)input_scale * (double)layer->scales[m] * layer->rescale;
    double steps = (double)(layer->bias[m] + layer->correction[m]) / scale;
    steps = steps > INT32_MAX / 2 ? INT32_MAX / 2 : steps < INT32_MIN / 2 ? INT32_MIN / 2 : steps;
    layer->bias_steps[m] = (int32_t)(steps + (steps < 0 ? -0.5 : 0.5));
    return (float)(layer->bias_steps[m] * scale);
}

void gy_layer_switch(gy_layer *layer, bool is_on, const gy_compressor *work)
{
    layer->is_on = is_on && layer->why_float == NULL;
    float input_scale = 1;
    if (layer->is_on)
        input_scale = work->activations[work->activations[layer->input].root].scale;
    bool turned = layer->kind != GY_LAYER_CONV;
    for (size_t m = 0; m < layer->outputs; m++) {
        float scale = (float)((double)layer->scales[m] * layer->rescale);
        for (size_t k = 0; k < layer->fan_in; k++) {
            size_t at = m * layer->fan_in + k;
            layer->run_weights[turned ? k * layer->run_stride + m : at] =
                layer->is_on ? (float)layer->steps[at] * scale : layer->weights[at];
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
