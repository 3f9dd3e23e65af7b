// SPDX-License-Identifier: Apache-2.0
//
// Order, types and shapes of a graph. What hangs on constants alone is computed once, here: the
// Shape, Gather, Concat that exporters leave behind become the constants that they stand for.

#include <assert.h>
#include <string.h>

#include "model/op.h"

/** A node on the way down from the outputs. */
typedef struct frame {
    gy_node *node;
    size_t next; // input to look at
} frame;

// What reading may spend on constants: elements read and made, in all. A model's own weights fit
// many times; a file that asks for more is hostile.
enum { WORK_MAX = 1 << 28 };

enum { UNSEEN = 0, ON_PATH = 1, ORDERED = 2 };

static gy_status visit(frame *stack, gy_node *root, gy_node **ordered, size_t *count, gy_error *err)
{
    size_t depth = 0;
    if (root->mark == ORDERED)
        return GY_OK;
    root->mark = ON_PATH;
    stack[depth++] = (frame){root, 0};
    while (depth > 0) {
        frame *top = &stack[depth - 1];
        if (top->next == top->node->input_count) {
            top->node->mark = ORDERED;
            ordered[(*count)++] = top->node;
            depth--;
            continue;
        }
        const gy_tensor *input = top->node->inputs[top->next++];
        gy_node *producer = input == NULL ? NULL : input->producer;
        if (producer == NULL || producer->mark == ORDERED)
            continue;
        if (producer->mark == ON_PATH)
            return gy_fail(err, GY_FORMAT, "node '%s' needs its own output '%s': a circle",
                           producer->name, input->name);
        producer->mark = ON_PATH;
        stack[depth++] = (frame){producer, 0};
    }
    return GY_OK;
}

gy_status gy_graph_sort(gy_graph *graph, gy_error *err)
{
    gy_node **ordered = GY_NEW(graph->arena, gy_node *, graph->node_count);
    gy_arena_mark here = gy_arena_here(graph->arena);
    frame *stack = GY_NEW(graph->arena, frame, graph->node_count);
    if (ordered == NULL || stack == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to order %zu nodes", graph->node_count);
    for (size_t i = 0; i < graph->node_count; i++)
        graph->nodes[i]->mark = UNSEEN;
    size_t count = 0;
    for (size_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i]->producer != NULL)
            GY_TRY(visit(stack, graph->outputs[i]->producer, ordered, &count, err));
    gy_arena_rewind(graph->arena, here);
    graph->nodes = ordered;
    graph->node_count = count;
    return GY_OK;
}

static bool is_foldable(const gy_node *node)
{
    if (node->op->is_kept || node->op->eval == NULL)
        return false;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL && !node->inputs[i]->is_constant)
            return false;
    return true;
}

static gy_status fold(gy_node *node, gy_arena *arena, gy_error *err)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL)
            GY_TRY(gy_tensor_align(node->inputs[i], arena, err));
    GY_TRY(gy_node_run(node, arena, err));
    for (size_t i = 0; i < node->output_count; i++) {
        gy_tensor *output = node->outputs[i];
        if (output == NULL)
            continue;
        output->is_constant = true;
        output->producer = NULL;
    }
    return GY_OK;
}

static gy_status infer_node(gy_node *node, gy_error *err)
{
    GY_TRY(node->op->infer(node, err));
    for (size_t i = 0; i < node->output_count; i++) {
        const gy_tensor *output = node->outputs[i];
        assert(output == NULL || output->rank <= GY_RANK_MAX);
        (void)output;
    }
    return GY_OK;
}

// Integers that a node reads while shapes are inferred, and what folding it takes.
static gy_status spend(size_t *work, const gy_node *node, bool folds, gy_error *err)
{
    for (size_t i = 0; i < node->input_count; i++) {
        const gy_tensor *input = node->inputs[i];
        if (input != NULL && input->is_constant && (folds || input->dtype != GY_FLOAT32))
            *work += input->count;
    }
    for (size_t i = 0; folds && i < node->output_count; i++)
        *work += node->outputs[i] == NULL ? 0 : node->outputs[i]->count;
    if (*work > WORK_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "computing constants takes over %d elements",
                            WORK_MAX);
    return GY_OK;
}

// ---- branches

static bool is_decided(const gy_node *node)
{
    return strcmp(node->op->type, "If") == 0 && node->op->domain[0] == '\0' &&
           node->inputs[0]->is_constant && node->inputs[0]->count == 1;
}

// Put the nodes of the branch that is taken in the place of their If: what they make goes through
// an Identity to what it made. `all` are the graph's nodes, those that nothing needs yet included.
static gy_status take_branch(gy_graph *all, gy_node *node, gy_error *err)
{
    bool is_then = gy_tensor_int_at(node->inputs[0], 0) != 0;
    const char *name = is_then ? "then_branch" : "else_branch";
    const gy_attribute *attribute = gy_node_attribute(node, name);
    const gy_graph *branch = attribute == NULL ? NULL : attribute->graph;
    if (branch == NULL || branch->output_count < node->output_count || branch->input_count > 0)
        return gy_node_fail(node, GY_FORMAT, err, "If without a %s of %zu outputs", name,
                            node->output_count);
    size_t room = all->node_count + branch->node_count + node->output_count, count = 0;
    gy_node **nodes = GY_NEW(all->arena, gy_node *, room);
    for (size_t i = 0; nodes != NULL && i < all->node_count; i++)
        if (all->nodes[i] != node)
            nodes[count++] = all->nodes[i];
    for (size_t i = 0; nodes != NULL && i < branch->node_count; i++)
        nodes[count++] = branch->nodes[i];
    for (size_t i = 0; nodes != NULL && i < node->output_count; i++) {
        gy_node *pass = gy_node_new(all->arena, &gy_op_identity, node->opset, node->name, 1, 1);
        if (pass == NULL)
            return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its branch");
        if (node->outputs[i] == NULL)
            continue;
        branch->outputs[i]->is_output = false;
        pass->inputs[0] = branch->outputs[i];
        pass->outputs[0] = node->outputs[i];
        node->outputs[i]->producer = pass;
        nodes[count++] = pass;
    }
    if (nodes == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its branch");
    for (size_t i = 0; i < all->output_count; i++) // one may be an output of the branch, too
        all->outputs[i]->is_output = true;
    all->nodes = nodes;
    all->node_count = count;
    return GY_OK;
}

// Infer in order; *branch: the If that stopped it, whose condition is known; NULL: that was all.
static gy_status infer_until_branch(gy_node **branch, gy_graph *graph, size_t *work, gy_error *err)
{
    *branch = NULL;
    GY_TRY(gy_graph_sort(graph, err));
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        if (is_decided(node)) {
            *branch = node;
            return GY_OK;
        }
        GY_TRY(spend(work, node, false, err));
        GY_TRY(infer_node(node, err));
        bool folds = is_foldable(node);
        graph->reads_shapes |= !folds && node->outputs[0] != NULL && node->outputs[0]->is_constant;
        if (!folds)
            continue;
        GY_TRY(spend(work, node, true, err));
        GY_TRY(fold(node, graph->arena, err));
    }
    return GY_OK;
}

gy_status gy_graph_infer(gy_graph *graph, gy_error *err)
{
    size_t work = 0;
    gy_node *branch;
    gy_graph all = *graph;
    GY_TRY(infer_until_branch(&branch, graph, &work, err));
    while (branch != NULL) {
        work += all.node_count;
        if (work > WORK_MAX)
            return gy_node_fail(branch, GY_LIMIT, err, "branches take over %d steps", WORK_MAX);
        GY_TRY(take_branch(&all, branch, err));
        graph->nodes = all.nodes;
        graph->node_count = all.node_count;
        GY_TRY(infer_until_branch(&branch, graph, &work, err));
    }
    return gy_graph_sort(graph, err); // those that only fed folded nodes go
}
