// SPDX-License-Identifier: Apache-2.0
//
// Texts into numbers. Tensors between which texts are only copied share one vocabulary; operators
// that look texts up get lists of numbers for their lists of texts; then types are inferred anew.

#include "compile/vocabulary.h"

#include <string.h>

#include "model/op.h"

enum { TEXT_BYTES_MAX = 4000 }; // a string of C need not be longer than 4095

/** A list of texts among the attributes of a node, and what stands in its place. */
typedef struct text_list {
    const char *type, *texts, *tensor, *numbers;
    bool is_output; // of the vocabulary of output 0, else of input 0
} text_list;

static const text_list lists[] = {
    {"OneHotEncoder", "cats_strings", NULL, "cats_int64s", false},
    {"LabelEncoder", "keys_strings", "keys_tensor", "keys_int64s", false},
    {"LabelEncoder", "values_strings", "values_tensor", "values_int64s", true},
    {"LinearClassifier", "classlabels_strings", NULL, "classlabels_ints", true},
    {"SVMClassifier", "classlabels_strings", NULL, "classlabels_ints", true},
    {"TreeEnsembleClassifier", "classlabels_strings", NULL, "classlabels_int64s", true},
};
enum { LIST_COUNT = sizeof(lists) / sizeof(lists[0]) };

// Operators that copy texts and do not look at them.
static const char *const movers[] = {"ArrayFeatureExtractor",
                                     "Concat",
                                     "Expand",
                                     "Flatten",
                                     "Gather",
                                     "GatherElements",
                                     "Identity",
                                     "Reshape",
                                     "Slice",
                                     "Split",
                                     "Squeeze",
                                     "Tile",
                                     "Transpose",
                                     "Unsqueeze",
                                     "Where"};

typedef struct work {
    gy_graph *graph;
    gy_arena *arena;
    size_t *same;      // of each tensor of texts, by its mark: another that shares its vocabulary
    gy_vocabulary *of; // of those that stand for all that share it
    size_t count;
    gy_error *err;
} work;

// ---- which tensors share one

static bool is_text(const gy_tensor *tensor)
{
    return tensor != NULL && tensor->dtype == GY_STRING;
}

// Call `visit` with every tensor of texts, as often as it is used.
static gy_status each_text(work *w, gy_status (*visit)(work *, gy_tensor *))
{
    const gy_graph *graph = w->graph;
    for (size_t i = 0; i < graph->input_count; i++)
        if (is_text(graph->inputs[i]))
            GY_TRY(visit(w, graph->inputs[i]));
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            if (is_text(node->inputs[k]))
                GY_TRY(visit(w, node->inputs[k]));
        for (size_t k = 0; k < node->output_count; k++)
            if (is_text(node->outputs[k]))
                GY_TRY(visit(w, node->outputs[k]));
    }
    for (size_t i = 0; i < graph->output_count; i++)
        if (is_text(graph->outputs[i]))
            GY_TRY(visit(w, graph->outputs[i]));
    return GY_OK;
}

static gy_status unmark(work *w, gy_tensor *tensor)
{
    (void)w;
    tensor->mark = 0;
    return GY_OK;
}

static gy_status number(work *w, gy_tensor *tensor)
{
    if (tensor->mark == 0)
        tensor->mark = ++w->count;
    return GY_OK;
}

static size_t root_of(const work *w, const gy_tensor *tensor)
{
    size_t at = tensor->mark;
    while (w->same[at] != at)
        at = w->same[at] = w->same[w->same[at]];
    return at;
}

// The texts of a node's inputs and outputs are the same.
static void join(const work *w, const gy_node *node)
{
    const gy_tensor *first = NULL;
    for (size_t i = 0; i < node->input_count + node->output_count; i++) {
        const gy_tensor *tensor =
            i < node->input_count ? node->inputs[i] : node->outputs[i - node->input_count];
        if (!is_text(tensor))
            continue;
        first = first == NULL ? tensor : first;
        w->same[root_of(w, tensor)] = root_of(w, first);
    }
}

static const gy_tensor *port_of(const text_list *list, const gy_node *node)
{
    return list->is_output ? gy_node_output(node, 0) : gy_node_input(node, 0);
}

static gy_status join_node(const work *w, const gy_node *node)
{
    bool has_text = false, is_known = false;
    for (size_t i = 0; i < node->input_count; i++)
        has_text = has_text || is_text(node->inputs[i]);
    for (size_t i = 0; i < node->output_count; i++)
        has_text = has_text || is_text(node->outputs[i]);
    for (size_t i = 0; has_text && i < LIST_COUNT; i++)
        is_known = is_known || strcmp(node->op->type, lists[i].type) == 0;
    if (!has_text || is_known)
        return GY_OK;
    for (size_t i = 0; i < sizeof(movers) / sizeof(movers[0]); i++)
        if (strcmp(node->op->type, movers[i]) == 0) {
            join(w, node);
            return GY_OK;
        }
    return gy_node_fail(node, GY_UNSUPPORTED, w->err,
                        "%s of texts cannot be compiled: programs only look texts up "
                        "(OneHotEncoder, LabelEncoder); do it before the model",
                        node->op->type);
}

// ---- the texts

static gy_status append(gy_vocabulary *to, const char *text, size_t length, gy_arena *arena,
                        gy_error *err)
{
    if (to->count == to->capacity) {
        to->capacity = 2 * to->capacity + 8;
        const char **texts = GY_NEW(arena, const char *, to->capacity);
        if (texts == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu texts", to->capacity);
        if (to->count > 0)
            memcpy(texts, to->texts, to->count * sizeof(*texts));
        to->texts = texts;
    }
    to->texts[to->count] = gy_arena_copy(arena, text, length);
    return to->texts[to->count++] != NULL ? GY_OK
                                          : gy_fail(err, GY_NO_MEMORY, "no memory for a text");
}

static gy_status add_text(const work *w, const gy_tensor *of, const char *text)
{
    gy_vocabulary *to = &w->of[root_of(w, of)];
    uint64_t *place;
    bool fresh;
    size_t length = strlen(text);
    if (length > TEXT_BYTES_MAX)
        return gy_fail(w->err, GY_LIMIT, "'%s' has a text of %zu bytes, at most %d", of->name,
                       length, TEXT_BYTES_MAX);
    to->places.arena = w->arena;
    GY_TRY(gy_text_map_at(&place, &fresh, &to->places, text, length, w->err));
    if (!fresh)
        return GY_OK;
    *place = to->count + 1;
    return append(to, text, length, w->arena, w->err);
}

int64_t gy_vocabulary_find(const gy_vocabulary *vocabulary, const char *text)
{
    const uint64_t *place = gy_text_map_find(&vocabulary->places, text, strlen(text));
    return place == NULL ? -1 : (int64_t)*place - 1;
}

static int64_t place_of(const work *w, const gy_tensor *of, const char *text)
{
    return gy_vocabulary_find(&w->of[root_of(w, of)], text);
}

static gy_status add_constant(work *w, gy_tensor *tensor)
{
    for (size_t i = 0; tensor->is_constant && i < tensor->count; i++)
        GY_TRY(add_text(w, tensor, gy_tensor_string_at(tensor, i)));
    return GY_OK;
}

/** A node's list of texts. */
typedef struct found {
    const char *const *texts;
    size_t count;
} found;

static found find_list(const text_list *list, const gy_node *node)
{
    const gy_attribute *given = gy_node_attribute(node, list->texts);
    if (given != NULL && given->kind == GY_ATTRIBUTE_STRINGS && given->count > 0)
        return (found){given->strings, given->count};
    given = list->tensor == NULL ? NULL : gy_node_attribute(node, list->tensor);
    if (given != NULL && given->kind == GY_ATTRIBUTE_TENSOR && is_text(given->tensor))
        return (found){given->tensor->data, given->tensor->count};
    return (found){0};
}

// What a LabelEncoder gives for a text that is none of its keys.
static const char *otherwise_of(const gy_node *node)
{
    const gy_attribute *given = gy_node_attribute(node, "default_tensor");
    if (given != NULL && given->kind == GY_ATTRIBUTE_TENSOR && is_text(given->tensor) &&
        given->tensor->count == 1)
        return gy_tensor_string_at(given->tensor, 0);
    return gy_node_string(node, "default_string", "_Unused");
}

static bool has_otherwise(const text_list *list)
{
    return strcmp(list->texts, "values_strings") == 0;
}

// Call `visit` with every list of texts of a node.
static gy_status each_list(const work *w, gy_node *node,
                           gy_status (*visit)(const work *, const text_list *, gy_node *, found))
{
    for (size_t i = 0; i < LIST_COUNT; i++)
        if (strcmp(node->op->type, lists[i].type) == 0 && is_text(port_of(&lists[i], node)))
            GY_TRY(visit(w, &lists[i], node, find_list(&lists[i], node)));
    return GY_OK;
}

static gy_status add_list(const work *w, const text_list *list, gy_node *node, found from)
{
    for (size_t i = 0; i < from.count; i++)
        GY_TRY(add_text(w, port_of(list, node), from.texts[i]));
    return has_otherwise(list) ? add_text(w, port_of(list, node), otherwise_of(node)) : GY_OK;
}

// ---- numbers in their place

static gy_attribute *blank(gy_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            node->attributes[i].name = "";
    return &node->attributes[node->attribute_count++];
}

static gy_status replace_list(const work *w, const text_list *list, gy_node *node, found from)
{
    const gy_tensor *port = port_of(list, node);
    size_t count = node->attribute_count;
    gy_attribute *attributes = GY_NEW(w->arena, gy_attribute, count + 2);
    int64_t *numbers = GY_NEW(w->arena, int64_t, from.count);
    if (attributes == NULL || numbers == NULL)
        return gy_fail(w->err, GY_NO_MEMORY, "no memory for %zu texts of node '%s'", from.count,
                       node->name);
    if (count > 0)
        memcpy(attributes, node->attributes, count * sizeof(*attributes));
    for (size_t i = 0; i < from.count; i++)
        numbers[i] = place_of(w, port, from.texts[i]);
    int64_t otherwise = has_otherwise(list) ? place_of(w, port, otherwise_of(node)) : 0;
    node->attributes = attributes;
    *blank(node, list->numbers) = (gy_attribute){
        .name = list->numbers, .kind = GY_ATTRIBUTE_INTS, .count = from.count, .ints = numbers};
    if (has_otherwise(list))
        *blank(node, "default_int64") =
            (gy_attribute){.name = "default_int64", .kind = GY_ATTRIBUTE_INT, .integer = otherwise};
    return GY_OK;
}

static gy_status replace_constant(work *w, gy_tensor *tensor)
{
    if (tensor->is_constant) {
        int64_t *numbers = GY_NEW(w->arena, int64_t, tensor->count + 1);
        if (numbers == NULL)
            return gy_fail(w->err, GY_NO_MEMORY, "no memory for '%s'", tensor->name);
        for (size_t i = 0; i < tensor->count; i++)
            numbers[i] = place_of(w, tensor, gy_tensor_string_at(tensor, i));
        tensor->data = numbers;
    }
    tensor->dtype = GY_INT64;
    return GY_OK;
}

// ---- the ports

static gy_status list_ports(const gy_vocabulary ***made, const work *w, gy_tensor *const *ports,
                            size_t count)
{
    *made = GY_NEW(w->arena, const gy_vocabulary *, count + 1);
    if (*made == NULL)
        return gy_fail(w->err, GY_NO_MEMORY, "no memory for %zu vocabularies", count);
    for (size_t i = 0; i < count; i++)
        (*made)[i] = is_text(ports[i]) ? &w->of[root_of(w, ports[i])] : NULL;
    return GY_OK;
}

// A text of an input may be any; its number tells only those of the vocabulary apart.
static gy_status check_ports(const gy_vocabularies *made, const gy_graph *graph, gy_error *err)
{
    for (size_t i = 0; i < graph->output_count; i++)
        for (size_t k = 0; made->outputs[i] != NULL && k < graph->input_count; k++)
            if (made->outputs[i] == made->inputs[k])
                return gy_fail(err, GY_UNSUPPORTED,
                               "output '%s' repeats texts of input '%s', of which a program knows "
                               "only the place in a list: export the model without it",
                               graph->outputs[i]->name, graph->inputs[k]->name);
    return GY_OK;
}

// Vocabularies for all texts of the graph, and those of its ports.
static gy_status collect(gy_vocabularies *made, work *w)
{
    gy_graph *graph = w->graph;
    w->same = GY_NEW(w->arena, size_t, w->count + 1);
    w->of = GY_NEW(w->arena, gy_vocabulary, w->count + 1);
    if (w->same == NULL || w->of == NULL)
        return gy_fail(w->err, GY_NO_MEMORY, "no memory for %zu vocabularies", w->count);
    for (size_t i = 0; i <= w->count; i++)
        w->same[i] = i;
    for (size_t i = 0; i < graph->node_count; i++)
        GY_TRY(join_node(w, graph->nodes[i]));
    for (size_t i = 0; i < graph->node_count; i++)
        GY_TRY(each_list(w, graph->nodes[i], add_list));
    GY_TRY(each_text(w, add_constant));
    GY_TRY(list_ports(&made->inputs, w, graph->inputs, graph->input_count));
    GY_TRY(list_ports(&made->outputs, w, graph->outputs, graph->output_count));
    return check_ports(made, graph, w->err);
}

gy_status gy_vocabularies_make(gy_vocabularies *made, gy_graph *graph, gy_arena *arena,
                               gy_error *err)
{
    work w = {.graph = graph, .arena = arena, .err = err};
    GY_TRY(each_text(&w, unmark));
    GY_TRY(each_text(&w, number));
    GY_TRY(collect(made, &w));
    if (w.count == 0)
        return GY_OK;
    for (size_t i = 0; i < graph->node_count; i++)
        GY_TRY(each_list(&w, graph->nodes[i], replace_list));
    GY_TRY(each_text(&w, replace_constant));
    return gy_graph_infer(graph, err);
}

bool gy_vocabulary_any(const gy_vocabulary *const *of, size_t ports)
{
    for (size_t i = 0; i < ports; i++)
        if (of[i] != NULL)
            return true;
    return false;
}
