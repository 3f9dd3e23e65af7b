// SPDX-License-Identifier: Apache-2.0
//
// SVMClassifier of support vectors: every pair of classes has a score, the class that most pairs
// vote for is the label. The scores are those of the pairs (of two classes that score with either
// sign), or shares of the classes where the model was trained to give some. The votes decide in any
// case, as in libsvm and ONNX Runtime.

#include <string.h>

#include "model/ops/support/scores.h"
#include "model/ops/support/svm.h"
#include "rt/kernels/svm.h"

enum { CLASSES_MAX = 1024 };
enum { VECTORS, COEFFICIENTS, RHO, STARTS, LABELS, SIGMOID_A, SIGMOID_B }; // tables

/** What infer finds out. */
typedef struct classifier {
    gy_svm_vectors of;
    gy_tensor *labels;
    size_t classes, pairs;
    bool has_shares;
} classifier;

static gy_status read_counts(classifier *made, gy_node *node, gy_error *err)
{
    size_t count;
    void *data;
    const int64_t *counts = gy_node_ints(node, "vectors_per_class", &count);
    if (count == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "SVMClassifier without vectors_per_class is not supported");
    if (count != made->classes)
        return gy_node_fail(node, GY_FORMAT, err, "%zu classes, vectors of %zu", made->classes,
                            count);
    GY_TRY(gy_tables_reserve(node, made->has_shares ? SIGMOID_B + 1 : LABELS + 1, err));
    GY_TRY(gy_tensor_constant(&node->tables[STARTS], &data, node->arena, node->name, GY_INT64,
                              (size_t[]){count + 1}, 1, err));
    int64_t *starts = data;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] < 0 || counts[i] > INT32_MAX)
            return gy_node_fail(node, GY_FORMAT, err, "class %zu has %lld vectors", i,
                                (long long)counts[i]);
        starts[i + 1] = starts[i] + counts[i];
    }
    return gy_svm_read(&made->of, node, (size_t)starts[count], err);
}

// A list of floats of just that many.
static gy_status read_floats(gy_node *node, size_t place, const char *name, size_t count,
                             gy_error *err)
{
    const gy_attribute *given = gy_node_attribute(node, name);
    if (given == NULL || given->kind != GY_ATTRIBUTE_FLOATS || given->count != count)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values, must be %zu", name,
                            given == NULL ? 0 : given->count, count);
    return gy_table_floats(node, place, name, count, 0.0f, err);
}

static gy_status read_classifier(classifier *made, gy_node *node, gy_error *err)
{
    const gy_attribute *shares = gy_node_attribute(node, "prob_a");
    GY_TRY(gy_scores_labels(&made->labels, node, "classlabels_ints", "classlabels_strings", err));
    made->classes = made->labels->count;
    if (made->classes < 2 || made->classes > CLASSES_MAX)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "SVMClassifier of %zu classes (2 to %d)",
                            made->classes, CLASSES_MAX);
    made->pairs = made->classes * (made->classes - 1) / 2;
    made->has_shares = shares != NULL && shares->count > 0;
    GY_TRY(read_counts(made, node, err));
    node->tables[LABELS] = made->labels;
    GY_TRY(read_floats(node, COEFFICIENTS, "coefficients", (made->classes - 1) * made->of.vectors,
                       err));
    GY_TRY(read_floats(node, RHO, "rho", made->pairs, err));
    if (!made->has_shares)
        return GY_OK;
    GY_TRY(read_floats(node, SIGMOID_A, "prob_a", made->pairs, err));
    return read_floats(node, SIGMOID_B, "prob_b", made->pairs, err);
}

// How many scores come out: of two classes two.
static size_t width_of(const classifier *made)
{
    return made->has_shares || made->classes == 2 ? made->classes : made->pairs;
}

// Scratch: kernels, votes, scores of the pairs, what shares take.
static size_t votes_at(const classifier *made)
{
    return made->of.vectors;
}

static size_t pairs_at(const classifier *made)
{
    return votes_at(made) + made->classes;
}

static size_t rest_at(const classifier *made)
{
    return pairs_at(made) + made->pairs;
}

static gy_status classifier_infer(gy_node *node, gy_error *err)
{
    classifier *made = GY_NEW(node->arena, classifier, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its vectors");
    GY_TRY(read_classifier(made, node, err));
    node->state = made;
    size_t rest = made->has_shares ? made->classes * (2 * made->classes + 1) : 0;
    GY_TRY(gy_node_scratch(node, GY_FLOAT32, rest_at(made) + rest, err));
    size_t shape[] = {node->inputs[0]->shape[0], width_of(made)};
    if (node->outputs[0] != NULL)
        GY_TRY(gy_tensor_set(node->outputs[0], made->labels->dtype, shape, 1, err));
    gy_tensor *scores = gy_node_output(node, 1);
    return scores == NULL ? GY_OK : gy_tensor_set(scores, GY_FLOAT32, shape, 2, err);
}

static void put_label(const gy_node *node, size_t n, size_t best)
{
    const gy_tensor *labels = node->tables[LABELS], *y = node->outputs[0];
    size_t size_bytes = gy_dtype_size(labels->dtype);
    if (y != NULL)
        memcpy((char *)(uintptr_t)y->data + n * size_bytes,
               (const char *)labels->data + best * size_bytes, size_bytes);
}

static gy_status classifier_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const classifier *made = node->state;
    const gy_tensor *y = gy_node_output(node, 1);
    float *scratch = (float *)(uintptr_t)node->scratch->data, *pairs = scratch + pairs_at(made);
    const gy_svm svm = {made->classes,
                        made->of.vectors,
                        node->tables[COEFFICIENTS]->data,
                        node->tables[RHO]->data,
                        node->tables[STARTS]->data,
                        made->has_shares ? node->tables[SIGMOID_A]->data : NULL,
                        made->has_shares ? node->tables[SIGMOID_B]->data : NULL};
    for (size_t n = 0; n < node->inputs[0]->shape[0]; n++) {
        gy_svm_kernels(scratch, node, &made->of, n);
        put_label(node, n, gy_svm_vote(pairs, &svm, scratch, scratch + votes_at(made)));
        if (y == NULL)
            continue;
        float *scores = (float *)(uintptr_t)y->data + n * width_of(made);
        if (made->has_shares) {
            gy_svm_shares(scores, &svm, pairs, scratch + rest_at(made));
        } else if (made->classes == 2) {
            scores[0] = -pairs[0];
            scores[1] = pairs[0];
        } else {
            memcpy(scores, pairs, made->pairs * sizeof(float));
        }
    }
    return GY_OK;
}

static void emit_svm(const gy_node *node, const classifier *made, size_t depth, gy_text *out)
{
    gy_line(out, depth, "const gy_svm svm = {%zu, %zu, %s, %s, %s, %s, %s};", made->classes,
            made->of.vectors, node->tables[COEFFICIENTS]->c_name, node->tables[RHO]->c_name,
            node->tables[STARTS]->c_name, made->has_shares ? node->tables[SIGMOID_A]->c_name : "0",
            made->has_shares ? node->tables[SIGMOID_B]->c_name : "0");
}

static void classifier_emit(const gy_node *node, gy_text *out)
{
    const classifier *made = node->state;
    const gy_tensor *y = gy_node_output(node, 1);
    const char *scratch = node->scratch->c_name;
    if (node->inputs[0]->shape[0] == 0)
        return;
    emit_svm(node, made, 0, out);
    size_t depth = gy_emit_for(out, "n", node->inputs[0]->shape[0], 0);
    gy_line(out, depth, "float *kernel = %s, *pairs = %s + %zu;", scratch, scratch, pairs_at(made));
    gy_svm_emit_kernels(out, node, &made->of, depth);
    gy_line(out, depth, "const size_t best = gy_svm_vote(pairs, &svm, kernel, %s + %zu);", scratch,
            votes_at(made));
    if (node->outputs[0] != NULL)
        gy_line(out, depth, "%s[n] = %s[best];", node->outputs[0]->c_name,
                node->tables[LABELS]->c_name);
    else
        gy_line(out, depth, "(void)best;");
    if (y != NULL && made->has_shares) {
        gy_line(out, depth, "gy_svm_shares(%s + n * %zu, &svm, pairs, %s + %zu);", y->c_name,
                made->classes, scratch, rest_at(made));
    } else if (y != NULL && made->classes == 2) {
        gy_line(out, depth, "%s[n * 2] = -pairs[0];", y->c_name);
        gy_line(out, depth, "%s[n * 2 + 1] = pairs[0];", y->c_name);
    } else if (y != NULL) {
        gy_line(out, depth, "for (size_t i = 0; i < %zu; i++)", made->pairs);
        gy_line(out, depth + 1, "%s[n * %zu + i] = pairs[i];", y->c_name, made->pairs);
    }
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_svm_classifier = {
    .domain = "ai.onnx.ml",
    .type = "SVMClassifier",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 2,
    .infer = classifier_infer,
    .eval = classifier_eval,
    .emit = classifier_emit,
    .is_kept = true,
    .kernel = "svm",
};
