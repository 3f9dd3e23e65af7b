// SPDX-License-Identifier: Apache-2.0
//
// Indices as data.

#include "model/ops/support/index.h"

#include "model/ops/support/loop.h"

gy_status gy_index_check(const gy_node *node, size_t i, size_t size, gy_error *err)
{
    GY_TRY(gy_node_type(node, i, 1u << GY_INT32 | 1u << GY_INT64, err));
    const gy_tensor *indices = node->inputs[i];
    if (size == 0 && indices->count > 0)
        return gy_node_fail(node, GY_FORMAT, err, "indices into an axis of size 0");
    for (size_t k = 0; indices->is_constant && k < indices->count; k++) {
        int64_t index = gy_tensor_int_at(indices, k);
        if (index < -(int64_t)size || index >= (int64_t)size)
            return gy_node_fail(node, GY_FORMAT, err, "index %lld into an axis of size %zu",
                                (long long)index, size);
    }
    return GY_OK;
}

size_t gy_index_at(const gy_tensor *indices, size_t k, size_t size)
{
    int64_t index = gy_tensor_int_at(indices, k);
    index = index < 0 ? index + (int64_t)size : index;
    return index < 0 ? 0 : index >= (int64_t)size ? size - 1 : (size_t)index;
}

void gy_index_emit(gy_text *out, const gy_tensor *indices, const char *k, size_t size, size_t depth)
{
    gy_indent(out, depth);
    gy_text_add(out, "const int64_t index = %s[%s], wrapped = index < 0 ? index + %zu : index;\n",
                indices->c_name, k, size);
    gy_indent(out, depth);
    gy_text_add(out,
                "const size_t at = wrapped < 0 ? 0 : wrapped >= %zu ? %zu : (size_t)wrapped;\n",
                size, size - 1);
}
