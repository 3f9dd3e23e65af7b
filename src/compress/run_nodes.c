// SPDX-License-Identifier: Apache-2.0
//
// The nodes that take the time of a run: convolutions and matrix products, Relu and MaxPool.

#include <float.h>
#include <string.h>

#include "compress/work.h"
#include "model/op.h"

/** One group of a convolution, one sample. */
typedef struct conv_group {
    const float *x;
    float *y;
    size_t channels, first_map, maps;
} conv_group;

// The inputs of some places of a plane in the order of the weights: [fan_in][width].
static void fill_patches(float *patches, size_t width, const conv_group *group, const gy_step *step,
                         size_t begin, size_t count)
{
    const float *x = group->x;
    for (size_t c = 0; c < group->channels; c++, x += step->plane)
        for (size_t tap = 0; tap < step->taps; tap++, patches += width) {
            const int32_t *reads = step->reads + tap * step->places + begin;
            for (size_t i = 0; i < count; i++)
                patches[i] = reads[i] < 0 ? 0.0f : x[reads[i]];
        }
}

static void put_maps(const gy_layer *layer, const conv_group *group, const float *sums,
                     size_t width, size_t places, size_t begin, size_t count)
{
    for (size_t m = 0; m < group->maps; m++, sums += width) {
        memcpy(group->y + m * places + begin, sums, count * sizeof(float));
        double sum = 0;
        for (size_t i = 0; layer->sums != NULL && i < count; i++)
            sum += (double)sums[i];
        if (layer->sums != NULL)
            layer->sums[group->first_map + m] += sum;
    }
}

static void run_group(gy_compressor *work, const gy_step *step, const conv_group *group)
{
    const gy_layer *layer = &work->layers[step->layer];
    for (size_t begin = 0; begin < step->places; begin += GY_PATCHES) {
        size_t left = step->places - begin, count = left < GY_PATCHES ? left : GY_PATCHES;
        size_t width = (count + 7) / 8 * 8;
        fill_patches(work->patches, width, group, step, begin, count);
        for (size_t m = 0; m < group->maps; m++)
            for (size_t i = 0; i < width; i++)
                work->sums[m * width + i] = layer->run_bias[group->first_map + m];
        gy_compress_multiply(&(gy_compress_product){
            .y = work->sums,
            .a = layer->run_weights + group->first_map * layer->fan_in,
            .p = work->patches,
            .rows = group->maps,
            .inner = layer->fan_in,
            .stride = width,
            .y_stride = width,
        });
        put_maps(layer, group, work->sums, width, step->places, begin, count);
    }
}

void gy_compress_run_conv(gy_compressor *work, const gy_step *step)
{
    const gy_layer *layer = &work->layers[step->layer];
    size_t channels = layer->fan_in / layer->taps, groups = layer->channels / channels;
    size_t maps = layer->outputs / groups;
    const float *x = step->node->inputs[0]->data;
    float *y = (float *)(uintptr_t)step->node->outputs[0]->data;
    for (size_t n = 0; n < work->batch; n++)
        for (size_t g = 0; g < groups; g++) {
            const conv_group group = {x + (n * layer->channels + g * channels) * step->plane,
                                      y + (n * layer->outputs + g * maps) * step->places, channels,
                                      g * maps, maps};
            run_group(work, step, &group);
        }
}

void gy_compress_run_product(gy_compressor *work, const gy_step *step)
{
    const gy_layer *layer = &work->layers[step->layer];
    size_t outputs = layer->outputs, stride = layer->run_stride;
    size_t rows = layer->node->inputs[0]->count / layer->fan_in;
    float *y = (float *)(uintptr_t)layer->node->outputs[0]->data;
    for (size_t n = 0; n < rows; n++)
        memcpy(work->sums + n * stride, layer->run_bias, outputs * sizeof(*y));
    gy_compress_multiply(&(gy_compress_product){
        .y = work->sums,
        .a = layer->node->inputs[0]->data,
        .p = layer->run_weights,
        .rows = rows,
        .inner = layer->fan_in,
        .stride = stride,
        .y_stride = stride,
    });
    for (size_t n = 0; n < rows; n++) {
        memcpy(y + n * outputs, work->sums + n * stride, outputs * sizeof(*y));
        for (size_t j = 0; layer->sums != NULL && j < outputs; j++)
            layer->sums[j] += (double)y[n * outputs + j];
    }
}

static void run_pool(const gy_step *step)
{
    const float *x = step->node->inputs[0]->data;
    float *y = (float *)(uintptr_t)step->node->outputs[0]->data;
    for (size_t left = step->node->outputs[0]->count / step->places; left > 0; left--) {
        for (size_t i = 0; i < step->places; i++)
            y[i] = -FLT_MAX - FLT_MAX;
        for (size_t tap = 0; tap < step->taps; tap++) {
            const int32_t *reads = step->reads + tap * step->places;
            for (size_t i = 0; i < step->places; i++)
                if (reads[i] >= 0 && (x[reads[i]] > y[i] || x[reads[i]] != x[reads[i]]))
                    y[i] = x[reads[i]]; // a NaN stays: nothing is greater
        }
        x += step->plane;
        y += step->places;
    }
}

bool gy_compress_run_light(const gy_step *step)
{
    const gy_node *node = step->node;
    if (step->reads != NULL) {
        run_pool(step);
        return true;
    }
    if (node->op->domain[0] != '\0' || strcmp(node->op->type, "Relu") != 0 ||
        node->inputs[0]->dtype != GY_FLOAT32)
        return false;
    const float *x = node->inputs[0]->data;
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < node->inputs[0]->count; i++)
        y[i] = x[i] < 0.0f ? 0.0f : x[i];
    return true;
}
