// SPDX-License-Identifier: Apache-2.0
//
// Scores of classes: what ai.onnx.ml's classifiers and regressors do after their sums.
#ifndef GYRE_MODEL_OPS_SUPPORT_SCORES_H
#define GYRE_MODEL_OPS_SUPPORT_SCORES_H

#include "model/ops/support/window.h"

typedef enum gy_post { GY_POST_NONE, GY_POST_LOGISTIC, GY_POST_SOFTMAX } gy_post;

/** How sums become scores and a label. */
typedef struct gy_scores {
    gy_post post;
    size_t sums, classes; // sums 1 and classes 2: one score stands for both classes
    float border;         // of that one score: above it is the second class
    bool is_share;        // the first class's score is 1 - s, else -s
    gy_tensor *labels;    // a constant of int64 or strings
} gy_scores;

gy_status gy_post_read(gy_post *post, const gy_node *node, gy_error *err) GY_CHECKED;
/** The post-transform of `count` sums, in place. */
void gy_post_apply(float *s, size_t count, gy_post post);
/** Emit it at depth, for an array s. */
void gy_post_emit(gy_text *out, size_t count, gy_post post, size_t depth);

/** Labels from classlabels_ints or classlabels_strings (or the names' variants). */
gy_status gy_scores_labels(gy_tensor **labels, const gy_node *node, const char *ints,
                           const char *strings, gy_error *err) GY_CHECKED;
/** Types and shapes of both outputs. */
gy_status gy_scores_infer(gy_node *node, const gy_scores *scores, size_t batch, gy_error *err);
/** Write sample n's outputs from its sums. */
void gy_scores_put(const gy_node *node, const gy_scores *scores, size_t n, const float *s);
/** Emit it at depth, from `s` and `n`; destroys s. labels: the c_name of a table. */
void gy_scores_emit(const gy_node *node, const gy_scores *scores, const char *labels, size_t depth,
                    gy_text *out);

#endif
