// SPDX-License-Identifier: Apache-2.0
//
// Where: from the second input where the first is true, else from the third; all broadcast.

#include <string.h>

#include "model/ops/support/shape.h"

static gy_status where_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, 1u << GY_BOOL, err));
    GY_TRY(gy_node_type(node, 2, 1u << node->inputs[1]->dtype, err));
    size_t shape[GY_RANK_MAX] = {0}, rank = 0;
    for (size_t i = 0; i < 3; i++)
        GY_TRY(gy_broadcast_shape(shape, &rank, node, node->inputs[i]->shape, node->inputs[i]->rank,
                                  err));
    return gy_tensor_set(node->outputs[0], node->inputs[1]->dtype, shape, rank, err);
}

static void nest(gy_loop *loop, const gy_node *node)
{
    gy_loop_over(loop, node->outputs[0]->shape, node->outputs[0]->rank);
    for (size_t i = 0; i < 3; i++)
        gy_loop_broadcast(loop, node->inputs[i]);
    gy_loop_simplify(loop);
}

static gy_status where_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    gy_loop loop;
    nest(&loop, node);
    size_t size_bytes = gy_dtype_size(node->outputs[0]->dtype);
    const uint8_t *condition = node->inputs[0]->data;
    gy_walk walk;
    if (!gy_walk_begin(&walk, &loop))
        return GY_OK;
    do {
        size_t chosen = condition[walk.at[1]] != 0 ? 1 : 2;
        memcpy((char *)(uintptr_t)node->outputs[0]->data + (size_t)walk.at[0] * size_bytes,
               (const char *)node->inputs[chosen]->data + (size_t)walk.at[chosen + 1] * size_bytes,
               size_bytes);
    } while (gy_walk_next(&walk));
    return GY_OK;
}

static void where_emit(const gy_node *node, gy_text *out)
{
    if (node->outputs[0]->count == 0)
        return;
    gy_loop loop;
    nest(&loop, node);
    size_t depth = gy_loop_open(out, &loop, 0);
    const char *const around[] = {"", "[", "] != 0 ? ", "[", "] : ", "["};
    gy_indent(out, depth);
    gy_text_add(out, "%s[", node->outputs[0]->c_name);
    gy_loop_index(out, &loop, 0);
    gy_text_add(out, "] = ");
    for (size_t i = 0; i < 3; i++) {
        gy_text_add(out, "%s%s%s", around[2 * i], node->inputs[i]->c_name, around[2 * i + 1]);
        gy_loop_index(out, &loop, i + 1);
    }
    gy_text_add(out, "];\n");
    gy_loop_close(out, 0, depth);
}

const gy_op gy_op_where = {
    .domain = "",
    .type = "Where",
    .opset_min = 9,
    .inputs_min = 3,
    .inputs_max = 3,
    .outputs_max = 1,
    .infer = where_infer,
    .eval = where_eval,
    .emit = where_emit,
    .types = "all",
};
