// SPDX-License-Identifier: Apache-2.0
//
// The reference: nodes one after the other, each by its operator's eval.

#include <assert.h>
#include <string.h>

#include "model/model.h"
#include "model/op.h"
#include "rt/math.h"

gy_status gy_node_run(gy_node *node, gy_arena *arena, gy_error *err)
{
    if (node->op->eval == NULL)
        return gy_fail(err, GY_UNSUPPORTED, "node '%s': the reference cannot run %s", node->name,
                       node->op->type);
    for (size_t i = 0; i < node->output_count; i++) {
        gy_tensor *output = node->outputs[i];
        if (output == NULL)
            continue;
        output->data = gy_arena_take(arena, output->count, gy_dtype_size(output->dtype));
        if (output->data == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for '%s' of %zu elements", output->name,
                           output->count);
    }
    if (node->scratch != NULL) {
        gy_tensor *scratch = node->scratch;
        scratch->data = gy_arena_take(arena, scratch->count, gy_dtype_size(scratch->dtype));
        if (scratch->data == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for the scratch of node '%s'", node->name);
    }
    return node->op->eval(node, err);
}

gy_status gy_graph_run(gy_graph *graph, gy_arena *arena, gy_error *err)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            if (node->inputs[k] != NULL)
                GY_TRY(gy_tensor_align(node->inputs[k], graph->arena, err));
        GY_TRY(gy_node_run(node, arena, err));
    }
    return GY_OK;
}

const gy_array *gy_model_array(const gy_array *arrays, size_t count, const gy_port *port,
                               size_t place)
{
    for (size_t i = 0; i < count; i++)
        if (arrays[i].name != NULL && strcmp(arrays[i].name, port->name) == 0)
            return &arrays[i];
    return place < count ? &arrays[place] : NULL;
}

static gy_status check_array(const gy_array *array, const gy_port *port, gy_error *err)
{
    if (array == NULL)
        return gy_fail(err, GY_INVALID, "input '%s' is not given", port->name);
    if (array->dtype != port->dtype)
        return gy_fail(err, GY_INVALID, "input '%s' is %s, the model takes %s", port->name,
                       gy_dtype_name(array->dtype), gy_dtype_name(port->dtype));
    bool same = array->rank == port->rank;
    for (size_t i = 0; same && i < port->rank; i++)
        same = array->shape[i] == port->shape[i];
    if (!same)
        return gy_fail(err, GY_INVALID,
                       "input '%s' has another shape than the model's: %zu "
                       "elements of rank %zu, the model takes %zu of rank %zu",
                       port->name, array->count, array->rank, port->count, port->rank);
    return GY_OK;
}

static gy_status copy_output(gy_array *array, const gy_tensor *tensor, gy_arena *arena,
                             gy_error *err)
{
    *array = (gy_array){
        .name = tensor->name, .dtype = tensor->dtype, .rank = tensor->rank, .count = tensor->count};
    memcpy(array->shape, tensor->shape, sizeof(array->shape));
    array->data = gy_arena_take(arena, tensor->count, gy_dtype_size(tensor->dtype));
    if (array->data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for output '%s'", tensor->name);
    if (tensor->count > 0)
        memcpy(array->data, tensor->data, tensor->count * gy_dtype_size(tensor->dtype));
    if (tensor->dtype != GY_FLOAT32)
        return GY_OK;
    float *values = array->data;
    for (size_t i = 0; i < tensor->count; i++)
        values[i] = gy_canonf(values[i]);
    return GY_OK;
}

gy_status gy_model_run(gy_array *outputs, gy_model *model, const gy_array *inputs,
                       size_t input_count, gy_arena *arena, gy_error *err)
{
    assert(outputs != NULL && arena != NULL);
    gy_graph *graph = model->graph;
    for (size_t i = 0; i < graph->input_count; i++) {
        const gy_array *array = gy_model_array(inputs, input_count, &model->inputs[i], i);
        GY_TRY(check_array(array, &model->inputs[i], err));
        graph->inputs[i]->data = array->data;
    }
    GY_TRY(gy_graph_run(graph, arena, err));
    for (size_t i = 0; i < graph->output_count; i++)
        GY_TRY(copy_output(&outputs[i], graph->outputs[i], arena, err));
    return GY_OK;
}
