// SPDX-License-Identifier: Apache-2.0
//
// Files of parameters, and the parameters of a stage as they are now.

#include <string.h>

#include "base/file.h"
#include "pipeline/pipeline.h"

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);
    return length >= size && strcmp(text + length - size, ending) == 0;
}

gy_status gy_params_file(const gy_json **root, const gy_pipeline *pipeline, const char *at,
                         gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t length;
    gy_json *parsed;
    if (!ends_with(at, ".yaml") && !ends_with(at, ".yml") && !ends_with(at, ".json"))
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s': parameters are read from .yaml, .yml and .json files only", at);
    const char *path = gy_path_join(arena, pipeline->folder, at);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_file_read(&bytes, &length, path, GY_PIPELINE_FILE_BYTES_MAX, arena, err));
    if (ends_with(at, ".json"))
        GY_TRY(gy_json_parse(&parsed, bytes, length, at, arena, err));
    else
        GY_TRY(gy_yaml_parse(&parsed, bytes, length, at, arena, err));
    *root = parsed;
    return GY_OK;
}

// The object of one file: a member for each of its keys that the stage names, in their order.
static gy_status fill_file(gy_json *object, const gy_stage *stage, const char *at,
                           const gy_json *contents, gy_arena *arena, gy_error *err)
{
    size_t keys = 0;
    for (size_t i = 0; i < stage->param_count; i++)
        if (strcmp(stage->params[i].at, at) == 0)
            keys += stage->params[i].key != NULL ? 1 : contents == NULL ? 0 : contents->count;
    object->kind = GY_JSON_OBJECT;
    object->items = GY_NEW(arena, gy_json, keys);
    if (object->items == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < stage->param_count; i++) {
        const gy_stage_param *param = &stage->params[i];
        if (strcmp(param->at, at) != 0)
            continue;
        if (param->key == NULL) { // the whole file
            for (size_t j = 0; contents != NULL && j < contents->count; j++)
                object->items[object->count++] = contents->items[j];
            continue;
        }
        const gy_json *value = gy_json_at(contents, param->key);
        gy_json *item = &object->items[object->count++];
        *item = value == NULL ? (gy_json){.kind = GY_JSON_NULL} : *value;
        item->key = param->key;
    }
    return GY_OK;
}

gy_status gy_params_read(const gy_json **params, const gy_pipeline *pipeline, const gy_stage *stage,
                         gy_arena *arena, gy_error *err)
{
    gy_json *files = GY_NEW(arena, gy_json, 1);
    gy_json *items = GY_NEW(arena, gy_json, stage->param_count);
    if (files == NULL || items == NULL)
        return gy_pipeline_no_memory(err);
    *files = (gy_json){.kind = GY_JSON_OBJECT, .items = items};
    for (size_t i = 0; i < stage->param_count; i++) {
        const gy_stage_param *param = &stage->params[i];
        if (gy_json_get(files, param->file) != NULL)
            continue;
        const gy_json *contents = NULL;
        gy_status status = gy_params_file(&contents, pipeline, param->at, arena, err);
        if (status == GY_NOT_FOUND)
            return gy_pipeline_fail(err, GY_NOT_FOUND, pipeline, param->line,
                                    "stage '%s': the file of parameters '%s' is missing",
                                    stage->name, param->file);
        GY_TRY(status);
        if (contents->kind != GY_JSON_OBJECT)
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, param->line,
                                    "stage '%s': '%s' holds no names with values", stage->name,
                                    param->file);
        gy_json *file = &items[files->count++];
        GY_TRY(fill_file(file, stage, param->at, contents, arena, err));
        file->key = param->file;
    }
    *params = files;
    return GY_OK;
}
