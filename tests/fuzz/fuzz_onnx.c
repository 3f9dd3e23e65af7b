// SPDX-License-Identifier: Apache-2.0
//
// The ONNX reader: any bytes give a model or a message. What is read is written back and read
// again; where it is small it is run on zeros, so that every operator meets every shape.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "model/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

enum { ELEMENTS_MAX = 1 << 14, PORTS_MAX = 32 };

static gy_status open_bytes(gy_model **model, const void *bytes, size_t size_bytes, gy_error *err)
{
    // No limit on what is inside a memory file: it is a regular file to the reader.
    char path[40];
    gy_model_options options = {.batch = 2, .limit_bytes = (size_t)64 << 20};
    int file = memfd_create("model", 0);
    if (file < 0 || gy_io_write_all(file, bytes, size_bytes) != 0)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    gy_status status = gy_model_open(model, path, &options, err);
    close(file);
    return status;
}

static bool is_small(const gy_graph *graph)
{
    size_t work = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        size_t inputs = 1, outputs = 1;
        for (size_t k = 0; k < graph->nodes[i]->input_count; k++)
            inputs += graph->nodes[i]->inputs[k] == NULL ? 0 : graph->nodes[i]->inputs[k]->count;
        for (size_t k = 0; k < graph->nodes[i]->output_count; k++)
            outputs += graph->nodes[i]->outputs[k] == NULL ? 0 : graph->nodes[i]->outputs[k]->count;
        if (inputs > ELEMENTS_MAX || outputs > ELEMENTS_MAX)
            return false;
        work += inputs * outputs;
    }
    return work < (size_t)1 << 22;
}

static void run(gy_model *model)
{
    size_t inputs, outputs;
    const gy_port *ports = gy_model_inputs(model, &inputs);
    gy_array given[PORTS_MAX], made[PORTS_MAX];
    gy_arena arena = GY_ARENA_INIT;
    gy_model_outputs(model, &outputs);
    bool runs = inputs <= PORTS_MAX && outputs <= PORTS_MAX;
    for (size_t i = 0; runs && i < inputs; i++) {
        runs = ports[i].dtype != GY_STRING && ports[i].count <= ELEMENTS_MAX;
        given[i] = (gy_array){.name = ports[i].name,
                              .dtype = ports[i].dtype,
                              .rank = ports[i].rank,
                              .count = ports[i].count};
        for (size_t k = 0; k < ports[i].rank; k++)
            given[i].shape[k] = ports[i].shape[k];
        if (runs)
            given[i].data = gy_arena_take(&arena, ports[i].count, gy_dtype_size(ports[i].dtype));
    }
    gy_error err = {0};
    if (runs && gy_model_run(made, model, given, inputs, &arena, &err) != GY_OK &&
        err.message[0] == '\0')
        abort();
    gy_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_error err = {0};
    gy_model *model, *again;
    if (open_bytes(&model, bytes, size_bytes, &err) != GY_OK) {
        if (err.message[0] == '\0')
            abort();
        return 0;
    }
    gy_text written = {0};
    if (gy_onnx_write(&written, gy_model_graph(model), &err) == GY_OK &&
        open_bytes(&again, written.bytes, written.length, &err) == GY_OK)
        gy_model_close(again);
    gy_text_release(&written);
    if (is_small(gy_model_graph(model)))
        run(model);
    gy_model_close(model);
    return 0;
}
