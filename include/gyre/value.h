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
 * @param threads 0: all.
 * @param scratch takes 4 × points->rows × (cols + 3) bytes and 24 kB a thread, given back.
 * @return GY_OK; GY_INVALID: a bound above is broken; GY_LIMIT; GY_NO_MEMORY.
 *
 * Same bits for any number of threads and processor.
 * Time: queries × points × cols fused multiply-adds (60,000 × 60,000 × 64 in 8 s of one core) where
 * points lie in many dimensions; in few, a k-d tree leaves most of them out (a million × 5 among
 * themselves in 20 s).
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
 * @param components at least 1.
 * @param threads    0: all.
 * @return GY_OK; GY_INVALID: no rows or components, a feature that is not finite; GY_LIMIT: over
 * 16,384 cols; GY_NO_MEMORY.
 *
 * Components come from at most 20,000 rows, evenly spaced, by subspace iteration from a fixed seed;
 * the sign of each makes its largest entry positive.
 */
GY_API gy_status gy_value_project(gy_samples *projected, float **residual,
                                  const gy_samples *samples, size_t components, size_t threads,
                                  gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- audit

typedef struct gy_audit_options {
    uint64_t seed;
    size_t threads; // 0: all
    // The user's own out-of-sample probabilities, [rows][class_count], each row summing to 1; one
    // judge more. NULL: none.
    const float *probabilities;
    // Called between steps; NULL: not wanted.
    void (*progress)(void *context, const char *step, size_t done, size_t total);
    void *context;
} gy_audit_options;

enum { GY_ODD_COLUMNS_MAX = 3 };

/** Where a row of a table stands apart from the ordinary row that is most like it. */
typedef struct gy_oddity {
    uint32_t like; // that row; its own: it does not stand apart
    // A feature of each column that sets them apart, the most first: together four fifths of the
    // distance, if so few columns are that much. UINT32_MAX: no further one.
    uint32_t features[GY_ODD_COLUMNS_MAX];
} gy_oddity;

/** What an audit knows of each sample, [rows] where not said otherwise. Lives in an arena. */
typedef struct gy_audit {
    size_t rows, class_count;
    const float *posterior;   // [rows][class_count]: probability of each class being the true one
    const int32_t *suggested; // the likeliest class; -1: labels were not judged
    const char *unjudged;     // why labels were not judged; NULL: they were
    const float *label_score; // 1 - posterior of the given label; 0 where none is given
    const float *outlier_score;
    const float *duplicate_score;
    const uint32_t *partner;  // the sample most like it; its own row: none is near
    const uint32_t *original; // the first of its group of near duplicates; its own row: it is first
    const uint8_t *is_label_issue, *is_outlier, *is_duplicate;
    const double
        *noise; // [class_count][class_count]: of the true class, the shares of labels given
    // For reasons.
    const float *votes;               // [rows]: share of neighbours that carry the suggested label
    const float *distance, *residual; // robust deviations, see is_outlier
    const gy_oddity *oddities;        // [rows], of outliers; NULL: images, tensors
    const int8_t *shift_x, *shift_y;  // how the partner has to move
} gy_audit;

/**
 * Look for wrong labels, outliers and near duplicates, without any model at hand. Judges (nearest
 * neighbours, randomised trees, small networks) learn on seeded folds by id, near duplicates kept
 * in one fold, and judge what they have not seen; how labels go wrong is estimated from the samples
 * that nobody doubts; Bayes' rule turns both into the probability that a label is wrong.
 *
 * A label is an issue where another class is likelier than the given one; an outlier or duplicate
 * where its score is at least .5. Of a group of near duplicates all but the first are issues.
 *
 * @param samples at least 1 row. Labels are judged if there are at least 2 classes, at most 4096,
 *                and 10 labelled rows, and if the judges foretell labels better than the classes'
 *                shares do: else every second label would be called wrong.
 * @return GY_OK; GY_INVALID: no samples, a feature that is not finite, probabilities that are none;
 *         GY_LIMIT: too many rows or features; GY_NO_MEMORY.
 *
 * Same bits for any number of threads and processor. 60,000 images of 28 x 28: 2 min of one core.
 */
GY_API gy_status gy_value_audit(gy_audit *audit, const gy_samples *samples,
                                const gy_audit_options *options, gy_arena *arena,
                                gy_error *err) GY_CHECKED;

/**
 * An audit as findings, a kind after the other, worst first (equal scores: by row).
 * @param all every sample and kind; else only issues.
 * @param findings [out] in arena; rows are those of the samples' table.
 * @return GY_OK; GY_NO_MEMORY.
 */
GY_API gy_status gy_audit_findings(gy_finding **findings, size_t *count, const gy_audit *audit,
                                   const gy_samples *samples, bool all, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

/**
 * Read out-of-sample probabilities of samples from files; of several the mean.
 *
 * An .npy holds [rows][class_count], in the order of the table's rows or of the samples. An .npz
 * holds such an array as `probs` (or one array alone), and perhaps `ids` (texts) and `classes`
 * (texts, the order of the columns). Any other table has a column for each class, named as it, and
 * perhaps `id` or `gyre_id`. With ids any order and any choice of rows will do; a sample that no
 * file speaks of has equal shares.
 *
 * @param probabilities [out] [samples->rows][class_count] in arena, each row summing to 1.
 * @param table_rows    of the table that the samples are from.
 * @return GY_OK; GY_INVALID: shapes, classes or ids that do not fit; what reading a table returns.
 */
GY_API gy_status gy_probabilities_read(float **probabilities, const gy_samples *samples,
                                       size_t table_rows, const char *const *paths, size_t count,
                                       gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Write the worst findings as a page: pictures where samples are images, no scripts, nothing loaded
 * from elsewhere, light and dark.
 * @param path of the HTML document; written in one step.
 * @return GY_OK; GY_IO; GY_NO_MEMORY.
 */
GY_API gy_status gy_audit_page_write(const char *path, const char *title, const gy_audit *audit,
                                     const gy_samples *samples, const gy_finding *findings,
                                     size_t count, gy_arena *scratch, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
