// SPDX-License-Identifier: Apache-2.0
//
// git as a child process: history, branches and authors are its business.
#ifndef GYRE_STORE_GIT_H
#define GYRE_STORE_GIT_H

#include "gyre/base.h"

/** Whether folder is in a git work tree. @return GY_OK; else nothing is known: never take it for
 * no.
 */
gy_status gy_git_find(bool *is_there, const char *folder, gy_error *err) GY_CHECKED;

/**
 * Run `git ARGS` in folder and take what it prints.
 * @param out   [out] its stdout is appended; NULL: thrown away.
 * @param args  NULL-terminated, without "git".
 * @param input its stdin; NULL: empty.
 * @return GY_OK; GY_REFUSED: git failed, err has its last words; GY_UNSUPPORTED: no git; GY_LIMIT:
 * over 1 GiB of output; GY_IO, GY_NO_MEMORY.
 */
gy_status gy_git_run(gy_text *out, const char *folder, const char *const *args,
                     const gy_text *input, gy_error *err) GY_CHECKED;

/**
 * Append a file as a git revision has it.
 * @param path absolute, or from the process's folder.
 * @return GY_NOT_FOUND: the revision has no such file; GY_INVALID: no such revision.
 */
gy_status gy_git_show(gy_text *out, const char *path, const char *revision, gy_arena *arena,
                      gy_error *err) GY_CHECKED;

#endif
