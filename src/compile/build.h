// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_BUILD_H
#define GYRE_COMPILE_BUILD_H

#include "compile/emit.h"

/** The C compiler for a target: CC for the host, else the target's own. */
const char *gy_build_compiler(const gy_target *target);

/**
 * Build NAME.so in the folder that a program for the host was written into.
 * @param levels kinds of processor, "plain avx2 avx512"; NULL: all that the machine's family has.
 */
gy_status gy_build_host(const gy_program *program, const char *folder, const char *levels,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/** Bytes of code and tables of NAME.c without its constants, as the target's compiler makes it. */
gy_status gy_build_size(size_t *code_bytes, const gy_program *program, const char *folder,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
