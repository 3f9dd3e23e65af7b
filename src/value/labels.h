// SPDX-License-Identifier: Apache-2.0
//
// From what judges think and what labels say to what is true.
#ifndef GYRE_VALUE_LABELS_H
#define GYRE_VALUE_LABELS_H

#include "gyre/value.h"

/**
 * How much each member's probabilities should count in their weighted mean: halfway between equal
 * shares and those that make the given labels likeliest (expectation maximisation of a mixture).
 * @param weights [out] [members], sum 1.
 * @param members [members] of [rows][classes].
 */
void gy_labels_weigh(double *weights, const float *const *members, size_t member_count,
                     const int32_t *labels, size_t rows, size_t classes);

/**
 * How labels go wrong: noise[true][given], rows sum to 1. Of the samples that the judges call one
 * class, the surest seventh are taken to be of it: what labels they carry is the noise. (Counting
 * all of them would take the judges' own confusions for noise.)
 *
 * @param noise  [out] [classes][classes].
 * @param judged [rows][classes]: probabilities of the given label, out of sample.
 */
gy_status gy_labels_noise(double *noise, const float *judged, const int32_t *labels, size_t rows,
                          size_t classes, gy_arena *scratch, gy_error *err) GY_CHECKED;

/**
 * Probabilities of the true class. The judges learned from noisy labels, so that they give
 * p(given | x): the noise is taken out first, then Bayes' rule adds what the given label says.
 *
 * @param posterior [out] [rows][classes], each row sums to 1.
 */
void gy_labels_posterior(float *posterior, const float *judged, const double *noise,
                         const int32_t *labels, size_t rows, size_t classes);

#endif
