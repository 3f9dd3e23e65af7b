// SPDX-License-Identifier: Apache-2.0
//
// What gates and comparisons need of statistics. All of it is made of + - * / and square roots in a
// stated order: the same bits on every machine.
#ifndef GYRE_BASE_STATS_H
#define GYRE_BASE_STATS_H

#include "gyre/base.h"

/** An interval for an unknown number. */
typedef struct gy_interval {
    double low, high;
} gy_interval;

/**
 * The standard normal distribution's quantile: P(Z <= result) = share.
 * @param share over 0 and under 1; else the result is NaN.
 * Within 1e-15 of it, relatively. Source: Wichura, "Algorithm AS 241: The Percentage Points of the
 * Normal Distribution", Applied Statistics 37(3), 1988 (PPND16).
 */
double gy_stats_normal_quantile(double share);

/**
 * Wilson's score interval for the share of successes behind a count of them.
 * @param trials     0: the interval is 0 to 1.
 * @param confidence over 0 and under 1, as in .95.
 * Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22,
 * 1927.
 */
gy_interval gy_stats_wilson(uint64_t successes, uint64_t trials, double confidence);

/**
 * P(X >= successes) for X of a binomial distribution: exact, but for rounding (relatively 1e-12 up
 * to a million trials; what is under 1e-290 may come out as 0).
 * Time: trials.
 */
double gy_stats_binomial_tail(uint64_t successes, uint64_t trials, double probability);

/**
 * McNemar's exact test, both sides: how probable so lopsided a split of the pairs that differ is
 * when neither is better.
 * @param only_first, only_second pairs where only the first, only the second, is right.
 * Source: McNemar, Psychometrika 12, 1947; exact form: binomial with probability 1/2.
 */
double gy_stats_mcnemar(uint64_t only_first, uint64_t only_second);

typedef struct gy_bootstrap_options {
    size_t resamples;  // 0: 10,000
    double confidence; // of the interval; 0: .95
    uint64_t seed;
    size_t threads; // 0: as many as there are
} gy_bootstrap_options;

typedef struct gy_bootstrap {
    double estimate;        // the mean of the differences
    gy_interval interval;   // percentiles of the resamples' means
    double share_not_above; // of the resamples, how many have a mean of 0 or less
} gy_bootstrap;

/**
 * Paired bootstrap of a mean: differences of two models' scores, sample by sample, in a stated
 * order (that of their ids).
 *
 * @param differences finite.
 * @param count   1 to 2^32 - 1.
 * @param scratch takes 8 bytes a resample, of no use after the call.
 * @return GY_OK; GY_INVALID: a bound is broken; GY_LIMIT: too many; GY_NO_MEMORY.
 *
 * Deterministic: resample r draws from the generator of (seed, r), on whatever thread.
 * Time: count × resamples, 2 ns each. Source: Efron, "Bootstrap Methods", Annals of Statistics
 * 7(1), 1979; Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP
 * 2004.
 */
gy_status gy_stats_bootstrap(gy_bootstrap *result, const double *differences, size_t count,
                             const gy_bootstrap_options *options, gy_arena *scratch,
                             gy_error *err) GY_CHECKED;

#endif
