// SPDX-License-Identifier: Apache-2.0
//
// Trilu: the upper or lower triangle of matrices, the rest 0.

#include <string.h>

#include "model/ops/support/window.h"

static gy_status read_offset(int64_t *k, const gy_node *node, gy_error *err)
{
    int64_t *values;
    size_t count;
    GY_TRY(gy_node_int_input(&values, &count, node, 1, err));
    *k = count == 0 ? 0 : values[0];
    *k = *k > INT32_MAX ? INT32_MAX : *k < -INT32_MAX ? -INT32_MAX : *k;
    return GY_OK;
}

static gy_status trilu_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    int64_t k;
    if (x->rank < 2 || x->dtype == GY_STRING)
        return gy_node_fail(node, GY_FORMAT, err, "input of %zu dimensions of %s", x->rank,
                            gy_dtype_name(x->dtype));
    GY_TRY(read_offset(&k, node, err));
    gy_tensor_like(node->outputs[0], x);
    return GY_OK;
}

static gy_status trilu_eval(const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    size_t rows = x->shape[x->rank - 2], cols = x->shape[x->rank - 1];
    size_t size_bytes = gy_dtype_size(x->dtype);
    bool upper = gy_node_int(node, "upper", 1) != 0;
    int64_t k;
    GY_TRY(read_offset(&k, node, err));
    char *y = (char *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < x->count; i++) {
        int64_t row = (int64_t)(i / cols % rows), col = (int64_t)(i % cols);
        bool stays = upper ? col - row >= k : col - row <= k;
        if (stays)
            memcpy(y + i * size_bytes, (const char *)x->data + i * size_bytes, size_bytes);
        else
            memset(y + i * size_bytes, 0, size_bytes);
    }
    return GY_OK;
}

static void trilu_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    int64_t k;
    if (read_offset(&k, node, NULL) != GY_OK || x->count == 0)
        return;
    size_t rows = x->shape[x->rank - 2], cols = x->shape[x->rank - 1];
    size_t depth = gy_emit_for(out, "n", x->count / (rows * cols), 0);
    depth = gy_emit_for(out, "i", rows, depth);
    depth = gy_emit_for(out, "j", cols, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const size_t at = (n * %zu + i) * %zu + j;\n", rows, cols);
    gy_indent(out, depth);
    gy_text_add(out, "%s[at] = (int64_t)j - (int64_t)i %s %lld ? %s[at] : 0;\n",
                node->outputs[0]->c_name,
                gy_node_int(node, "upper", 1) != 0 ? ">=" : "<=", (long long)k, x->c_name);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_trilu = {
    .domain = "",
    .type = "Trilu",
    .opset_min = 14,
    .inputs_min = 1,
    .inputs_max = 2,
    .outputs_max = 1,
    .infer = trilu_infer,
    .eval = trilu_eval,
    .emit = trilu_emit,
    .types = "all",
};
