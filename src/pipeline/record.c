// SPDX-License-Identifier: Apache-2.0
//
// What the ledger gets of a run: the run itself under the ids of all that went in and came out,
// the models it made, each number of its metrics, each prediction under its sample's id.

#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/thread.h"
#include "pipeline/pipeline.h"
#include "pipeline/predictions.h"

static void add_paths(gy_text *out, const gy_stage_path *paths, const gy_content *contents,
                      size_t count)
{
    static const char *const kinds[] = {"absent", "file", "folder", "dataset"};
    gy_text_add(out, "[");
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, "%s{", i == 0 ? "" : ",");
        gy_text_json_member(out, "path", paths[i].path);
        gy_text_add(out, ",\"kind\":\"%s\",\"id\":\"%s\",\"bytes\":%" PRIu64 "}",
                    kinds[contents[i].kind], gy_id_text(&contents[i].id).text, contents[i].bytes);
    }
    gy_text_add(out, "]");
}

// A parameter whose name ends in "seed" is a seed: what must be known to run it again.
static void add_seeds(gy_text *out, const char *prefix, const gy_json *value, size_t *count)
{
    if (value->kind == GY_JSON_OBJECT) {
        for (size_t i = 0; i < value->count; i++) {
            char name[512];
            const gy_json *item = &value->items[i];
            snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", item->key);
            add_seeds(out, name, item, count);
        }
        return;
    }
    size_t length = strlen(prefix);
    if (length < 4 || strcmp(prefix + length - 4, "seed") != 0)
        return;
    gy_text_add(out, "%s", (*count)++ == 0 ? "" : ",");
    gy_text_json_string(out, prefix, strlen(prefix));
    gy_text_add(out, ":");
    gy_json_write(out, value);
}

static void add_threads(gy_text *out)
{
    static const char *const names[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                        "MKL_NUM_THREADS", "GYRE_THREADS", "GYRE_CPU"};
    gy_text_add(out, "{\"processors\":%zu", gy_thread_count());
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL)
            gy_text_json_member(out, names[i], value);
    }
    gy_text_add(out, "}");
}

// The processor as /proc/cpuinfo names it; "" elsewhere.
static void read_processor(char *name, size_t size_bytes)
{
    char line[512];
    name[0] = '\0';
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file != NULL && name[0] == '\0' && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "model name", 10) == 0 && strstr(line, ": ") != NULL) {
            snprintf(name, size_bytes, "%s", strstr(line, ": ") + 2);
            name[strcspn(name, "\n")] = '\0';
        }
    if (file != NULL)
        fclose(file);
}

static void add_host(gy_text *out)
{
    struct utsname system;
    char processor[256];
    read_processor(processor, sizeof(processor));
    gy_text_add(out, "{");
    gy_text_json_member(out, "processor", processor);
    if (uname(&system) == 0) {
        gy_text_json_member(out, "system", system.sysname);
        gy_text_json_member(out, "release", system.release);
        gy_text_json_member(out, "machine", system.machine);
    }
    gy_text_add(out, "}");
}

// What is known of the libraries beside what the command notes down itself.
static void add_libraries(gy_text *out)
{
    char libc[64] = "";
    gy_text_add(out, "{");
    gy_text_json_member(out, "gyre", gy_version());
#ifdef _CS_GNU_LIBC_VERSION
    (void)confstr(_CS_GNU_LIBC_VERSION, libc, sizeof(libc));
#endif
    if (libc[0] != '\0') {
        gy_text_json_member(out, "libc", libc);
    }
    gy_text_add(out, "}");
}

// What the command left in .gyre/runs/RUN.json, an object: library versions, for one.
static gy_status read_notes(const gy_json **notes, const gy_pipeline *pipeline, const char *run,
                            gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t length;
    gy_json *root;
    gy_error problem;
    *notes = NULL;
    char *path = gy_arena_format(arena, "%s/.gyre/runs/%s.json", pipeline->project, run);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status = gy_file_read(&bytes, &length, path, 1 << 20, arena, &problem);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status == GY_OK)
        status = gy_json_parse(&root, bytes, length, path, arena, &problem);
    if (status == GY_OK && root->kind != GY_JSON_OBJECT)
        status = gy_fail(&problem, GY_FORMAT, "'%s' is no object", path);
    if (status != GY_OK)
        return gy_fail(err, status, "%s", problem.message);
    *notes = root;
    return GY_OK;
}

// To the microsecond.
static double rounded(double seconds)
{
    return (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6;
}

static gy_status write_body(gy_text *out, const gy_pipeline *pipeline, const gy_stage_run *run,
                            gy_arena *arena, gy_error *err)
{
    const gy_stage *stage = run->stage;
    const gy_json *notes;
    size_t seeds = 0;
    GY_TRY(read_notes(&notes, pipeline, run->id, arena, err));
    gy_text_add(out, "{");
    gy_text_json_member(out, "stage", stage->name);
    gy_text_json_member(out, "command", stage->command);
    gy_text_json_member(out, "folder", stage->wdir);
    gy_text_add(out, ",\"deps\":");
    add_paths(out, stage->deps, run->deps, stage->dep_count);
    gy_text_add(out, ",\"outs\":");
    add_paths(out, stage->outs, run->outs, stage->out_count);
    gy_text_add(out, ",\"params\":");
    gy_json_write(out, run->params);
    gy_text_add(out, ",\"seeds\":{");
    for (size_t i = 0; i < run->params->count; i++)
        add_seeds(out, "", &run->params->items[i], &seeds);
    gy_text_add(out, "},\"threads\":");
    add_threads(out);
    gy_text_add(out, ",\"host\":");
    add_host(out);
    gy_text_add(out, ",\"libraries\":");
    add_libraries(out);
    gy_text_add(out, ",\"dirty\":%s,\"started_us\":%" PRId64 ",\"ended_us\":%" PRId64,
                run->dirty ? "true" : "false", run->started_us, run->ended_us);
    gy_text_add(out, ",\"seconds\":");
    gy_text_json_number(out, rounded(run->process.seconds));
    gy_text_add(out, ",\"cpu_seconds\":");
    gy_text_json_number(out, rounded(run->process.cpu_seconds));
    gy_text_add(out, ",\"rss_bytes_max\":%" PRIu64 ",\"status\":0", run->process.rss_bytes_max);
    if (notes != NULL) {
        gy_text_add(out, ",\"notes\":");
        gy_json_write(out, notes);
    }
    gy_text_add(out, "}");
    return out->status == GY_OK ? GY_OK : gy_pipeline_no_memory(err);
}

// The root of the first dataset among the inputs: the data version that the run speaks of.
static const char *version_of(const gy_stage_run *run, gy_arena *arena)
{
    for (size_t i = 0; i < run->stage->dep_count; i++)
        if (run->deps[i].kind == GY_CONTENT_DATASET)
            return gy_arena_copy(arena, gy_id_text(&run->deps[i].id).text, 64);
    return NULL;
}

static gy_status collect_ids(gy_id **ids, size_t *count, const gy_stage_run *run, gy_arena *arena,
                             gy_error *err)
{
    const gy_stage *stage = run->stage;
    *ids = GY_NEW(arena, gy_id, stage->dep_count + stage->out_count);
    *count = 0;
    if (*ids == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < stage->out_count; i++)
        (*ids)[(*count)++] = run->outs[i].id;
    for (size_t i = 0; i < stage->dep_count; i++)
        (*ids)[(*count)++] = run->deps[i].id;
    return GY_OK;
}

// A file that holds a model, by the endings that trainers give it.
bool gy_is_model(const char *path)
{
    static const char *const endings[] = {".onnx", ".pt",    ".pth", ".pkl",  ".joblib",
                                          ".h5",   ".keras", ".ubj", ".ckpt", ".safetensors"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t size = strlen(endings[i]);
        if (length > size && strcmp(path + length - size, endings[i]) == 0)
            return true;
    }
    return false;
}

// The model among a stage's inputs, NULL: none.
static const gy_id *model_of(const gy_stage_run *run)
{
    for (size_t i = 0; i < run->stage->dep_count; i++)
        if (gy_is_model(run->stage->deps[i].path))
            return &run->deps[i].id;
    return NULL;
}

// Records of one run, written in one transaction.
typedef struct run_batch {
    gy_record *records;
    size_t count, capacity;
    const gy_stage_run *run;
    const char *version;
    gy_arena *arena;
} run_batch;

static gy_status push(run_batch *batch, const char *kind, const gy_id *ids, size_t id_count,
                      const char *body, gy_error *err)
{
    gy_record *grown =
        gy_arena_grow(batch->arena, batch->records, batch->count, &batch->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_pipeline_no_memory(err);
    batch->records = grown;
    if (body == NULL)
        return gy_pipeline_no_memory(err);
    batch->records[batch->count++] = (gy_record){.kind = kind,
                                                 .ids = ids,
                                                 .id_count = id_count,
                                                 .body = body,
                                                 .run = batch->run->id,
                                                 .version = batch->version,
                                                 .commit = batch->run->commit,
                                                 .writer = "gyre run",
                                                 .time_us = batch->run->ended_us};
    return GY_OK;
}

static const char *take_body(gy_text *text, gy_arena *arena)
{
    const char *body =
        text->status == GY_OK ? gy_arena_copy(arena, text->bytes, text->length) : NULL;
    gy_text_release(text);
    return body;
}

static gy_status push_models(run_batch *batch, gy_error *err)
{
    const gy_stage_run *run = batch->run;
    for (size_t i = 0; i < run->stage->out_count; i++) {
        gy_text body = {0};
        if (!gy_is_model(run->stage->outs[i].path))
            continue;
        gy_text_add(&body, "{");
        gy_text_json_member(&body, "path", run->stage->outs[i].at);
        gy_text_add(&body, ",\"bytes\":%" PRIu64 ",\"from\":\"%s\"}", run->outs[i].bytes, run->id);
        GY_TRY(push(batch, "model", &run->outs[i].id, 1, take_body(&body, batch->arena), err));
    }
    return GY_OK;
}

static gy_status push_metrics(run_batch *batch, const gy_pipeline *pipeline, gy_error *err)
{
    gy_metric *metrics;
    size_t count;
    const gy_id *model = model_of(batch->run);
    GY_TRY(gy_run_metrics(&metrics, &count, pipeline, batch->run->stage, batch->arena, err));
    for (size_t i = 0; i < count; i++) {
        gy_text body = {0};
        gy_text_add(&body, "{");
        gy_text_json_member(&body, "name", metrics[i].name);
        gy_text_add(&body, ",\"value\":");
        gy_text_json_number(&body, metrics[i].value);
        gy_text_json_member(&body, "path", metrics[i].path);
        gy_text_add(&body, "}");
        GY_TRY(push(batch, "metric", model, model != NULL, take_body(&body, batch->arena), err));
    }
    return GY_OK;
}

static gy_status push_predictions(run_batch *batch, const gy_pipeline *pipeline, const char *at,
                                  gy_error *err)
{
    gy_arena *arena = batch->arena;
    gy_classes classes = {.map.arena = arena};
    gy_predictions read;
    const gy_id *model = model_of(batch->run);
    const char *path = gy_path_join(arena, pipeline->folder, at);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_predictions_read(&read, &classes, path, arena, err));
    for (size_t i = 0; i < read.count; i++) {
        gy_text body = {0};
        gy_text_add(&body, "{");
        gy_text_json_member(&body, "output", classes.names[read.outputs[i]]);
        if (read.labels[i] != UINT32_MAX) {
            gy_text_json_member(&body, "label", classes.names[read.labels[i]]);
        }
        if (read.losses != NULL) {
            gy_text_add(&body, ",\"loss\":");
            gy_text_json_number(&body, read.losses[i]);
        }
        if (model != NULL)
            gy_text_add(&body, ",\"model\":\"%s\"", gy_id_text(model).text);
        gy_text_add(&body, "}");
        GY_TRY(push(batch, "prediction", &read.ids[i], 1, take_body(&body, arena), err));
    }
    return GY_OK;
}

static gy_status push_run(run_batch *batch, const gy_pipeline *pipeline, gy_error *err)
{
    gy_text body = {0};
    gy_id *ids;
    size_t id_count;
    GY_TRY(collect_ids(&ids, &id_count, batch->run, batch->arena, err));
    gy_status status = write_body(&body, pipeline, batch->run, batch->arena, err);
    const char *text = take_body(&body, batch->arena);
    GY_TRY(status);
    return push(batch, "run", ids, id_count, text, err);
}

gy_status gy_run_record(gy_ledger *ledger, const gy_pipeline *pipeline, const gy_stage_run *run,
                        gy_arena *arena, gy_error *err)
{
    run_batch batch = {.run = run, .arena = arena, .version = version_of(run, arena)};
    const gy_stage *stage = run->stage;
    GY_TRY(push_run(&batch, pipeline, err));
    GY_TRY(push_models(&batch, err));
    GY_TRY(push_metrics(&batch, pipeline, err));
    for (size_t i = 0; i < stage->out_count; i++)
        if (stage->outs[i].predictions && run->outs[i].kind == GY_CONTENT_FILE)
            GY_TRY(push_predictions(&batch, pipeline, stage->outs[i].at, err));
    GY_TRY(gy_ledger_append(ledger, batch.records, batch.count, err));
    const char *notes = gy_arena_format(arena, "%s/.gyre/runs/%s.json", pipeline->project, run->id);
    if (notes != NULL)
        unlink(notes); // they are in the record now
    return GY_OK;
}
