// SPDX-License-Identifier: Apache-2.0
//
// ArrayFeatureExtractor: chosen places of the last axis.

#include <string.h>

#include "model/ops/support/index.h"
#include "model/ops/support/window.h"

static gy_status extractor_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    if (x->rank == 0)
        return gy_node_fail(node, GY_FORMAT, err, "features of a single number");
    GY_TRY(gy_index_check(node, 1, x->shape[x->rank - 1], err));
    size_t shape[GY_RANK_MAX] = {1}, rank = x->rank < 2 ? 2 : x->rank;
    for (size_t i = 0; i + 1 < x->rank; i++)
        shape[i] = x->shape[i];
    shape[rank - 1] = indices->count;
    return gy_tensor_set(node->outputs[0], x->dtype, shape, rank, err);
}

static gy_status extractor_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    size_t size_bytes = gy_dtype_size(x->dtype), row = x->shape[x->rank - 1];
    char *y = (char *)(uintptr_t)node->outputs[0]->data;
    if (node->outputs[0]->count == 0)
        return GY_OK;
    for (size_t n = 0; n < x->count / row; n++)
        for (size_t k = 0; k < indices->count; k++, y += size_bytes)
            memcpy(y, (const char *)x->data + (n * row + gy_index_at(indices, k, row)) * size_bytes,
                   size_bytes);
    return GY_OK;
}

static void extractor_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0], *indices = node->inputs[1];
    if (node->outputs[0]->count == 0)
        return;
    size_t row = x->shape[x->rank - 1];
    size_t depth = gy_emit_for(out, "n", x->count / row, 0);
    depth = gy_emit_for(out, "k", indices->count, depth);
    gy_index_emit(out, indices, "k", row, depth);
    gy_indent(out, depth);
    gy_text_add(out, "%s[n * %zu + k] = %s[n * %zu + at];\n", node->outputs[0]->c_name,
                indices->count, x->c_name, row);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_array_feature_extractor = {
    .domain = "ai.onnx.ml",
    .type = "ArrayFeatureExtractor",
    .opset_min = 1,
    .inputs_min = 2,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = extractor_infer,
    .eval = extractor_eval,
    .emit = extractor_emit,
    .types = "all",
};
