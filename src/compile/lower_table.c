// SPDX-License-Identifier: Apache-2.0
//
// Functions of one byte. What lies between bytes and the bytes that they become, element by
// element, is a table of 256 bytes, and the reference computes it: the scaling of an image before
// it is quantised, an activation between two scales, a change of the scale alone.

#include <string.h>

#include "compile/lowering.h"
#include "model/model.h"
#include "model/ops/support/element.h"

enum { CONE_MAX = 16, BYTES = 256 };

/** The nodes between the bytes that are read and those that are written. */
typedef struct cone {
    const gy_tensor *source;
    const gy_node *nodes[CONE_MAX]; // each behind those that it reads
    size_t count;
} cone;

static bool is_bytes(const gy_tensor *tensor)
{
    return !tensor->is_constant && (tensor->dtype == GY_INT8 || tensor->dtype == GY_UINT8);
}

static bool is_by_element(const gy_node *node)
{
    return node->op->eval == gy_element_eval || gy_node_is(node, "Cast") ||
           gy_node_is(node, "Clip") || gy_node_is(node, "DequantizeLinear") ||
           gy_node_is(node, "QuantizeLinear");
}

// Add the node and those that it reads, at most `depth` one behind the other, up to the one
// tensor of bytes. false: it is no function of one byte.
static bool add_node(cone *c, const gy_node *node, size_t depth)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->nodes[i] == node)
            return true;
    if (!is_by_element(node) || node->output_count != 1 || depth == 0)
        return false;
    const gy_tensor *y = node->outputs[0];
    for (size_t i = 0; i < node->input_count; i++) {
        const gy_tensor *x = node->inputs[i];
        if (x == NULL || (x->is_constant && x->count == 1))
            continue;
        if (x->is_constant || x->rank != y->rank || memcmp(x->shape, y->shape, sizeof(x->shape)))
            return false;
        if (is_bytes(x)) {
            if (c->source != NULL && c->source != x)
                return false;
            c->source = x;
        } else if (x->producer == NULL || !add_node(c, x->producer, depth - 1)) {
            return false;
        }
    }
    if (c->count == CONE_MAX)
        return false;
    c->nodes[c->count++] = node;
    return true;
}

// The node again, over 256 elements. *fits false: it cannot be.
static gy_status run_again(bool *fits, gy_tensor **y, gy_tensor *const *inputs, const gy_node *node,
                           gy_arena *arena, gy_error *err)
{
    gy_node *again = gy_node_new(arena, node->op, node->opset, node->name, node->input_count, 1);
    *y = gy_tensor_new(arena, node->name);
    if (again == NULL || *y == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    again->attributes = node->attributes;
    again->attribute_count = node->attribute_count;
    again->outputs[0] = *y;
    for (size_t i = 0; i < node->input_count; i++) {
        again->inputs[i] = inputs[i];
        if (inputs[i] != NULL)
            GY_TRY(gy_tensor_align(inputs[i], arena, err));
    }
    gy_status status = node->op->infer(again, NULL);
    *fits = status == GY_OK && (*y)->count == BYTES;
    if (status == GY_NO_MEMORY)
        return gy_fail(err, status, "no memory for node '%s'", node->name);
    return *fits ? gy_node_run(again, arena, err) : GY_OK;
}

// What the last node of the cone makes of each byte.
static gy_status evaluate(bool *fits, gy_tensor **y, const cone *c, gy_arena *arena, gy_error *err)
{
    gy_tensor *source, *made[CONE_MAX];
    size_t shape[GY_RANK_MAX], rank = c->source->rank;
    void *bytes;
    for (size_t i = 0; i < rank; i++)
        shape[i] = i + 1 == rank ? BYTES : 1;
    GY_TRY(gy_tensor_constant(&source, &bytes, arena, c->source->name, c->source->dtype, shape,
                              rank, err));
    for (size_t i = 0; i < BYTES; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)i;
    *fits = true;
    for (size_t i = 0; i < c->count && *fits; i++) {
        const gy_node *node = c->nodes[i];
        gy_tensor **inputs = GY_NEW(arena, gy_tensor *, node->input_count);
        if (inputs == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
        for (size_t k = 0; k < node->input_count; k++) {
            inputs[k] = node->inputs[k] == c->source ? source : node->inputs[k];
            for (size_t m = 0; m < i; m++)
                if (node->inputs[k] == c->nodes[m]->outputs[0])
                    inputs[k] = made[m];
        }
        GY_TRY(run_again(fits, &made[i], inputs, node, arena, err));
    }
    *y = *fits ? made[c->count - 1] : NULL;
    return GY_OK;
}

// As an image where it is one, or where ONNX's order is that of an image.
static bool is_on_image(const gy_lowering *l, const gy_tensor *x)
{
    gy_image_shape shape;
    if (!gy_lowering_as_image(&shape, x))
        return false;
    return gy_lowering_of(l, x)->image != NULL || shape.channels == 1 ||
           shape.rows * shape.cols == 1;
}

static gy_status add_table(gy_lowering *l, const gy_node *node, const cone *c, gy_tensor *table,
                           gy_error *err)
{
    const gy_tensor *to = node->outputs[0];
    gy_table_state *s = GY_NEW(l->arena, gy_table_state, 1);
    bool on_image = is_on_image(l, c->source);
    gy_tensor *x, *y;
    gy_node *made;
    if (s == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    s->border_byte = gy_lowering_of(l, to)->border_byte & 255;
    if (on_image)
        GY_TRY(gy_lowering_image(&x, &s->x, l, c->source, NULL, err));
    else
        GY_TRY(gy_lowering_plain(&x, l, c->source, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_table, node->name, 2, err));
    if (on_image) {
        GY_TRY(gy_lowering_make_image(&y, &s->y, l, to, err));
    } else {
        y = gy_lowering_of(l, to)->plain = gy_tensor_new(l->arena, to->name);
        if (y == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for tensor '%s'", to->name);
        gy_tensor_like(y, to);
        s->x = s->y = (gy_image_shape){.images = 1, .rows = 1, .cols = to->count, .channels = 1};
    }
    made->inputs[0] = x, made->inputs[1] = table;
    made->outputs[0] = y;
    made->state = s;
    y->producer = made;
    return GY_OK;
}

// Whether every byte stays as it is.
static bool is_same(const gy_tensor *made, const gy_tensor *source)
{
    bool same = made->dtype == source->dtype;
    for (size_t i = 0; i < BYTES && same; i++)
        same = ((const uint8_t *)made->data)[i] == i;
    return same;
}

gy_status gy_lower_table(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    cone c = {0};
    gy_tensor *made = NULL, *table;
    void *bytes;
    bool fits;
    if (!gy_node_is(node, "QuantizeLinear") || !is_bytes(node->outputs[0]) ||
        node->outputs[0]->count == 0 || !add_node(&c, node, CONE_MAX) || c.source->rank == 0)
        return GY_OK;
    GY_TRY(evaluate(&fits, &made, &c, l->arena, err));
    if (!fits)
        return GY_OK;
    node->mark = GY_LOWERED;
    *done = true;
    if (is_same(made, c.source))
        return gy_lowering_view(l, c.source, node->outputs[0], err);
    GY_TRY(gy_tensor_constant(&table, &bytes, l->arena, node->name, GY_UINT8, (size_t[]){BYTES}, 1,
                              err));
    memcpy(bytes, made->data, BYTES);
    return add_table(l, node, &c, table, err);
}
