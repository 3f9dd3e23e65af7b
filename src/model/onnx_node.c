// SPDX-License-Identifier: Apache-2.0
//
// Nodes of an ONNX file (NodeProto). A call of a local function is replaced by the function's
// nodes, so that the rest of the toolkit never meets a function.

#include <string.h>

#include "base/arena.h"
#include "model/onnx.h"
#include "model/op.h"

/** A NodeProto as it lies in the file. */
typedef struct raw_node {
    const char *name, *type, *domain, *overload;
    size_t input_count, output_count, attribute_count;
    gy_wire wire; // for a second pass
} raw_node;

static gy_status read_fields(raw_node *raw, gy_wire wire, gy_arena *arena, gy_error *err)
{
    *raw = (raw_node){.name = "", .type = "", .domain = "", .overload = "", .wire = wire};
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        switch (field.number) {
        case 0:
            if (raw->input_count > GY_ONNX_PORTS_MAX || raw->output_count > GY_ONNX_PORTS_MAX ||
                raw->attribute_count > GY_ONNX_PORTS_MAX)
                return gy_fail(err, GY_LIMIT, "node '%s' has over %d inputs, outputs or attributes",
                               raw->name, GY_ONNX_PORTS_MAX);
            return GY_OK;
        case 1:
            raw->input_count++;
            break;
        case 2:
            raw->output_count++;
            break;
        case 3:
            GY_TRY(gy_wire_text(&raw->name, &field, &wire, arena, err));
            break;
        case 4:
            GY_TRY(gy_wire_text(&raw->type, &field, &wire, arena, err));
            break;
        case 5:
            raw->attribute_count++;
            break;
        case 7:
            GY_TRY(gy_wire_text(&raw->domain, &field, &wire, arena, err));
            break;
        case 8:
            GY_TRY(gy_wire_text(&raw->overload, &field, &wire, arena, err));
            break;
        default:
            break;
        }
    }
}

static gy_status make_output(gy_node *node, size_t i, const char *name, gy_scope *scope,
                             gy_arena *arena, gy_error *err)
{
    if (name[0] == '\0')
        return GY_OK;
    GY_TRY(gy_scope_at(&node->outputs[i], scope, name, false, arena, err));
    gy_tensor *made = node->outputs[i];
    if (made->producer != NULL || made->is_constant || made->is_input)
        return gy_fail(err, GY_FORMAT, "node '%s' makes '%s', which is there already", node->name,
                       name);
    made->producer = node;
    return GY_OK;
}

static gy_status fill_node(gy_node *node, gy_wire wire, gy_scope *scope, const gy_onnx_call *call,
                           gy_onnx_reader *reader, gy_error *err)
{
    size_t inputs = 0, outputs = 0;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        const char *name;
        gy_wire inner;
        bool given;
        switch (field.number) {
        case 0:
            return GY_OK;
        case 1:
            GY_TRY(gy_wire_text(&name, &field, &wire, reader->arena, err));
            if (name[0] != '\0')
                GY_TRY(gy_scope_at(&node->inputs[inputs], scope, name, true, reader->arena, err));
            if (node->inputs[inputs] == reader->absent)
                node->inputs[inputs] = NULL;
            inputs++;
            break;
        case 2:
            GY_TRY(gy_wire_text(&name, &field, &wire, reader->arena, err));
            GY_TRY(make_output(node, outputs++, name, scope, reader->arena, err));
            break;
        case 5:
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            GY_TRY(gy_onnx_attribute(&node->attributes[node->attribute_count], &given, inner, scope,
                                     call, reader, err));
            node->attribute_count += given;
            break;
        default:
            break;
        }
    }
}

static gy_status add_node(gy_node_list *list, gy_node *node, gy_arena *arena, gy_error *err)
{
    gy_node **grown =
        gy_arena_grow(arena, list->nodes, list->count, &list->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu nodes", list->count + 1);
    list->nodes = grown;
    list->nodes[list->count++] = node;
    return GY_OK;
}

static int opset_of(const gy_onnx_reader *reader, const char *domain)
{
    for (size_t i = 0; i < reader->opset_count; i++)
        if (strcmp(reader->opsets[i].domain, domain) == 0)
            return reader->opsets[i].version;
    return 0;
}

static const gy_onnx_function *find_function(const gy_onnx_reader *reader, const raw_node *raw)
{
    const gy_onnx_function *function = reader->functions;
    while (function != NULL &&
           (strcmp(function->name, raw->type) != 0 || strcmp(function->domain, raw->domain) != 0 ||
            strcmp(function->overload, raw->overload) != 0))
        function = function->next;
    return function;
}

/** What the body of a function needs: the caller's node, and where its nodes go. */
typedef struct function_call {
    const gy_node *node; // inputs, outputs and attributes of the call
    gy_scope scope;
    gy_onnx_call attributes;
    size_t inputs, outputs; // bound so far
} function_call;

// First pass over a FunctionProto: its ports take the caller's tensors, its defaults what is not
// given.
static gy_status bind_ports(function_call *call, gy_wire wire, gy_onnx_reader *reader,
                            gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            return GY_OK;
        if (field.number != 4 && field.number != 5)
            continue;
        const char *name;
        GY_TRY(gy_wire_text(&name, &field, &wire, reader->arena, err));
        size_t i = field.number == 4 ? call->inputs++ : call->outputs++;
        size_t count = field.number == 4 ? call->node->input_count : call->node->output_count;
        gy_tensor *tensor = NULL;
        if (i < count)
            tensor = field.number == 4 ? call->node->inputs[i] : call->node->outputs[i];
        if (tensor == NULL && field.number == 4)
            tensor = reader->absent; // the body's nodes take it for one that is not given
        if (tensor != NULL)
            GY_TRY(gy_scope_put(&call->scope, name, tensor, err));
    }
}

static gy_status add_default(function_call *call, gy_wire wire, gy_onnx_reader *reader,
                             gy_error *err)
{
    gy_attribute attribute;
    bool given;
    GY_TRY(gy_onnx_attribute(&attribute, &given, wire, &call->scope, NULL, reader, err));
    gy_onnx_call *attributes = &call->attributes;
    for (size_t i = 0; i < attributes->count; i++)
        if (strcmp(attributes->attributes[i].name, attribute.name) == 0)
            return GY_OK;
    gy_attribute *grown = GY_NEW(reader->arena, gy_attribute, attributes->count + 1);
    if (grown == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a function's attributes");
    if (attributes->count > 0)
        memcpy(grown, attributes->attributes, attributes->count * sizeof(gy_attribute));
    grown[attributes->count++] = attribute;
    attributes->attributes = grown;
    return GY_OK;
}

static gy_status read_body(gy_node_list *list, function_call *call, gy_wire wire, uint32_t wanted,
                           gy_onnx_reader *reader, gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            return GY_OK;
        gy_wire inner;
        if (field.number != wanted)
            continue;
        GY_TRY(gy_wire_open(&inner, &field, &wire, err));
        if (wanted == 11)
            GY_TRY(add_default(call, inner, reader, err));
        else
            GY_TRY(gy_onnx_node(list, inner, &call->scope, &call->attributes, reader, err));
    }
}

// The function's own opset imports hold in its body; count in a first pass, then read.
static gy_status read_opsets(gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    reader->opsets = NULL;
    reader->opset_count = 0;
    return gy_onnx_opsets(wire, 9, reader, err);
}

static gy_status inline_function(gy_node_list *list, const gy_onnx_function *function,
                                 gy_node *node, gy_onnx_reader *reader, gy_error *err)
{
    if (reader->depth >= GY_ONNX_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "node '%s': functions call each other over %d deep",
                       node->name, GY_ONNX_DEPTH_MAX);
    reader->inlined_bytes += (size_t)(function->body.end - function->body.at);
    if (reader->inlined_bytes > GY_ONNX_INLINED_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "node '%s': calls of functions come to over %d bytes",
                       node->name, GY_ONNX_INLINED_BYTES_MAX);
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i] != NULL)
            node->outputs[i]->producer = NULL; // the body makes it
    function_call call = {.node = node,
                          .scope = {.names = {.arena = reader->arena}},
                          .attributes = {node->attributes, node->attribute_count}};
    gy_opset *opsets = reader->opsets;
    size_t opset_count = reader->opset_count;
    reader->depth++;
    gy_status status = read_opsets(function->body, reader, err);
    if (status == GY_OK)
        status = bind_ports(&call, function->body, reader, err);
    if (status == GY_OK)
        status = read_body(list, &call, function->body, 11, reader, err);
    if (status == GY_OK)
        status = read_body(list, &call, function->body, 7, reader, err);
    if (status == GY_OK)
        status = gy_scope_check(&call.scope, err);
    reader->depth--;
    reader->opsets = opsets;
    reader->opset_count = opset_count;
    return status;
}

static gy_status find_op(gy_node *node, const raw_node *raw, const gy_onnx_reader *reader,
                         gy_error *err)
{
    const char *domain = strcmp(raw->domain, "ai.onnx") == 0 ? "" : raw->domain;
    node->opset = opset_of(reader, domain);
    if (node->opset == 0)
        return gy_fail(err, GY_FORMAT, "node '%s': operator set '%s' is not imported", node->name,
                       domain[0] == '\0' ? "ai.onnx" : domain);
    int newest = gy_op_opset_max(domain);
    if (newest != 0 && node->opset > newest)
        return gy_fail(err, GY_UNSUPPORTED,
                       "node '%s': opset %d of '%s', up to %d is known; export for that one, or "
                       "convert the model (onnx.version_converter)",
                       node->name, node->opset, domain[0] == '\0' ? "ai.onnx" : domain, newest);
    node->op = gy_op_find(domain, raw->type, node->opset);
    if (node->op == NULL)
        return gy_fail(err, GY_UNSUPPORTED,
                       "node '%s': operator '%s%s%s' of opset %d is not supported", node->name,
                       domain, domain[0] == '\0' ? "" : ".", raw->type, node->opset);
    if (raw->input_count < (size_t)node->op->inputs_min ||
        raw->input_count > (size_t)node->op->inputs_max ||
        raw->output_count > (size_t)node->op->outputs_max || raw->output_count == 0)
        return gy_fail(err, GY_FORMAT,
                       "node '%s': %s with %zu inputs and %zu outputs, must be %d to %d and 1 to "
                       "%d",
                       node->name, raw->type, raw->input_count, raw->output_count,
                       node->op->inputs_min, node->op->inputs_max, node->op->outputs_max);
    for (int i = 0; i < node->op->inputs_min; i++)
        if (node->inputs[i] == NULL)
            return gy_fail(err, GY_FORMAT, "node '%s': %s without its input %d", node->name,
                           raw->type, i);
    return GY_OK;
}

gy_status gy_onnx_node(gy_node_list *list, gy_wire wire, gy_scope *scope, const gy_onnx_call *call,
                       gy_onnx_reader *reader, gy_error *err)
{
    if (reader->nodes++ >= GY_ONNX_NODES_MAX)
        return gy_fail(err, GY_LIMIT, "over %d nodes", GY_ONNX_NODES_MAX);
    raw_node raw;
    GY_TRY(read_fields(&raw, wire, reader->arena, err));
    const char *name = raw.name;
    if (name[0] == '\0')
        name = gy_arena_format(reader->arena, "%s_%zu", raw.type, reader->nodes);
    gy_node *node =
        name == NULL ? NULL
                     : gy_node_new(reader->arena, NULL, 0, name, raw.input_count, raw.output_count);
    if (node != NULL && raw.attribute_count > 0) {
        node->attributes = GY_NEW(reader->arena, gy_attribute, raw.attribute_count);
        if (node->attributes == NULL)
            node = NULL;
    }
    if (node == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for node '%s'", raw.name);
    GY_TRY(fill_node(node, raw.wire, scope, call, reader, err));
    const gy_onnx_function *function = find_function(reader, &raw);
    if (function != NULL)
        return inline_function(list, function, node, reader, err);
    GY_TRY(find_op(node, &raw, reader, err));
    return add_node(list, node, reader->arena, err);
}
