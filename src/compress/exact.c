// SPDX-License-Identifier: Apache-2.0
//
// Scales with which floats compute what integers do. A runtime that knows nothing of bytes adds
// float32 products, in an order of its own; if what it adds rounds, its sums fall on the other side
// of a tie between two bytes here and there, and it is a byte off. So in the file a step of what a
// layer reads or writes is a power of two, and a step of its weights a number of so few binary
// digits that no sum needs more than 24: nothing rounds, in any order.
//
// That costs no range: a value is divided by its gain, which the weights around it take up. What
// is read by others than layers is read with the scale that it really has.

#include <math.h> // frexp and ldexp, which are exact
#include <string.h>

#include "compress/work.h"
#include "model/op.h"

// A factor in front of these is a factor behind them. Clip: if its bounds are divided as well.
static const char *const passing[] = {"Relu", "LeakyRelu", "Clip", NULL};
static const char *const means[] = {"AveragePool", "GlobalAveragePool", NULL};

static bool lets_through(const gy_node *node)
{
    if (!gy_compress_is_one_of(node, passing))
        return false;
    for (size_t k = 1; k < node->input_count; k++)
        if (node->inputs[k] != NULL &&
            (!node->inputs[k]->is_constant || node->inputs[k]->count != 1))
            return false;
    return true;
}

static ptrdiff_t find_writer(const gy_compressor *work, const gy_tensor *tensor)
{
    for (;;) {
        const gy_node *node = tensor->producer;
        if (node == NULL)
            return GY_NO_PLACE;
        ptrdiff_t layer = gy_compress_layer_of(work, node);
        if (layer != GY_NO_PLACE)
            return work->layers[layer].why_float == NULL ? layer : GY_NO_PLACE;
        if (!lets_through(node))
            return GY_NO_PLACE;
        tensor = node->inputs[0];
        if (gy_compress_readers(NULL, work->graph, tensor) != 1 ||
            gy_compress_activation_of(work, tensor) != GY_NO_PLACE)
            return GY_NO_PLACE;
    }
}

static void find_writers(gy_compressor *work)
{
    for (size_t i = 0; i < work->activation_count; i++) {
        gy_activation *activation = &work->activations[i];
        const gy_node *producer = activation->tensor->producer;
        activation->writer = find_writer(work, activation->tensor);
        if (producer != NULL && gy_compress_is_one_of(producer, means))
            activation->mean_of = gy_compress_activation_of(work, producer->inputs[0]);
    }
}

float gy_activation_unit(const gy_activation *root)
{
    int exponent;
    float part = frexpf(root->scale, &exponent);
    return ldexpf(part < 0.70710678f ? 0.5f : 1.0f, exponent);
}

double gy_activation_gain(const gy_activation *root)
{
    return (double)root->scale / (double)gy_activation_unit(root);
}

static const gy_activation *root_of(const gy_compressor *work, ptrdiff_t at)
{
    return &work->activations[work->activations[at].root];
}

float gy_activation_written(const gy_compressor *work, size_t at)
{
    const gy_activation *activation = &work->activations[at];
    if (activation->root != at || activation->writer != GY_NO_PLACE)
        return gy_activation_unit(root_of(work, (ptrdiff_t)at));
    if (activation->mean_of == GY_NO_PLACE)
        return activation->scale;
    return (float)((double)activation->scale /
                   gy_activation_gain(root_of(work, activation->mean_of)));
}

bool gy_compress_reads_units(const gy_compressor *work, const gy_node *node)
{
    ptrdiff_t layer = gy_compress_layer_of(work, node);
    if (layer != GY_NO_PLACE)
        return work->layers[layer].why_float == NULL;
    ptrdiff_t made =
        node->output_count == 0 ? GY_NO_PLACE : gy_compress_activation_of(work, node->outputs[0]);
    return made != GY_NO_PLACE && (work->activations[made].root != (size_t)made ||
                                   work->activations[made].mean_of != GY_NO_PLACE);
}

void gy_compress_make_exact(gy_compressor *work)
{
    find_writers(work);
    for (size_t i = 0; i < work->layer_count; i++)
        if (work->layers[i].why_float == NULL)
            work->layers[i].rescale = 1 / gy_activation_gain(root_of(work, work->layers[i].input));
    for (size_t i = 0; i < work->activation_count; i++)
        if (work->activations[i].writer != GY_NO_PLACE)
            work->layers[work->activations[i].writer].rescale *=
                gy_activation_gain(&work->activations[i]);
    for (size_t i = 0; i < work->layer_count; i++)
        if (work->layers[i].why_float == NULL)
            gy_layer_quantize(&work->layers[i], root_of(work, work->layers[i].input));
}
