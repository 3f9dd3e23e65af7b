// SPDX-License-Identifier: Apache-2.0
//
// From a model to a folder: read, lower, prepare for the target, hold against the budgets, write.

#include "gyre/compile.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "compile/build.h"
#include "compile/emit.h"
#include "compile/folder.h"
#include "compile/lower.h"
#include "compile/prepare.h"
#include "compile/report.h"
#include "compile/texts.h"
#include "model/model.h"

/** A model on its way. */
typedef struct job {
    const gy_compile_options *options;
    gy_model *model;
    gy_program program;
    gy_graph *graph; // lowered, prepared
} job;

static gy_status choose_name(const char **name, const char *path, const char *given,
                             gy_arena *arena, gy_error *err)
{
    const char *slash = strrchr(path, '/'), *from = slash == NULL ? path : slash + 1;
    char *made = gy_arena_copy(arena, given != NULL ? given : from,
                               given != NULL ? strlen(given) : strcspn(from, "."));
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a name");
    bool fits = made[0] != '\0' && strlen(made) <= 60 && !isdigit((unsigned char)made[0]);
    for (char *c = made; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) || (unsigned char)*c > 127) {
            fits = fits && (*c == '_' || given == NULL);
            *c = '_';
        }
    if (given != NULL && !fits)
        return gy_fail(err, GY_INVALID, "'%.60s' is no C identifier of at most 60 letters", given);
    *name = fits ? made : "model";
    return GY_OK;
}

static gy_status choose_weights(gy_weights_form *form, const gy_target *target, const char *given,
                                gy_error *err)
{
    *form = target->kernels == GY_KERNELS_M4 ? GY_WEIGHTS_TEXT : GY_WEIGHTS_OBJECT;
    if (given == NULL)
        return GY_OK;
    static const char *const names[] = {"c", "object", "file"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(given, names[i]) == 0) {
            *form = (gy_weights_form)i;
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID, "weights as '%s'; there are: c object file", given);
}

// Samples a call, where every port has the same first axis: calls may be joined along it.
static size_t find_batch(const gy_graph *graph)
{
    size_t batch = 0;
    for (size_t i = 0; i < graph->input_count; i++) {
        const gy_tensor *input = graph->inputs[i];
        if (input->rank == 0 || (i > 0 && input->shape[0] != batch))
            return 0;
        batch = input->shape[0];
    }
    for (size_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i]->rank == 0 || graph->outputs[i]->shape[0] != batch)
            return 0;
    return batch;
}

static gy_status prepare(job *j, const char *path, gy_arena *arena, gy_error *err)
{
    const gy_compile_options *options = j->options;
    gy_program *program = &j->program;
    GY_TRY(
        gy_target_find(&program->target, options->target == NULL ? "host" : options->target, err));
    GY_TRY(choose_name(&program->name, path, options->name, arena, err));
    GY_TRY(choose_weights(&program->weights, program->target, options->weights, err));
    GY_TRY(gy_id_of_file(&program->source, path, err));
    GY_TRY(gy_model_open(&j->model, path, &options->model, err));
    gy_graph *graph = gy_model_graph(j->model);
    GY_TRY(gy_vocabularies_make(&program->texts, graph, arena, err));
    program->batch = find_batch(graph);
    GY_TRY(gy_lower(&j->graph, graph, arena, err));
    return gy_prepare(program, j->graph, arena, err);
}

// ---- files

typedef void emitter(gy_text *out, const gy_program *program);

static gy_status write_emitted(const gy_folder *folder, const gy_program *program,
                               const char *suffix, emitter *emit, gy_arena *arena, gy_error *err)
{
    gy_text text = {0};
    gy_status status = GY_OK;
    char *name = gy_arena_format(arena, "%s%s", program->name, suffix);
    emit(&text, program);
    if (name == NULL || text.status != GY_OK)
        status =
            gy_fail(err, GY_NO_MEMORY, "no memory for the text of '%s%s'", program->name, suffix);
    else
        status = gy_folder_write(folder, name, text.length == 0 ? "" : text.bytes, text.length,
                                 arena, err);
    gy_text_release(&text);
    return status;
}

static void emit_kernel_file(gy_text *out, const gy_program *program)
{
    gy_emit_licence(out, program, "What the nodes of a compiled model call.");
    gy_text_add(out, "#ifndef %s_KERNELS_H\n#define %s_KERNELS_H\n", program->name, program->name);
    gy_emit_kernels(out, program);
    gy_text_add(out, "\n#endif\n");
}

static gy_status write_files(const gy_folder *folder, const gy_program *program, gy_arena *arena,
                             gy_error *err)
{
    bool has_blob = program->weights != GY_WEIGHTS_TEXT && program->plan.constant_count > 0;
    GY_TRY(gy_folder_write(folder, "gyre_abi.h", gy_source_abi, strlen(gy_source_abi), arena, err));
    GY_TRY(write_emitted(folder, program, ".h", gy_emit_header, arena, err));
    if (program->target->kernels != GY_KERNELS_PLAIN)
        GY_TRY(write_emitted(folder, program, "_kernels.h", emit_kernel_file, arena, err));
    GY_TRY(write_emitted(folder, program, ".c", gy_emit_source, arena, err));
    if (program->target->kernels == GY_KERNELS_HOST)
        GY_TRY(write_emitted(folder, program, "_host.c", gy_emit_host, arena, err));
    if (has_blob)
        GY_TRY(write_emitted(folder, program, "_weights.bin", gy_emit_weights_bytes, arena, err));
    if (has_blob && program->weights == GY_WEIGHTS_OBJECT)
        GY_TRY(write_emitted(folder, program, "_weights.S", gy_emit_weights_assembly, arena, err));
    return GY_OK;
}

// ---- the calls

gy_status gy_compile_inspect(gy_compile_report *report, const char *model_path,
                             const gy_compile_options *options, gy_arena *arena, gy_error *err)
{
    job j = {.options = options};
    gy_status status = prepare(&j, model_path, arena, err);
    if (status == GY_OK)
        status = gy_report_make(report, &j.program, arena, err);
    gy_model_close(j.model);
    return status;
}

static gy_status write_folder(job *j, gy_folder *folder, gy_arena *arena, gy_error *err)
{
    GY_TRY(write_files(folder, &j->program, arena, err));
    if (j->program.target->kernels == GY_KERNELS_HOST)
        GY_TRY(gy_build_host(&j->program, folder->draft, j->options->levels, arena, err));
    return gy_folder_finish(folder, arena, err);
}

gy_status gy_compile(gy_compile_report *report, const char *model_path, const char *folder_path,
                     const gy_compile_options *options, gy_arena *arena, gy_error *err)
{
    job j = {.options = options};
    gy_folder folder = {.lock = -1};
    gy_compile_report made;
    gy_status status = prepare(&j, model_path, arena, err);
    if (status == GY_OK)
        status = gy_report_make(&made, &j.program, arena, err);
    if (status == GY_OK)
        status = gy_report_check(&made, options, err);
    if (status == GY_OK)
        status = gy_folder_start(&folder, folder_path, arena, err);
    if (status == GY_OK)
        status = write_folder(&j, &folder, arena, err);
    gy_folder_drop(&folder);
    gy_model_close(j.model);
    if (status == GY_OK && report != NULL)
        *report = made;
    return status;
}
