// SPDX-License-Identifier: Apache-2.0
//
// Making room for a stage's outputs.

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/pipeline.h"

enum { FOLDER_DEPTH_MAX = 64 };

static gy_status cannot_remove(const char *path, gy_error *err)
{
    return gy_fail(err, GY_IO, "cannot remove the old output '%s': %s", path, strerror(errno));
}

// A link is removed, never what it leads to.
static gy_status remove_tree(const char *path, size_t depth, gy_arena *arena, gy_error *err)
{
    if (gy_io_unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return GY_OK;
    if (errno != EISDIR && errno != EPERM)
        return cannot_remove(path, err);
    DIR *entries = depth > FOLDER_DEPTH_MAX ? NULL : opendir(path);
    if (entries == NULL)
        return cannot_remove(path, err);
    gy_status status = GY_OK;
    for (const struct dirent *entry; status == GY_OK && (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        gy_arena_mark mark = gy_arena_here(arena);
        const char *inner = gy_path_join(arena, path, entry->d_name);
        status =
            inner == NULL ? gy_pipeline_no_memory(err) : remove_tree(inner, depth + 1, arena, err);
        gy_arena_rewind(arena, mark);
    }
    closedir(entries);
    if (status == GY_OK && rmdir(path) != 0)
        status = cannot_remove(path, err);
    return status;
}

gy_status gy_outputs_clear(const gy_pipeline *pipeline, const gy_stage *stage, gy_error *err)
{
    gy_arena *arena = pipeline->arena;
    for (size_t i = 0; i < stage->out_count; i++) {
        const gy_stage_path *out = &stage->outs[i];
        char *path = gy_arena_format(arena, "%s/%s", pipeline->folder, out->at);
        const char *pointer = path == NULL ? NULL : gy_arena_format(arena, "%s.gyre", path);
        if (pointer == NULL)
            return gy_pipeline_no_memory(err);
        if (!out->persist && !gy_file_exists(pointer))
            GY_TRY(remove_tree(path, 0, arena, err));
        *strrchr(path, '/') = '\0';
        GY_TRY(gy_file_make_folders(path, err));
    }
    return GY_OK;
}
