// SPDX-License-Identifier: Apache-2.0
//
// Normalizer: each row divided by its greatest value, the sum of its sizes, or its length; a row
// whose norm is 0 stays. Sums in 16 lanes.

#include <string.h>

#include "model/ops/support/lanes.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

typedef enum norm { NORM_MAX, NORM_L1, NORM_L2 } norm;

static norm read_norm(const gy_node *node)
{
    const char *name = gy_node_string(node, "norm", "MAX");
    return strcmp(name, "L1") == 0 ? NORM_L1 : strcmp(name, "L2") == 0 ? NORM_L2 : NORM_MAX;
}

static gy_status normalizer_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (x->rank == 0 || x->rank > 2)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "input of %zu dimensions", x->rank);
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

static float norm_of(const float *x, size_t count, norm kind)
{
    float lane[GY_LANES] = {0}, most = gy_bits_float(0xff800000u);
    for (size_t r = 0; r < count; r++) {
        most = x[r] > most ? x[r] : most;
        float *s = &lane[r % GY_LANES];
        *s = kind == NORM_L2 ? gy_fmaf(x[r], x[r], *s) : *s + gy_fabsf(x[r]);
    }
    float sum = gy_lanes_sum(lane);
    return kind == NORM_MAX ? most : kind == NORM_L2 ? gy_sqrtf(sum) : sum;
}

static gy_status normalizer_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0];
    size_t count = x->shape[x->rank - 1];
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t at = 0; at < x->count; at += count) {
        const float *row = (const float *)x->data + at;
        float length = norm_of(row, count, read_norm(node));
        for (size_t i = 0; i < count; i++)
            y[at + i] = length == 0.0f ? row[i] : row[i] / length;
    }
    return GY_OK;
}

static void normalizer_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    size_t count = x->shape[x->rank - 1];
    norm kind = read_norm(node);
    if (x->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", x->count / count, 0);
    gy_indent(out, depth);
    gy_text_add(out, "const float *x = %s + n * %zu;\n", x->c_name, count);
    gy_indent(out, depth);
    if (kind == NORM_MAX) {
        gy_text_add(out, "float length = gy_bits_float(0xff800000u);\n");
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t r = 0; r < %zu; r++)\n", count);
        gy_indent(out, depth + 1);
        gy_text_add(out, "length = x[r] > length ? x[r] : length;\n");
    } else {
        gy_text_add(out, "float length;\n");
        gy_indent(out, depth);
        gy_text_add(out, "{\n");
        gy_lanes_emit(out, count, "",
                      kind == NORM_L2 ? "gy_fmaf(x[r], x[r], s)" : "s + gy_fabsf(x[r])", depth + 1);
        gy_indent(out, depth + 1);
        gy_text_add(out, kind == NORM_L2 ? "length = gy_sqrtf(lane[0]);\n" : "length = lane[0];\n");
        gy_emit_close(out, depth, depth + 1);
    }
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", count);
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[n * %zu + i] = length == 0.0f ? x[i] : x[i] / length;\n",
                node->outputs[0]->c_name, count);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_normalizer = {
    .domain = "ai.onnx.ml",
    .type = "Normalizer",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = normalizer_infer,
    .eval = normalizer_eval,
    .emit = normalizer_emit,
};
