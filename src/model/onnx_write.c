// SPDX-License-Identifier: Apache-2.0
//
// A graph as an ONNX file. What reading dissolved stays dissolved (functions, folded constants);
// names are made unique; attributes that became inputs in a later operator set are moved.

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/onnx.h"
#include "model/op.h"
#include "model/proto.h"

/** What the parts of the writer share. */
typedef struct writer {
    const gy_graph *graph;
    gy_arena *arena;
    gy_text_map names;  // every name that is taken
    gy_text_map places; // from a tensor's address to its place in unique, from 1
    const char **unique;
    size_t count, capacity;
    gy_text initializers, nodes;
    int opset; // of the operators' own domain
} writer;

static gy_status no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory to write a model");
}

// A name that no other tensor has: the wanted one, or with a number behind it.
static gy_status take_name(const char **name, writer *to, const char *wanted, gy_error *err)
{
    bool fresh;
    uint64_t *value;
    *name = wanted;
    for (size_t n = 2;; n++) {
        GY_TRY(gy_text_map_at(&value, &fresh, &to->names, *name, strlen(*name), err));
        if (fresh)
            return GY_OK;
        // The count of tries is kept at the wanted name, so that many equal names take no square.
        uint64_t *tries;
        GY_TRY(gy_text_map_at(&tries, &fresh, &to->names, wanted, strlen(wanted), err));
        n = *tries > n ? (size_t)*tries + 1 : n;
        *tries = n;
        *name = gy_arena_format(to->arena, "%s_%zu", wanted, n);
        if (*name == NULL)
            return no_memory(err);
    }
}

static gy_status name_of(const char **name, writer *to, const gy_tensor *tensor, gy_error *err)
{
    bool fresh;
    uint64_t *place;
    GY_TRY(gy_text_map_at(&place, &fresh, &to->places, (const char *)&tensor, sizeof(tensor), err));
    if (!fresh) {
        *name = to->unique[*place - 1];
        return GY_OK;
    }
    *place = to->count + 1;
    const char **grown =
        gy_arena_grow(to->arena, to->unique, to->count, &to->capacity, sizeof(*grown));
    if (grown == NULL)
        return no_memory(err);
    to->unique = grown;
    GY_TRY(take_name(&to->unique[to->count], to, tensor->name, err));
    *name = to->unique[to->count++];
    // A constant is written where it is first named.
    if (tensor->is_constant && !tensor->is_output)
        gy_proto_tensor(&to->initializers, 5, tensor, *name);
    return GY_OK;
}

static void add_value_info(gy_text *out, uint32_t number, const gy_tensor *tensor, const char *name)
{
    gy_text shape = {0}, type = {0}, whole = {0}, info = {0};
    for (size_t i = 0; i < tensor->rank; i++) {
        const char *symbol = tensor->dimensions == NULL ? NULL : tensor->dimensions[i];
        gy_text dim = {0};
        if (symbol == NULL)
            gy_proto_int(&dim, 1, (int64_t)tensor->shape[i]);
        else if (symbol[0] != '\0')
            gy_proto_text(&dim, 2, symbol);
        gy_proto_message(&shape, 1, &dim);
    }
    gy_proto_int(&type, 1, gy_onnx_dtype_number(tensor->dtype));
    gy_proto_message(&type, 2, &shape);
    gy_proto_message(&whole, 1, &type);
    gy_proto_text(&info, 1, name);
    gy_proto_message(&info, 2, &whole);
    gy_proto_message(out, number, &info);
}

/** Attributes that are inputs from an opset on. */
typedef struct moved {
    const char *type, *attribute;
    int opset;
    size_t input;
} moved;
static const moved moves[] = {
    {"Reshape", "shape", 5, 1},
    {"Slice", "starts", 10, 1},
    {"Slice", "ends", 10, 2},
    {"Slice", "axes", 10, 3},
    {"TopK", "k", 10, 1},
    {"Clip", "min", 11, 1},
    {"Clip", "max", 11, 2},
    {"Pad", "pads", 11, 1},
    {"Pad", "value", 11, 2},
    {"Squeeze", "axes", 13, 1},
    {"Unsqueeze", "axes", 13, 1},
    {"Split", "split", 13, 1},
    {"ReduceSum", "axes", 13, 1},
    {"ReduceMean", "axes", 18, 1},
    {"ReduceMax", "axes", 18, 1},
    {"ReduceMin", "axes", 18, 1},
    {"ReduceProd", "axes", 18, 1},
    {"ReduceL1", "axes", 18, 1},
    {"ReduceL2", "axes", 18, 1},
    {"ReduceLogSum", "axes", 18, 1},
    {"ReduceLogSumExp", "axes", 18, 1},
    {"ReduceSumSquare", "axes", 18, 1},
};
enum { MOVES = sizeof(moves) / sizeof(moves[0]) };

static const moved *find_move(const writer *to, const gy_node *node, const char *attribute)
{
    for (size_t i = 0; i < MOVES; i++)
        if (node->op->domain[0] == '\0' && to->opset >= moves[i].opset &&
            node->opset < moves[i].opset && strcmp(moves[i].type, node->op->type) == 0 &&
            strcmp(moves[i].attribute, attribute) == 0)
            return &moves[i];
    return NULL;
}

static gy_status move_attribute(const char **name, writer *to, const gy_attribute *attribute,
                                gy_error *err)
{
    gy_tensor constant = {.name = attribute->name, .dtype = GY_INT64, .count = attribute->count};
    if (attribute->kind == GY_ATTRIBUTE_FLOAT || attribute->kind == GY_ATTRIBUTE_INT) {
        bool is_float = attribute->kind == GY_ATTRIBUTE_FLOAT;
        constant.dtype = is_float ? GY_FLOAT32 : GY_INT64;
        constant.data = is_float ? (const void *)&attribute->number : &attribute->integer;
        constant.rank = is_float ? 0 : 1; // TopK's k is a list of one
    } else {
        constant.data = attribute->ints;
        constant.rank = 1;
    }
    constant.shape[0] = constant.count;
    GY_TRY(take_name(name, to, attribute->name, err));
    gy_proto_tensor(&to->initializers, 5, &constant, *name);
    return GY_OK;
}

// A Reshape whose first size is the batch copies it: the constant that it was folded to must not
// tie the file to the batch that it was read with.
static gy_status batch_free_shape(const char **name, writer *to, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *shape = node->inputs[1];
    *name = NULL;
    bool is_symbolic = false;
    for (size_t i = 0; i < to->graph->input_count; i++)
        is_symbolic = is_symbolic || (to->graph->inputs[i]->dimensions != NULL &&
                                      to->graph->inputs[i]->dimensions[0] != NULL &&
                                      to->graph->inputs[i]->shape[0] == x->shape[0]);
    if (!is_symbolic || !shape->is_constant || shape->count == 0 || x->rank == 0 ||
        gy_tensor_int_at(shape, 0) != (int64_t)x->shape[0])
        return GY_OK;
    int64_t sizes[GY_RANK_MAX] = {0};
    for (size_t i = 1; i < shape->count && i < GY_RANK_MAX; i++)
        sizes[i] = gy_tensor_int_at(shape, i);
    gy_tensor copy = {.dtype = GY_INT64, .rank = 1, .count = shape->count, .data = sizes};
    copy.shape[0] = shape->count;
    GY_TRY(take_name(name, to, shape->name, err));
    gy_proto_tensor(&to->initializers, 5, &copy, *name);
    return GY_OK;
}

static gy_status add_attribute(gy_text *out, const gy_node *node, const gy_attribute *attribute,
                               gy_error *err)
{
    // AttributeProto.AttributeType in the order of gy_attribute_kind.
    static const int types[] = {1, 2, 3, 4, 5, 6, 7, 8};
    gy_text text = {0};
    gy_proto_text(&text, 1, attribute->name);
    switch (attribute->kind) {
    case GY_ATTRIBUTE_FLOAT:
        gy_proto_float(&text, 2, attribute->number);
        break;
    case GY_ATTRIBUTE_INT:
        gy_proto_int(&text, 3, attribute->integer);
        break;
    case GY_ATTRIBUTE_STRING:
        gy_proto_bytes(&text, 4, attribute->text, attribute->text_length);
        break;
    case GY_ATTRIBUTE_TENSOR:
        gy_proto_tensor(&text, 5, attribute->tensor, attribute->tensor->name);
        break;
    case GY_ATTRIBUTE_GRAPH:
        gy_text_release(&text);
        return gy_node_fail(node, GY_UNSUPPORTED, err, "a graph inside a node is not written");
    case GY_ATTRIBUTE_FLOATS:
        gy_proto_bytes(&text, 7, attribute->floats, attribute->count * sizeof(float));
        break;
    case GY_ATTRIBUTE_INTS:
        for (size_t i = 0; i < attribute->count; i++)
            gy_proto_int(&text, 8, attribute->ints[i]);
        break;
    case GY_ATTRIBUTE_STRINGS:
        for (size_t i = 0; i < attribute->count; i++)
            gy_proto_text(&text, 9, attribute->strings[i]);
        break;
    }
    gy_proto_int(&text, 20, types[attribute->kind]);
    gy_proto_message(out, 5, &text);
    return GY_OK;
}

// The names of a node's inputs, with those that were attributes.
static gy_status add_inputs(gy_text *out, writer *to, const gy_node *node, gy_error *err)
{
    const char *names[8] = {NULL};
    size_t count = node->input_count;
    for (size_t i = 0; i < node->attribute_count; i++) {
        const moved *move = find_move(to, node, node->attributes[i].name);
        if (move == NULL)
            continue;
        GY_TRY(move_attribute(&names[move->input], to, &node->attributes[i], err));
        count = count > move->input + 1 ? count : move->input + 1;
    }
    if (node->op->domain[0] == '\0' && strcmp(node->op->type, "Reshape") == 0 && count == 2 &&
        names[1] == NULL)
        GY_TRY(batch_free_shape(&names[1], to, node, err));
    for (size_t i = 0; i < count; i++) {
        const char *name = i < 8 && names[i] != NULL ? names[i] : "";
        if (name[0] == '\0' && gy_node_input(node, i) != NULL)
            GY_TRY(name_of(&name, to, node->inputs[i], err));
        gy_proto_text(out, 1, name);
    }
    return GY_OK;
}

static gy_status add_node(writer *to, const gy_node *node, gy_error *err)
{
    gy_text text = {0};
    gy_status status = add_inputs(&text, to, node, err);
    for (size_t i = 0; status == GY_OK && i < node->output_count; i++) {
        const char *name = "";
        if (node->outputs[i] != NULL)
            status = name_of(&name, to, node->outputs[i], err);
        gy_proto_text(&text, 2, name);
    }
    gy_proto_text(&text, 3, node->name);
    gy_proto_text(&text, 4, node->op->type);
    for (size_t i = 0; status == GY_OK && i < node->attribute_count; i++)
        if (find_move(to, node, node->attributes[i].name) == NULL)
            status = add_attribute(&text, node, &node->attributes[i], err);
    if (node->op->domain[0] != '\0')
        gy_proto_text(&text, 7, node->op->domain);
    gy_proto_message(&to->nodes, 1, &text);
    return status;
}

// An output that reading found to be a constant is given by an Identity.
static gy_status add_constant_output(writer *to, const gy_tensor *output, gy_error *err)
{
    const char *name, *value;
    GY_TRY(name_of(&name, to, output, err));
    GY_TRY(take_name(&value, to, output->name, err));
    gy_proto_tensor(&to->initializers, 5, output, value);
    gy_text text = {0};
    gy_proto_text(&text, 1, value);
    gy_proto_text(&text, 2, name);
    gy_proto_text(&text, 4, "Identity");
    gy_proto_message(&to->nodes, 1, &text);
    return GY_OK;
}

static gy_status write_graph(gy_text *out, writer *to, gy_error *err)
{
    const gy_graph *graph = to->graph;
    const char *name;
    gy_text ports = {0};
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < graph->input_count; i++) {
        status = name_of(&name, to, graph->inputs[i], err);
        if (status == GY_OK)
            add_value_info(&ports, 11, graph->inputs[i], name);
    }
    for (size_t i = 0; status == GY_OK && i < graph->output_count; i++) {
        status = name_of(&name, to, graph->outputs[i], err);
        if (status == GY_OK)
            add_value_info(&ports, 12, graph->outputs[i], name);
    }
    for (size_t i = 0; status == GY_OK && i < graph->node_count; i++)
        status = add_node(to, graph->nodes[i], err);
    for (size_t i = 0; status == GY_OK && i < graph->output_count; i++)
        if (graph->outputs[i]->is_constant)
            status = add_constant_output(to, graph->outputs[i], err);
    gy_text whole = {0};
    gy_proto_join(&whole, &to->nodes);
    gy_proto_text(&whole, 2, graph->name[0] == '\0' ? "graph" : graph->name);
    gy_proto_join(&whole, &to->initializers);
    gy_proto_join(&whole, &ports);
    gy_proto_message(out, 7, &whole);
    return status;
}

// The format version that an operator set came with (onnx/docs/Versioning.md).
static int ir_version_of(int opset)
{
    return opset >= 23 ? 11 : opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : 7;
}

static gy_status write_opsets(gy_text *out, writer *to, gy_error *err)
{
    const gy_graph *graph = to->graph;
    bool has_own = false;
    for (size_t i = 0; i < graph->opset_count; i++) {
        const gy_opset *opset = &graph->opsets[i];
        gy_text text = {0};
        has_own = has_own || opset->domain[0] == '\0';
        if (opset->domain[0] == '\0')
            to->opset = opset->version;
        gy_proto_text(&text, 1, opset->domain);
        gy_proto_int(&text, 2, opset->version);
        gy_proto_message(out, 8, &text);
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        const char *domain = node->op->domain;
        bool imported = false;
        for (size_t k = 0; k < graph->opset_count; k++)
            imported = imported || strcmp(graph->opsets[k].domain, domain) == 0;
        if (!imported || (domain[0] == '\0' && node->opset > to->opset))
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "operator set '%s' %d is not imported by the graph",
                                domain[0] == '\0' ? "ai.onnx" : domain, node->opset);
    }
    return GY_OK;
}

gy_status gy_onnx_write(gy_text *out, const gy_graph *graph, gy_error *err)
{
    writer to = {.graph = graph, .arena = gy_arena_new(0), .names = {0}, .places = {0}};
    if (to.arena == NULL)
        return no_memory(err);
    to.names.arena = to.places.arena = to.arena;
    gy_text opsets = {0};
    gy_status status = write_opsets(&opsets, &to, err);
    if (status == GY_OK) {
        int least = ir_version_of(to.opset);
        gy_proto_int(out, 1, graph->ir_version > least ? graph->ir_version : least);
        gy_proto_text(out, 2, "gyre");
        gy_proto_text(out, 3, gy_version());
        status = write_graph(out, &to, err);
    }
    gy_proto_join(out, &opsets);
    gy_text_release(&to.nodes);
    gy_text_release(&to.initializers);
    gy_arena_free(to.arena);
    if (status == GY_OK && out->status != GY_OK)
        return no_memory(err);
    if (status == GY_OK && out->length > INT32_MAX)
        return gy_fail(err, GY_LIMIT, "a model of %zu bytes, an ONNX file holds up to %d",
                       out->length, INT32_MAX);
    return status;
}
