// SPDX-License-Identifier: Apache-2.0
//
// LinearClassifier: a score for each class, the label of the greatest.

#include "model/ops/support/linear.h"
#include "model/ops/support/scores.h"

/** What infer finds out. */
typedef struct classifier {
    gy_scores scores;
    float *sums; // eval's
} classifier;

static gy_status classifier_infer(gy_node *node, gy_error *err)
{
    classifier *made = GY_NEW(node->arena, classifier, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its scores");
    gy_scores *scores = &made->scores;
    GY_TRY(gy_post_read(&scores->post, node, err));
    GY_TRY(gy_scores_labels(&scores->labels, node, "classlabels_ints", "classlabels_strings", err));
    scores->classes = scores->sums = scores->labels->count;
    size_t rows = node->inputs[0]->rank == 2 ? node->inputs[0]->shape[1] : 0;
    const gy_attribute *given = gy_node_attribute(node, "coefficients");
    if (scores->classes == 2 && given != NULL && rows != 0 && given->count == rows)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "LinearClassifier of two classes with one score is not supported");
    GY_TRY(gy_linear_tables(node, scores->sums, err));
    GY_TRY(gy_tables_reserve(node, 3, err));
    node->tables[2] = scores->labels;
    made->sums = GY_NEW(node->arena, float, scores->sums);
    if (made->sums == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its scores");
    node->state = made;
    return gy_scores_infer(node, scores, node->inputs[0]->shape[0], err);
}

static gy_status classifier_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const classifier *made = node->state;
    for (size_t n = 0; n < node->inputs[0]->shape[0]; n++) {
        gy_linear_sum(made->sums, node, made->scores.sums, n);
        gy_scores_put(node, &made->scores, n, made->sums);
    }
    return GY_OK;
}

static void classifier_emit(const gy_node *node, gy_text *out)
{
    const classifier *made = node->state;
    if (node->inputs[0]->shape[0] == 0)
        return;
    size_t depth = gy_emit_for(out, "n", node->inputs[0]->shape[0], 0);
    gy_linear_emit(node, made->scores.sums, depth, out);
    gy_scores_emit(node, &made->scores, node->tables[2]->c_name, depth, out);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_linear_classifier = {
    .domain = "ai.onnx.ml",
    .type = "LinearClassifier",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 2,
    .infer = classifier_infer,
    .eval = classifier_eval,
    .emit = classifier_emit,
    .is_kept = true,
    .types = "float32 float64 int32 int64",
};
