// SPDX-License-Identifier: Apache-2.0
//
// Models made smaller: weights and activations of 8 bits, chosen by what it costs.
#ifndef GYRE_COMPRESS_H
#define GYRE_COMPRESS_H

#include "gyre/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gy_compress_options {
    size_t bits;             // of weights and activations; 0: 8, the only one so far
    const char *const *keep; // names of nodes that stay float
    size_t keep_count;
    double scale;         // pixels from 0 to 1 times this is what the model takes; 0: 255 for
                          // inputs of type uint8, else 1. Of images alone
    size_t calibrate_max; // samples to calibrate with; 0: 1000
    size_t holdout_max;   // samples to judge with; 0: 10,000
    bool sensitivity;     // tell what each layer alone costs
    bool has_loss_max;    // keep the costliest layers float until no more is lost than
    double loss_max;      // these points, as the report counts them; without: while 5 % of labels
                          // change, or of the outputs' variance is error
} gy_compress_options;

/** A convolution or a matrix product. */
typedef struct gy_compress_layer {
    const char *name, *type; // of its node
    const char *why_float;   // NULL: it has 8 bits now; else why not
    size_t weights;
    float input_scale; // of one step of its input
    int input_zero;
    bool exact;     // its sums are exact in float32, in any order and of any input
    double cost;    // with --sensitivity: error of the outputs when it alone has 8 bits, as a
                    // share of their variance; NaN: not measured
    size_t flipped; // and labels changed, of judged
} gy_compress_layer;

typedef struct gy_compress_report {
    gy_compress_layer *layers;
    size_t layer_count;
    size_t calibrated; // samples that the ranges come from
    size_t judged;     // samples held out
    bool has_holdout;  // false: judged are the calibration samples that the ranges do not come from
    size_t flipped;    // of judged, with another label than the float model
    double accuracy_float, accuracy; // share of right labels; NaN: judged have no labels
    double loss;  // points of accuracy; judged without labels: of labels changed; NaN: one output
    double noise; // error of the outputs as a share of their variance
    size_t bytes_float, bytes;
    const char *observer; // how ranges were chosen: "min-max", "percentile", "squared error"
    double balance;       // how far channels were evened out, 0 to 1
    const char *note;     // what a person should know; "": nothing
} gy_compress_report;

/**
 * Write a model with 8-bit weights and activations: standard ONNX (QuantizeLinear and
 * DequantizeLinear around float operators, operator set 13 or the model's). Convolutions and matrix
 * products with constant weights have int8 weights with a scale for each output channel, int32
 * biases, and uint8 inputs; what stands between them stays on those values. The last outputs stay
 * float. Batch normalisation is folded into the convolution before it. Scales are such that float32
 * holds every sum of a layer (else exact is false for it): a runtime that computes in floats comes
 * to the same bytes as one that computes in integers. Ranges, the evening out of
 * channels and the correction of biases are chosen by what they cost on calibration samples that
 * they do not come from.
 *
 * @param out       path of the new model, replaced in one step.
 * @param model     path of a float model with one input.
 * @param calibrate samples: a table of images, or an .npz with an array as the model takes it
 * (named as the input, else the one that fits) and, if any, labels (label, target, class or y).
 * @param holdout   likewise, to judge by; NULL: a third of the calibration samples are held out.
 * @return GY_OK; GY_REFUSED: over loss_max even with 8 more layers float, and nothing is written;
 * GY_INVALID: samples that do not fit the model, an unknown node in keep, a bad
 * option; GY_UNSUPPORTED: a model with several inputs, of no such layers, or already quantised;
 * what reading models and tables returns. Same samples and model: same bytes out. Source: Nagel et
 * al., "A White Paper on Neural Network Quantization", arXiv:2106.08295, 2021 (ranges by squared
 * error, cross-layer equalisation, bias correction).
 */
GY_API gy_status gy_compress(gy_compress_report *report, const char *out, const char *model,
                             const char *calibrate, const char *holdout,
                             const gy_compress_options *options, gy_arena *arena,
                             gy_error *err) GY_CHECKED;

/**
 * Stored samples as a model takes them: those that gyre_compress would calibrate with.
 * @param samples [out] one array, a row a sample, named as the model's input; lives in arena.
 * @param data    as calibrate above. @param scale as in the options. @param rows_max at most.
 * @return GY_OK; GY_INVALID: they do not fit, or are under 8; GY_UNSUPPORTED: several inputs, or no
 * images; what reading models and tables returns.
 */
GY_API gy_status gy_compress_samples(gy_array *samples, const char *model, const char *data,
                                     double scale, size_t rows_max, gy_arena *arena,
                                     gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
