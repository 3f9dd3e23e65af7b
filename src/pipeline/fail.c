// SPDX-License-Identifier: Apache-2.0
//
// What the room says when it fails: the line of gyre.yaml, or that memory ran out.

#include <stdarg.h>
#include <stdio.h>

#include "pipeline/pipeline.h"

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
