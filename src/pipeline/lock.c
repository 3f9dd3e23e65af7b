// SPDX-License-Identifier: Apache-2.0
//
// gyre.lock: what each stage last ran with and made (docs/formats/lock.md). Replaced as a whole,
// in one step.

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "pipeline/pipeline.h"

static const char *const kind_names[] = {"absent", "file", "folder", "dataset"};

static gy_status damaged(const gy_json *at, const char *what, gy_error *err)
{
    return gy_fail(err, GY_FORMAT,
                   "gyre.lock: line %zu: %s; restore the file from git, or remove it and run all "
                   "stages again",
                   at->line, what);
}

static bool read_count(uint64_t *count, const gy_json *value)
{
    if (value == NULL || value->kind != GY_JSON_NUMBER || value->number < 0 ||
        value->number > 9e15 || value->number != (double)(uint64_t)value->number)
        return false;
    *count = (uint64_t)value->number;
    return true;
}

static gy_status read_entry(struct gy_locked_path *locked, const gy_json *item, gy_error *err)
{
    const gy_json *path = gy_json_get(item, "path"), *id = gy_json_get(item, "id");
    const gy_json *kind = gy_json_get(item, "kind");
    if (path == NULL || path->kind != GY_JSON_STRING || id == NULL || id->kind != GY_JSON_STRING ||
        gy_id_parse(&locked->content.id, id->text, NULL) != GY_OK ||
        !read_count(&locked->content.bytes, gy_json_get(item, "bytes")))
        return damaged(item, "an entry must have path, id and bytes", err);
    locked->path = path->text;
    locked->content.kind = GY_CONTENT_FILE;
    locked->content.files = 1;
    if (kind == NULL)
        return GY_OK;
    bool folder = kind->kind == GY_JSON_STRING && strcmp(kind->text, "folder") == 0;
    bool dataset = kind->kind == GY_JSON_STRING && strcmp(kind->text, "dataset") == 0;
    if ((!folder && !dataset) || !read_count(&locked->content.files, gy_json_get(item, "files")))
        return damaged(item, "kind must be folder or dataset, with files", err);
    locked->content.kind = folder ? GY_CONTENT_FOLDER : GY_CONTENT_DATASET;
    return GY_OK;
}

static gy_status read_entries(struct gy_locked_path **entries, size_t *count, const gy_json *stage,
                              const char *key, gy_arena *arena, gy_error *err)
{
    const gy_json *list = gy_json_get(stage, key);
    if (list == NULL)
        return GY_OK;
    if (list->kind != GY_JSON_ARRAY)
        return damaged(list, "deps and outs must be lists", err);
    *entries = GY_NEW(arena, struct gy_locked_path, list->count);
    if (*entries == NULL)
        return gy_pipeline_no_memory(err);
    *count = list->count;
    for (size_t i = 0; i < list->count; i++)
        GY_TRY(read_entry(&(*entries)[i], &list->items[i], err));
    return GY_OK;
}

gy_status gy_lock_stage(gy_stage_lock *lock, const gy_json *stage, gy_arena *arena, gy_error *err)
{
    const gy_json *command = gy_json_get(stage, "cmd"), *params = gy_json_get(stage, "params");
    if (command == NULL || command->kind != GY_JSON_STRING ||
        (params != NULL && params->kind != GY_JSON_OBJECT))
        return damaged(stage, "a stage must have cmd, and params as names with values", err);
    *lock = (gy_stage_lock){.found = true, .command = command->text, .params = params};
    GY_TRY(read_entries(&lock->deps, &lock->dep_count, stage, "deps", arena, err));
    return read_entries(&lock->outs, &lock->out_count, stage, "outs", arena, err);
}

gy_status gy_lock_parse(const gy_json **stages, char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err)
{
    gy_json *root;
    *stages = NULL;
    GY_TRY(gy_yaml_parse(&root, bytes, length, name, arena, err));
    const gy_json *format = gy_json_get(root, "format");
    uint64_t number = 0;
    if (!read_count(&number, format) || number == 0)
        return damaged(root, "'format' is missing", err);
    if (number > GY_PIPELINE_LOCK_FORMAT)
        return gy_fail(err, GY_UNSUPPORTED,
                       "%s has format %" PRIu64 ", this gyre reads up to %d: use a newer gyre",
                       name, number, GY_PIPELINE_LOCK_FORMAT);
    *stages = gy_json_get(root, "stages");
    if (*stages != NULL && (*stages)->kind != GY_JSON_OBJECT)
        return damaged(*stages, "'stages' must hold names", err);
    return GY_OK;
}

gy_status gy_lock_read(gy_pipeline *pipeline, gy_error *err)
{
    char *bytes;
    size_t length;
    const gy_json *stages;
    gy_error problem;
    gy_status status = gy_file_read(&bytes, &length, pipeline->lock_path,
                                    GY_PIPELINE_FILE_BYTES_MAX, pipeline->arena, &problem);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", problem.message);
    GY_TRY(gy_lock_parse(&stages, bytes, length, "gyre.lock", pipeline->arena, err));
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        gy_stage *stage = &pipeline->stages[i];
        const gy_json *found = gy_json_get(stages, stage->name);
        if (found != NULL)
            GY_TRY(gy_lock_stage(&stage->lock, found, pipeline->arena, err));
    }
    return GY_OK;
}

// ---- writing

static void write_text(gy_text *out, const char *text)
{
    gy_text_json_string(out, text, strlen(text)); // JSON's strings are YAML's
}

static void write_entries(gy_text *out, const char *key, const struct gy_locked_path *entries,
                          size_t count)
{
    if (count > 0)
        gy_text_add(out, "    %s:\n", key);
    for (size_t i = 0; i < count; i++) {
        const gy_content *content = &entries[i].content;
        gy_text_add(out, "    - path: ");
        write_text(out, entries[i].path);
        gy_text_add(out, "\n      id: \"%s\"\n      bytes: %" PRIu64 "\n",
                    gy_id_text(&content->id).text, content->bytes);
        if (content->kind != GY_CONTENT_FILE)
            gy_text_add(out, "      kind: %s\n      files: %" PRIu64 "\n",
                        kind_names[content->kind], content->files);
    }
}

static void write_params(gy_text *out, const gy_json *params)
{
    if (params == NULL || params->count == 0)
        return;
    gy_text_add(out, "    params:\n");
    for (size_t i = 0; i < params->count; i++) {
        const gy_json *file = &params->items[i];
        gy_text_add(out, "      ");
        write_text(out, file->key);
        gy_text_add(out, file->count == 0 ? ": {}\n" : ":\n");
        for (size_t j = 0; j < file->count; j++) {
            gy_text_add(out, "        ");
            write_text(out, file->items[j].key);
            gy_text_add(out, ": ");
            gy_json_write(out, &file->items[j]);
            gy_text_add(out, "\n");
        }
    }
}

static bool any_locked(const gy_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->stage_count; i++)
        if (pipeline->stages[i].lock.found)
            return true;
    return false;
}

gy_status gy_lock_write(const gy_pipeline *pipeline, gy_error *err)
{
    gy_text out = {0};
    gy_text_add(&out,
                "# What each stage last ran with and made: written by gyre run, kept in git.\n"
                "format: %d\nstages:%s\n",
                GY_PIPELINE_LOCK_FORMAT, any_locked(pipeline) ? "" : " {}");
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[i];
        if (!stage->lock.found)
            continue;
        gy_text_add(&out, "  ");
        write_text(&out, stage->name);
        gy_text_add(&out, ":\n    cmd: ");
        write_text(&out, stage->lock.command);
        gy_text_add(&out, "\n");
        write_entries(&out, "deps", stage->lock.deps, stage->lock.dep_count);
        write_params(&out, stage->lock.params);
        write_entries(&out, "outs", stage->lock.outs, stage->lock.out_count);
    }
    gy_status status = out.status == GY_OK
                           ? gy_file_replace(pipeline->lock_path, out.bytes, out.length, err)
                           : gy_pipeline_no_memory(err);
    gy_text_release(&out);
    return status;
}
