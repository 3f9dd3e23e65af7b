// SPDX-License-Identifier: Apache-2.0
//
// The folder that a run on arrays compiles its model into.

#include "compile/infer_job.h"

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
