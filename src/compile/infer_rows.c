// SPDX-License-Identifier: Apache-2.0
//
// How many samples a call of gyre infer holds where nobody says it: one where samples never meet,
// else all that are given, or as many as the model takes.

#include <string.h>

#include "compile/infer_call.h"
#include "model/model.h"

enum { TRIES_MAX = 16 };

// How many samples the inputs hold, if the model leaves it to them; else 0.
static size_t samples_given(gy_model *model, const gy_array *inputs, size_t count)
{
    size_t port_count, samples = 0;
    const gy_port *ports = gy_model_inputs(model, &port_count);
    for (size_t i = 0; i < port_count; i++) {
        const gy_tensor *tensor = gy_model_graph(model)->inputs[i];
        const gy_array *array = gy_model_array(inputs, count, &ports[i], i);
        if (array == NULL || array->rank == 0 || array->rank != ports[i].rank ||
            tensor->dimensions == NULL || tensor->dimensions[0] == NULL ||
            (samples != 0 && array->shape[0] != samples))
            return 0;
        samples = array->shape[0];
    }
    return samples;
}

// A model that does not take one sample may take all, or a part of them at a time: the largest.
static gy_status open_for_some(gy_model **model, size_t *batch, const char *path, size_t samples,
                               const gy_model_options *options, gy_error *err)
{
    gy_model_options chosen = *options;
    gy_error unseen = {0};
    gy_status status = gy_model_open(model, path, options, err);
    *batch = 0;
    if (status != GY_FORMAT && status != GY_UNSUPPORTED && status != GY_INVALID)
        return status;
    for (size_t calls = 1, tries = 0; calls < samples && tries < TRIES_MAX; calls++) {
        if (samples % calls != 0)
            continue;
        tries++;
        chosen.batch = samples / calls;
        if (gy_model_open(model, path, &chosen, &unseen) == GY_OK) {
            *batch = chosen.batch;
            return GY_OK;
        }
    }
    return status;
}

static gy_status choose_batch(size_t *batch, const char *path, const gy_array *inputs, size_t count,
                              const gy_model_options *options, gy_error *err)
{
    gy_model *model;
    bool apart;
    size_t given = count > 0 && inputs[0].rank > 0 ? inputs[0].shape[0] : 0;
    GY_TRY(open_for_some(&model, batch, path, given, options, err));
    size_t samples = samples_given(model, inputs, count);
    gy_model_close(model);
    if (*batch != 0 || samples < 2)
        return GY_OK;
    GY_TRY(gy_model_apart(&apart, path, options, err));
    *batch = apart ? 0 : samples;
    return GY_OK;
}

gy_status gy_infer(gy_array **outputs, size_t *output_count, gy_infer_counts *counts,
                   const char *model_path, const gy_array *inputs, size_t input_count,
                   const gy_infer_options *options, gy_arena *arena, gy_error *err)
{
    gy_infer_options chosen = *options;
    if (options->model.batch == 0)
        GY_TRY(choose_batch(&chosen.model.batch, model_path, inputs, input_count, &options->model,
                            err));
    return gy_infer_call(outputs, output_count, counts, model_path, inputs, input_count, &chosen,
                         arena, err);
}
