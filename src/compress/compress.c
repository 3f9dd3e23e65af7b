// SPDX-License-Identifier: Apache-2.0
//
// Static 8-bit compression from file to file: samples in, ranges and scales chosen, the result
// judged on samples held out, the new model written.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "compress/work.h"

enum { BATCH_MAX = 32, CALIBRATE_MAX = 1000, HOLDOUT_MAX = 10000, SEARCH_MIN = 32, KEPT_MAX = 8 };
static const double NOISE_MUCH = 0.05;
static const double SEARCH_PRODUCTS = 2e8; // a try of the search costs about a tenth of a second
static const size_t BATCH_BYTES_MAX = (size_t)64 << 20;

/** All that one call holds. */
typedef struct compression {
    gy_model *model;
    gy_compressor work;
    gy_inputs calibrate, holdout;
    const gy_compress_options *options;
    size_t asked; // how many of options->keep a person wants
    gy_arena *arena;
} compression;

static gy_status check_options(const gy_compress_options *options, gy_error *err)
{
    if (options->bits != 0 && options->bits != 8)
        return gy_fail(err, GY_UNSUPPORTED, "%zu bits are not supported, only 8", options->bits);
    if (options->has_loss_max && !(options->loss_max >= 0 && options->loss_max <= 100))
        return gy_fail(err, GY_INVALID, "a loss of %g points, must be 0 to 100", options->loss_max);
    return GY_OK;
}

// As many samples at once as fit BATCH_BYTES_MAX, all values of the graph counted; one where
// samples of a call may meet: what is fitted to a sample must not hang on its neighbours.
static gy_status choose_batch(size_t *batch, const char *path, gy_error *err)
{
    gy_model *model;
    bool apart;
    GY_TRY(gy_model_open(&model, path, &(gy_model_options){.batch = 1}, err));
    const gy_graph *graph = gy_model_graph(model);
    size_t bytes = 1;
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; k < graph->nodes[i]->output_count; k++)
            if (graph->nodes[i]->outputs[k] != NULL)
                bytes += graph->nodes[i]->outputs[k]->count * 4;
    size_t fits = BATCH_BYTES_MAX / bytes;
    gy_model_close(model);
    GY_TRY(gy_model_apart(&apart, path, &(gy_model_options){0}, err));
    *batch = fits < 1 || !apart ? 1 : fits > BATCH_MAX ? BATCH_MAX : fits;
    return GY_OK;
}

static gy_status open_job(compression *job, const char *model, const char *calibrate,
                          const char *holdout, gy_error *err)
{
    size_t count, batch;
    const gy_compress_options *options = job->options;
    GY_TRY(choose_batch(&batch, model, err));
    GY_TRY(gy_model_open(&job->model, model, &(gy_model_options){.batch = batch}, err));
    const gy_port *port = gy_model_inputs(job->model, &count);
    batch = count == 1 && port->rank > 0 ? port->shape[0] : 1;
    GY_TRY(gy_compressor_init(&job->work, job->model, batch, options, job->arena, err));
    size_t rows = options->calibrate_max == 0 ? CALIBRATE_MAX : options->calibrate_max;
    GY_TRY(gy_compress_read_inputs(&job->calibrate, calibrate, port, job->work.outputs,
                                   options->scale, rows, job->arena, err));
    if (holdout == NULL)
        return GY_OK;
    rows = options->holdout_max == 0 ? HOLDOUT_MAX : options->holdout_max;
    GY_TRY(gy_compress_read_inputs(&job->holdout, holdout, port, job->work.outputs, options->scale,
                                   rows, job->arena, err));
    return gy_compressor_keep(&job->holdout, &job->work, err);
}

// ---- judging

static double accuracy_of(const float *outputs, const gy_part *part, size_t columns)
{
    size_t right = 0, all = 0;
    for (size_t i = part->begin; part->inputs->labels != NULL && i < part->end; i++) {
        const float *row = outputs + (i - part->begin) * columns;
        int32_t label = part->inputs->labels[i];
        int32_t best = 0;
        for (size_t k = 1; k < columns; k++)
            best = row[k] > row[best] ? (int32_t)k : best;
        all += label >= 0;
        right += label == best;
    }
    return all == 0 ? NAN : (double)right / (double)all;
}

// What each layer alone costs: it and its input have 8 bits, nothing else has.
static gy_status measure_layers(gy_compress_report *report, compression *job, const gy_part *part,
                                const float *expected, float *outputs, gy_error *err)
{
    gy_compressor *work = &job->work;
    for (size_t i = 0; i < work->layer_count; i++) {
        gy_layer *layer = &work->layers[i];
        if (layer->why_float != NULL)
            continue;
        gy_compressor_switch(work, false);
        work->activations[work->activations[layer->input].root].is_on = true;
        gy_layer_switch(layer, true, work);
        GY_TRY(gy_compressor_run(outputs, work, part, err));
        gy_compress_judgement judged =
            gy_compress_judge(outputs, expected, part->end - part->begin, work->outputs);
        report->layers[i].cost = judged.noise;
        report->layers[i].flipped = judged.flipped;
    }
    return GY_OK;
}

// Without a stated bound, what nobody can want.
static bool is_over(const gy_compress_report *report, const gy_compress_options *options)
{
    if (options->has_loss_max)
        return report->loss > options->loss_max;
    return report->noise > NOISE_MUCH || report->flipped * 20 > report->judged;
}

static gy_status judge_job(gy_compress_report *report, compression *job, const gy_part *part,
                           gy_error *err)
{
    gy_compressor *work = &job->work;
    size_t rows = part->end - part->begin;
    float *expected = GY_NEW(job->arena, float, rows * work->outputs);
    float *outputs = GY_NEW(job->arena, float, rows * work->outputs);
    if (expected == NULL || outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu outputs", rows * work->outputs);
    gy_compressor_switch(work, false);
    GY_TRY(gy_compressor_run(expected, work, part, err));
    gy_compressor_switch(work, true);
    GY_TRY(gy_compressor_run(outputs, work, part, err));
    gy_compress_judgement judged = gy_compress_judge(outputs, expected, rows, work->outputs);
    report->judged = rows;
    report->noise = judged.noise;
    report->flipped = judged.flipped;
    report->accuracy_float = accuracy_of(expected, part, work->outputs);
    report->accuracy = accuracy_of(outputs, part, work->outputs);
    report->note = part->inputs->note;
    report->loss = work->outputs == 1        ? NAN
                   : isnan(report->accuracy) ? 100 * (double)judged.flipped / (double)rows
                                             : 100 * (report->accuracy_float - report->accuracy);
    if (!job->options->sensitivity && !is_over(report, job->options))
        return GY_OK;
    return measure_layers(report, job, part, expected, outputs, err);
}

static gy_status list_layers(gy_compress_report *report, compression *job, gy_error *err)
{
    const gy_compressor *work = &job->work;
    report->layer_count = work->layer_count;
    report->layers = GY_NEW(job->arena, gy_compress_layer, work->layer_count);
    if (report->layers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu layers", work->layer_count);
    for (size_t i = 0; i < work->layer_count; i++) {
        const gy_layer *layer = &work->layers[i];
        static const char *const types[] = {"Conv", "Gemm", "MatMul"};
        const char *name = gy_arena_format(job->arena, "%s", layer->node->name);
        if (name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for the name of a layer");
        report->layers[i] = (gy_compress_layer){.name = name,
                                                .type = types[layer->kind],
                                                .why_float = layer->why_float,
                                                .weights = layer->node->inputs[1]->count,
                                                .cost = NAN};
    }
    return GY_OK;
}

static void list_scales(gy_compress_report *report, const gy_compressor *work)
{
    for (size_t i = 0; i < work->layer_count; i++) {
        if (work->layers[i].why_float != NULL)
            continue;
        const gy_activation *input =
            &work->activations[work->activations[work->layers[i].input].root];
        report->layers[i].input_scale = input->scale;
        report->layers[i].input_zero = input->zero;
        report->layers[i].exact = gy_layer_is_exact(&work->layers[i], input);
    }
}

// ---- the whole

static gy_status size_of_file(size_t *bytes, const char *path, gy_error *err)
{
    gy_file_map map;
    GY_TRY(gy_file_map_open(&map, path, err));
    *bytes = map.size_bytes;
    gy_file_map_close(&map);
    return GY_OK;
}

static gy_status write_model(gy_compress_report *report, const char *out, compression *job,
                             gy_error *err)
{
    GY_TRY(gy_compressor_insert(&job->work, err));
    gy_text bytes = {0};
    gy_status status = gy_onnx_write(&bytes, job->work.graph, err);
    if (status == GY_OK)
        status = gy_file_replace(out, bytes.bytes, bytes.length, err);
    report->bytes = bytes.length;
    gy_text_release(&bytes);
    return status;
}

static gy_status run_job(gy_compress_report *report, compression *job, bool has_holdout,
                         gy_error *err)
{
    *report = (gy_compress_report){.bytes_float = report->bytes_float, .note = ""};
    gy_compressor *work = &job->work;
    size_t rows = job->calibrate.rows, held = rows / 3;
    gy_part fit = {&job->calibrate, 0, rows - held}, judge = {&job->calibrate, rows - held, rows};
    gy_part all_of_it = judge, holdout = {&job->holdout, 0, job->holdout.rows};
    // A search on a large model looks at fewer samples.
    double affordable = SEARCH_PRODUCTS / (work->products + 1);
    size_t most = affordable < SEARCH_MIN ? SEARCH_MIN
                  : affordable > 1e6      ? 1000000
                                          : (size_t)affordable;
    judge.end = judge.end - judge.begin > most ? judge.begin + most : judge.end;

    GY_TRY(list_layers(report, job, err));
    GY_TRY(gy_compress_search(report, work, &fit, &judge, err));
    list_scales(report, work);
    report->calibrated = fit.end - fit.begin;
    report->has_holdout = has_holdout;
    return judge_job(report, job, has_holdout ? &holdout : &all_of_it, err);
}

// The layer that is to stay float next, by what it costs alone; NULL: none may, or need.
static const char *find_costliest(const gy_compress_report *report, const compression *job)
{
    const gy_compress_layer *worst = NULL;
    size_t left = 0;
    for (size_t i = 0; i < report->layer_count; i++) {
        const gy_compress_layer *layer = &report->layers[i];
        left += layer->why_float == NULL;
        if (layer->why_float == NULL && (worst == NULL || layer->cost > worst->cost))
            worst = layer;
    }
    bool more = left > 1 && job->options->keep_count < job->asked + KEPT_MAX;
    return more && is_over(report, job->options) ? worst->name : NULL;
}

static void tell_why(gy_compress_report *report, const char *const *kept, size_t count)
{
    for (size_t i = 0; i < report->layer_count; i++)
        for (size_t k = 0; k < count; k++)
            if (strcmp(report->layers[i].name, kept[k]) == 0)
                report->layers[i].why_float = "in 8 bits it costs too much";
}

// What is still too much when no further layer may stay float.
static gy_status judge_rest(gy_compress_report *report, const compression *job, gy_error *err)
{
    const gy_compress_options *how = job->options;
    size_t kept = how->keep_count - job->asked;
    if (!is_over(report, how))
        return GY_OK;
    if (how->has_loss_max)
        return gy_fail(err, GY_REFUSED,
                       "8 bits lose %.3g points, over the allowed %g, with %zu of the layers that "
                       "cost most kept float%s%s%s",
                       report->loss, how->loss_max, kept, kept == 0 ? "" : " (the first: '",
                       kept == 0 ? "" : how->keep[job->asked], kept == 0 ? "" : "')");
    if (report->note[0] == '\0')
        report->note = "8 bits cost much here: --report tells what each layer costs";
    return GY_OK;
}

// One search with these layers kept, and the file unless one more is to be.
static gy_status try_job(gy_compress_report *report, const char **next, const char *out,
                         const char *model, const char *calibrate, const char *holdout,
                         compression *job, gy_error *err)
{
    gy_status status = open_job(job, model, calibrate, holdout, err);
    if (status == GY_OK)
        status = run_job(report, job, holdout != NULL, err);
    *next = status == GY_OK ? find_costliest(report, job) : NULL;
    if (status == GY_OK && *next == NULL)
        status = judge_rest(report, job, err);
    if (status == GY_OK && *next == NULL)
        status = write_model(report, out, job, err);
    if (job->model != NULL)
        gy_model_close(job->model);
    return status;
}

gy_status gy_compress(gy_compress_report *report, const char *out, const char *model,
                      const char *calibrate, const char *holdout,
                      const gy_compress_options *options, gy_arena *arena, gy_error *err)
{
    assert(report != NULL && out != NULL && model != NULL && calibrate != NULL && arena != NULL);
    gy_compress_options how = options == NULL ? (gy_compress_options){0} : *options;
    size_t asked = how.keep_count;
    const char *next = NULL;
    *report = (gy_compress_report){0};
    GY_TRY(check_options(&how, err));
    GY_TRY(size_of_file(&report->bytes_float, model, err));
    const char **keep = GY_NEW(arena, const char *, asked + KEPT_MAX);
    if (keep == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the names of %zu nodes", asked);
    for (size_t i = 0; i < asked; i++)
        keep[i] = how.keep[i];
    how.keep = keep;
    do {
        compression job = {.options = &how, .asked = asked, .arena = arena};
        GY_TRY(try_job(report, &next, out, model, calibrate, holdout, &job, err));
        if (next != NULL)
            keep[how.keep_count++] = next;
    } while (next != NULL);
    tell_why(report, keep + asked, how.keep_count - asked);
    return GY_OK;
}
