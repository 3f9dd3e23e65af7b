// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_OUTLIER_H
#define GYRE_VALUE_OUTLIER_H

#include "gyre/value.h"

/** Why a sample stands out, each in robust standard deviations of its logarithm. */
typedef struct gy_strangeness {
    float distance; // from its nearest ordinary samples; below 0: nearer than is usual
    float residual; // of what the principal components leave out; below 0: smoother than usual
} gy_strangeness;

/**
 * Find samples that belong to no crowd. Outliers hide behind each other: ten strange images are
 * each other's neighbours. So distances are measured to a seeded draw from the ordinary samples
 * only, and what is ordinary is decided three times: without the strangest tenth of the time
 * before, at last without the strange ones alone. One unit is the ordinary samples' own spread.
 *
 * @param strangeness [out] [rows].
 * @param scores [out] [rows], 0 to 1, from .5 on an outlier.
 * @param projected principal components of the samples.
 * @param residual  [rows] squared length of what they leave out; NULL: nothing is left out.
 */
gy_status gy_outliers_find(gy_strangeness *strangeness, float *scores, const gy_samples *projected,
                           const float *residual, uint64_t seed, size_t threads, gy_arena *scratch,
                           gy_error *err) GY_CHECKED;

#endif
