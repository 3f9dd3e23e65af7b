// SPDX-License-Identifier: Apache-2.0
//
// A model on arrays, through its compiled code or the reference: the oracle for users and tests.

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "compile/infer_call.h"
#include "compile/infer_job.h"
#include "compile/infer_program.h"
#include "compile/lower.h"
#include "model/model.h"

// ---- this machine

static gy_status run_engine(const gy_infer_job *job, const char *path, gy_error *err)
{
    gy_engine *engine;
    GY_TRY(gy_engine_open(&engine, path, err));
    job->counts->kernels = gy_arena_format(job->arena, "%s", gy_engine_kernels(engine));
    gy_status status = gy_engine_run(engine, job->output_data, job->input_data, job->calls,
                                     job->options->threads, err);
    gy_engine_close(engine);
    return status;
}

static gy_status run_host(const gy_infer_job *job, gy_error *err)
{
    // Only what this processor will pick is built.
    static const char *const levels[] = {
        [GY_CPU_PLAIN] = "plain", [GY_CPU_AVX2] = "avx2", [GY_CPU_AVX512] = "avx512"};
    gy_scratch folder;
    GY_TRY(gy_scratch_open(&folder, job->arena, err));
    gy_compile_report report;
    gy_status status = gy_infer_compile(&report, job, folder.path, levels[gy_cpu_level()], err);
    char *path = gy_arena_format(job->arena, "%s/program/program.so", folder.path);
    if (status == GY_OK)
        status = path == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path")
                              : run_engine(job, path, err);
    gy_scratch_close(&folder);
    return status;
}

// ---- the reference

// One call. What the nodes make lives in an arena of its own: the graph's takes in constants that
// were unaligned while they are first used.
static gy_status call_reference(const gy_infer_job *job, gy_model *lowered, gy_array *inputs,
                                gy_array *outputs, size_t call, gy_error *err)
{
    gy_arena made = GY_ARENA_INIT;
    for (size_t i = 0; i < job->input_count; i++) {
        const gy_port *port = &job->inputs[i];
        size_t size_bytes = port->count * gy_dtype_size(port->dtype);
        inputs[i] = (gy_array){
            .name = port->name, .dtype = port->dtype, .rank = port->rank, .count = port->count};
        memcpy(inputs[i].shape, port->shape, sizeof(port->shape));
        inputs[i].data = (unsigned char *)(uintptr_t)job->input_data[i] + call * size_bytes;
    }
    gy_status status = gy_model_run(outputs, lowered, inputs, job->input_count, &made, err);
    for (size_t i = 0; status == GY_OK && i < job->output_count; i++) {
        size_t size_bytes = outputs[i].count * gy_dtype_size(outputs[i].dtype);
        memcpy((unsigned char *)job->output_data[i] + call * size_bytes, outputs[i].data,
               size_bytes);
    }
    gy_arena_release(&made);
    return status;
}

static gy_status run_reference(const gy_infer_job *job, gy_error *err)
{
    gy_arena *arena = job->arena;
    gy_array *inputs = GY_NEW(arena, gy_array, job->input_count + 1);
    gy_array *outputs = GY_NEW(arena, gy_array, job->output_count + 1);
    if (inputs == NULL || outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for arrays");
    gy_model lowered = *job->model;
    lowered.inputs = (gy_port *)(uintptr_t)job->inputs;
    GY_TRY(gy_lower(&lowered.graph, job->model->graph, arena, err));
    for (size_t call = 0; call < job->calls; call++)
        GY_TRY(call_reference(job, &lowered, inputs, outputs, call, err));
    job->counts->kernels = "reference";
    return GY_OK;
}

// ---- arrays and ports

// How many calls an array is for: its first axis may be any multiple of the port's.
static gy_status count_calls(size_t *calls, const gy_array *array, const gy_port *port,
                             bool is_batched, gy_error *err)
{
    if (array == NULL)
        return gy_fail(err, GY_INVALID, "input '%s' is not given", port->name);
    if (array->dtype != port->dtype)
        return gy_fail(err, GY_INVALID, "input '%s' is %s, the model takes %s", port->name,
                       gy_dtype_name(array->dtype), gy_dtype_name(port->dtype));
    bool fits = array->rank == port->rank;
    for (size_t i = is_batched ? 1 : 0; fits && i < port->rank; i++)
        fits = array->shape[i] == port->shape[i];
    if (!fits)
        return gy_fail(err, GY_INVALID,
                       "input '%s' has %zu elements of rank %zu, the model takes %zu of rank %zu%s",
                       port->name, array->count, array->rank, port->count, port->rank,
                       is_batched ? " or a multiple along the first axis" : "");
    if (is_batched && array->shape[0] % port->shape[0] != 0)
        return gy_fail(err, GY_INVALID,
                       "input '%s' holds %zu samples, the model takes %zu a call: give a multiple "
                       "of them (the last may be repeated, and its outputs left out)",
                       port->name, array->shape[0], port->shape[0]);
    *calls = is_batched ? array->shape[0] / port->shape[0] : 1;
    return GY_OK;
}

static bool find_batch(size_t *batch, const gy_infer_job *job)
{
    *batch = job->input_count > 0 && job->inputs[0].rank > 0 ? job->inputs[0].shape[0] : 0;
    for (size_t i = 0; i < job->input_count; i++)
        if (job->inputs[i].rank == 0 || job->inputs[i].shape[0] != *batch)
            return false;
    for (size_t i = 0; i < job->output_count; i++)
        if (job->outputs[i].rank == 0 || job->outputs[i].shape[0] != *batch)
            return false;
    return *batch > 0;
}

static gy_status number_texts(const void **numbers, const gy_array *array,
                              const gy_vocabulary *vocabulary, gy_arena *arena, gy_error *err)
{
    const char *const *texts = array->data;
    int64_t *made = GY_NEW(arena, int64_t, array->count + 1);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu texts", array->count);
    for (size_t i = 0; i < array->count; i++)
        made[i] = gy_vocabulary_find(vocabulary, texts[i]);
    *numbers = made;
    return GY_OK;
}

// An output's numbers are all of its vocabulary's: it copies no text of an input.
static gy_status name_numbers(gy_array *output, const gy_vocabulary *vocabulary, gy_arena *arena,
                              gy_error *err)
{
    const int64_t *numbers = output->data;
    const char **texts = GY_NEW(arena, const char *, output->count + 1);
    if (texts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for output '%s'", output->name);
    for (size_t i = 0; i < output->count; i++) {
        assert(numbers[i] >= 0 && (size_t)numbers[i] < vocabulary->count);
        texts[i] = vocabulary->texts[numbers[i]];
    }
    output->dtype = GY_STRING;
    output->data = texts;
    return GY_OK;
}

// Ports as the program has them.
static gy_status number_ports(const gy_port **made, const gy_port *from, size_t count,
                              const gy_vocabulary *const *texts, gy_arena *arena, gy_error *err)
{
    gy_port *ports = GY_NEW(arena, gy_port, count + 1);
    if (ports == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu ports", count);
    for (size_t i = 0; i < count; i++) {
        ports[i] = from[i];
        ports[i].dtype = texts[i] == NULL ? from[i].dtype : GY_INT64;
    }
    *made = ports;
    return GY_OK;
}

static gy_status match_inputs(gy_infer_job *job, const gy_array *inputs, size_t count,
                              bool is_batched, gy_error *err)
{
    const gy_port *ports = gy_model_inputs(job->model, &job->input_count);
    job->input_data = GY_NEW(job->arena, const void *, job->input_count + 1);
    if (job->input_data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for arrays");
    for (size_t i = 0; i < job->input_count; i++) {
        const gy_array *array = gy_model_array(inputs, count, &ports[i], i);
        size_t calls = 0;
        GY_TRY(count_calls(&calls, array, &ports[i], is_batched, err));
        if (i > 0 && calls != job->calls)
            return gy_fail(err, GY_INVALID, "input '%s' is for %zu calls, '%s' for %zu",
                           job->inputs[i].name, calls, job->inputs[0].name, job->calls);
        job->calls = calls;
        job->input_data[i] = array->data;
        if (job->texts.inputs[i] != NULL)
            GY_TRY(number_texts(&job->input_data[i], array, job->texts.inputs[i], job->arena, err));
    }
    return GY_OK;
}

static gy_status make_outputs(gy_array **outputs, gy_infer_job *job, bool is_batched, gy_error *err)
{
    gy_array *made = GY_NEW(job->arena, gy_array, job->output_count + 1);
    job->output_data = GY_NEW(job->arena, void *, job->output_count + 1);
    for (size_t i = 0; made != NULL && job->output_data != NULL && i < job->output_count; i++) {
        const gy_port *port = &job->outputs[i];
        made[i] = (gy_array){.name = gy_arena_copy(job->arena, port->name, strlen(port->name)),
                             .dtype = port->dtype,
                             .rank = port->rank,
                             .count = port->count * job->calls};
        memcpy(made[i].shape, port->shape, sizeof(port->shape));
        if (is_batched)
            made[i].shape[0] *= job->calls;
        made[i].data = gy_arena_take(job->arena, made[i].count + 1, gy_dtype_size(port->dtype));
        job->output_data[i] = made[i].data;
        if (made[i].data == NULL || made[i].name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for output '%s'", port->name);
    }
    *outputs = made;
    return made != NULL && job->output_data != NULL
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory for arrays");
}

static gy_status read_ports(gy_infer_job *job, gy_error *err)
{
    const gy_port *inputs = gy_model_inputs(job->model, &job->input_count);
    const gy_port *outputs = gy_model_outputs(job->model, &job->output_count);
    const gy_vocabularies *texts = &job->texts;
    GY_TRY(gy_vocabularies_make(&job->texts, gy_model_graph(job->model), job->arena, err));
    GY_TRY(number_ports(&job->inputs, inputs, job->input_count, texts->inputs, job->arena, err));
    return number_ports(&job->outputs, outputs, job->output_count, texts->outputs, job->arena, err);
}

static gy_status run_target(gy_infer_job *job, gy_error *err)
{
    const char *target = job->options->target;
    if (job->options->reference)
        return run_reference(job, err);
    return target == NULL || strcmp(target, "host") == 0 ? run_host(job, err)
                                                         : gy_infer_program(job, err);
}

static gy_status run_job(gy_array **outputs, gy_infer_job *job, const gy_array *inputs,
                         size_t count, gy_error *err)
{
    GY_TRY(read_ports(job, err));
    job->calls = 1;
    bool is_batched = find_batch(&job->counts->batch, job);
    GY_TRY(match_inputs(job, inputs, count, is_batched, err));
    GY_TRY(make_outputs(outputs, job, is_batched, err));
    job->counts->calls = job->calls;
    GY_TRY(run_target(job, err));
    for (size_t i = 0; i < job->output_count; i++)
        if (job->texts.outputs[i] != NULL)
            GY_TRY(name_numbers(&(*outputs)[i], job->texts.outputs[i], job->arena, err));
    return GY_OK;
}

gy_status gy_infer_call(gy_array **outputs, size_t *output_count, gy_infer_counts *counts,
                        const char *model_path, const gy_array *inputs, size_t input_count,
                        const gy_infer_options *options, gy_arena *arena, gy_error *err)
{
    gy_infer_counts unseen;
    gy_infer_job job = {.model_path = model_path,
                        .options = options,
                        .counts = counts == NULL ? &unseen : counts,
                        .arena = arena};
    *job.counts = (gy_infer_counts){0};
    GY_TRY(gy_model_open(&job.model, model_path, &options->model, err));
    gy_status status = run_job(outputs, &job, inputs, input_count, err);
    *output_count = job.output_count;
    gy_model_close(job.model);
    return status;
}
