// SPDX-License-Identifier: Apache-2.0
//
// The memory plan. Views and in-place outputs share a storage; storages that are never alive at the
// same node may share memory. Largest first, each goes to the smallest gap that takes it, among
// those already placed that live at the same time.

#include "compile/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compile/lowered_ops.h"

static int by_address(const void *a, const void *b)
{
    const gy_planned *one = a, *other = b;
    if (one->tensor != other->tensor)
        return one->tensor < other->tensor ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

static gy_planned *find(const gy_plan *plan, const gy_tensor *tensor)
{
    size_t low = 0, high = plan->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (plan->tensors[middle].tensor < tensor)
            low = middle + 1;
        else
            high = middle;
    }
    return low < plan->count && plan->tensors[low].tensor == tensor ? &plan->tensors[low] : NULL;
}

static gy_planned *root_of(const gy_plan *plan, const gy_tensor *tensor)
{
    gy_planned *at = find(plan, tensor);
    while (&plan->tensors[at->storage] != at)
        at = &plan->tensors[at->storage];
    return at;
}

const gy_planned *gy_plan_of(const gy_plan *plan, const gy_tensor *tensor)
{
    return root_of(plan, tensor);
}

bool gy_plan_in_place(const gy_plan *plan, const gy_node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL &&
            root_of(plan, node->inputs[i]) == root_of(plan, node->outputs[0]))
            return true;
    return false;
}

// ---- which tensors there are

static void add(gy_plan *plan, gy_tensor *tensor)
{
    if (tensor == NULL)
        return;
    plan->tensors[plan->count] = (gy_planned){.tensor = tensor, .order = plan->count};
    plan->count++;
}

static size_t count_ports(const gy_graph *graph)
{
    size_t count = graph->input_count + graph->output_count;
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        count += node->input_count + node->output_count + node->table_count + 1;
    }
    return count;
}

static gy_status collect(gy_plan *plan, const gy_graph *graph, gy_arena *arena, gy_error *err)
{
    plan->tensors = GY_NEW(arena, gy_planned, count_ports(graph));
    plan->constants = GY_NEW(arena, gy_tensor *, count_ports(graph));
    if (plan->tensors == NULL || plan->constants == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to plan %zu nodes", graph->node_count);
    for (size_t i = 0; i < graph->input_count; i++)
        add(plan, graph->inputs[i]);
    for (size_t i = 0; i < graph->output_count; i++)
        add(plan, graph->outputs[i]);
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            add(plan, node->inputs[k]);
        for (size_t k = 0; k < node->output_count; k++)
            add(plan, node->outputs[k]);
        for (size_t k = 0; k < node->table_count; k++)
            add(plan, node->tables[k]);
        add(plan, node->scratch);
    }
    qsort(plan->tensors, plan->count, sizeof(plan->tensors[0]), by_address);
    size_t unique = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (unique == 0 || plan->tensors[unique - 1].tensor != plan->tensors[i].tensor)
            plan->tensors[unique++] = plan->tensors[i];
    plan->count = unique;
    for (size_t i = 0; i < unique; i++) {
        const gy_tensor *tensor = plan->tensors[i].tensor;
        plan->tensors[i].storage = i;
        plan->tensors[i].size_bytes = tensor->count * gy_dtype_size(tensor->dtype);
        plan->tensors[i].first = SIZE_MAX;
    }
    return GY_OK;
}

// Constants are numbered in the order of use, so that the same model makes the same program.
static void number_constant(gy_plan *plan, gy_tensor *tensor, size_t align_bytes)
{
    gy_planned *at = tensor == NULL || !tensor->is_constant ? NULL : find(plan, tensor);
    if (at == NULL || at->place == GY_PLACE_CONSTANT)
        return;
    at->place = GY_PLACE_CONSTANT;
    at->number = plan->constant_count;
    at->offset_bytes = plan->constant_bytes;
    plan->constants[plan->constant_count++] = tensor;
    plan->constant_bytes += (at->size_bytes + align_bytes - 1) / align_bytes * align_bytes;
}

static void place_ports(gy_plan *plan, const gy_graph *graph, size_t align_bytes)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            number_constant(plan, node->inputs[k], align_bytes);
        for (size_t k = 0; k < node->table_count; k++)
            number_constant(plan, node->tables[k], align_bytes);
    }
    for (size_t i = graph->output_count; i > 0; i--) {
        gy_planned *at = find(plan, graph->outputs[i - 1]);
        number_constant(plan, graph->outputs[i - 1], align_bytes);
        if (at->place == GY_PLACE_CONSTANT)
            continue;
        at->place = GY_PLACE_OUTPUT;
        at->number = i - 1;
    }
    for (size_t i = 0; i < graph->input_count; i++) {
        gy_planned *at = find(plan, graph->inputs[i]);
        at->place = GY_PLACE_INPUT;
        at->number = i;
    }
}

// ---- lifetimes and sharing

static void live_at(gy_plan *plan, const gy_tensor *tensor, size_t node)
{
    if (tensor == NULL)
        return;
    gy_planned *at = root_of(plan, tensor);
    at->first = at->first < node ? at->first : node;
    at->last = at->last > node ? at->last : node;
}

static void merge(gy_plan *plan, gy_planned *into, gy_planned *from)
{
    into->first = into->first < from->first ? into->first : from->first;
    into->last = into->last > from->last ? into->last : from->last;
    from->storage = (size_t)(into - plan->tensors);
}

// A view is its input under another shape, where at least one of the two is the arena's.
static void share_view(gy_plan *plan, const gy_node *node)
{
    gy_planned *x = root_of(plan, node->inputs[0]), *y = root_of(plan, node->outputs[0]);
    if (x == y)
        return;
    if (y->place == GY_PLACE_ARENA)
        merge(plan, x, y);
    else if (x->place == GY_PLACE_ARENA)
        merge(plan, y, x);
}

// Operators that read an element of each input for the last time before they write its output.
static bool is_by_element(const gy_node *node)
{
    static const char *const types[] = {"Relu",        "Clip",      "Sigmoid", "Tanh", "LeakyRelu",
                                        "HardSigmoid", "HardSwish", "Exp",     "Log",  "Erf",
                                        "Sqrt",        "Neg",       "Abs"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (node->op->domain[0] == '\0' && strcmp(node->op->type, types[i]) == 0)
            return true;
    if (node->op != &gy_lowered_add)
        return false;
    const gy_add_state *s = node->state;
    return memcmp(&s->a, &s->y, sizeof(s->a)) == 0;
}

static void share_in_place(gy_plan *plan, const gy_node *node, size_t at)
{
    if (!is_by_element(node))
        return;
    gy_planned *x = root_of(plan, node->inputs[0]), *y = root_of(plan, node->outputs[0]);
    if (x != y && x->place == GY_PLACE_ARENA && y->place == GY_PLACE_ARENA && x->last == at &&
        y->first == at && x->size_bytes == y->size_bytes)
        merge(plan, x, y);
}

static void find_lifetimes(gy_plan *plan, const gy_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            live_at(plan, node->inputs[k], i);
        for (size_t k = 0; k < node->output_count; k++)
            live_at(plan, node->outputs[k], i);
        live_at(plan, node->scratch, i);
    }
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->op == &gy_lowered_view)
            share_view(plan, graph->nodes[i]);
    for (size_t i = 0; i < graph->node_count; i++)
        share_in_place(plan, graph->nodes[i], i);
}

// ---- places in the arena

static int larger_first(const void *a, const void *b)
{
    const gy_planned *one = *(gy_planned *const *)a, *other = *(gy_planned *const *)b;
    if (one->size_bytes != other->size_bytes)
        return one->size_bytes > other->size_bytes ? -1 : 1;
    if (one->first != other->first)
        return one->first < other->first ? -1 : 1;
    if (one->last != other->last)
        return one->last < other->last ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

static bool overlap(const gy_planned *a, const gy_planned *b)
{
    return a->first <= b->last && b->first <= a->last;
}

// Put a storage into the smallest gap between those placed that live with it, which are sorted by
// offset; `placed` of them are in the list, which it is added to.
static void place(gy_planned **sorted, size_t placed, gy_planned *storage, size_t align_bytes)
{
    size_t end = 0, best = SIZE_MAX, best_gap = SIZE_MAX;
    size_t size = (storage->size_bytes + align_bytes - 1) / align_bytes * align_bytes;
    for (size_t i = 0; i < placed; i++) {
        if (!overlap(sorted[i], storage))
            continue;
        size_t begin = sorted[i]->offset_bytes;
        if (begin >= end + size && begin - end < best_gap) {
            best = end;
            best_gap = begin - end;
        }
        size_t after =
            begin + (sorted[i]->size_bytes + align_bytes - 1) / align_bytes * align_bytes;
        end = after > end ? after : end;
    }
    storage->offset_bytes = best != SIZE_MAX ? best : end;
    size_t at = placed;
    for (; at > 0 && sorted[at - 1]->offset_bytes > storage->offset_bytes; at--)
        sorted[at] = sorted[at - 1];
    sorted[at] = storage;
}

static gy_status place_all(gy_plan *plan, size_t align_bytes, gy_arena *arena, gy_error *err)
{
    gy_planned **by_size = GY_NEW(arena, gy_planned *, plan->count);
    gy_planned **sorted = GY_NEW(arena, gy_planned *, plan->count);
    if (by_size == NULL || sorted == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to plan %zu tensors", plan->count);
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        gy_planned *at = &plan->tensors[i];
        if (at->place == GY_PLACE_ARENA && at->storage == i && at->first != SIZE_MAX)
            by_size[count++] = at;
    }
    qsort(by_size, count, sizeof(by_size[0]), larger_first);
    for (size_t i = 0; i < count; i++) {
        place(sorted, i, by_size[i], align_bytes);
        size_t end = by_size[i]->offset_bytes + by_size[i]->size_bytes;
        plan->arena_bytes = end > plan->arena_bytes ? end : plan->arena_bytes;
    }
    return GY_OK;
}

static void find_floor(gy_plan *plan, const gy_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        size_t alive = 0;
        for (size_t k = 0; k < plan->count; k++) {
            const gy_planned *at = &plan->tensors[k];
            if (at->place == GY_PLACE_ARENA && at->storage == k && at->first <= i && i <= at->last)
                alive += at->size_bytes;
        }
        if (alive > plan->floor_bytes) {
            plan->floor_bytes = alive;
            plan->worst_node = i;
        }
    }
}

gy_status gy_plan_make(gy_plan *plan, const gy_graph *graph, size_t align_bytes, gy_arena *arena,
                       gy_error *err)
{
    assert(align_bytes > 0);
    *plan = (gy_plan){0};
    GY_TRY(collect(plan, graph, arena, err));
    place_ports(plan, graph, align_bytes);
    find_lifetimes(plan, graph);
    GY_TRY(place_all(plan, align_bytes, arena, err));
    find_floor(plan, graph);
    return GY_OK;
}
