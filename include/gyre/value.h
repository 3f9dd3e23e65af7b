// SPDX-License-Identifier: Apache-2.0
//
// What samples are worth: wrong labels, outliers, near duplicates, and the value of each sample.
// No model is needed: the judges are here.
#ifndef GYRE_VALUE_H
#define GYRE_VALUE_H

#include "gyre/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One neighbour: squared Euclidean distance and row. */
typedef struct gy_neighbor {
    float distance;
    uint32_t row;
} gy_neighbor;

/**
 * The k nearest rows of points for each query, nearest first, exact; equal distances rank by row.
 *
 * @param nearest [out] [queries->rows][k].
 * @param points  at least k rows (k + 1 when they are the queries: a row is not its own neighbour).
 * @param queries as many cols as points; may be points itself.
 * @param scratch takes 4 × points->rows × cols bytes and 48 kB a thread.
 * @return GY_OK; GY_INVALID: a bound above is broken; GY_LIMIT; GY_NO_MEMORY.
 *
 * Same bits for any number of threads and processor.
 * Time: queries × points × cols fused multiply-adds: 60,000 × 60,000 × 64 in 8 s of one core.
 */
GY_API gy_status gy_value_neighbors(gy_neighbor *nearest, const gy_samples *points,
                                    const gy_samples *queries, size_t k, size_t threads,
                                    gy_arena *scratch, gy_error *err) GY_CHECKED;

/**
 * Score each training sample by what it adds to a k-nearest-neighbour vote (exact Shapley value).
 * Below zero: the sample does harm.
 *
 * @param values  [out] double[train->rows], in share of votes, -1 to 1. Their sum is the share of
 *                the k votes that is right, mean over the test samples. Undefined after a failure.
 * @param train   at least 1 row; all with labels.
 * @param test    at least 1 row, at most 2^21, as many cols as train; labels of the same classes.
 * @param k       neighbours that vote, 1 to train->rows.
 * @param threads 0: all.
 * @param scratch takes 4 × rows × cols bytes and 150 × rows a thread, of no use after the call.
 * @return GY_OK; GY_INVALID: a bound above is broken; GY_LIMIT; GY_NO_MEMORY.
 *
 * Deterministic: equal distances rank by row; the mean is a sum in fixed point (2^-41), exact in
 * any order of threads. Thread-safe when values and scratch are not shared.
 * Time: test->rows × train->rows × (cols + 8).
 * Source: Jia et al., "Efficient Task-Specific Data Valuation for Nearest Neighbor Algorithms",
 * PVLDB 12(11), 2019, Theorem 1.
 */
GY_API gy_status gy_value_knn_shapley(double *values, const gy_samples *train,
                                      const gy_samples *test, size_t k, size_t threads,
                                      gy_arena *scratch, gy_error *err) GY_CHECKED;

/**
 * Project samples on their principal components.
 *
 * @param projected [out] rows × min(components, cols, rows) features in arena; all else as in
 *                  samples, but width, height and channels 0.
 * @param residual  [out] [rows] squared length of what the components leave out; NULL: not wanted.
 * @return GY_OK; GY_INVALID: no rows, a feature that is not finite; GY_LIMIT: over 16,384 cols.
 *
 * Components come from at most 20,000 rows, evenly spaced, by subspace iteration from a fixed seed;
 * the sign of each makes its largest entry positive.
 */
GY_API gy_status gy_value_project(gy_samples *projected, float **residual,
                                  const gy_samples *samples, size_t components, size_t threads,
                                  gy_arena *arena, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
