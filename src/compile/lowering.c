// SPDX-License-Identifier: Apache-2.0
//
// What lowering knows while it walks. A tensor may exist in two forms, in ONNX's order and as an
// image with channels last; each is made when somebody first asks for it.

#include "compile/lowering.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int by_address(const void *a, const void *b)
{
    const gy_lowering_tensor *one = a, *other = b;
    return one->from < other->from ? -1 : one->from > other->from;
}

static size_t count_ports(const gy_graph *graph)
{
    size_t count = graph->input_count + graph->output_count;
    for (size_t i = 0; i < graph->node_count; i++)
        count += graph->nodes[i]->input_count + graph->nodes[i]->output_count;
    return count;
}

gy_status gy_lowering_collect(gy_lowering *l, gy_error *err)
{
    const gy_graph *graph = l->from;
    l->tensors = GY_NEW(l->arena, gy_lowering_tensor, count_ports(graph));
    if (l->tensors == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to lower %zu nodes", graph->node_count);
    size_t count = 0;
    for (size_t i = 0; i < graph->input_count; i++)
        l->tensors[count++].from = graph->inputs[i];
    for (size_t i = 0; i < graph->output_count; i++)
        l->tensors[count++].from = graph->outputs[i];
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            if (node->inputs[k] != NULL)
                l->tensors[count++].from = node->inputs[k];
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] != NULL)
                l->tensors[count++].from = node->outputs[k];
    }
    qsort(l->tensors, count, sizeof(l->tensors[0]), by_address);
    for (size_t i = 0; i < count; i++)
        if (l->tensor_count == 0 || l->tensors[l->tensor_count - 1].from != l->tensors[i].from)
            l->tensors[l->tensor_count++].from = l->tensors[i].from;
    return GY_OK;
}

gy_lowering_tensor *gy_lowering_of(const gy_lowering *l, const gy_tensor *tensor)
{
    gy_lowering_tensor key = {.from = tensor};
    return bsearch(&key, l->tensors, l->tensor_count, sizeof(key), by_address);
}

gy_node *gy_lowering_sole_user(const gy_lowering *l, const gy_tensor *tensor)
{
    const gy_lowering_tensor *of = gy_lowering_of(l, tensor);
    return of != NULL && of->uses == 1 ? of->user : NULL;
}

bool gy_node_is(const gy_node *node, const char *type)
{
    return node->op->domain[0] == '\0' && strcmp(node->op->type, type) == 0;
}

// ---- nodes and forms of tensors

gy_status gy_lowering_add(gy_node **node, gy_lowering *l, const gy_op *op, const char *name,
                          size_t inputs, gy_error *err)
{
    gy_graph *to = l->to;
    *node = gy_node_new(l->arena, op, 1, name, inputs, 1);
    if (to->node_count == l->node_room) {
        size_t room = 2 * l->node_room + 16;
        gy_node **nodes = GY_NEW(l->arena, gy_node *, room);
        if (nodes == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu nodes", room);
        if (to->node_count > 0)
            memcpy(nodes, to->nodes, to->node_count * sizeof(to->nodes[0]));
        to->nodes = nodes;
        l->node_room = room;
    }
    if (*node == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", name);
    to->nodes[to->node_count++] = *node;
    return GY_OK;
}

static gy_status image_tensor(gy_tensor **tensor, gy_lowering *l, const char *name, gy_dtype dtype,
                              const gy_image_shape *shape, gy_error *err)
{
    *tensor = gy_tensor_new(l->arena, name);
    if (*tensor == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for tensor '%s'", name);
    size_t sizes[4] = {shape->images, shape->top + shape->rows + shape->bottom,
                       shape->left + shape->cols + shape->right, shape->channels};
    return gy_tensor_set(*tensor, dtype, sizes, 4, err);
}

bool gy_lowering_as_image(gy_image_shape *shape, const gy_tensor *tensor)
{
    if (tensor->rank < 2 || tensor->rank > 4 || tensor->count == 0)
        return false;
    *shape = (gy_image_shape){.images = tensor->shape[0],
                              .channels = tensor->shape[1],
                              .rows = tensor->rank == 4 ? tensor->shape[2] : 1,
                              .cols = tensor->rank > 2 ? tensor->shape[tensor->rank - 1] : 1};
    return true;
}

// Whether ONNX's order and channels last are the same order.
static bool is_one_order(const gy_image_shape *shape)
{
    bool bordered = shape->top + shape->left + shape->bottom + shape->right > 0;
    return !bordered && (shape->channels == 1 || shape->rows * shape->cols == 1);
}

static gy_status add_view(gy_tensor **tensor, gy_lowering *l, gy_tensor *of, const char *name,
                          const size_t *sizes, size_t rank, gy_error *err)
{
    gy_node *node;
    *tensor = gy_tensor_new(l->arena, name);
    if (*tensor == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for tensor '%s'", name);
    GY_TRY(gy_tensor_set(*tensor, of->dtype, sizes, rank, err));
    GY_TRY(gy_lowering_add(&node, l, &gy_lowered_view, name, 1, err));
    node->inputs[0] = of;
    node->outputs[0] = *tensor;
    (*tensor)->producer = node;
    return GY_OK;
}

static gy_status add_layout(gy_tensor *to, gy_lowering *l, gy_tensor *from,
                            const gy_layout_state *state, gy_error *err)
{
    gy_node *node;
    GY_TRY(gy_lowering_add(&node, l, &gy_lowered_layout, to->name, 1, err));
    gy_layout_state *kept = GY_NEW(l->arena, gy_layout_state, 1);
    if (kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", to->name);
    *kept = *state;
    node->state = kept;
    node->inputs[0] = from;
    node->outputs[0] = to;
    to->producer = node;
    return GY_OK;
}

gy_status gy_lowering_plain(gy_tensor **tensor, gy_lowering *l, const gy_tensor *from,
                            gy_error *err)
{
    gy_lowering_tensor *of = gy_lowering_of(l, from);
    if (of->plain == NULL && of->flat != NULL) {
        gy_tensor *whole;
        GY_TRY(gy_lowering_plain(&whole, l, of->flat->from, err));
        GY_TRY(add_view(&of->plain, l, whole, from->name, from->shape, from->rank, err));
    }
    if (of->plain == NULL) {
        assert(of->image != NULL);
        if (is_one_order(&of->shape)) {
            GY_TRY(add_view(&of->plain, l, of->image, from->name, from->shape, from->rank, err));
        } else {
            gy_layout_state state = {.kind = GY_LAYOUT_TO_PLAIN, .x = of->shape, .y = of->shape};
            state.y.top = state.y.left = state.y.bottom = state.y.right = 0;
            gy_tensor *made = gy_tensor_new(l->arena, from->name);
            if (made == NULL)
                return gy_fail(err, GY_NO_MEMORY, "no memory for tensor '%s'", from->name);
            gy_tensor_like(made, from);
            GY_TRY(add_layout(made, l, of->image, &state, err));
            of->plain = made;
        }
    }
    *tensor = of->plain;
    return GY_OK;
}

static bool has_border(const gy_image_shape *shape, const gy_image_shape *border)
{
    return shape->top >= border->top && shape->left >= border->left &&
           shape->bottom >= border->bottom && shape->right >= border->right;
}

// Make the image form of a tensor that is there in ONNX's order.
static gy_status image_from_plain(gy_lowering_tensor *of, gy_lowering *l, gy_error *err)
{
    gy_image_shape shape = of->wanted;
    bool is_image = gy_lowering_as_image(&shape, of->from);
    assert(is_image);
    (void)is_image;
    shape.top = of->wanted.top, shape.left = of->wanted.left;
    shape.bottom = of->wanted.bottom, shape.right = of->wanted.right;
    if (is_one_order(&shape)) {
        of->image = of->plain;
    } else {
        gy_layout_state state = {.kind = GY_LAYOUT_FROM_PLAIN,
                                 .x = shape,
                                 .y = shape,
                                 .border_byte = of->border_byte & 255};
        state.x.top = state.x.left = state.x.bottom = state.x.right = 0;
        GY_TRY(image_tensor(&of->image, l, of->from->name, of->from->dtype, &shape, err));
        GY_TRY(add_layout(of->image, l, of->plain, &state, err));
    }
    of->shape = shape;
    return GY_OK;
}

gy_status gy_lowering_image(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                            const gy_tensor *from, const gy_image_shape *border, gy_error *err)
{
    gy_lowering_tensor *of = gy_lowering_of(l, from);
    if (of->image == NULL) {
        gy_tensor *plain;
        GY_TRY(gy_lowering_plain(&plain, l, from, err));
        GY_TRY(image_from_plain(of, l, err));
    }
    *tensor = of->image;
    *shape = of->shape;
    if (border == NULL || has_border(shape, border))
        return GY_OK;
    gy_layout_state state = {.kind = GY_LAYOUT_COPY,
                             .x = of->shape,
                             .y = of->shape,
                             .border_byte = of->border_byte & 255};
    state.y.top = border->top, state.y.left = border->left;
    state.y.bottom = border->bottom, state.y.right = border->right;
    GY_TRY(image_tensor(tensor, l, from->name, from->dtype, &state.y, err));
    *shape = state.y;
    return add_layout(*tensor, l, of->image, &state, err);
}

gy_status gy_lowering_dense(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                            const gy_tensor *from, gy_error *err)
{
    GY_TRY(gy_lowering_image(tensor, shape, l, from, NULL, err));
    if (shape->top + shape->left + shape->bottom + shape->right == 0)
        return GY_OK;
    gy_layout_state state = {.kind = GY_LAYOUT_COPY, .x = *shape, .y = *shape};
    gy_tensor *bordered = *tensor;
    state.y.top = state.y.left = state.y.bottom = state.y.right = 0;
    *shape = state.y;
    GY_TRY(image_tensor(tensor, l, from->name, from->dtype, shape, err));
    return add_layout(*tensor, l, bordered, &state, err);
}

gy_status gy_lowering_make_image(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                                 const gy_tensor *from, gy_error *err)
{
    gy_lowering_tensor *of = gy_lowering_of(l, from);
    bool is_image = gy_lowering_as_image(&of->shape, from);
    assert(is_image);
    (void)is_image;
    of->shape.top = of->wanted.top, of->shape.left = of->wanted.left;
    of->shape.bottom = of->wanted.bottom, of->shape.right = of->wanted.right;
    if (is_one_order(&of->shape)) { // one tensor is both
        of->image = gy_tensor_new(l->arena, from->name);
        if (of->image == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for tensor '%s'", from->name);
        gy_tensor_like(of->image, from);
        of->plain = of->image;
    } else {
        GY_TRY(image_tensor(&of->image, l, from->name, from->dtype, &of->shape, err));
    }
    *tensor = of->image;
    *shape = of->shape;
    return GY_OK;
}
