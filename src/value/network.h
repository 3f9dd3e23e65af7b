// SPDX-License-Identifier: Apache-2.0
//
// A small network that is trained here: 3x3 convolutions with 2x2 max-pooling (images), one hidden
// layer, softmax. Samples go through it eight at a time, innermost in memory, so that every layer
// is the same kernel. One network is trained by one thread: folds run side by side.
#ifndef GYRE_VALUE_NETWORK_H
#define GYRE_VALUE_NETWORK_H

#include "gyre/value.h"
#include "value/kernel.h"

enum { GY_NETWORK_CONVS_MAX = 2, GY_NETWORK_LAYERS_MAX = GY_NETWORK_CONVS_MAX + 2 };

typedef struct gy_network_layer {
    bool is_conv; // 3x3, padded by one, then ReLU and 2x2 max-pooling; else dense
    bool is_last; // dense without ReLU
    size_t in_channels, height, width; // dense: in_channels is the number of inputs
    size_t out_channels;
    size_t weights, bias; // where they start in the parameters: [out][in][3][3] or [out][in]
} gy_network_layer;

typedef struct gy_network {
    gy_network_layer layers[GY_NETWORK_LAYERS_MAX];
    size_t layer_count;
    size_t channels, height, width, classes;
    size_t parameter_count;
    const gy_value_kernels *kernels;
} gy_network;

typedef struct gy_network_shape {
    size_t channels, height, width;     // dense networks: features, 1, 1
    size_t convs[GY_NETWORK_CONVS_MAX]; // output channels; 0: none
    size_t hidden;                      // 0: none (logistic regression)
    size_t classes;
} gy_network_shape;

/** Lay a network out. Images whose side is too small for a pooling lose that convolution. */
void gy_network_plan(gy_network *network, const gy_network_shape *shape);

/** Memory for eight samples on their way, forth and back. */
typedef struct gy_network_flow {
    float *inputs[GY_NETWORK_LAYERS_MAX + 1]; // of each layer; the last: what comes out
    float *raw[GY_NETWORK_LAYERS_MAX];        // a convolution's output before pooling
    float *raw_slopes[GY_NETWORK_LAYERS_MAX]; // padded
    float *slopes[GY_NETWORK_LAYERS_MAX + 1]; // of the loss by inputs, not padded
    float *lanes[GY_NETWORK_LAYERS_MAX];      // sums of a convolution's weight slopes
    float *turned;                            // a dense layer's inputs, sample by sample
    float *flipped;                           // a convolution's weights, as the way back needs them
    float *zeros, *ones;
    const float **rows; // pointers for the kernels
} gy_network_flow;

/** Take what one thread needs to run a network. */
gy_status gy_network_flow_make(gy_network_flow *flow, const gy_network *network, gy_arena *arena,
                               gy_error *err) GY_CHECKED;

/** Put features of one sample (pixels row by row, channels innermost) into one of the lanes. */
void gy_network_put(gy_network_flow *flow, const gy_network *network, size_t lane,
                    const float *features, int shift_x, int shift_y);

/** From inputs[0] to the scores in inputs[layer_count], [classes][GY_VALUE_LANES]. */
void gy_network_forward(gy_network_flow *flow, const gy_network *network, const float *parameters);

/** Add to `gradient` what slopes[layer_count] gives; convolutions collect in lanes. */
void gy_network_backward(gy_network_flow *flow, const gy_network *network, const float *parameters,
                         float *gradient);

/** Before and after a batch: clear the lanes; join them into the gradient. */
void gy_network_batch_begin(gy_network_flow *flow, const gy_network *network,
                            const float *parameters);
void gy_network_batch_end(gy_network_flow *flow, const gy_network *network, float *gradient);

// ---- training

typedef struct gy_network_data {
    const float *features; // [rows][height x width x channels]
    const float *targets;  // [rows][classes]: shares of each class
    const float *weights;  // [rows]; NULL: all 1
    float center, scale;   // inputs are (feature - center) x scale
} gy_network_data;

typedef struct gy_network_recipe {
    size_t epochs, batch; // batch: a multiple of GY_VALUE_LANES
    float rate;           // at its height; from 0 up in the first fifth, then down to 0
    float decay;          // of weights, times the rate (AdamW)
    unsigned shift;       // images move by up to so many pixels
    uint64_t seed;
} gy_network_recipe;

typedef struct gy_network_training gy_network_training;

/** Memory for training on up to rows_max rows, and use, of one network by one thread. */
gy_status gy_network_training_make(gy_network_training **training, const gy_network *network,
                                   size_t rows_max, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Train on the listed rows, from a fresh start. */
void gy_network_train(gy_network_training *training, const gy_network_data *data,
                      const uint32_t *rows, size_t count, const gy_network_recipe *recipe);

/**
 * Probabilities of the listed rows, written at [row][classes].
 * @param hidden [out] [row][hidden]: the last hidden layer; NULL: not wanted.
 */
void gy_network_predict(float *probabilities, float *hidden, gy_network_training *training,
                        const gy_network_data *data, const uint32_t *rows, size_t count);

#endif
