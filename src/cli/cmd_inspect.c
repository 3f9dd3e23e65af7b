// SPDX-License-Identifier: Apache-2.0
//
// gyre inspect: what a model needs on a target.

#include <stddef.h>

#include "cli/command.h"

typedef struct inspect_options {
    const char *target;
    size_t batch;
    gy_texts dimensions;
} inspect_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "target", 't', "T", offsetof(inspect_options, target),
     "what it is for: host (default), generic, cortex-m4, aarch64"},
    {GY_OPTION_SIZE, "batch", 'b', "N", offsetof(inspect_options, batch),
     "samples a call, where the model's first axis is named (default 1)"},
    {GY_OPTION_TEXTS, "dimension", 0, "NAME=N", offsetof(inspect_options, dimensions),
     "the size of another named dimension"},
    GY_OPTIONS_END,
};

static void print_shape(FILE *out, const gy_compile_tensor *tensor, const char *between)
{
    for (size_t i = 0; i < tensor->rank; i++)
        fprintf(out, "%s%zu", i == 0 ? "" : between, tensor->shape[i]);
}

static void print_text(FILE *out, const gy_compile_report *r)
{
    fprintf(out, "for %s\n\n%-24s %-16s %12s %10s\n", r->target, "operator", "type", "MACs",
            "weights B");
    for (size_t i = 0; i < r->node_count; i++)
        fprintf(out, "%-24.24s %-16.16s %12zu %10zu\n", r->nodes[i].name, r->nodes[i].type,
                r->nodes[i].macs, r->nodes[i].weights_bytes);
    fprintf(out, "\n%-24s %10s %10s  %-9s shape\n", "tensor", "at", "bytes", "nodes");
    for (size_t i = 0; i < r->tensor_count; i++) {
        const gy_compile_tensor *t = &r->tensors[i];
        fprintf(out, "%-24.24s %10zu %10zu  %3zu-%-5zu ", t->name, t->offset_bytes, t->size_bytes,
                t->first_node, t->last_node);
        print_shape(out, t, "x");
        fprintf(out, " %s\n", gy_dtype_name(t->dtype));
    }
    fprintf(out,
            "\nRAM    %zu B: arena %zu (no plan takes less than %zu, alive at '%s'), inputs and "
            "outputs %zu, stack at most %zu\n"
            "flash  %zu B: weights %zu, code %zu (estimated)\nMACs   %zu\n",
            r->ram_bytes, r->arena_bytes, r->floor_bytes, r->worst, r->ports_bytes, r->stack_bytes,
            r->flash_bytes, r->weights_bytes, r->code_bytes, r->macs);
}

static void print_name(gy_text *out, const char *key, const char *name)
{
    size_t length = 0;
    while (name[length] != '\0')
        length++;
    gy_text_add(out, "\"%s\": ", key);
    gy_text_json_string(out, name, length);
}

static gy_status print_json(FILE *out, const gy_compile_report *r, gy_error *err)
{
    gy_text text = {0};
    gy_text_add(
        &text,
        "{\"target\": \"%s\", \"ram_bytes\": %zu, \"arena_bytes\": %zu, \"floor_bytes\": %zu, "
        "\"ports_bytes\": %zu, \"stack_bytes\": %zu, \"flash_bytes\": %zu, "
        "\"weights_bytes\": %zu, \"code_bytes\": %zu, \"macs\": %zu, \"operators\": [",
        r->target, r->ram_bytes, r->arena_bytes, r->floor_bytes, r->ports_bytes, r->stack_bytes,
        r->flash_bytes, r->weights_bytes, r->code_bytes, r->macs);
    for (size_t i = 0; i < r->node_count; i++) {
        gy_text_add(&text, i == 0 ? "{" : ", {");
        print_name(&text, "name", r->nodes[i].name);
        gy_text_add(&text, ", \"type\": \"%s\", \"macs\": %zu, \"weights_bytes\": %zu}",
                    r->nodes[i].type, r->nodes[i].macs, r->nodes[i].weights_bytes);
    }
    gy_text_add(&text, "], \"tensors\": [");
    for (size_t i = 0; i < r->tensor_count; i++) {
        const gy_compile_tensor *t = &r->tensors[i];
        gy_text_add(&text, i == 0 ? "{" : ", {");
        print_name(&text, "name", t->name);
        gy_text_add(&text,
                    ", \"offset_bytes\": %zu, \"size_bytes\": %zu, \"first_node\": %zu, "
                    "\"last_node\": %zu}",
                    t->offset_bytes, t->size_bytes, t->first_node, t->last_node);
    }
    gy_text_add(&text, "]}\n");
    gy_status status = text.status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory");
    if (status == GY_OK)
        fwrite(text.bytes, 1, text.length, out);
    gy_text_release(&text);
    return status;
}

static gy_status inspect_run(gy_cli *cli, gy_error *err)
{
    inspect_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_inspect, cli, err));
    gy_compile_options wanted = {
        .target = chosen.target,
        .model = {.batch = chosen.batch, .dimensions = chosen.dimensions.items}};
    gy_compile_report report;
    GY_TRY(gy_compile_inspect(&report, cli->args[0], &wanted, cli->arena, err));
    if (cli->json)
        return print_json(cli->out, &report, err);
    print_text(cli->out, &report);
    return GY_OK;
}

const gy_command gy_command_inspect = {
    .name = "inspect",
    .usage = "gyre inspect [OPTION...] MODEL.onnx",
    .summary = "tell what a compiled model needs: tensors, RAM, flash, stack, operators",
    .group = "models",
    .details = "Lists the operators that are left after lowering with their multiplications and "
               "weights, and the tensors with their place in the planned memory and the operators "
               "that they live from and to.",
    .examples = "gyre inspect model.onnx --target cortex-m4",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = inspect_run,
};
