// SPDX-License-Identifier: Apache-2.0
//
// The way through a small network and back, for eight samples at a time. A layer's input is
// [channel][y + 2][x + 2][lane] with a border of zeros before a convolution, else [channel][lane].

#include "value/network.h"

#include <assert.h>
#include <string.h>

static size_t plane_floats(const gy_network_layer *layer) // of one padded channel
{
    return (layer->height + 2) * (layer->width + 2) * GY_VALUE_LANES;
}

static size_t input_floats(const gy_network_layer *layer)
{
    return layer->is_conv ? layer->in_channels * plane_floats(layer)
                          : layer->in_channels * GY_VALUE_LANES;
}

static void add_layer(gy_network *network, bool is_conv, size_t in, size_t height, size_t width,
                      size_t out)
{
    gy_network_layer *layer = &network->layers[network->layer_count++];
    size_t weights = out * in * (is_conv ? 9 : 1);
    *layer = (gy_network_layer){.is_conv = is_conv,
                                .in_channels = in,
                                .height = height,
                                .width = width,
                                .out_channels = out,
                                .weights = network->parameter_count,
                                .bias = network->parameter_count + weights};
    network->parameter_count += weights + out;
}

void gy_network_plan(gy_network *network, const gy_network_shape *shape)
{
    *network = (gy_network){.channels = shape->channels,
                            .height = shape->height,
                            .width = shape->width,
                            .classes = shape->classes,
                            .kernels = gy_value_kernels_pick()};
    size_t channels = shape->channels, height = shape->height, width = shape->width;
    for (size_t i = 0; i < GY_NETWORK_CONVS_MAX; i++) {
        if (shape->convs[i] == 0 || height < 4 || width < 4)
            break;
        add_layer(network, true, channels, height, width, shape->convs[i]);
        channels = shape->convs[i];
        height /= 2;
        width /= 2;
    }
    size_t inputs = channels * height * width;
    if (shape->hidden > 0) {
        add_layer(network, false, inputs, 1, 1, shape->hidden);
        inputs = shape->hidden;
    }
    add_layer(network, false, inputs, 1, 1, shape->classes);
    network->layers[network->layer_count - 1].is_last = true;
}

static gy_status make_layer(gy_network_flow *flow, const gy_network *network, size_t at,
                            gy_arena *arena, gy_error *err)
{
    const gy_network_layer *layer = &network->layers[at];
    size_t out = layer->out_channels;
    flow->inputs[at] = GY_NEW(arena, float, input_floats(layer));
    flow->slopes[at] =
        GY_NEW(arena, float, layer->in_channels * layer->height * layer->width * GY_VALUE_LANES);
    bool is_made = flow->inputs[at] != NULL && flow->slopes[at] != NULL;
    if (layer->is_conv) {
        flow->raw[at] = GY_NEW(arena, float, out * layer->height * layer->width * GY_VALUE_LANES);
        flow->raw_slopes[at] = GY_NEW(arena, float, out *plane_floats(layer));
        flow->lanes[at] = GY_NEW(arena, float, out *(layer->in_channels * 9 + 1) * GY_VALUE_LANES);
        is_made = is_made && flow->raw[at] != NULL && flow->raw_slopes[at] != NULL &&
                  flow->lanes[at] != NULL;
    }
    return is_made ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a network's layers");
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

gy_status gy_network_flow_make(gy_network_flow *flow, const gy_network *network, gy_arena *arena,
                               gy_error *err)
{
    size_t most_rows = network->classes, most_inputs = 1, most_weights = 1, most_width = 1;
    for (size_t i = 0; i < network->layer_count; i++) {
        const gy_network_layer *layer = &network->layers[i];
        GY_TRY(make_layer(flow, network, i, arena, err));
        size_t taps = layer->is_conv ? 9 : 1;
        most_rows = larger(most_rows, larger(layer->in_channels, layer->out_channels) * taps + 1);
        most_inputs = larger(most_inputs, layer->in_channels);
        most_width = larger(most_width, layer->width);
        if (layer->is_conv)
            most_weights = larger(most_weights, layer->in_channels * layer->out_channels * taps);
    }
    flow->inputs[network->layer_count] = GY_NEW(arena, float, network->classes *GY_VALUE_LANES);
    flow->slopes[network->layer_count] = GY_NEW(arena, float, network->classes *GY_VALUE_LANES);
    flow->turned = GY_NEW(arena, float, most_inputs *GY_VALUE_LANES);
    flow->flipped = GY_NEW(arena, float, most_weights);
    flow->zeros = GY_NEW(arena, float, most_rows);
    flow->ones = GY_NEW(arena, float, most_width *GY_VALUE_LANES);
    flow->rows = (const float **)gy_arena_take(arena, most_rows, sizeof(float *));
    if (flow->inputs[network->layer_count] == NULL || flow->slopes[network->layer_count] == NULL ||
        flow->turned == NULL || flow->flipped == NULL || flow->zeros == NULL ||
        flow->ones == NULL || flow->rows == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a network's layers");
    for (size_t i = 0; i < most_width * GY_VALUE_LANES; i++)
        flow->ones[i] = 1.0f;
    return GY_OK;
}

void gy_network_put(gy_network_flow *flow, const gy_network *network, size_t lane,
                    const float *features, int shift_x, int shift_y)
{
    const gy_network_layer *first = &network->layers[0];
    if (!first->is_conv) {
        for (size_t i = 0; i < first->in_channels; i++)
            flow->inputs[0][i * GY_VALUE_LANES + lane] = features[i];
        return;
    }
    int height = (int)first->height, width = (int)first->width;
    size_t channels = first->in_channels, plane = plane_floats(first);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            // What a shift uncovers repeats the border: a hard edge would be a feature.
            int from_y = y + shift_y, from_x = x + shift_x;
            from_y = from_y < 0 ? 0 : from_y >= height ? height - 1 : from_y;
            from_x = from_x < 0 ? 0 : from_x >= width ? width - 1 : from_x;
            const float *pixel = features + (size_t)(from_y * width + from_x) * channels;
            size_t at = (size_t)((y + 1) * (width + 2) + x + 1) * GY_VALUE_LANES + lane;
            for (size_t channel = 0; channel < channels; channel++)
                flow->inputs[0][channel * plane + at] = pixel[channel];
        }
}

// Where the nine taps of every channel find row y of a padded input.
static void point_at_row(const float **rows, const gy_network_layer *layer, const float *input,
                         size_t channels, size_t y)
{
    size_t stride = (layer->width + 2) * GY_VALUE_LANES;
    for (size_t channel = 0; channel < channels; channel++)
        for (size_t tap = 0; tap < 9; tap++)
            rows[channel * 9 + tap] = input + channel * plane_floats(layer) +
                                      (y + tap / 3) * stride + tap % 3 * GY_VALUE_LANES;
}

static void conv_forward(gy_network_flow *flow, const gy_network *network, size_t at,
                         const float *parameters)
{
    const gy_network_layer *layer = &network->layers[at];
    size_t depth = layer->in_channels * 9, row_floats = layer->width * GY_VALUE_LANES;
    for (size_t y = 0; y < layer->height; y++) {
        point_at_row(flow->rows, layer, flow->inputs[at], layer->in_channels, y);
        network->kernels->multiply(&(gy_value_product){.out = flow->raw[at] + y * row_floats,
                                                       .out_stride = layer->height * row_floats,
                                                       .start = parameters + layer->bias,
                                                       .a = parameters + layer->weights,
                                                       .a_row = depth,
                                                       .a_step = 1,
                                                       .b = flow->rows,
                                                       .rows = layer->out_channels,
                                                       .cols = row_floats,
                                                       .depth = depth});
    }
}

// The four pixels that become one, and where that one goes: [channel][y][x], padded or not.
typedef struct pooled {
    size_t corners[4], target, slope;
} pooled;

static pooled pool_at(const gy_network_layer *layer, const gy_network_layer *next, size_t channel,
                      size_t y, size_t x)
{
    size_t width = layer->width, height = layer->height / 2, half = width / 2;
    size_t first = (channel * layer->height + 2 * y) * width + 2 * x;
    size_t plain = (channel * height + y) * half + x;
    size_t padded = (channel * (height + 2) + y + 1) * (half + 2) + x + 1;
    return (pooled){{first * GY_VALUE_LANES, (first + 1) * GY_VALUE_LANES,
                     (first + width) * GY_VALUE_LANES, (first + width + 1) * GY_VALUE_LANES},
                    (next->is_conv ? padded : plain) * GY_VALUE_LANES,
                    plain * GY_VALUE_LANES};
}

static void pool_forward(gy_network_flow *flow, const gy_network *network, size_t at)
{
    const gy_network_layer *layer = &network->layers[at], *next = layer + 1;
    const float *raw = flow->raw[at];
    for (size_t channel = 0; channel < layer->out_channels; channel++)
        for (size_t y = 0; y < layer->height / 2; y++)
            for (size_t x = 0; x < layer->width / 2; x++) {
                pooled p = pool_at(layer, next, channel, y, x);
                float *out = flow->inputs[at + 1] + p.target;
                for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
                    float a = raw[p.corners[0] + lane], b = raw[p.corners[1] + lane];
                    float c = raw[p.corners[2] + lane], d = raw[p.corners[3] + lane];
                    float upper = a > b ? a : b, lower = c > d ? c : d;
                    float most = upper > lower ? upper : lower;
                    out[lane] = most > 0.0f ? most : 0.0f;
                }
            }
}

// The slope goes to the first of the four that is the greatest, if ReLU let it pass.
static void pool_backward(gy_network_flow *flow, const gy_network *network, size_t at)
{
    const gy_network_layer *layer = &network->layers[at], *next = layer + 1;
    const float *raw = flow->raw[at];
    size_t stride = (layer->width + 2) * GY_VALUE_LANES;
    for (size_t channel = 0; channel < layer->out_channels; channel++)
        for (size_t y = 0; y < layer->height / 2; y++)
            for (size_t x = 0; x < layer->width / 2; x++) {
                pooled p = pool_at(layer, next, channel, y, x);
                const float *slope = flow->slopes[at + 1] + p.slope;
                const float *most = flow->inputs[at + 1] + p.target;
                float *out = flow->raw_slopes[at] + channel * plane_floats(layer) +
                             (2 * y + 1) * stride + (2 * x + 1) * GY_VALUE_LANES;
                for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
                    float left = most[lane] > 0.0f ? slope[lane] : 0.0f;
                    float a = raw[p.corners[0] + lane] == most[lane] ? left : 0.0f;
                    left = raw[p.corners[0] + lane] == most[lane] ? 0.0f : left;
                    float b = raw[p.corners[1] + lane] == most[lane] ? left : 0.0f;
                    left = raw[p.corners[1] + lane] == most[lane] ? 0.0f : left;
                    float c = raw[p.corners[2] + lane] == most[lane] ? left : 0.0f;
                    left = raw[p.corners[2] + lane] == most[lane] ? 0.0f : left;
                    out[lane] = a;
                    out[GY_VALUE_LANES + lane] = b;
                    out[stride + lane] = c;
                    out[stride + GY_VALUE_LANES + lane] = left;
                }
            }
}

static void dense_forward(gy_network_flow *flow, const gy_network *network, size_t at,
                          const float *parameters)
{
    const gy_network_layer *layer = &network->layers[at];
    float *out = flow->inputs[at + 1];
    for (size_t i = 0; i < layer->in_channels; i++)
        flow->rows[i] = flow->inputs[at] + i * GY_VALUE_LANES;
    network->kernels->multiply(&(gy_value_product){.out = out,
                                                   .out_stride = GY_VALUE_LANES,
                                                   .start = parameters + layer->bias,
                                                   .a = parameters + layer->weights,
                                                   .a_row = layer->in_channels,
                                                   .a_step = 1,
                                                   .b = flow->rows,
                                                   .rows = layer->out_channels,
                                                   .cols = GY_VALUE_LANES,
                                                   .depth = layer->in_channels});
    for (size_t i = 0; !layer->is_last && i < layer->out_channels * GY_VALUE_LANES; i++)
        out[i] = out[i] > 0.0f ? out[i] : 0.0f;
}

void gy_network_forward(gy_network_flow *flow, const gy_network *network, const float *parameters)
{
    for (size_t at = 0; at < network->layer_count; at++) {
        if (!network->layers[at].is_conv) {
            dense_forward(flow, network, at, parameters);
            continue;
        }
        conv_forward(flow, network, at, parameters);
        pool_forward(flow, network, at);
    }
}

static void dense_backward(gy_network_flow *flow, const gy_network *network, size_t at,
                           const float *parameters, float *gradient)
{
    const gy_network_layer *layer = &network->layers[at];
    size_t in = layer->in_channels, out = layer->out_channels;
    float *slopes = flow->slopes[at + 1];
    // ReLU: what was cut off has no slope.
    for (size_t i = 0; !layer->is_last && i < out * GY_VALUE_LANES; i++)
        slopes[i] = flow->inputs[at + 1][i] > 0.0f ? slopes[i] : 0.0f;
    for (size_t i = 0; i < in; i++)
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++)
            flow->turned[lane * in + i] = flow->inputs[at][i * GY_VALUE_LANES + lane];
    for (size_t lane = 0; lane < GY_VALUE_LANES; lane++)
        flow->rows[lane] = flow->turned + lane * in;
    network->kernels->multiply(&(gy_value_product){.out = gradient + layer->weights,
                                                   .out_stride = in,
                                                   .a = slopes,
                                                   .a_row = GY_VALUE_LANES,
                                                   .a_step = 1,
                                                   .b = flow->rows,
                                                   .rows = out,
                                                   .cols = in,
                                                   .depth = GY_VALUE_LANES});
    for (size_t i = 0; i < out; i++)
        gradient[layer->bias + i] += gy_lanes_join(slopes + i * GY_VALUE_LANES);
    if (at == 0)
        return;
    for (size_t i = 0; i < out; i++)
        flow->rows[i] = slopes + i * GY_VALUE_LANES;
    network->kernels->multiply(&(gy_value_product){.out = flow->slopes[at],
                                                   .out_stride = GY_VALUE_LANES,
                                                   .start = flow->zeros,
                                                   .a = parameters + layer->weights,
                                                   .a_row = 1,
                                                   .a_step = in,
                                                   .b = flow->rows,
                                                   .rows = in,
                                                   .cols = GY_VALUE_LANES,
                                                   .depth = out});
}

static void conv_backward(gy_network_flow *flow, const gy_network *network, size_t at)
{
    const gy_network_layer *layer = &network->layers[at];
    size_t in = layer->in_channels, out = layer->out_channels, plane = plane_floats(layer);
    size_t row_floats = layer->width * GY_VALUE_LANES, stride = (layer->width + 2) * GY_VALUE_LANES;
    for (size_t y = 0; y < layer->height; y++) {
        point_at_row(flow->rows, layer, flow->inputs[at], in, y);
        flow->rows[in * 9] = flow->ones; // the bias is a tap on a constant
        network->kernels->dots(
            &(gy_dots){.lanes = flow->lanes[at],
                       .a = flow->raw_slopes[at] + (y + 1) * stride + GY_VALUE_LANES,
                       .a_stride = plane,
                       .b = flow->rows,
                       .rows = out,
                       .cols = in * 9 + 1,
                       .length = row_floats});
    }
    for (size_t y = 0; at > 0 && y < layer->height; y++) {
        point_at_row(flow->rows, layer, flow->raw_slopes[at], out, y);
        network->kernels->multiply(&(gy_value_product){.out = flow->slopes[at] + y * row_floats,
                                                       .out_stride = layer->height * row_floats,
                                                       .start = flow->zeros,
                                                       .a = flow->flipped,
                                                       .a_row = out * 9,
                                                       .a_step = 1,
                                                       .b = flow->rows,
                                                       .rows = in,
                                                       .cols = row_floats,
                                                       .depth = out * 9});
    }
}

void gy_network_backward(gy_network_flow *flow, const gy_network *network, const float *parameters,
                         float *gradient)
{
    for (size_t at = network->layer_count; at > 0; at--) {
        if (network->layers[at - 1].is_conv) {
            pool_backward(flow, network, at - 1);
            conv_backward(flow, network, at - 1);
        } else {
            dense_backward(flow, network, at - 1, parameters, gradient);
        }
    }
}

void gy_network_batch_begin(gy_network_flow *flow, const gy_network *network,
                            const float *parameters)
{
    for (size_t at = 0; at < network->layer_count; at++) {
        const gy_network_layer *layer = &network->layers[at];
        if (!layer->is_conv)
            continue;
        size_t in = layer->in_channels, out = layer->out_channels;
        memset(flow->lanes[at], 0, sizeof(float) * out * (in * 9 + 1) * GY_VALUE_LANES);
        // The way back is a convolution with every kernel turned by half a circle. Only the last
        // convolution needs it: there are at most two, and the first has nothing below.
        for (size_t i = 0; at > 0 && i < in; i++)
            for (size_t o = 0; o < out; o++)
                for (size_t tap = 0; tap < 9; tap++)
                    flow->flipped[(i * out + o) * 9 + tap] =
                        parameters[layer->weights + (o * in + i) * 9 + 8 - tap];
    }
    static_assert(GY_NETWORK_CONVS_MAX == 2, "one buffer of flipped weights serves one layer");
}

void gy_network_batch_end(gy_network_flow *flow, const gy_network *network, float *gradient)
{
    for (size_t at = 0; at < network->layer_count; at++) {
        const gy_network_layer *layer = &network->layers[at];
        size_t taps = layer->in_channels * 9;
        for (size_t o = 0; layer->is_conv && o < layer->out_channels; o++) {
            const float *lanes = flow->lanes[at] + o * (taps + 1) * GY_VALUE_LANES;
            for (size_t tap = 0; tap < taps; tap++)
                gradient[layer->weights + o * taps + tap] +=
                    gy_lanes_join(lanes + tap * GY_VALUE_LANES);
            gradient[layer->bias + o] += gy_lanes_join(lanes + taps * GY_VALUE_LANES);
        }
    }
}
