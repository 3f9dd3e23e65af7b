// SPDX-License-Identifier: Apache-2.0
//
// MatMulInteger: int8 or uint8 matrices less their zero points, exact sums of int32.

#include "model/ops/support/integer.h"

static gy_status read_product(gy_integer_product *p, const gy_node *node, gy_error *err)
{
    static const bool as_they_are[] = {false, false};
    gy_bytes a, b;
    GY_TRY(gy_bytes_read(&a, node, 0, 2, err));
    GY_TRY(gy_bytes_read(&b, node, 1, 3, err));
    return gy_integer_product_read(p, node, a, b, as_they_are, err);
}

static gy_status integer_infer(gy_node *node, gy_error *err)
{
    gy_integer_product p;
    GY_TRY(read_product(&p, node, err));
    GY_TRY(gy_one_or_each(node, 2, p.rows, err));
    GY_TRY(gy_one_or_each(node, 3, p.cols, err));
    return gy_integer_product_output(node->outputs[0], &p, GY_INT32, err);
}

static gy_status integer_eval(const gy_node *node, gy_error *err)
{
    gy_integer_product p;
    GY_TRY(read_product(&p, node, err));
    const gy_tensor *y = node->outputs[0];
    for (size_t at = 0; at < y->count; at++)
        ((int32_t *)(uintptr_t)y->data)[at] = (int32_t)gy_integer_product_sum(&p, at);
    return GY_OK;
}

static void integer_emit(const gy_node *node, gy_text *out)
{
    gy_integer_product p;
    if (read_product(&p, node, NULL) != GY_OK || node->outputs[0]->count == 0)
        return;
    size_t depth = gy_integer_product_emit(out, &p);
    gy_line(out, depth, "%s[at] = (int32_t)sum;", node->outputs[0]->c_name);
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_matmul_integer = {
    .domain = "",
    .type = "MatMulInteger",
    .opset_min = 10,
    .inputs_min = 2,
    .inputs_max = 4,
    .outputs_max = 1,
    .infer = integer_infer,
    .eval = integer_eval,
    .emit = integer_emit,
    .is_kept = true,
    .types = "int8 uint8 to int32",
};
