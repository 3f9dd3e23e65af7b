// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the room share: a graph being compressed, its layers and its activations.
#ifndef GYRE_COMPRESS_WORK_H
#define GYRE_COMPRESS_WORK_H

#include "gyre/compress.h"
#include "model/graph.h"

enum { GY_NO_PLACE = -1, GY_LEVELS = 255, GY_PATCHES = 256 };

/** A value of the graph that is rounded to 8 bits where it is made. */
typedef struct gy_activation {
    gy_tensor *tensor;
    size_t root; // whose scale it has: its own, or that of what a pool or reshape takes it from
    float least, greatest; // seen
    float *seen;           // some of the values, the same share of each sample
    size_t seen_count, seen_capacity;
    float low, high; // the range that is kept
    float scale;
    int32_t zero;      // 0 to 255
    bool is_on;        // rounded in this run
    ptrdiff_t writer;  // the layer that makes it, with only what lets a factor through between
    ptrdiff_t mean_of; // the activation that it is means of; GY_NO_PLACE: neither
} gy_activation;

typedef enum gy_layer_kind { GY_LAYER_CONV, GY_LAYER_GEMM, GY_LAYER_MATMUL } gy_layer_kind;

/** A convolution or a matrix product with constant weights. */
typedef struct gy_layer {
    gy_node *node;
    gy_layer_kind kind;
    size_t outputs, fan_in; // weights are [outputs][fan_in]
    size_t taps;            // of a convolution: fan_in = channels of a group × taps
    float *weights, *bias;  // float, batch norm folded in, evened out
    float *correction;      // added to the bias
    int8_t *steps;          // weights of 8 bits: weights ~ steps × scales[output] × rescale
    float *scales;          // as the file has them
    double rescale;         // its output's gain by its input's: what the file leaves out
    int32_t *bias_steps;
    // What the next run uses. Of a matrix product: [fan_in][run_stride], a multiple of 8.
    float *run_weights, *run_bias;
    size_t run_stride;
    double *sums;    // [outputs] of all that a run puts out; NULL: not asked
    double *power;   // [fan_in] sum of squares of each input, for the choice of scales
    float *peaks;    // [channels] greatest size of each channel of the input, of the plain model
    size_t channels; // of the input; of a product: fan_in
    float *plain_weights, *plain_bias; // before channels were evened out
    ptrdiff_t input;                   // its activation; GY_NO_PLACE: stays float
    const char *why_float;
    bool is_on; // 8 bits in this run
} gy_layer;

/** What one node does in a run. */
typedef struct gy_step {
    gy_node *node;
    ptrdiff_t layer;      // GY_NO_PLACE: the operator's own eval
    ptrdiff_t activation; // that its output is; GY_NO_PLACE: none
    // Of a convolution or MaxPool: where tap t of place o reads in a plane, at [t * places + o];
    // GY_NO_PLACE: in the padding.
    int32_t *reads;
    size_t taps, places, plane; // a window's, all output places, all input places
} gy_step;

/** Samples as the model takes them. */
typedef struct gy_inputs {
    const char *path; // where they come from
    uint8_t *bytes;   // [rows][row_bytes]
    size_t rows, row_bytes;
    size_t all_rows; // of an array: there, rows of which were taken evenly; 0: of a table
    int32_t *labels; // [rows], as the outputs count; NULL: none
    float *first;    // [rows] of the values that a run starts with; NULL: not kept
    const char *note;
} gy_inputs;

/** A graph that is being compressed. */
typedef struct gy_compressor {
    gy_graph *graph;
    gy_arena *arena;
    size_t batch;
    gy_layer *layers;
    size_t layer_count;
    gy_activation *activations;
    size_t activation_count;
    gy_step *steps;
    size_t step_count;
    const gy_tensor *output; // the first of float32 with an entry a sample: what is judged
    size_t outputs;          // its elements of one sample
    double products;         // multiplications a sample
    int quarters;            // of balance, as the weights are now
    bool observing;          // keep what activations and layer inputs are seen to be
    float *patches;          // of convolutions: [fan_in][GY_PATCHES]
    float *sums;      // [channels][GY_PATCHES]; of products: [batch][outputs], in whole eights
    size_t prefix;    // steps before the first layer: computed once for each sample
    gy_tensor *first; // the one value that they hand on; NULL: several, nothing is kept
} gy_compressor;

/** A part of some samples. */
typedef struct gy_part {
    const gy_inputs *inputs;
    size_t begin, end;
} gy_part;

// ---- run_nodes.c
void gy_compress_run_conv(gy_compressor *work, const gy_step *step);
void gy_compress_run_product(gy_compressor *work, const gy_step *step);
/** Relu and MaxPool, which every net is full of; false: it is another operator, or shape. */
bool gy_compress_run_light(const gy_step *step);

// ---- multiply.c
/** y[rows][stride] += a[rows][inner] × p[inner][stride]. */
typedef struct gy_compress_product {
    float *y;
    const float *a, *p;
    size_t rows, inner;
    size_t stride;   // of p: columns, a multiple of 8
    size_t y_stride; // at least stride
} gy_compress_product;
void gy_compress_multiply(const gy_compress_product *product);

// ---- data.c
gy_status gy_compress_read_inputs(gy_inputs *inputs, const char *path, const gy_port *port,
                                  size_t outputs, double scale, size_t rows_max, gy_arena *arena,
                                  gy_error *err) GY_CHECKED;

// ---- prepare.c: fold batch norms, find layers and activations
gy_status gy_compressor_init(gy_compressor *work, gy_model *model, size_t batch,
                             const gy_compress_options *options, gy_arena *arena,
                             gy_error *err) GY_CHECKED;
/** The layer, quantised or not, that a node is; GY_NO_PLACE: none that has weights here. */
ptrdiff_t gy_compress_layer_of(const gy_compressor *work, const gy_node *node);
/** Whether a node is of ONNX's own domain and one of these types; the last is NULL. */
bool gy_compress_is_one_of(const gy_node *node, const char *const *types);
ptrdiff_t gy_compress_activation_of(const gy_compressor *work, const gy_tensor *tensor);
/** How many nodes read a tensor, an output of the graph counting as one; *only is one of them. */
size_t gy_compress_readers(gy_node **only, const gy_graph *graph, const gy_tensor *tensor);

// ---- run.c
/** Compute and keep what all runs over these samples start with. */
gy_status gy_compressor_keep(gy_inputs *inputs, gy_compressor *work, gy_error *err) GY_CHECKED;
/** Run samples through the graph; outputs [end - begin][work->outputs], NULL: not wanted. */
gy_status gy_compressor_run(float *outputs, gy_compressor *work, const gy_part *part,
                            gy_error *err) GY_CHECKED;
void gy_round_values(float *values, size_t count, const gy_activation *to);

// ---- quantize.c
/** Set scale and zero of an activation from a range; 0 is always inside. */
void gy_activation_set(gy_activation *activation, float low, float high);
/**
 * Choose the 8-bit weights of a layer, by the error that they make with the inputs seen.
 * @param input its zero point says how far sums reach: only scales are taken with which all of them
 * are exact in float32, if there are such; NULL: any scales.
 */
void gy_layer_quantize(gy_layer *layer, const gy_activation *input);
/** Whether every sum of a layer, in any order and of any input, is exact in float32. */
bool gy_layer_is_exact(const gy_layer *layer, const gy_activation *input);
/** Let a layer run as float or in 8 bits; its bias then is whole steps of its input's scale. */
void gy_layer_switch(gy_layer *layer, bool is_on, const gy_compressor *work);
/** Let all layers and activations run as float or in 8 bits. */
void gy_compressor_switch(gy_compressor *work, bool is_on);

// ---- observe.c
typedef enum gy_observer { GY_MIN_MAX, GY_PERCENTILE, GY_SQUARED_ERROR, GY_OBSERVERS } gy_observer;
const char *gy_observer_name(gy_observer observer);
/** Run as float and keep what is seen. */
gy_status gy_compress_observe(gy_compressor *work, const gy_part *part, gy_error *err) GY_CHECKED;
/** Set every range by what was seen. */
void gy_compress_set_ranges(gy_compressor *work, gy_observer observer);

// ---- balance.c
/**
 * Even out the channels between layers: each is divided by (its peak / the greatest)^(quarters / 4)
 * where it is made, and multiplied where it is read. From the plain weights each time; the peaks
 * are those of the plain model, seen before.
 */
void gy_compress_balance(gy_compressor *work, int quarters);

// ---- exact.c
/** Choose weights whose sums floats compute exactly, by the ranges as they are now. */
void gy_compress_make_exact(gy_compressor *work);
/** The power of two that a step of an activation is in the file, for those that carry the gain. */
float gy_activation_unit(const gy_activation *root);
/** What an activation is divided by there, from .7 to 1.4. */
double gy_activation_gain(const gy_activation *root);
/** The scale of the QuantizeLinear behind an activation. */
float gy_activation_written(const gy_compressor *work, size_t at);
/** Whether a node reads an activation in units: its output carries the gain. */
bool gy_compress_reads_units(const gy_compressor *work, const gy_node *node);

// ---- search.c
/** How far 8-bit outputs are from float ones. */
typedef struct gy_compress_judgement {
    double noise;   // squared error as a share of the variance, each sample's mean taken off
    size_t flipped; // labels that differ
} gy_compress_judgement;
gy_compress_judgement gy_compress_judge(const float *outputs, const float *expected, size_t rows,
                                        size_t columns);
/** Choose balance, observer, ranges and corrections by the error on `judge`. */
gy_status gy_compress_search(gy_compress_report *report, gy_compressor *work, const gy_part *fit,
                             const gy_part *judge, gy_error *err) GY_CHECKED;

// ---- write.c
/** Put the quantised layers into the graph as QuantizeLinear and DequantizeLinear. */
gy_status gy_compressor_insert(gy_compressor *work, gy_error *err) GY_CHECKED;

#endif
