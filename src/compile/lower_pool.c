// SPDX-License-Identifier: Apache-2.0
//
// Pools, sums of images and reshapes in the lowered graph.

#include <string.h>

#include "compile/lower_fuse.h"
#include "model/ops/support/window.h"
#include "rt/math.h"

// ---- pools

/** Which kind of pool an original node is. */
typedef struct pool_kind {
    const char *type;
    bool is_max, is_global;
} pool_kind;

static const pool_kind *find_kind(const gy_node *node)
{
    static const pool_kind kinds[] = {{"MaxPool", true, false},
                                      {"AveragePool", false, false},
                                      {"GlobalMaxPool", true, true},
                                      {"GlobalAveragePool", false, true}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (gy_node_is(node, kinds[i].type))
            return &kinds[i];
    return NULL;
}

// Whether every window has a tap inside the image.
static bool has_taps(const gy_window *window)
{
    for (size_t i = 1; i < 3; i++)
        for (size_t o = 0; o < window->out[i]; o++) {
            bool inside = false;
            size_t in;
            for (size_t k = 0; k < window->kernel[i] && !inside; k++)
                inside = gy_window_tap(&in, window, i, o, k);
            if (!inside)
                return false;
        }
    return true;
}

// Whether a mean that counts padding divides every window by the same number.
static bool counts_alike(const gy_window *window)
{
    for (size_t i = 1; i < 3; i++)
        if ((window->out[i] - 1) * window->stride[i] +
                (window->kernel[i] - 1) * window->dilation[i] + 1 >
            window->in[i] + window->pad[i] + window->pad_end[i])
            return false;
    return true;
}

static gy_status add_pool(gy_lowering *l, gy_node *node, const pool_kind *kind,
                          const gy_window *window, gy_error *err)
{
    gy_fused fused = gy_fuse_start(node->outputs[0]);
    gy_pool_state *s = GY_NEW(l->arena, gy_pool_state, 1);
    gy_node *made;
    gy_tensor *x;
    if (s == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    gy_fuse_clip(&fused, l);
    s->kernel_rows = window->kernel[1], s->kernel_cols = window->kernel[2];
    s->step_rows = window->stride[1], s->step_cols = window->stride[2];
    s->dilate_rows = window->dilation[1], s->dilate_cols = window->dilation[2];
    s->pad_top = window->pad[1], s->pad_left = window->pad[2];
    if (!kind->is_max && gy_node_int(node, "count_include_pad", 0) != 0)
        s->count = s->kernel_rows * s->kernel_cols;
    s->low = fused.low, s->high = fused.high;
    GY_TRY(gy_lowering_image(&x, &s->x, l, node->inputs[0], NULL, err));
    GY_TRY(gy_lowering_add(&made, l, kind->is_max ? &gy_lowered_max_pool : &gy_lowered_mean_pool,
                           node->name, 1, err));
    GY_TRY(gy_lowering_make_image(&made->outputs[0], &s->y, l, fused.tail, err));
    made->outputs[0]->producer = made;
    made->inputs[0] = x;
    made->state = s;
    node->mark = GY_LOWERED;
    return GY_OK;
}

gy_status gy_lower_pool(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    const pool_kind *kind = find_kind(node);
    gy_window window;
    if (kind == NULL || node->inputs[0]->dtype != GY_FLOAT32 || node->inputs[0]->rank < 3 ||
        node->inputs[0]->rank > 4 || node->outputs[0]->count == 0 ||
        (node->output_count > 1 && node->outputs[1] != NULL))
        return GY_OK;
    if (kind->is_global)
        GY_TRY(gy_window_global(&window, node, err));
    else
        GY_TRY(gy_window_read(&window, node, NULL, err));
    if (!has_taps(&window) ||
        (gy_node_int(node, "count_include_pad", 0) != 0 && !counts_alike(&window)))
        return GY_OK;
    *done = true;
    return add_pool(l, node, kind, &window, err);
}

// ---- reshapes

bool gy_node_is_reshape(const gy_node *node)
{
    static const char *const types[] = {"Reshape",   "Flatten",  "Squeeze",
                                        "Unsqueeze", "Identity", "Dropout"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (gy_node_is(node, types[i]))
            return true;
    return false;
}

gy_status gy_lowering_view(gy_lowering *l, const gy_tensor *from, const gy_tensor *to,
                           gy_error *err)
{
    gy_lowering_tensor *of = gy_lowering_of(l, to);
    gy_tensor *whole;
    gy_node *made;
    GY_TRY(gy_lowering_plain(&whole, l, from, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_view, to->name, 1, err));
    of->plain = gy_tensor_new(l->arena, to->name);
    if (of->plain == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", to->name);
    gy_tensor_like(of->plain, to);
    of->plain->producer = made;
    made->inputs[0] = whole;
    made->outputs[0] = of->plain;
    return GY_OK;
}

gy_status gy_lower_view(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    if (!gy_node_is_reshape(node) || x->count != y->count || x->dtype == GY_STRING ||
        (node->output_count > 1 && node->outputs[1] != NULL &&
         gy_lowering_of(l, node->outputs[1])->uses > 0))
        return GY_OK;
    gy_lowering_tensor *from = gy_lowering_of(l, x), *to = gy_lowering_of(l, y);
    *done = true;
    node->mark = GY_LOWERED;
    // One row an image: what reads it may read the image as it is.
    if (y->rank == 2 && y->shape[0] == x->shape[0] && from->image != NULL) {
        to->flat = from;
        return GY_OK;
    }
    return gy_lowering_view(l, x, y, err);
}

// ---- element by element

// The sum of two images of one shape.
static gy_status add_images(gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_fused fused = gy_fuse_start(node->outputs[0]);
    gy_add_state *s = GY_NEW(l->arena, gy_add_state, 1);
    gy_node *made;
    gy_tensor *a, *b;
    if (s == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    gy_fuse_clip(&fused, l);
    s->low = fused.low, s->high = fused.high;
    GY_TRY(gy_lowering_image(&a, &s->a, l, node->inputs[0], NULL, err));
    GY_TRY(gy_lowering_image(&b, &s->b, l, node->inputs[1], NULL, err));
    GY_TRY(gy_lowering_add(&made, l, &gy_lowered_add, node->name, 2, err));
    GY_TRY(gy_lowering_make_image(&made->outputs[0], &s->y, l, fused.tail, err));
    made->outputs[0]->producer = made;
    made->inputs[0] = a, made->inputs[1] = b;
    made->state = s;
    node->mark = GY_LOWERED;
    return GY_OK;
}

static bool is_same_image(gy_lowering *l, const gy_tensor *a, const gy_tensor *b)
{
    return a->rank >= 3 && a->rank <= 4 && a->rank == b->rank && !b->is_constant &&
           !a->is_constant && a->dtype == GY_FLOAT32 && b->dtype == GY_FLOAT32 &&
           memcmp(a->shape, b->shape, sizeof(a->shape)) == 0 && a->count > 0 &&
           (gy_lowering_of(l, a)->image != NULL || gy_lowering_of(l, b)->image != NULL);
}

// Operators that compute each element from one of each input, whatever the order of the elements.
static bool is_by_element(const gy_node *node)
{
    static const char *const types[] = {"Relu",      "Clip",        "Sigmoid", "Tanh", "LeakyRelu",
                                        "HardSwish", "HardSigmoid", "Elu",     "Exp",  "Erf",
                                        "Sqrt",      "Abs",         "Neg",     "Gelu", "Softplus",
                                        "Mul",       "Add",         "Sub",     "Div",  "Mish"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (gy_node_is(node, types[i]))
            return true;
    return false;
}

// Whether every input is an image of one shape, as which it is there already, or one number.
static bool is_on_images(gy_lowering *l, const gy_node *node)
{
    const gy_tensor *y = node->outputs[0];
    size_t images = 0;
    for (size_t i = 0; i < node->input_count; i++) {
        const gy_tensor *x = node->inputs[i];
        if (x == NULL || (x->is_constant && x->count == 1 && x->rank <= 1))
            continue;
        if (x->dtype != GY_FLOAT32 || x->rank != 4 || y->rank != 4 || x->is_constant ||
            memcmp(x->shape, y->shape, sizeof(x->shape)) != 0)
            return false;
        images += gy_lowering_of(l, x)->image != NULL;
    }
    return images > 0 && y->dtype == GY_FLOAT32 && y->count > 0;
}

// The operator itself, on channels last.
static gy_status keep_on_images(gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_lowering_tensor *to = gy_lowering_of(l, node->outputs[0]);
    gy_tensor *inputs[8], *y = gy_tensor_new(l->arena, node->outputs[0]->name);
    gy_image_shape shape = {0};
    gy_node *made;
    for (size_t i = 0; i < node->input_count; i++) {
        inputs[i] = (gy_tensor *)(uintptr_t)node->inputs[i];
        if (inputs[i] != NULL && !inputs[i]->is_constant)
            GY_TRY(gy_lowering_dense(&inputs[i], &shape, l, node->inputs[i], err));
    }
    GY_TRY(gy_lowering_add(&made, l, node->op, node->name, node->input_count, err));
    if (y == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    memcpy(made->inputs, inputs, node->input_count * sizeof(inputs[0]));
    made->attributes = node->attributes;
    made->attribute_count = node->attribute_count;
    made->opset = node->opset;
    made->outputs[0] = to->image = y;
    y->producer = made;
    to->shape = shape;
    node->mark = GY_LOWERED;
    return node->op->infer(made, err);
}

gy_status gy_lower_element(bool *done, gy_lowering *l, gy_node *node, gy_error *err)
{
    if (gy_node_is(node, "Add") && is_same_image(l, node->inputs[0], node->inputs[1])) {
        *done = true;
        return add_images(l, node, err);
    }
    if (!is_by_element(node) || node->input_count > 8 || !is_on_images(l, node))
        return GY_OK;
    *done = true;
    return keep_on_images(l, node, err);
}
