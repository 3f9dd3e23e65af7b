// SPDX-License-Identifier: Apache-2.0
//
// Lowering: one walk over the original nodes. Each is offered to those who lower one kind of
// operator, one after the other; a node that nobody takes stays as it is.

#include "compile/lower.h"

#include "compile/lowering.h"
#include "model/ops/support/window.h"

// ---- what is known of tensors

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

// The padding that a convolution reads becomes the border of its input.
static void want_border(const gy_lowering *l, gy_lowering_tensor *x, const gy_node *node)
{
    gy_window window;
    gy_lowering_bytes bytes;
    if (node->inputs[1] == NULL || x->from->rank > 4 ||
        gy_window_read(&window, node, node->inputs[1]->shape + 2, NULL) != GY_OK)
        return;
    if (gy_lowering_find_bytes(&bytes, x->from) && !bytes.is_flat) {
        x = gy_lowering_of(l, bytes.tensor); // its zero point stands for 0
        x->border_byte = bytes.zero;
    }
    gy_image_shape border;
    gy_lowering_border(&border, &window);
    x->wanted.top = larger(x->wanted.top, border.top);
    x->wanted.left = larger(x->wanted.left, border.left);
    x->wanted.bottom = larger(x->wanted.bottom, border.bottom);
    x->wanted.right = larger(x->wanted.right, border.right);
}

static void collect_uses(gy_lowering *l)
{
    for (size_t i = 0; i < l->from->output_count; i++)
        gy_lowering_of(l, l->from->outputs[i])->uses++;
    for (size_t i = 0; i < l->from->node_count; i++) {
        gy_node *node = l->from->nodes[i];
        node->mark = 0;
        for (size_t k = 0; k < node->input_count; k++) {
            if (node->inputs[k] == NULL)
                continue;
            gy_lowering_tensor *of = gy_lowering_of(l, node->inputs[k]);
            of->uses++;
            of->user = node;
            if (k == 0 && gy_node_is(node, "Conv"))
                want_border(l, of, node);
        }
    }
}

// ---- the walk

// An operator without a lowered form stays as it is, in ONNX's order.
static gy_status keep_node(gy_lowering *l, gy_node *node, gy_error *err)
{
    gy_node *kept = gy_node_new(l->arena, node->op, node->opset, node->name, node->input_count,
                                node->output_count);
    gy_node *placed;
    if (kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", node->name);
    kept->attributes = node->attributes;
    kept->attribute_count = node->attribute_count;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_lowering_plain(&kept->inputs[i], l, node->inputs[i], err));
    for (size_t i = 0; i < node->output_count; i++) {
        if (node->outputs[i] == NULL)
            continue;
        gy_tensor *made = gy_tensor_new(l->arena, node->outputs[i]->name);
        if (made == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", node->outputs[i]->name);
        gy_tensor_like(made, node->outputs[i]);
        made->producer = kept;
        kept->outputs[i] = made;
        gy_lowering_of(l, node->outputs[i])->plain = made;
    }
    GY_TRY(gy_lowering_add(&placed, l, node->op, node->name, 0, err));
    l->to->nodes[l->to->node_count - 1] = kept;
    return node->op->infer(kept, err);
}

static gy_status lower_node(gy_lowering *l, gy_node *node, gy_error *err)
{
    static gy_status (*const lowerers[])(bool *, gy_lowering *, gy_node *, gy_error *) = {
        gy_lower_quant_conv, gy_lower_quant_pool, gy_lower_quant_sum, gy_lower_table,
        gy_lower_requantize, gy_lower_conv,       gy_lower_product,   gy_lower_pool,
        gy_lower_view,       gy_lower_element};
    bool done = false;
    for (size_t i = 0; i < sizeof(lowerers) / sizeof(lowerers[0]) && !done; i++)
        GY_TRY(lowerers[i](&done, l, node, err));
    return done ? GY_OK : keep_node(l, node, err);
}

static gy_status lower_ports(gy_lowering *l, gy_error *err)
{
    gy_graph *to = l->to;
    to->inputs = GY_NEW(l->arena, gy_tensor *, l->from->input_count);
    to->outputs = GY_NEW(l->arena, gy_tensor *, l->from->output_count);
    if (to->inputs == NULL || to->outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the graph's inputs and outputs");
    to->input_count = l->from->input_count;
    to->output_count = l->from->output_count;
    for (size_t i = 0; i < to->input_count; i++) {
        const gy_tensor *from = l->from->inputs[i];
        gy_tensor *input = gy_tensor_new(l->arena, from->name);
        if (input == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for input '%s'", from->name);
        gy_tensor_like(input, from);
        input->is_input = true;
        to->inputs[i] = gy_lowering_of(l, from)->plain = input;
    }
    for (size_t i = 0; i < l->tensor_count; i++)
        if (l->tensors[i].from->is_constant)
            l->tensors[i].plain = (gy_tensor *)(uintptr_t)l->tensors[i].from;
    return GY_OK;
}

gy_status gy_lower(gy_graph **lowered, const gy_graph *graph, gy_arena *arena, gy_error *err)
{
    gy_graph *to = GY_NEW(arena, gy_graph, 1);
    if (to == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to lower the graph");
    *to = *graph;
    to->nodes = NULL;
    to->node_count = 0;
    to->arena = arena;
    gy_lowering l = {.from = graph, .to = to, .arena = arena};
    GY_TRY(gy_lowering_collect(&l, err));
    collect_uses(&l);
    GY_TRY(lower_ports(&l, err));
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->mark != GY_LOWERED)
            GY_TRY(lower_node(&l, graph->nodes[i], err));
    for (size_t i = 0; i < graph->output_count; i++) {
        GY_TRY(gy_lowering_plain(&to->outputs[i], &l, graph->outputs[i], err));
        to->outputs[i]->is_output = true;
    }
    *lowered = to;
    return gy_graph_sort(to, err);
}
