// SPDX-License-Identifier: Apache-2.0
//
// Post-transforms, labels, and the two classes that share one score, as ONNX Runtime settles them.

#include "model/ops/support/scores.h"

#include <string.h>

#include "model/ops/support/lanes.h"
#include "rt/math.h"

gy_status gy_post_read(gy_post *post, const gy_node *node, gy_error *err)
{
    const char *name = gy_node_string(node, "post_transform", "NONE");
    if (strcmp(name, "NONE") == 0)
        *post = GY_POST_NONE;
    else if (strcmp(name, "LOGISTIC") == 0)
        *post = GY_POST_LOGISTIC;
    else if (strcmp(name, "SOFTMAX") == 0)
        *post = GY_POST_SOFTMAX;
    else
        return gy_node_fail(node, GY_UNSUPPORTED, err, "post_transform '%.40s' is not supported",
                            name);
    return GY_OK;
}

void gy_post_apply(float *s, size_t count, gy_post post)
{
    for (size_t k = 0; post == GY_POST_LOGISTIC && k < count; k++)
        s[k] = gy_sigmoidf(s[k]);
    if (post != GY_POST_SOFTMAX)
        return;
    float most = s[0], lane[GY_LANES] = {0};
    for (size_t r = 1; r < count; r++)
        most = s[r] > most ? s[r] : most;
    for (size_t r = 0; r < count; r++) {
        s[r] = gy_expf(s[r] - most);
        lane[r % GY_LANES] = lane[r % GY_LANES] + s[r];
    }
    float sum = gy_lanes_sum(lane);
    for (size_t r = 0; r < count; r++)
        s[r] = s[r] / sum;
}

static void line(gy_text *out, size_t depth, const char *text)
{
    gy_indent(out, depth);
    gy_text_add(out, "%s\n", text);
}

static void emit_each(gy_text *out, size_t from, size_t count, const char *text, size_t depth)
{
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t r = %zu; r < %zu; r++)\n", from, count);
    line(out, depth + 1, text);
}

void gy_post_emit(gy_text *out, size_t count, gy_post post, size_t depth)
{
    if (post == GY_POST_LOGISTIC)
        emit_each(out, 0, count, "s[r] = gy_sigmoidf(s[r]);", depth);
    if (post != GY_POST_SOFTMAX)
        return;
    line(out, depth, "{");
    line(out, depth + 1, "float most = s[0], lane[16] = {0};");
    emit_each(out, 1, count, "most = s[r] > most ? s[r] : most;", depth + 1);
    gy_indent(out, depth + 1);
    gy_text_add(out, "for (size_t r = 0; r < %zu; r++) {\n", count);
    line(out, depth + 2, "s[r] = gy_expf(s[r] - most);");
    line(out, depth + 2, "lane[r % 16] = lane[r % 16] + s[r];");
    line(out, depth + 1, "}");
    line(out, depth + 1, "for (size_t half = 8; half > 0; half /= 2)");
    line(out, depth + 2, "for (size_t l = 0; l < half; l++)");
    line(out, depth + 3, "lane[l] = lane[l] + lane[l + half];");
    emit_each(out, 0, count, "s[r] = s[r] / lane[0];", depth + 1);
    line(out, depth, "}");
}

gy_status gy_scores_labels(gy_tensor **labels, const gy_node *node, const char *ints,
                           const char *strings, gy_error *err)
{
    const gy_attribute *given = gy_node_attribute(node, ints);
    bool is_ints = given != NULL && given->kind == GY_ATTRIBUTE_INTS && given->count > 0;
    if (!is_ints)
        given = gy_node_attribute(node, strings);
    if (!is_ints && (given == NULL || given->kind != GY_ATTRIBUTE_STRINGS || given->count == 0))
        return gy_node_fail(node, GY_FORMAT, err, "%s without labels", node->op->type);
    void *data;
    size_t count = given->count;
    GY_TRY(gy_tensor_constant(labels, &data, node->arena, node->name,
                              is_ints ? GY_INT64 : GY_STRING, &count, 1, err));
    if (is_ints)
        memcpy(data, given->ints, count * sizeof(int64_t));
    else
        memcpy(data, given->strings, count * sizeof(char *));
    return GY_OK;
}

gy_status gy_scores_infer(gy_node *node, const gy_scores *scores, size_t batch, gy_error *err)
{
    size_t shape[] = {batch, scores->classes};
    if (node->outputs[0] != NULL)
        GY_TRY(gy_tensor_set(node->outputs[0], scores->labels->dtype, shape, 1, err));
    gy_tensor *values = gy_node_output(node, 1);
    return values == NULL ? GY_OK : gy_tensor_set(values, GY_FLOAT32, shape, 2, err);
}

static size_t choose(const gy_scores *scores, const float *s)
{
    if (scores->sums == 1 && scores->classes == 2)
        return s[0] > scores->border ? 1 : 0;
    size_t best = 0;
    for (size_t k = 1; k < scores->sums; k++)
        best = s[k] > s[best] ? k : best;
    return best;
}

void gy_scores_put(const gy_node *node, const gy_scores *scores, size_t n, const float *sums)
{
    size_t best = choose(scores, sums);
    if (node->outputs[0] != NULL && scores->labels->dtype == GY_INT64)
        ((int64_t *)(uintptr_t)node->outputs[0]->data)[n] = gy_tensor_int_at(scores->labels, best);
    else if (node->outputs[0] != NULL)
        ((const char **)(uintptr_t)node->outputs[0]->data)[n] =
            gy_tensor_string_at(scores->labels, best);
    const gy_tensor *values = gy_node_output(node, 1);
    if (values == NULL)
        return;
    float *y = (float *)(uintptr_t)values->data + n * scores->classes;
    if (scores->sums == 1 && scores->classes == 2) {
        y[0] = scores->is_share ? 1.0f - sums[0] : -sums[0];
        y[1] = sums[0];
        // One score stands for both: as shares they need no further change.
        if (!scores->is_share)
            gy_post_apply(y, 2, scores->post == GY_POST_LOGISTIC ? scores->post : GY_POST_NONE);
        return;
    }
    for (size_t k = 0; k < scores->sums; k++)
        y[k] = sums[k];
    gy_post_apply(y, scores->sums, scores->post);
}

void gy_scores_emit(const gy_node *node, const gy_scores *scores, const char *labels, size_t depth,
                    gy_text *out)
{
    bool shares = scores->sums == 1 && scores->classes == 2;
    if (node->outputs[0] != NULL && shares) {
        gy_indent(out, depth);
        gy_text_add(out, "%s[n] = %s[s[0] > ", node->outputs[0]->c_name, labels);
        gy_emit_float(out, scores->border);
        gy_text_add(out, " ? 1 : 0];\n");
    } else if (node->outputs[0] != NULL) {
        line(out, depth, "size_t best = 0;");
        emit_each(out, 1, scores->sums, "best = s[r] > s[best] ? r : best;", depth);
        gy_indent(out, depth);
        gy_text_add(out, "%s[n] = %s[best];\n", node->outputs[0]->c_name, labels);
    }
    const gy_tensor *values = gy_node_output(node, 1);
    if (values == NULL)
        return;
    gy_post post = shares && (scores->is_share || scores->post != GY_POST_LOGISTIC) ? GY_POST_NONE
                                                                                    : scores->post;
    if (!shares) {
        gy_post_emit(out, scores->sums, post, depth);
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t r = 0; r < %zu; r++)\n", scores->sums);
        gy_indent(out, depth + 1);
        gy_text_add(out, "%s[n * %zu + r] = s[r];\n", values->c_name, scores->classes);
        return;
    }
    const char *first = scores->is_share ? "1.0f - s[0]" : "-s[0]";
    bool logistic = post == GY_POST_LOGISTIC;
    gy_indent(out, depth);
    gy_text_add(out, logistic ? "%s[n * 2] = gy_sigmoidf(%s);\n" : "%s[n * 2] = %s;\n",
                values->c_name, first);
    gy_indent(out, depth);
    gy_text_add(out, logistic ? "%s[n * 2 + 1] = gy_sigmoidf(s[0]);\n" : "%s[n * 2 + 1] = s[0];\n",
                values->c_name);
}
