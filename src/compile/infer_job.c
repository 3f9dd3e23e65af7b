// SPDX-License-Identifier: Apache-2.0
//
// The folder that a run on arrays compiles its model into.

#include "compile/infer_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "compile/folder.h"

gy_status gy_infer_folder(char **path, gy_arena *arena, gy_error *err)
{
    const char *above = getenv("TMPDIR");
    *path =
        gy_arena_format(arena, "%s/gyre-XXXXXX", above != NULL && *above != '\0' ? above : "/tmp");
    if (*path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a folder's name");
    if (mkdtemp(*path) == NULL)
        return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", *path, strerror(errno));
    return GY_OK;
}

void gy_infer_folder_remove(const char *folder, gy_arena *arena)
{
    char *program = gy_arena_format(arena, "%s/program", folder);
    if (program != NULL)
        gy_folder_remove(program);
    gy_folder_remove(folder);
}

gy_status gy_infer_compile(gy_compile_report *report, const gy_infer_job *job, const char *folder,
                           const char *levels, gy_error *err)
{
    gy_compile_options options = {.target = job->options->target,
                                  .name = "program",
                                  .model = job->options->model,
                                  .levels = levels};
    char *program = gy_arena_format(job->arena, "%s/program", folder);
    if (program == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a folder's name");
    return gy_compile(report, job->model_path, program, &options, job->arena, err);
}
