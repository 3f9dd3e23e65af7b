// SPDX-License-Identifier: Apache-2.0
//
// Opening a pipeline: gyre.yaml found, read and linked, gyre.lock beside it; and paths as the room
// compares them.

#include "pipeline/pipeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

gy_status gy_pipeline_no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for the stages of gyre.yaml");
}

gy_status gy_pipeline_fail(gy_error *err, gy_status status, const gy_pipeline *pipeline,
                           size_t line, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)pipeline;
    return gy_fail(err, status, "gyre.yaml: line %zu: %s", line, text);
}

const char *gy_pipeline_join(gy_arena *arena, const char *folder, const char *path)
{
    if (path[0] == '/' || folder[0] == '\0')
        return gy_arena_copy(arena, path, strlen(path));
    return gy_arena_format(arena, path[0] == '\0' ? "%s" : "%s/%s", folder, path);
}

// Take the last part off a clean path of `length` bytes that is not only "..".
static bool drop_last(const char *clean, size_t *length)
{
    size_t start = *length;
    while (start > 0 && clean[start - 1] != '/')
        start--;
    if (*length == start || (*length - start == 2 && memcmp(clean + start, "..", 2) == 0))
        return false;
    *length = start > 1 ? start - 1 : start; // keeps the slash of an absolute path
    return true;
}

const char *gy_pipeline_clean(gy_arena *arena, const char *path)
{
    char *clean = gy_arena_take(arena, strlen(path) + 2, 1);
    if (clean == NULL)
        return NULL;
    size_t length = 0;
    if (path[0] == '/')
        clean[length++] = '/';
    for (const char *at = path; *at != '\0';) {
        size_t size = strcspn(at, "/");
        bool up = size == 2 && memcmp(at, "..", 2) == 0;
        if (size > 0 && !(size == 1 && *at == '.') && !(up && drop_last(clean, &length))) {
            if (length > 0 && clean[length - 1] != '/')
                clean[length++] = '/';
            memcpy(clean + length, at, size);
            length += size;
        }
        at += size;
        at += *at == '/';
    }
    clean[length] = '\0';
    return clean;
}

bool gy_pipeline_overlaps(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t shorter = a_length < b_length ? a_length : b_length;
    const char *longer = a_length < b_length ? b : a;
    return strncmp(a, b, shorter) == 0 &&
           (longer[shorter] == '\0' || longer[shorter] == '/' || shorter == 0);
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
    return gy_lock_read(pipeline, err);
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
    pipeline->yaml_path = gy_pipeline_join(pipeline->arena, found, "gyre.yaml");
    pipeline->lock_path = gy_pipeline_join(pipeline->arena, found, "gyre.lock");
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

const char *gy_pipeline_folder(const gy_pipeline *pipeline)
{
    return pipeline->folder;
}

const char *gy_pipeline_project(const gy_pipeline *pipeline)
{
    return pipeline->project;
}
