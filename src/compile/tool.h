// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_TOOL_H
#define GYRE_COMPILE_TOOL_H

#include "gyre/base.h"

enum { GY_TOOL_ARGS_MAX = 48 };

/** A command line that is put together: program and arguments, NULL-terminated. */
typedef struct gy_tool {
    const char *args[GY_TOOL_ARGS_MAX];
    size_t count;
} gy_tool;

/** Add one argument, or the words of a text. They must outlive the tool. */
void gy_tool_add(gy_tool *tool, const char *argument);
gy_status gy_tool_add_words(gy_tool *tool, const char *words, gy_arena *arena,
                            gy_error *err) GY_CHECKED;

/**
 * Run a program in a folder and wait for it; what it says on stdout and stderr goes to output (cut
 * at 64 KiB).
 * @param limit_seconds it is killed after; 0: never.
 * @return GY_OK: it ended with status 0; GY_UNSUPPORTED: there is no such program; GY_IO: it ended
 * otherwise, err has its last line.
 */
gy_status gy_tool_run(gy_text *output, const gy_tool *tool, const char *folder,
                      unsigned limit_seconds, gy_error *err) GY_CHECKED;

#endif
