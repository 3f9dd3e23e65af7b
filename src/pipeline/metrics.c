// SPDX-License-Identifier: Apache-2.0
//
// The numbers in metrics files, now or at a git revision: every number of a JSON or YAML file under
// its dotted name.

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "pipeline/pipeline.h"

// A list of metrics that grows.
typedef struct metric_list {
    gy_metric *items;
    size_t count, capacity;
    const char *path;
    gy_arena *arena;
} metric_list;

static gy_status push(metric_list *list, const char *name, double value, gy_error *err)
{
    gy_metric *grown =
        gy_arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_pipeline_no_memory(err);
    list->items = grown;
    list->items[list->count++] = (gy_metric){list->path, name, value};
    return GY_OK;
}

static gy_status flatten(metric_list *list, const char *prefix, const gy_json *value, gy_error *err)
{
    if (value->kind == GY_JSON_NUMBER)
        return push(list, prefix, value->number, err);
    if (value->kind != GY_JSON_OBJECT && value->kind != GY_JSON_ARRAY)
        return GY_OK; // words and truth values are no metrics
    for (size_t i = 0; i < value->count; i++) {
        const gy_json *item = &value->items[i];
        const char *name = value->kind == GY_JSON_ARRAY
                               ? gy_arena_format(list->arena, "%s[%zu]", prefix, i)
                               : gy_arena_format(list->arena, "%s%s%s", prefix,
                                                 prefix[0] == '\0' ? "" : ".", item->key);
        if (name == NULL)
            return gy_pipeline_no_memory(err);
        GY_TRY(flatten(list, name, item, err));
    }
    return GY_OK;
}

static gy_status read_now(char **bytes, size_t *length, const gy_pipeline *pipeline, const char *at,
                          gy_arena *arena, gy_error *err)
{
    const char *path = gy_path_join(arena, pipeline->folder, at);
    return path == NULL ? gy_pipeline_no_memory(err)
                        : gy_file_read(bytes, length, path, GY_PIPELINE_FILE_BYTES_MAX, arena, err);
}

static gy_status add_file(metric_list *list, const gy_pipeline *pipeline, const char *at,
                          const char *revision, gy_error *err)
{
    char *bytes;
    size_t length, size = strlen(at);
    gy_id id;
    gy_json *root;
    gy_error problem;
    gy_status status =
        revision == NULL
            ? read_now(&bytes, &length, pipeline, at, list->arena, &problem)
            : gy_revision_read(&bytes, &length, &id, pipeline, revision, at, list->arena, &problem);
    // A metrics file that is not there yet, or was not there then, has no numbers.
    if (status == GY_NOT_FOUND && strstr(problem.message, "knows no revision") == NULL)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", problem.message);
    if (size > 5 && strcmp(at + size - 5, ".json") == 0)
        GY_TRY(gy_json_parse(&root, bytes, length, at, list->arena, err));
    else
        GY_TRY(gy_yaml_parse(&root, bytes, length, at, list->arena, err));
    list->path = at;
    return flatten(list, "", root, err);
}

// Files that gyre.yaml names beside its stages: "FILE", or "FILE: {flags}".
static gy_status add_more(metric_list *list, const gy_pipeline *pipeline, const char *revision,
                          gy_error *err)
{
    const gy_json *more = gy_json_get(pipeline->root, "metrics");
    if (more == NULL || more->kind == GY_JSON_NULL)
        return GY_OK;
    if (more->kind != GY_JSON_ARRAY)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, more->line,
                                "'metrics' must be a list of files");
    for (size_t i = 0; i < more->count; i++) {
        const gy_json *item = &more->items[i];
        const char *path = item->kind == GY_JSON_STRING                       ? item->text
                           : item->kind == GY_JSON_OBJECT && item->count == 1 ? item->items[0].key
                                                                              : NULL;
        if (path == NULL)
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, item->line,
                                    "an entry of 'metrics' must be a file");
        GY_TRY(add_file(list, pipeline, path, revision, err));
    }
    return GY_OK;
}

gy_status gy_pipeline_metrics(gy_metric **metrics, size_t *count, const gy_pipeline *pipeline,
                              const char *revision, gy_arena *arena, gy_error *err)
{
    metric_list list = {.arena = arena};
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[pipeline->order[i]];
        for (size_t j = 0; j < stage->out_count; j++)
            if (stage->outs[j].role == GY_ROLE_METRIC)
                GY_TRY(add_file(&list, pipeline, stage->outs[j].at, revision, err));
    }
    GY_TRY(add_more(&list, pipeline, revision, err));
    *metrics = list.items;
    *count = list.count;
    return GY_OK;
}

// Where a stage's run has made metrics, each is a record of its own.
gy_status gy_run_metrics(gy_metric **metrics, size_t *count, const gy_pipeline *pipeline,
                         const gy_stage *stage, gy_arena *arena, gy_error *err)
{
    metric_list list = {.arena = arena};
    for (size_t j = 0; j < stage->out_count; j++)
        if (stage->outs[j].role == GY_ROLE_METRIC)
            GY_TRY(add_file(&list, pipeline, stage->outs[j].at, NULL, err));
    *metrics = list.items;
    *count = list.count;
    return GY_OK;
}
