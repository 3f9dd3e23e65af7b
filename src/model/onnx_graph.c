// SPDX-License-Identifier: Apache-2.0
//
// Graphs of an ONNX file (GraphProto), the model's own and those inside nodes. Constants and inputs
// are named first, then the nodes, so that a second maker of a name is noticed.

#include <stdlib.h>
#include <string.h>

#include "model/onnx.h"

static gy_status symbolic_dim(size_t *dim, const char *symbol, size_t axis, const gy_tensor *tensor,
                              const gy_model_options *options, gy_error *err)
{
    for (const char *const *at = options->dimensions; at != NULL && *at != NULL; at++) {
        const char *equals = strchr(*at, '=');
        if (equals == NULL || (size_t)(equals - *at) != strlen(symbol) ||
            strncmp(*at, symbol, strlen(symbol)) != 0)
            continue;
        char *end;
        long long value = strtoll(equals + 1, &end, 10);
        if (end == equals + 1 || *end != '\0' || value < 0 || value > INT32_MAX)
            return gy_fail(err, GY_INVALID, "dimension '%s' must be 0 to %d", *at, INT32_MAX);
        *dim = (size_t)value;
        return GY_OK;
    }
    if (axis == 0) {
        *dim = options->batch == 0 ? 1 : options->batch;
        return GY_OK;
    }
    return gy_fail(err, GY_UNSUPPORTED,
                   "input '%s': dimension %zu is '%s', not a number; give it one (%s=NUMBER)",
                   tensor->name, axis, symbol, symbol[0] == '\0' ? "dimension" : symbol);
}

/** A graph while it is read: what its passes share. */
typedef struct draft {
    gy_graph *graph;
    gy_scope scope;
    gy_node_list nodes;
    const gy_onnx_call *call;
    bool is_inner;
} draft;

static gy_status add_initializer(draft *to, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    gy_tensor *constant;
    GY_TRY(gy_onnx_tensor(&constant, wire, reader, err));
    return gy_scope_put(&to->scope, constant->name, constant, err);
}

static gy_status add_fixed(draft *to, const gy_array *fixed, const char *name, gy_arena *arena,
                           gy_error *err)
{
    gy_tensor *constant;
    void *data;
    GY_TRY(gy_tensor_constant(&constant, &data, arena, name, fixed->dtype, fixed->shape,
                              fixed->rank, err));
    if (fixed->count > 0)
        memcpy(data, fixed->data, fixed->count * gy_dtype_size(fixed->dtype));
    return gy_scope_put(&to->scope, name, constant, err);
}

// Type and shape of an input. Symbols are taken from the options.
static gy_status set_input(gy_tensor *input, const gy_declared *declared,
                           const gy_model_options *options, gy_error *err)
{
    size_t shape[GY_RANK_MAX];
    memcpy(shape, declared->shape, sizeof(shape));
    if (!declared->has_type || !declared->has_shape)
        return gy_fail(err, GY_UNSUPPORTED, "input '%s' has no declared type or shape",
                       input->name);
    for (size_t i = 0; i < declared->rank; i++)
        if (declared->symbols[i] != NULL)
            GY_TRY(symbolic_dim(&shape[i], declared->symbols[i], i, input, options, err));
    input->is_input = true;
    return gy_tensor_set(input, declared->dtype, shape, declared->rank, err);
}

// The dimensions' names stay with a tensor that has any.
static void keep_symbols(gy_tensor *tensor, const gy_declared *declared)
{
    for (size_t i = 0; i < declared->rank; i++)
        if (declared->symbols[i] != NULL)
            tensor->dimensions = declared->symbols;
}

// What is declared of a tensor is held against what is inferred, once it is.
static gy_status read_declared(gy_declared **declared, const char **name, bool must_be_tensor,
                               draft *to, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    *declared = GY_NEW(reader->arena, gy_declared, 1);
    if (*declared == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a declared type");
    GY_TRY(gy_onnx_value_info(name, *declared, must_be_tensor, wire, reader, err));
    if (!to->is_inner) {
        (*declared)->next = reader->declared;
        reader->declared = *declared;
    }
    return GY_OK;
}

// An input that an initializer names too is its default value: we take it for the constant.
static gy_status add_input(draft *to, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    const char *name;
    gy_declared *declared;
    GY_TRY(read_declared(&declared, &name, true, to, wire, reader, err));
    if (gy_text_map_find(&to->scope.names, name, strlen(name)) != NULL) {
        gy_tensor *there;
        GY_TRY(gy_scope_at(&there, &to->scope, name, false, reader->arena, err));
        if (!there->is_constant || there->is_input)
            return gy_fail(err, GY_FORMAT, "input '%s' is declared twice", name);
        declared->tensor = there;
        return GY_OK;
    }
    const gy_model_options *options = reader->options;
    for (size_t i = 0; !to->is_inner && i < options->fixed_count; i++)
        if (strcmp(options->fixed[i].name, name) == 0)
            return add_fixed(to, &options->fixed[i], name, reader->arena, err);
    gy_tensor *input = gy_tensor_new(reader->arena, name);
    if (input == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for input '%s'", name);
    GY_TRY(set_input(input, declared, options, err));
    keep_symbols(input, declared);
    to->graph->inputs[to->graph->input_count++] = input;
    return gy_scope_put(&to->scope, name, input, err);
}

static gy_status add_output(draft *to, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    const char *name;
    gy_declared *declared;
    GY_TRY(read_declared(&declared, &name, false, to, wire, reader, err));
    gy_tensor *output;
    GY_TRY(gy_scope_at(&output, &to->scope, name, true, reader->arena, err));
    declared->tensor = output;
    output->is_output = true;
    if (!output->is_input)
        keep_symbols(output, declared);
    to->graph->outputs[to->graph->output_count++] = output;
    return GY_OK;
}

// Of a tensor between inputs and outputs. One that nothing makes, or of a type that we do not have,
// is no fault yet: its node may not be needed.
static gy_status add_value_info(draft *to, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    const char *name;
    gy_declared *declared;
    gy_error inner = {0};
    gy_status status = read_declared(&declared, &name, false, to, wire, reader, &inner);
    if (status == GY_UNSUPPORTED || status == GY_LIMIT)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", inner.message);
    const uint64_t *there = gy_text_map_find(&to->scope.names, name, strlen(name));
    declared->tensor = there == NULL ? NULL : (const gy_tensor *)(uintptr_t)*there;
    return GY_OK;
}

static gy_status read_pass(draft *to, gy_wire wire, uint32_t wanted, gy_onnx_reader *reader,
                           gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            return GY_OK;
        gy_wire inner;
        if (field.number != wanted)
            continue;
        GY_TRY(gy_wire_open(&inner, &field, &wire, err));
        if (wanted == 5)
            GY_TRY(add_initializer(to, inner, reader, err));
        else if (wanted == 11)
            GY_TRY(add_input(to, inner, reader, err));
        else if (wanted == 1)
            GY_TRY(gy_onnx_node(&to->nodes, inner, &to->scope, to->call, reader, err));
        else if (wanted == 12)
            GY_TRY(add_output(to, inner, reader, err));
        else
            GY_TRY(add_value_info(to, inner, reader, err));
    }
}

static gy_status count_ports(gy_graph *graph, gy_wire wire, gy_arena *arena, gy_error *err)
{
    size_t inputs = 0, outputs = 0;
    graph->name = "";
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        inputs += field.number == 11;
        outputs += field.number == 12;
        if (field.number == 2)
            GY_TRY(gy_wire_text(&graph->name, &field, &wire, arena, err));
        if (field.number == 15)
            return gy_fail(err, GY_UNSUPPORTED, "sparse constants are not supported");
    }
    if (inputs > GY_ONNX_PORTS_MAX || outputs > GY_ONNX_PORTS_MAX)
        return gy_fail(err, GY_LIMIT, "graph '%s' has over %d inputs or outputs", graph->name,
                       GY_ONNX_PORTS_MAX);
    graph->inputs = GY_NEW(arena, gy_tensor *, inputs);
    graph->outputs = GY_NEW(arena, gy_tensor *, outputs);
    if (graph->inputs == NULL || graph->outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for graph '%s'", graph->name);
    return GY_OK;
}

gy_status gy_onnx_graph(gy_graph **graph, gy_wire wire, gy_scope *outer, const gy_onnx_call *call,
                        gy_onnx_reader *reader, gy_error *err)
{
    gy_arena *arena = reader->arena;
    if (reader->depth >= GY_ONNX_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "graphs inside graphs over %d deep", GY_ONNX_DEPTH_MAX);
    draft to = {.graph = GY_NEW(arena, gy_graph, 1),
                .scope = {.names = {.arena = arena}, .outer = outer},
                .call = call,
                .is_inner = outer != NULL};
    if (to.graph == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a graph");
    to.graph->arena = arena;
    GY_TRY(count_ports(to.graph, wire, arena, err));
    reader->depth++;
    GY_TRY(read_pass(&to, wire, 5, reader, err));
    GY_TRY(read_pass(&to, wire, 11, reader, err));
    GY_TRY(read_pass(&to, wire, 1, reader, err));
    GY_TRY(read_pass(&to, wire, 12, reader, err));
    GY_TRY(read_pass(&to, wire, 13, reader, err));
    reader->depth--;
    GY_TRY(gy_scope_check(&to.scope, err));
    to.graph->nodes = to.nodes.nodes;
    to.graph->node_count = to.nodes.count;
    *graph = to.graph;
    return GY_OK;
}
