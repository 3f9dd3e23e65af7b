// SPDX-License-Identifier: Apache-2.0
//
// Our own reader of ONNX files: bounded, and without a copy of the weights. The file is mapped;
// raw data stay where they lie. It trusts nothing: every length is held against the bytes that are
// left, every product against overflow, nesting and counts against stated limits, memory against a
// budget that follows from the file's size.

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "model/onnx.h"

enum { BUDGET_BYTES = 256 * 1024 * 1024, IR_VERSION_MAX = 14 };

static gy_status add_function(gy_onnx_reader *reader, gy_wire wire, gy_error *err)
{
    gy_onnx_function *function = GY_NEW(reader->arena, gy_onnx_function, 1);
    if (function == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a function");
    *function = (gy_onnx_function){"", "", "", wire, reader->functions};
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        const char **text = field.number == 1    ? &function->name
                            : field.number == 10 ? &function->domain
                            : field.number == 13 ? &function->overload
                                                 : NULL;
        if (text != NULL)
            GY_TRY(gy_wire_text(text, &field, &wire, reader->arena, err));
    }
    reader->functions = function;
    return GY_OK;
}

static gy_status read_model(gy_onnx_reader *reader, gy_error *err)
{
    gy_model *model = reader->model;
    const unsigned char *bytes = model->map.bytes;
    gy_wire whole = {bytes, bytes + model->map.size_bytes, bytes}, graph = {0}, wire = whole;
    uint64_t ir_version = 0;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        gy_wire inner;
        if (field.number == 1)
            ir_version = field.value;
        else if (field.number == 7)
            GY_TRY(gy_wire_open(&graph, &field, &wire, err));
        else if (field.number == 25) {
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            GY_TRY(add_function(reader, inner, err));
        }
    }
    if (ir_version == 0 || graph.at == NULL)
        return gy_fail(err, GY_FORMAT, "not an ONNX model: no graph or no format version");
    if (ir_version > IR_VERSION_MAX)
        return gy_fail(err, GY_UNSUPPORTED, "ONNX format version %llu, up to %d is supported",
                       (unsigned long long)ir_version, IR_VERSION_MAX);
    GY_TRY(gy_onnx_opsets(whole, 8, reader, err));
    GY_TRY(gy_onnx_graph(&model->graph, graph, NULL, NULL, reader, err));
    model->graph->opsets = reader->opsets;
    model->graph->opset_count = reader->opset_count;
    model->graph->ir_version = (int)ir_version;
    return GY_OK;
}

static gy_status describe_ports(gy_port **ports, gy_tensor *const *tensors, size_t count,
                                gy_arena *arena, gy_error *err)
{
    *ports = GY_NEW(arena, gy_port, count);
    if (*ports == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu inputs and outputs", count);
    for (size_t i = 0; i < count; i++) {
        gy_port *port = &(*ports)[i];
        *port = (gy_port){.name = tensors[i]->name,
                          .dtype = tensors[i]->dtype,
                          .rank = tensors[i]->rank,
                          .count = tensors[i]->count};
        memcpy(port->shape, tensors[i]->shape, sizeof(port->shape));
    }
    return GY_OK;
}

static gy_status open_model(gy_model *model, const char *path, const gy_model_options *options,
                            gy_error *err)
{
    GY_TRY(gy_file_map_open(&model->map, path, err));
    size_t limit = options->limit_bytes;
    if (limit == 0 && model->map.size_bytes < (SIZE_MAX - BUDGET_BYTES) / 3)
        limit = BUDGET_BYTES + 3 * model->map.size_bytes;
    model->arena = gy_arena_new(limit);
    if (model->arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    model->path = gy_arena_copy(model->arena, path, strlen(path));
    gy_tensor *absent = gy_tensor_new(model->arena, "");
    if (model->path == NULL || absent == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    gy_onnx_reader reader = {.model = model,
                             .arena = model->arena,
                             .options = options,
                             .absent = absent,
                             .read_graph = gy_onnx_graph};
    GY_TRY(read_model(&reader, err));
    GY_TRY(gy_graph_infer(model->graph, err));
    GY_TRY(gy_onnx_declared_check(&reader, err));
    gy_graph *graph = model->graph;
    GY_TRY(describe_ports(&model->inputs, graph->inputs, graph->input_count, model->arena, err));
    return describe_ports(&model->outputs, graph->outputs, graph->output_count, model->arena, err);
}

gy_status gy_model_open(gy_model **model, const char *path, const gy_model_options *options,
                        gy_error *err)
{
    static const gy_model_options defaults = {0};
    gy_model *opened = gy_fault_memory() ? NULL : calloc(1, sizeof(*opened));
    if (opened == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to open '%s'", path);
    gy_error inner = {0};
    gy_status status = open_model(opened, path, options == NULL ? &defaults : options, &inner);
    if (status != GY_OK) {
        gy_model_close(opened);
        if (strstr(inner.message, path) != NULL)
            return gy_fail(err, status, "%s", inner.message);
        return gy_fail(err, status, "cannot read '%s': %s", path, inner.message);
    }
    *model = opened;
    return GY_OK;
}

void gy_model_close(gy_model *model)
{
    if (model == NULL)
        return;
    gy_onnx_externals_close(model);
    gy_file_map_close(&model->map);
    gy_arena_free(model->arena);
    free(model);
}

const gy_port *gy_model_inputs(const gy_model *model, size_t *count)
{
    *count = model->graph->input_count;
    return model->inputs;
}

const gy_port *gy_model_outputs(const gy_model *model, size_t *count)
{
    *count = model->graph->output_count;
    return model->outputs;
}

gy_graph *gy_model_graph(gy_model *model)
{
    return model->graph;
}
