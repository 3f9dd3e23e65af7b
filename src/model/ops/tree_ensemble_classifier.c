// SPDX-License-Identifier: Apache-2.0
//
// TreeEnsembleClassifier: the label with the greatest sum, and the scores of all. Where all leaves
// give to one of two classes, that sum is the second class's score, against 0, or, if no leaf
// takes away, against one half (as ONNX Runtime reads the standard, which leaves it open).

#include <string.h>

#include "model/ops/support/forest.h"
#include "model/ops/support/forest_table.h"
#include "model/ops/support/scores.h"

/** What infer finds out. */
typedef struct classifier {
    gy_forest *forest;
    gy_scores scores;
    float *sums; // eval's
} classifier;

// Whether all leaves give to one class: then the forest has one target.
static bool has_one_class(const gy_node *node)
{
    size_t count;
    const int64_t *ids = gy_node_ints(node, "class_ids", &count);
    for (size_t i = 1; i < count; i++)
        if (ids[i] != ids[0])
            return false;
    return true;
}

// The same node with every leaf's class 0 and one base value: as a forest of one target.
static gy_status read_single(gy_forest **forest, const gy_node *node, size_t features,
                             gy_error *err)
{
    gy_node single = *node;
    single.attributes = GY_NEW(node->arena, gy_attribute, node->attribute_count);
    if (single.attributes == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    for (size_t i = 0; i < node->attribute_count; i++) {
        gy_attribute *copy = &single.attributes[i];
        *copy = node->attributes[i];
        if (strcmp(copy->name, "class_ids") == 0 && copy->kind == GY_ATTRIBUTE_INTS) {
            copy->ints = GY_NEW(node->arena, int64_t, copy->count); // zeros
            if (copy->ints == NULL)
                return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
        }
        if (strcmp(copy->name, "base_values") == 0 && copy->kind == GY_ATTRIBUTE_FLOATS &&
            copy->count == 2) {
            copy->floats = copy->floats + 1;
            copy->count = 1;
        }
    }
    return gy_forest_read(forest, &single, "class", 1, features, err);
}

static gy_status read_classifier(classifier *made, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    gy_scores *scores = &made->scores;
    GY_TRY(gy_post_read(&scores->post, node, err));
    GY_TRY(
        gy_scores_labels(&scores->labels, node, "classlabels_int64s", "classlabels_strings", err));
    scores->classes = scores->labels->count;
    if (scores->classes == 2 && has_one_class(node)) {
        scores->sums = 1;
        GY_TRY(read_single(&made->forest, node, x->shape[1], err));
        scores->is_share = made->forest->weights_positive;
        scores->border = scores->is_share ? 0.5f : 0.0f;
        return GY_OK;
    }
    scores->sums = scores->classes;
    return gy_forest_read(&made->forest, node, "class", scores->classes, x->shape[1], err);
}

static gy_status classifier_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (x->rank != 2 || x->shape[1] == 0)
        return gy_node_fail(node, GY_FORMAT, err, "input of %zu dimensions", x->rank);
    classifier *made = GY_NEW(node->arena, classifier, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    GY_TRY(read_classifier(made, node, err));
    made->sums = GY_NEW(node->arena, float, made->forest->targets);
    if (made->sums == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    GY_TRY(gy_forest_tables(node, made->forest, x->shape[0], x->shape[1], err));
    // The labels are one table more, at the end, so that emitted code finds them.
    gy_tensor **tables = GY_NEW(node->arena, gy_tensor *, node->table_count + 1);
    if (tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    memcpy(tables, node->tables, node->table_count * sizeof(gy_tensor *));
    tables[node->table_count++] = made->scores.labels;
    node->tables = tables;
    node->state = made;
    return gy_scores_infer(node, &made->scores, x->shape[0], err);
}

static gy_status classifier_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const classifier *made = node->state;
    const gy_tensor *x = node->inputs[0];
    for (size_t n = 0; n < x->shape[0]; n++) {
        gy_forest_sum(made->sums, made->forest, (const float *)x->data + n * x->shape[1]);
        gy_scores_put(node, &made->scores, n, made->sums);
    }
    return GY_OK;
}

static void finish(const gy_node *node, const gy_forest *forest, size_t depth, gy_text *out)
{
    const classifier *made = node->state;
    (void)forest;
    gy_scores_emit(node, &made->scores, made->scores.labels->c_name, depth, out);
}

static void classifier_emit(const gy_node *node, gy_text *out)
{
    const classifier *made = node->state;
    const gy_tensor *x = node->inputs[0];
    gy_forest_emit(node, made->forest, x->shape[0], x->shape[1], finish, out);
}

const gy_op gy_op_tree_ensemble_classifier = {
    .domain = "ai.onnx.ml",
    .type = "TreeEnsembleClassifier",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 2,
    .infer = classifier_infer,
    .eval = classifier_eval,
    .emit = classifier_emit,
    .is_kept = true,
};
