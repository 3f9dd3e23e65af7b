// SPDX-License-Identifier: Apache-2.0
//
// From what judges think and what labels say to what is true.
#ifndef GYRE_VALUE_LABELS_H
#define GYRE_VALUE_LABELS_H

#include "gyre/value.h"

/**
 * How much each member's probabilities should count in their weighted mean: between equal shares
 * and those that make the given labels likeliest (expectation maximisation of a mixture).
 * @param weights [out] [members], sum 1.
 * @param members [members] of [rows][classes].
 * @param trust   0: equal shares, to 1: the likeliest.
 */
void gy_labels_weigh(double *weights, const float *const *members, size_t member_count,
                     const int32_t *labels, size_t rows, size_t classes, double trust);

enum { GY_LABELS_CLASSES_MAX = 4096 };

/**
 * Whether the judges foretell given labels better than the shares of the classes do, by three
 * standard errors of the gain. Where they do not, samples and labels have nothing to do with each
 * other as far as anyone sees, and no noise can be told from no knowledge.
 * @param judged [rows][classes]: probabilities of the given label, out of sample.
 */
bool gy_labels_are_foretold(const float *judged, const int32_t *labels, size_t rows,
                            size_t classes);

/**
 * How labels go wrong, and with it the probabilities of the true class.
 *
 * Noise: of the samples that the judges call one class, the surest seventh are taken to be of it;
 * what labels they carry is the first estimate. Then all samples are counted, each as much as the
 * judges are sure of it. How sure judges should be is estimated too: the power of their shares
 * under which the given labels are likeliest.
 *
 * @param posterior [out] [rows][classes], each row sums to 1.
 * @param noise     [out] [classes][classes]: noise[true][given], rows sum to 1.
 * @param judged    [rows][classes]: probabilities of the given label, out of sample.
 * @param classes   2 to GY_LABELS_CLASSES_MAX.
 */
gy_status gy_labels_infer(float *posterior, double *noise, const float *judged,
                          const int32_t *labels, size_t rows, size_t classes, gy_arena *scratch,
                          gy_error *err) GY_CHECKED;

/**
 * The same for a table, whose judges are seldom sure, so that the surest seventh is not beyond
 * doubt: the noise and how much each judge is worth are estimated together, as what makes the given
 * labels likeliest when most labels are right, and of noise and overlapping classes, which look
 * alike, the noise is taken to be as little as the labels allow.
 * @param members [member_count] of [rows][classes], as `judged`; up to 16.
 */
gy_status gy_labels_infer_table(float *posterior, double *noise, const float *const *members,
                                size_t member_count, const int32_t *labels, size_t rows,
                                size_t classes, gy_arena *scratch, gy_error *err) GY_CHECKED;

/**
 * How evenly wrong labels spread over the other classes: the evenness (in pseudo-samples of a
 * symmetric Dirichlet prior) under which the counts are likeliest. Symmetric noise gets a large
 * one, so that a pair that chance left out is not thought impossible; noise between certain classes
 * a small one, so that the counts speak.
 * @param likelihood [out] its logarithm: of which label each wrong one is, in one order of them.
 * @param counts     [classes][classes]: of [true][given].
 */
double gy_labels_evenness(double *likelihood, const double *counts, size_t classes);

/**
 * The judges learned from noisy labels, so that they give p(given | x): take the noise out.
 * @param logs [out] [rows][classes]: logarithms of the shares of true classes, the largest 0.
 */
void gy_labels_take_out(float *logs, const float *judged, const double *noise, size_t rows,
                        size_t classes);

/**
 * Bayes' rule: add to the shares, each to the power of `sharpness`, what the given label says.
 * @param posterior [out] [rows][classes]; may be `logs`.
 */
void gy_labels_posterior(float *posterior, const float *logs, const double *noise, double sharpness,
                         const int32_t *labels, size_t rows, size_t classes);

#endif
