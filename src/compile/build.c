// SPDX-License-Identifier: Apache-2.0
//
// From an emitted folder to a shared library for this machine: NAME.c is compiled once for each
// kind of processor, NAME_host.c picks one when it runs.

#include "compile/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/tool.h"

enum { BUILD_SECONDS_MAX = 600 };

/** A kind of processor that the host's program is built for. */
typedef struct level {
    const char *name, *flags;
} level;

static const level levels_x86[] = {
    {"plain", "-O2"},
    {"avx2", "-O3 -mavx2 -mfma -mbmi2"},
    {"avx512", "-O3 -mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx512vnni -mavx2 -mfma -mbmi2"},
};

const char *gy_build_compiler(const gy_target *target)
{
    const char *chosen = target->kernels == GY_KERNELS_HOST ? getenv("CC") : NULL;
    return chosen != NULL && chosen[0] != '\0' ? chosen : target->compiler;
}

static bool names_level(const char *levels, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = levels; at != NULL && (at = strstr(at, name)) != NULL; at += length)
        if ((at == levels || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return levels == NULL;
}

static gy_status start(gy_tool *tool, const gy_program *program, gy_arena *arena, gy_error *err)
{
    *tool = (gy_tool){0};
    GY_TRY(gy_tool_add_words(tool, gy_build_compiler(program->target), arena, err));
    GY_TRY(gy_tool_add_words(tool, program->target->flags, arena, err));
    return gy_tool_add_words(tool,
                             "-std=gnu11 -ffp-contract=off -fno-math-errno -fPIC "
                             "-fvisibility=hidden -w",
                             arena, err);
}

static gy_status run(const gy_tool *tool, const char *folder, gy_error *err)
{
    gy_text output = {0};
    gy_status status = gy_tool_run(&output, tool, folder, BUILD_SECONDS_MAX, err);
    gy_text_release(&output);
    return status;
}

static gy_status build_level(const gy_program *program, const level *chosen, const char *folder,
                             gy_arena *arena, gy_error *err)
{
    gy_tool tool;
    GY_TRY(start(&tool, program, arena, err));
    GY_TRY(gy_tool_add_words(&tool, chosen->flags, arena, err));
    char *words = gy_arena_format(arena, "-DGYRE_LEVEL=%s -c %s.c -o %s_%s.o", chosen->name,
                                  program->name, program->name, chosen->name);
    if (words == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a command line");
    GY_TRY(gy_tool_add_words(&tool, words, arena, err));
    return run(&tool, folder, err);
}

static void remove_objects(const gy_program *program, const char *folder)
{
    for (size_t i = 0; i < sizeof(levels_x86) / sizeof(levels_x86[0]); i++) {
        char path[4096];
        int made =
            snprintf(path, sizeof(path), "%s/%s_%s.o", folder, program->name, levels_x86[i].name);
        if (made > 0 && (size_t)made < sizeof(path))
            unlink(path);
    }
}

gy_status gy_build_host(const gy_program *program, const char *folder, const char *levels,
                        gy_arena *arena, gy_error *err)
{
    gy_tool link;
    const char *name = program->name;
    GY_TRY(start(&link, program, arena, err));
    gy_tool_add(&link, "-shared");
    for (size_t i = 0; i < sizeof(levels_x86) / sizeof(levels_x86[0]); i++) {
        const level *chosen = &levels_x86[i];
#if !defined(__x86_64__)
        if (i > 0)
            break;
#endif
        if (!names_level(levels, chosen->name))
            continue;
        GY_TRY(build_level(program, chosen, folder, arena, err));
        char *words = gy_arena_format(arena, "-DHAVE_%s %s_%s.o", chosen->name, name, chosen->name);
        if (words == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a command line");
        GY_TRY(gy_tool_add_words(&link, words, arena, err));
    }
    bool has_blob = program->weights == GY_WEIGHTS_OBJECT && program->plan.constant_count > 0;
    char *words = gy_arena_format(arena, "-O2 %s_host.c %s%s -o %s.so", name, has_blob ? name : "",
                                  has_blob ? "_weights.S" : "", name);
    if (words == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a command line");
    GY_TRY(gy_tool_add_words(&link, words, arena, err));
    GY_TRY(run(&link, folder, err));
    remove_objects(program, folder);
    return GY_OK;
}
