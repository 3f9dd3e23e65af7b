// SPDX-License-Identifier: Apache-2.0
//
// Opening a pipeline: gyre.yaml found, read and linked, gyre.lock beside it.

#include "pipeline/pipeline.h"

#include "base/file.h"

// gyre.lock into the stages that are there. A missing one says nothing.
static gy_status read_lock(gy_pipeline *pipeline, gy_error *err)
{
    char *bytes;
    size_t length;
    const gy_json *stages;
    gy_error problem;
    gy_status status = gy_file_read(&bytes, &length, pipeline->lock_path, GY_LOCK_BYTES_MAX,
                                    pipeline->arena, &problem);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", problem.message);
    GY_TRY(gy_lock_parse(&stages, bytes, length, GY_LOCK_NAME, pipeline->arena, err));
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        gy_stage *stage = &pipeline->stages[i];
        const gy_json *found = gy_json_get(stages, stage->name);
        if (found != NULL)
            GY_TRY(gy_lock_stage(&stage->lock, found, pipeline->arena, err));
    }
    return GY_OK;
}

static gy_status read_all(gy_pipeline *pipeline, gy_error *err)
{
    char *bytes;
    size_t length;
    gy_json *root;
    GY_TRY(gy_file_read(&bytes, &length, pipeline->yaml_path, GY_PIPELINE_FILE_BYTES_MAX,
                        pipeline->arena, err));
    GY_TRY(gy_yaml_parse(&root, bytes, length, "gyre.yaml", pipeline->arena, err));
    pipeline->root = root;
    GY_TRY(gy_pipeline_read_stages(pipeline, err));
    GY_TRY(gy_pipeline_link(pipeline, err));
    GY_TRY(gy_gates_mark(pipeline, err));
    return read_lock(pipeline, err);
}

static gy_status find_folders(gy_pipeline *pipeline, const char *folder, gy_error *err)
{
    char *found = NULL, *project = NULL;
    gy_status status = gy_file_find_upward(&found, folder, "gyre.yaml", pipeline->arena, err);
    if (status == GY_NOT_FOUND)
        return gy_fail(err, GY_NOT_FOUND,
                       "no 'gyre.yaml' in '%s' or a folder above it: it says which stages there "
                       "are (see gyre help run)",
                       folder);
    GY_TRY(status);
    status = gy_file_find_upward(&project, found, ".gyre", pipeline->arena, err);
    if (status == GY_NOT_FOUND)
        return gy_fail(err, GY_NOT_FOUND, "'%s' is in no project (see gyre init)", found);
    GY_TRY(status);
    pipeline->folder = found;
    pipeline->project = project;
    pipeline->yaml_path = gy_path_join(pipeline->arena, found, "gyre.yaml");
    pipeline->lock_path = gy_path_join(pipeline->arena, found, GY_LOCK_NAME);
    if (pipeline->yaml_path == NULL || pipeline->lock_path == NULL)
        return gy_pipeline_no_memory(err);
    return gy_stat_cache_open(&pipeline->stats, project, pipeline->arena, err);
}

gy_status gy_pipeline_open(gy_pipeline **opened, const char *folder, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    gy_pipeline *pipeline = arena == NULL ? NULL : GY_NEW(arena, gy_pipeline, 1);
    if (pipeline == NULL) {
        gy_arena_free(arena);
        return gy_pipeline_no_memory(err);
    }
    pipeline->arena = arena;
    gy_status status = find_folders(pipeline, folder, err);
    if (status == GY_OK)
        status = read_all(pipeline, err);
    if (status != GY_OK) {
        gy_arena_free(arena);
        return status;
    }
    *opened = pipeline;
    return GY_OK;
}

void gy_pipeline_close(gy_pipeline *pipeline)
{
    if (pipeline != NULL)
        gy_arena_free(pipeline->arena);
}
