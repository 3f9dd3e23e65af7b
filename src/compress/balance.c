// SPDX-License-Identifier: Apache-2.0
//
// Channels evened out between two layers (cross-layer equalisation, Nagel et al., ICCV 2019): a
// channel that is small beside others wastes most of the 8 bits that all of them share. What the
// first layer divides, the second multiplies; between them stands only what lets a factor through.

#include <math.h>
#include <string.h>

#include "compress/work.h"
#include "model/op.h"

static const char *const passing[] = {
    "Relu",     "LeakyRelu", "MaxPool", "AveragePool", "GlobalAveragePool",
    "Identity", "Dropout",   NULL};

// Whether a node makes rows of the batch out of planes, channel by channel.
static bool is_flatten(const gy_node *node)
{
    static const char *const types[] = {"Flatten", "Reshape", NULL};
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    return gy_compress_is_one_of(node, types) && y->rank == 2 && x->rank >= 2 &&
           x->shape[0] == y->shape[0];
}

// The layer that makes the input of another one, if nothing between them or beside them would feel
// a factor.
static gy_layer *find_first(gy_compressor *work, const gy_layer *second)
{
    const gy_tensor *tensor = second->node->inputs[0];
    for (;;) {
        if (tensor->producer == NULL || gy_compress_readers(NULL, work->graph, tensor) != 1)
            return NULL;
        ptrdiff_t at = gy_compress_layer_of(work, tensor->producer);
        if (at != GY_NO_PLACE)
            return work->layers[at].kind == GY_LAYER_MATMUL ? NULL : &work->layers[at];
        if (!gy_compress_is_one_of(tensor->producer, passing) && !is_flatten(tensor->producer))
            return NULL;
        tensor = tensor->producer->inputs[0];
    }
}

// The root of x, from 0 to 1, taken once or twice: correctly rounded on every machine.
static float power_of(float x, int quarters)
{
    double half = sqrt((double)x), quarter = sqrt(half);
    return (float)(quarters == 1   ? quarter
                   : quarters == 2 ? half
                   : quarters == 3 ? half * quarter
                   : quarters == 4 ? (double)x
                                   : 1.0);
}

// The greatest input of a channel: of all the places that a flattened channel became.
static float peak_of(const gy_layer *second, size_t channel, size_t places)
{
    float peak = 0;
    for (size_t i = 0; i < places; i++) {
        float at = second->peaks[channel * places + i];
        peak = at > peak ? at : peak;
    }
    return peak;
}

static void scale_first(gy_layer *first, size_t channel, float factor)
{
    first->bias[channel] /= factor;
    for (size_t k = 0; k < first->fan_in; k++)
        first->weights[channel * first->fan_in + k] /= factor;
}

static void scale_second(gy_layer *second, size_t channel, size_t places, bool by_group,
                         size_t maps, float factor)
{
    size_t width = places * second->taps;
    for (size_t m = 0; m < second->outputs; m++) {
        if (by_group && m / maps != channel)
            continue;
        float *weights = second->weights + m * second->fan_in;
        for (size_t k = 0; k < width; k++)
            weights[(by_group ? 0 : channel * width) + k] *= factor;
    }
}

static void balance_pair(gy_layer *first, gy_layer *second, int quarters)
{
    size_t channels = first->outputs, inputs = second->fan_in / second->taps;
    bool by_group = second->kind == GY_LAYER_CONV && inputs == 1 && channels > 1 &&
                    second->node->inputs[0]->shape[1] == channels;
    bool is_rows = second->kind != GY_LAYER_CONV && second->node->inputs[0]->rank != 2;
    if (is_rows || (!by_group && inputs % channels != 0) ||
        (second->kind == GY_LAYER_CONV && !by_group && inputs != channels))
        return;
    size_t places = by_group ? 1 : inputs / channels, maps = second->outputs / channels;
    float greatest = 0;
    for (size_t c = 0; c < channels; c++) {
        float peak = peak_of(second, c, places);
        greatest = peak > greatest ? peak : greatest;
    }
    for (size_t c = 0; c < channels; c++) {
        float peak = peak_of(second, c, places);
        if (peak <= 0)
            continue;
        float share = peak / greatest, least = 1.0f / 64;
        float factor = power_of(share > least ? share : least, quarters);
        scale_first(first, c, factor);
        scale_second(second, c, places, by_group, maps, factor);
    }
}

void gy_compress_balance(gy_compressor *work, int quarters)
{
    work->quarters = quarters;
    for (size_t i = 0; i < work->layer_count; i++) {
        gy_layer *layer = &work->layers[i];
        if (layer->weights == NULL)
            continue;
        memcpy(layer->weights, layer->plain_weights,
               layer->outputs * layer->fan_in * sizeof(float));
        memcpy(layer->bias, layer->plain_bias, layer->outputs * sizeof(float));
    }
    for (size_t i = 0; quarters > 0 && i < work->layer_count; i++) {
        gy_layer *second = &work->layers[i];
        gy_layer *first = second->weights == NULL ? NULL : find_first(work, second);
        if (first != NULL && first != second)
            balance_pair(first, second, quarters);
    }
}
