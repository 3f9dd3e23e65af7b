// SPDX-License-Identifier: Apache-2.0
//
// What the ledger gets of a run: the run itself under the ids of all that went in and came out,
// and each number of its metrics.

#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "pipeline/pipeline.h"

static void add_string(gy_text *out, const char *text)
{
    gy_text_json_string(out, text, strlen(text));
}

static void add_paths(gy_text *out, const gy_stage_path *paths, const gy_content *contents,
                      size_t count)
{
    static const char *const kinds[] = {"absent", "file", "folder", "dataset"};
    gy_text_add(out, "[");
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, "%s{\"path\":", i == 0 ? "" : ",");
        add_string(out, paths[i].path);
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
    add_string(out, prefix);
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
        if (value == NULL)
            continue;
        gy_text_add(out, ",\"%s\":", names[i]);
        add_string(out, value);
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
    gy_text_add(out, "{\"processor\":");
    add_string(out, processor);
    if (uname(&system) == 0) {
        gy_text_add(out, ",\"system\":");
        add_string(out, system.sysname);
        gy_text_add(out, ",\"release\":");
        add_string(out, system.release);
        gy_text_add(out, ",\"machine\":");
        add_string(out, system.machine);
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
    gy_text_add(out, "{\"stage\":");
    add_string(out, stage->name);
    gy_text_add(out, ",\"command\":");
    add_string(out, stage->command);
    gy_text_add(out, ",\"folder\":");
    add_string(out, stage->wdir);
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

gy_status gy_run_record(gy_ledger *ledger, const gy_pipeline *pipeline, const gy_stage_run *run,
                        gy_arena *arena, gy_error *err)
{
    gy_text body = {0};
    gy_id *ids;
    size_t id_count;
    GY_TRY(collect_ids(&ids, &id_count, run, arena, err));
    gy_status status = write_body(&body, pipeline, run, arena, err);
    if (status == GY_OK) {
        gy_record record = {
            .kind = "run",
            .ids = ids,
            .id_count = id_count,
            .body = body.bytes,
            .run = run->id,
            .version = version_of(run, arena),
            .commit = run->commit,
            .writer = "gyre run",
            .time_us = run->ended_us,
        };
        status = gy_ledger_append(ledger, &record, 1, err);
    }
    gy_text_release(&body);
    return status;
}
