// SPDX-License-Identifier: Apache-2.0
//
// gyre inspect: what a model needs on a target.

#include <stddef.h>
#include <string.h>

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

static void print_shape(FILE *out, const gy_compile_tensor *tensor)
{
    for (size_t i = 0; i < tensor->rank; i++)
        fprintf(out, "%s%zu", i == 0 ? "" : "x", tensor->shape[i]);
}

// The first texts of a table; all are in --json and in NAME.h.
static void print_ports(gy_text *out, const char *kind, const gy_compile_port *ports, size_t count)
{
    enum { TEXTS_SHOWN = 6 };
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, "%-7s%-24.24s ", kind, ports[i].name);
        for (size_t k = 0; k < ports[i].rank; k++)
            gy_text_add(out, "%s%zu", k == 0 ? "" : "x", ports[i].shape[k]);
        gy_text_add(out, " %s", gy_dtype_name(ports[i].dtype));
        if (ports[i].texts != NULL)
            gy_text_add(out, ", places in a table of %zu texts: ", ports[i].text_count);
        for (size_t k = 0; k < ports[i].text_count && k < TEXTS_SHOWN; k++) {
            gy_text_add(out, k == 0 ? "" : ", ");
            gy_text_json_string(out, ports[i].texts[k], strlen(ports[i].texts[k]));
        }
        gy_text_add(out, ports[i].text_count > TEXTS_SHOWN ? ", ...\n" : "\n");
    }
}

static void print_text(FILE *out, const gy_compile_report *r, const gy_text *ports)
{
    fprintf(out, "for %s\n\n%.*s\n%-24s %-16s %12s %10s\n", r->target, (int)ports->length,
            ports->bytes, "operator", "type", "MACs", "weights B");
    for (size_t i = 0; i < r->node_count; i++)
        fprintf(out, "%-24.24s %-16.16s %12zu %10zu\n", r->nodes[i].name, r->nodes[i].type,
                r->nodes[i].macs, r->nodes[i].weights_bytes);
    fprintf(out, "\n%-24s %10s %10s  %-9s shape\n", "tensor", "at", "bytes", "nodes");
    for (size_t i = 0; i < r->tensor_count; i++) {
        const gy_compile_tensor *t = &r->tensors[i];
        fprintf(out, "%-24.24s %10zu %10zu  %3zu-%-5zu ", t->name, t->offset_bytes, t->size_bytes,
                t->first_node, t->last_node);
        print_shape(out, t);
        fprintf(out, " %s\n", gy_dtype_name(t->dtype));
    }
    fprintf(out,
            "\nRAM    %zu B: arena %zu (no plan takes less than %zu, alive at '%s'), inputs and "
            "outputs %zu, stack at most %zu\n"
            "flash  %zu B: weights %zu, texts %zu, code %zu (estimated)\nMACs   %zu\n",
            r->ram_bytes, r->arena_bytes, r->floor_bytes, r->worst, r->ports_bytes, r->stack_bytes,
            r->flash_bytes, r->weights_bytes, r->texts_bytes, r->code_bytes, r->macs);
}

static void print_ports_json(gy_text *out, const char *key, const gy_compile_port *ports,
                             size_t count)
{
    gy_text_add(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, i == 0 ? "{" : ",{");
        gy_text_json_member(out, "name", ports[i].name);
        gy_text_add(out, ",\"type\":\"%s\",\"shape\":[", gy_dtype_name(ports[i].dtype));
        for (size_t k = 0; k < ports[i].rank; k++)
            gy_text_add(out, "%s%zu", k == 0 ? "" : ",", ports[i].shape[k]);
        gy_text_add(out, ports[i].texts == NULL ? "]" : "],\"texts\":[");
        for (size_t k = 0; k < ports[i].text_count; k++) {
            gy_text_add(out, k == 0 ? "" : ",");
            gy_text_json_string(out, ports[i].texts[k], strlen(ports[i].texts[k]));
        }
        gy_text_add(out, ports[i].texts == NULL ? "}" : "]}");
    }
    gy_text_add(out, "]");
}

static gy_status print_json(FILE *out, const gy_compile_report *r, gy_error *err)
{
    gy_text text = {0};
    gy_text_add(&text,
                "{\"target\":\"%s\",\"ram_bytes\":%zu,\"arena_bytes\":%zu,\"floor_bytes\":%zu,"
                "\"ports_bytes\":%zu,\"stack_bytes\":%zu,\"flash_bytes\":%zu,"
                "\"weights_bytes\":%zu,\"texts_bytes\":%zu,\"code_bytes\":%zu,\"macs\":%zu",
                r->target, r->ram_bytes, r->arena_bytes, r->floor_bytes, r->ports_bytes,
                r->stack_bytes, r->flash_bytes, r->weights_bytes, r->texts_bytes, r->code_bytes,
                r->macs);
    print_ports_json(&text, "inputs", r->inputs, r->input_count);
    print_ports_json(&text, "outputs", r->outputs, r->output_count);
    gy_text_add(&text, ",\"operators\":[");
    for (size_t i = 0; i < r->node_count; i++) {
        gy_text_add(&text, i == 0 ? "{" : ",{");
        gy_text_json_member(&text, "name", r->nodes[i].name);
        gy_text_add(&text, ",\"type\":\"%s\",\"macs\":%zu,\"weights_bytes\":%zu}", r->nodes[i].type,
                    r->nodes[i].macs, r->nodes[i].weights_bytes);
    }
    gy_text_add(&text, "],\"tensors\":[");
    for (size_t i = 0; i < r->tensor_count; i++) {
        const gy_compile_tensor *t = &r->tensors[i];
        gy_text_add(&text, i == 0 ? "{" : ",{");
        gy_text_json_member(&text, "name", t->name);
        gy_text_add(&text,
                    ",\"offset_bytes\":%zu,\"size_bytes\":%zu,\"first_node\":%zu,"
                    "\"last_node\":%zu}",
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
    gy_text ports = {0};
    print_ports(&ports, "input", report.inputs, report.input_count);
    print_ports(&ports, "output", report.outputs, report.output_count);
    gy_status status = ports.status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory");
    if (status == GY_OK)
        print_text(cli->out, &report, &ports);
    gy_text_release(&ports);
    return status;
}

const gy_command gy_command_inspect = {
    .name = "inspect",
    .usage = "gyre inspect [OPTION...] MODEL.onnx",
    .summary = "tell what a compiled model needs: tensors, RAM, flash, stack, operators",
    .group = "models",
    .details = "Lists the operators that are left after lowering with their multiplications and "
               "weights, and the tensors with their place in the planned memory and the operators "
               "that they live from and to. Where the model takes or gives texts, the "
               "program has their places in a table: those of an input it can look up with "
               "NAME_input_N_place(text), and any other text is -1.",
    .examples = "gyre inspect model.onnx --target cortex-m4",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = inspect_run,
};
