// SPDX-License-Identifier: Apache-2.0
//
// CDist of ONNX Runtime: how far each row of one matrix is from each row of another.

#include <string.h>

#include "model/ops/support/pair.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

static bool is_root(const gy_node *node)
{
    return strcmp(gy_node_string(node, "metric", "sqeuclidean"), "euclidean") == 0;
}

static gy_status cdist_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1];
    const char *metric = gy_node_string(node, "metric", "sqeuclidean");
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    GY_TRY(gy_node_type(node, 1, 1u << GY_FLOAT32, err));
    if (!is_root(node) && strcmp(metric, "sqeuclidean") != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "metric '%.40s' is not supported", metric);
    if (a->rank != 2 || b->rank != 2 || a->shape[1] != b->shape[1])
        return gy_node_fail(node, GY_FORMAT, err, "inputs are no rows of as many numbers");
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, (size_t[]){a->shape[0], b->shape[0]}, 2,
                         err);
}

static gy_status cdist_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1];
    size_t width = a->shape[1], rows = b->shape[0];
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < a->shape[0] * rows; n++) {
        float sum = gy_pair_of((const float *)a->data + n / rows * width,
                               (const float *)b->data + n % rows * width, width, GY_PAIR_SQUARES);
        y[n] = is_root(node) ? gy_sqrtf(sum) : sum;
    }
    return GY_OK;
}

static void cdist_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *a = node->inputs[0], *b = node->inputs[1];
    size_t width = a->shape[1], rows = b->shape[0];
    if (node->outputs[0]->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", a->shape[0], 0);
    gy_line(out, depth, "const float *a = %s + n * %zu;", a->c_name, width);
    gy_line(out, depth, "for (size_t k = 0; k < %zu; k++) {", rows);
    gy_line(out, depth + 1, "const float *b = %s + k * %zu;", b->c_name, width);
    gy_pair_emit(out, width, GY_PAIR_SQUARES, depth + 1);
    gy_line(out, depth + 1, "%s[n * %zu + k] = %s;", node->outputs[0]->c_name, rows,
            is_root(node) ? "gy_sqrtf(lane[0])" : "lane[0]");
    gy_line(out, depth, "}");
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_cdist = {
    .domain = "com.microsoft",
    .type = "CDist",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = cdist_infer,
    .eval = cdist_eval,
    .emit = cdist_emit,
    .is_kept = true,
};
