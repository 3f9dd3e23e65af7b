// SPDX-License-Identifier: Apache-2.0
//
// Sums and means between bytes: Add and GlobalAveragePool with DequantizeLinear before them and
// QuantizeLinear behind become one node on bytes, which does their operations in their order.

#include <string.h>

#include "compile/lower_fuse.h"
#include "compile/lowering.h"
#include "rt/math.h"

static gy_status add_node(gy_node **made, gy_quant_sum_state **state, gy_lowering *l,
                          const gy_op *op, const gy_lowering_bytes *inputs, size_t count,
                          const gy_lowering_bytes *to, const char *name, gy_error *err)
{
    gy_quant_sum_state *s = *state = GY_NEW(l->arena, gy_quant_sum_state, 1);
    gy_tensor *x[2] = {NULL, NULL};
    if (s == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", name);
    for (size_t i = 0; i < count; i++) {
        s->from[i] = (gy_quantize_state){inputs[i].scale, inputs[i].zero};
        GY_TRY(gy_lowering_image(&x[i], &s->x[i], l, inputs[i].tensor, NULL, err));
    }
    s->to = (gy_quantize_state){to->scale, to->zero};
    s->border_byte = gy_lowering_of(l, to->tensor)->border_byte & 255;
    GY_TRY(gy_lowering_add(made, l, op, name, count, err));
    GY_TRY(gy_lowering_make_image(&(*made)->outputs[0], &s->y, l, to->tensor, err));
    (*made)->outputs[0]->producer = *made;
    for (size_t i = 0; i < count; i++)
        (*made)->inputs[i] = x[i];
    (*made)->state = s;
    return GY_OK;
}

static bool is_same_shape(const gy_tensor *a, const gy_tensor *b)
{
    gy_image_shape shape;
    return a->rank == b->rank && memcmp(a->shape, b->shape, sizeof(a->shape)) == 0 &&
           gy_lowering_as_image(&shape, a);
}

// The QuantizeLinear behind a tensor, or behind the one node between them. NULL: none.
static gy_node *find_write(gy_lowering_bytes *to, const gy_lowering *l, const gy_tensor *from)
{
    gy_node *user = gy_lowering_sole_user(l, from);
    if (gy_lowering_makes_bytes(to, user))
        return user;
    if (user == NULL || !(gy_node_is(user, "Relu") || gy_node_is(user, "Clip")))
        return NULL;
    user = gy_lowering_sole_user(l, user->outputs[0]);
    return gy_lowering_makes_bytes(to, user) ? user : NULL;
}

static gy_status lower_add(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_lowering_bytes inputs[2], to;
    gy_fused fused = gy_fuse_start(node->outputs[0]);
    gy_quant_sum_state *s;
    gy_node *made, *write;
    for (size_t i = 0; i < 2; i++)
        if (node->inputs[i]->is_constant || !gy_lowering_find_bytes(&inputs[i], node->inputs[i]) ||
            inputs[i].is_flat)
            return GY_OK;
    if (!is_same_shape(inputs[0].tensor, inputs[1].tensor) ||
        (write = find_write(&to, l, node->outputs[0])) == NULL)
        return GY_OK;
    gy_fuse_clip(&fused, l);
    if (gy_lowering_sole_user(l, fused.tail) != write)
        return GY_OK; // bounds that are no constants: nothing was fused
    GY_TRY(add_node(&made, &s, l, &gy_lowered_quant_add, inputs, 2, &to, node->name, err));
    s->low = fused.low, s->high = fused.high;
    node->mark = write->mark = GY_LOWERED;
    *done = true;
    return GY_OK;
}

static gy_status lower_mean(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_lowering_bytes from, to;
    gy_quant_sum_state *s;
    gy_node *made, *write = gy_lowering_sole_user(l, node->outputs[0]);
    gy_image_shape shape;
    if (!gy_lowering_find_bytes(&from, node->inputs[0]) || from.is_flat ||
        !gy_lowering_as_image(&shape, from.tensor) || from.tensor->rank < 3 ||
        !gy_lowering_makes_bytes(&to, write))
        return GY_OK;
    GY_TRY(add_node(&made, &s, l, &gy_lowered_quant_mean, &from, 1, &to, node->name, err));
    node->mark = write->mark = GY_LOWERED;
    *done = true;
    return GY_OK;
}

gy_status gy_lower_quant_sum(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    if (gy_node_is(node, "Add"))
        return lower_add(done, l, node, err);
    return gy_node_is(node, "GlobalAveragePool") ? lower_mean(done, l, node, err) : GY_OK;
}
