// SPDX-License-Identifier: Apache-2.0
//
// gyre compile: a model into a folder of C.

#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/deed.h"

typedef struct compile_options {
    const char *target, *output, *name, *weights;
    size_t ram_bytes, flash_bytes, batch;
    gy_texts dimensions;
} compile_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "target", 't', "T", offsetof(compile_options, target),
     "what it is for: host (default), generic, cortex-m4, aarch64"},
    {GY_OPTION_TEXT, "output", 'o', "DIR", offsetof(compile_options, output),
     "the folder to make (default: the model's name)"},
    {GY_OPTION_TEXT, "name", 'n', "NAME", offsetof(compile_options, name),
     "what the functions' names start with (default: the model's name)"},
    {GY_OPTION_TEXT, "weights", 0, "FORM", offsetof(compile_options, weights),
     "c (C text), object (a .bin that an assembler file takes in) or file (mapped by the caller)"},
    {GY_OPTION_BYTES, "ram", 0, "N", offsetof(compile_options, ram_bytes),
     "refuse a model that needs more RAM"},
    {GY_OPTION_BYTES, "flash", 0, "N", offsetof(compile_options, flash_bytes),
     "refuse a model that needs more flash"},
    {GY_OPTION_SIZE, "batch", 'b', "N", offsetof(compile_options, batch),
     "samples a call, where the model's first axis is named (default 1)"},
    {GY_OPTION_TEXTS, "dimension", 0, "NAME=N", offsetof(compile_options, dimensions),
     "the size of another named dimension"},
    GY_OPTIONS_END,
};

static void print_report(const gy_cli *cli, const gy_compile_report *report, const char *folder)
{
    fprintf(cli->out,
            cli->json ? "{\"folder\": \"%s\", \"target\": \"%s\", \"ram_bytes\": %zu, "
                        "\"arena_bytes\": %zu, \"stack_bytes\": %zu, \"flash_bytes\": %zu, "
                        "\"weights_bytes\": %zu, \"macs\": %zu}\n"
                      : "%s: for %s, RAM %zu B (arena %zu, stack %zu), flash %zu B (weights %zu), "
                        "%zu MACs\n",
            folder, report->target, report->ram_bytes, report->arena_bytes, report->stack_bytes,
            report->flash_bytes, report->weights_bytes, report->macs);
}

static int is_made(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strncmp(entry->d_name, "gyre_", 5) != 0;
}

// Every file of the folder but those that are the same for all models.
static gy_status record_files(const gy_cli *cli, const char *folder, const char *target,
                              gy_error *err)
{
    enum { FILES_MAX = 16 };
    gy_deed deeds[FILES_MAX];
    struct dirent **entries;
    size_t made = 0;
    int count = scandir(folder, &entries, is_made, alphasort);
    const char *params = gy_arena_format(cli->arena, "{\"target\":\"%s\"}", target);
    gy_status status =
        count >= 0 && params != NULL ? GY_OK : gy_fail(err, GY_IO, "cannot list '%s'", folder);
    for (int i = 0; i < count; i++) {
        const char *path = gy_arena_format(cli->arena, "%s/%s", folder, entries[i]->d_name);
        if (path == NULL)
            status = gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        else if (made < FILES_MAX)
            deeds[made++] = (gy_deed){
                .what = "compiled", .path = path, .params = params, .from = {cli->args[0]}};
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return status == GY_OK ? gy_deeds_record(deeds, made, cli, err) : status;
}

static gy_status compile_run(gy_cli *cli, gy_error *err)
{
    compile_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_compile, cli, err));
    const char *slash = strrchr(cli->args[0], '/');
    const char *file = slash == NULL ? cli->args[0] : slash + 1;
    if (chosen.output == NULL)
        chosen.output = gy_arena_copy(cli->arena, file, strcspn(file, "."));
    if (chosen.output == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a folder's name");
    gy_compile_options wanted = {
        .target = chosen.target,
        .name = chosen.name,
        .weights = chosen.weights,
        .ram_bytes = chosen.ram_bytes,
        .flash_bytes = chosen.flash_bytes,
        .model = {.batch = chosen.batch, .dimensions = chosen.dimensions.items}};
    gy_compile_report report;
    GY_TRY(gy_compile(&report, cli->args[0], chosen.output, &wanted, cli->arena, err));
    GY_TRY(record_files(cli, chosen.output, report.target, err));
    print_report(cli, &report, chosen.output);
    return GY_OK;
}

const gy_command gy_command_compile = {
    .name = "compile",
    .usage = "gyre compile [OPTION...] MODEL.onnx",
    .summary = "make C of a model: for this machine, for any processor, for a device",
    .group = "models",
    .details =
        "Writes a folder with NAME.h (what to call), NAME.c, the weights, and for the host "
        "NAME.so. "
        "The C allocates nothing and keeps no state; its outputs have the same bits on every "
        "target, at every batch size and number of threads. A budget that does not suffice is "
        "refused (exit status 6) with the tensor or node to blame.",
    .examples = "gyre compile model.onnx\n"
                "gyre compile model.onnx --target cortex-m4 -o device --ram 64K --flash 512K",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = compile_run,
};
