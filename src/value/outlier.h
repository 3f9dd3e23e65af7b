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
 * @param oddities [out] [rows] of a table, filled for outliers; NULL: not wanted.
 * @param scores [out] [rows], 0 to 1, from .5 on an outlier.
 * Of a table more is asked: rows that differ in no more than one rare value are no strangers
 * (gy_columns_level; columns count for no less than GY_COLUMN_SPREAD_MIN), and an outlier has to be
 * improbable as the farthest of all rows, judged by the tail of the ordinary rows' own marks.
 *
 * @param projected principal components of the samples, or the level columns of a table.
 * @param is_table  see above.
 * @param residual  [rows] squared length of what they leave out; NULL: nothing is left out.
 */
gy_status gy_outliers_find(gy_strangeness *strangeness, float *scores, gy_oddity *oddities,
                           const gy_samples *projected, const float *residual, bool is_table,
                           uint64_t seed, size_t threads, gy_arena *scratch,
                           gy_error *err) GY_CHECKED;

#endif
