// SPDX-License-Identifier: Apache-2.0
//
// gyre infer: a model on the arrays of a file.

#include <stddef.h>

#include "cli/command.h"

typedef struct infer_options {
    const char *inputs, *outputs, *target;
    bool reference;
    size_t batch, threads;
    gy_texts dimensions;
} infer_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "inputs", 'i', "FILE", offsetof(infer_options, inputs),
     ".npz or .npy, arrays by name, else by place"},
    {GY_OPTION_TEXT, "outputs", 'o', "FILE", offsetof(infer_options, outputs), ".npz to write"},
    {GY_OPTION_TEXT, "target", 't', "T", offsetof(infer_options, target),
     "compile for it and run that: host (default), generic, aarch64, cortex-m4 (under QEMU)"},
    {GY_OPTION_FLAG, "reference", 'r', NULL, offsetof(infer_options, reference),
     "evaluate the lowered graph, compile nothing"},
    {GY_OPTION_SIZE, "batch", 'b', "N", offsetof(infer_options, batch),
     "samples a call, where the model's first axis is named (default 1)"},
    {GY_OPTION_SIZE, "threads", 'j', "N", offsetof(infer_options, threads),
     "threads on this machine (default: all)"},
    {GY_OPTION_TEXTS, "dimension", 0, "NAME=N", offsetof(infer_options, dimensions),
     "the size of another named dimension"},
    GY_OPTIONS_END,
};

static void print_counts(const gy_cli *cli, const gy_infer_counts *counts)
{
    if (cli->json)
        fprintf(cli->out,
                "{\"calls\": %zu, \"batch\": %zu, \"kernels\": \"%s\", \"instructions_min\": %zu, "
                "\"instructions_max\": %zu, \"stack_bytes\": %zu, \"arena_bytes\": %zu, "
                "\"flash_bytes\": %zu}\n",
                counts->calls, counts->batch, counts->kernels, counts->instructions_min,
                counts->instructions_max, counts->stack_bytes, counts->arena_bytes,
                counts->flash_bytes);
    else if (!cli->quiet)
        fprintf(stderr, "gyre infer: %zu calls on %s\n", counts->calls, counts->kernels);
}

static gy_status infer_run(gy_cli *cli, gy_error *err)
{
    infer_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_infer, cli, err));
    if (chosen.inputs == NULL || chosen.outputs == NULL)
        return gy_fail(err, GY_INVALID, "%s FILE is missing; see gyre infer --help",
                       chosen.inputs == NULL ? "--inputs" : "--outputs");
    gy_array *inputs, *outputs;
    size_t input_count, output_count;
    gy_infer_counts counts;
    gy_infer_options wanted = {
        .target = chosen.target,
        .reference = chosen.reference,
        .threads = chosen.threads,
        .model = {.batch = chosen.batch, .dimensions = chosen.dimensions.items}};
    GY_TRY(gy_arrays_read(&inputs, &input_count, chosen.inputs, cli->arena, err));
    GY_TRY(gy_infer(&outputs, &output_count, &counts, cli->args[0], inputs, input_count, &wanted,
                    cli->arena, err));
    GY_TRY(gy_arrays_write(outputs, output_count, chosen.outputs, err));
    print_counts(cli, &counts);
    return GY_OK;
}

const gy_command gy_command_infer = {
    .name = "infer",
    .usage = "gyre infer [OPTION...] MODEL.onnx --inputs IN.npz --outputs OUT.npz",
    .summary = "run a model: compiled, under an emulator, or by the reference",
    .group = "models",
    .details = "The outputs have the same bits whatever the target, the batch and the number of "
               "threads, and with --reference. Where all inputs and outputs have the same first "
               "axis, the arrays may hold any multiple of it. --json tells what a device needed: "
               "instructions a call and stack, as the emulator counts them.",
    .examples = "gyre infer model.onnx --inputs in.npz --outputs out.npz\n"
                "gyre infer model.onnx -i in.npz -o out.npz --target cortex-m4 --json",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = infer_run,
};
