// SPDX-License-Identifier: Apache-2.0
//
// FeatureVectorizer: inputs side by side as floats, each cut or filled with 0 to its size.

#include "model/ops/support/table.h"

static size_t width_of(const gy_node *node, size_t k)
{
    size_t count;
    const int64_t *sizes = gy_node_ints(node, "inputdimensions", &count);
    const gy_tensor *x = node->inputs[k];
    if (k < count && sizes[k] >= 0 && sizes[k] <= INT32_MAX)
        return (size_t)sizes[k];
    return x->rank == 0 ? 1 : x->shape[x->rank - 1];
}

static gy_status vectorizer_infer(gy_node *node, gy_error *err)
{
    size_t shape[2] = {0};
    for (size_t k = 0; k < node->input_count; k++) {
        GY_TRY(gy_node_type(node, k, GY_NUMBERS, err));
        const gy_tensor *x = node->inputs[k];
        if (x->rank != 2 || (k > 0 && x->shape[0] != shape[0]))
            return gy_node_fail(node, GY_UNSUPPORTED, err, "input %zu does not fit the first", k);
        shape[0] = x->shape[0];
        shape[1] += width_of(node, k);
    }
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, 2, err);
}

static gy_status vectorizer_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *y = node->outputs[0];
    float *to = (float *)(uintptr_t)y->data;
    size_t first = 0;
    for (size_t k = 0; k < node->input_count; k++) {
        const gy_tensor *x = node->inputs[k];
        size_t width = width_of(node, k);
        for (size_t n = 0; n < y->shape[0]; n++)
            for (size_t i = 0; i < width; i++)
                to[n * y->shape[1] + first + i] =
                    i < x->shape[1] ? gy_float_at(x, n * x->shape[1] + i) : 0.0f;
        first += width;
    }
    return GY_OK;
}

static void vectorizer_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *y = node->outputs[0];
    size_t first = 0;
    for (size_t k = 0; k < node->input_count && y->count > 0; k++) {
        const gy_tensor *x = node->inputs[k];
        size_t width = width_of(node, k);
        if (width == 0)
            continue;
        size_t depth = gy_emit_for(out, "n", y->shape[0], 0);
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", width);
        gy_indent(out, depth + 1);
        gy_text_add(out, "%s[n * %zu + %zu + i] = ", y->c_name, y->shape[1], first);
        if (width > x->shape[1])
            gy_text_add(out, "i >= %zu ? 0.0f : ", x->shape[1]);
        gy_text_add(out, "(float)%s[n * %zu + i];\n", x->c_name, x->shape[1]);
        gy_emit_close(out, 0, depth);
        first += width;
    }
}

const gy_op gy_op_feature_vectorizer = {
    .domain = "ai.onnx.ml",
    .type = "FeatureVectorizer",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = INT32_MAX,
    .outputs_max = 1,
    .infer = vectorizer_infer,
    .eval = vectorizer_eval,
    .emit = vectorizer_emit,
    .types = "float32 float64 int32 int64",
};
