// SPDX-License-Identifier: Apache-2.0
//
// What a program needs, and whether a device has it.

#include "compile/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/lowered_ops.h"

enum {
    STACK_BYTES_M4 = 1024,   // deepest chain of kernels, rounded up; a test measures it
    STACK_BYTES_HOST = 4096, // vectors are spilled whole
    CODE_BYTES_HOST = 6 * 1024,
    CODE_BYTES_M4 = 2048,
    CODE_BYTES_NODE = 256
};

// The most that the kernels of a use take on a Cortex-M4, -Os to -O3; a test compiles it.
static const struct {
    unsigned use;
    size_t bytes;
} code_m4[] = {{GY_USE_CONV, 2560}, {GY_USE_DEPTHWISE, 2048}, {GY_USE_POOL, 2560},
               {GY_USE_ADD, 1024},  {GY_USE_QUANT, 7168},     {GY_USE_QUANT_SUM, 1024},
               {GY_USE_SVM, 2048},  {GY_USE_RECURRENT, 2048}};

static size_t count_code(const gy_program *program, size_t nodes)
{
    if (program->target->kernels != GY_KERNELS_M4)
        return CODE_BYTES_HOST + CODE_BYTES_NODE * nodes;
    size_t bytes = CODE_BYTES_M4 + CODE_BYTES_NODE * nodes;
    for (size_t i = 0; i < sizeof(code_m4) / sizeof(code_m4[0]); i++)
        if ((program->uses & code_m4[i].use) != 0)
            bytes += code_m4[i].bytes;
    return bytes;
}

static const char *copy_text(const char *text, gy_arena *arena)
{
    return gy_arena_copy(arena, text, strlen(text));
}

static size_t count_macs(const gy_node *node)
{
    const gy_conv_state *s = node->op == &gy_lowered_conv ? node->state : NULL;
    if (node->op == &gy_lowered_quant_conv)
        s = &((const gy_quant_state *)node->state)->conv;
    if (s == NULL)
        return 0;
    return s->y.images * s->rows * s->cols * s->y.channels * s->kernel_rows * s->kernel_cols *
           (s->x.channels / s->groups);
}

static int earlier_first(const void *a, const void *b)
{
    const gy_compile_tensor *one = a, *other = b;
    if (one->first_node != other->first_node)
        return one->first_node < other->first_node ? -1 : 1;
    if (one->offset_bytes != other->offset_bytes)
        return one->offset_bytes < other->offset_bytes ? -1 : 1;
    return one->last_node < other->last_node ? -1 : one->last_node > other->last_node;
}

static gy_status list_tensors(gy_compile_report *report, const gy_program *program, gy_arena *arena,
                              gy_error *err)
{
    const gy_plan *plan = &program->plan;
    report->tensors = GY_NEW(arena, gy_compile_tensor, plan->count);
    if (report->tensors == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to list %zu tensors", plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const gy_planned *at = &plan->tensors[i];
        if (at->place != GY_PLACE_ARENA || at->storage != i || at->first == SIZE_MAX)
            continue;
        gy_compile_tensor *tensor = &report->tensors[report->tensor_count++];
        *tensor = (gy_compile_tensor){.name = copy_text(at->tensor->name, arena),
                                      .dtype = at->tensor->dtype,
                                      .rank = at->tensor->rank,
                                      .offset_bytes = at->offset_bytes,
                                      .size_bytes = at->size_bytes,
                                      .first_node = at->first,
                                      .last_node = at->last};
        memcpy(tensor->shape, at->tensor->shape, sizeof(tensor->shape));
        if (tensor->name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for names");
    }
    // In the order of the nodes, so that the list does not hang on addresses.
    qsort(report->tensors, report->tensor_count, sizeof(report->tensors[0]), earlier_first);
    return GY_OK;
}

static size_t count_weights(gy_tensor *const *tensors, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (tensors[i] != NULL && tensors[i]->is_constant)
            bytes += tensors[i]->count * gy_dtype_size(tensors[i]->dtype);
    return bytes;
}

static gy_status list_nodes(gy_compile_report *report, const gy_program *program, gy_arena *arena,
                            gy_error *err)
{
    const gy_graph *graph = program->graph;
    report->nodes = GY_NEW(arena, gy_compile_node, graph->node_count);
    if (report->nodes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to list %zu nodes", graph->node_count);
    for (size_t i = 0; i < graph->node_count; i++) {
        const gy_node *node = graph->nodes[i];
        gy_compile_node *row = &report->nodes[report->node_count];
        if (node->op == &gy_lowered_view)
            continue; // no work
        *row = (gy_compile_node){.name = copy_text(node->name, arena),
                                 .type = node->op->type,
                                 .macs = count_macs(node),
                                 .output = copy_text(node->outputs[0]->name, arena)};
        if (row->name == NULL || row->output == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for names");
        row->weights_bytes = count_weights(node->inputs, node->input_count) +
                             count_weights(node->tables, node->table_count);
        report->macs += row->macs;
        report->node_count++;
    }
    return GY_OK;
}

static gy_status list_ports(gy_compile_port **made, gy_compile_report *report,
                            gy_tensor *const *tensors, const gy_vocabulary *const *texts,
                            size_t count, gy_arena *arena, gy_error *err)
{
    size_t pointer_bytes = report->stack_bytes == STACK_BYTES_M4 ? 4 : 8;
    *made = GY_NEW(arena, gy_compile_port, count + 1);
    if (*made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to list %zu inputs or outputs", count);
    for (size_t i = 0; i < count; i++) {
        gy_compile_port *port = &(*made)[i];
        *port = (gy_compile_port){.name = copy_text(tensors[i]->name, arena),
                                  .dtype = tensors[i]->dtype,
                                  .rank = tensors[i]->rank};
        memcpy(port->shape, tensors[i]->shape, sizeof(port->shape));
        if (port->name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for names");
        report->ports_bytes += tensors[i]->count * gy_dtype_size(tensors[i]->dtype);
        if (texts[i] == NULL)
            continue;
        port->texts = texts[i]->texts;
        port->text_count = texts[i]->count;
        for (size_t k = 0; k < port->text_count; k++)
            report->texts_bytes += strlen(port->texts[k]) + 1 + pointer_bytes;
    }
    return GY_OK;
}

gy_status gy_report_make(gy_compile_report *report, const gy_program *program, gy_arena *arena,
                         gy_error *err)
{
    const gy_graph *graph = program->graph;
    const gy_plan *plan = &program->plan;
    bool small = program->target->kernels == GY_KERNELS_M4;
    *report = (gy_compile_report){.target = program->target->name,
                                  .arena_bytes = plan->arena_bytes,
                                  .floor_bytes = plan->floor_bytes,
                                  .stack_bytes = small ? STACK_BYTES_M4 : STACK_BYTES_HOST,
                                  .weights_bytes = plan->constant_bytes,
                                  .worst = ""};
    if (graph->node_count > 0)
        report->worst = copy_text(graph->nodes[plan->worst_node]->name, arena);
    report->input_count = graph->input_count;
    report->output_count = graph->output_count;
    GY_TRY(list_ports(&report->inputs, report, graph->inputs, program->texts.inputs,
                      graph->input_count, arena, err));
    GY_TRY(list_ports(&report->outputs, report, graph->outputs, program->texts.outputs,
                      graph->output_count, arena, err));
    GY_TRY(list_tensors(report, program, arena, err));
    GY_TRY(list_nodes(report, program, arena, err));
    report->ram_bytes = report->arena_bytes + report->ports_bytes + report->stack_bytes;
    report->code_bytes = count_code(program, report->node_count);
    report->flash_bytes = report->weights_bytes + report->texts_bytes + report->code_bytes;
    return report->worst == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for names") : GY_OK;
}

/** A number of bytes in words, by value. */
typedef struct size_words {
    char text[32];
} size_words;

static size_words in_words(size_t bytes)
{
    size_words words;
    if (bytes < 10240)
        snprintf(words.text, sizeof(words.text), "%zu B", bytes);
    else
        snprintf(words.text, sizeof(words.text), "%zu KiB", (bytes + 1023) / 1024);
    return words;
}

static const gy_compile_tensor *largest_tensor(const gy_compile_report *report)
{
    const gy_compile_tensor *largest = NULL;
    for (size_t i = 0; i < report->tensor_count; i++)
        if (largest == NULL || report->tensors[i].size_bytes > largest->size_bytes)
            largest = &report->tensors[i];
    return largest;
}

static const gy_compile_node *heaviest_node(const gy_compile_report *report)
{
    const gy_compile_node *heaviest = NULL;
    for (size_t i = 0; i < report->node_count; i++)
        if (heaviest == NULL || report->nodes[i].weights_bytes > heaviest->weights_bytes)
            heaviest = &report->nodes[i];
    return heaviest;
}

// What makes a node's weights smaller: the operators of products have 8-bit forms, trees have not.
static const char *smaller(const gy_compile_node *heaviest)
{
    if (heaviest == NULL || strncmp(heaviest->type, "Quant", 5) == 0)
        return "";
    if (strncmp(heaviest->type, "TreeEnsemble", 12) == 0)
        return "fewer or shallower trees need less; ";
    return heaviest->macs > 0 ? "int8 weights (gyre compress) take a quarter; " : "";
}

gy_status gy_report_check(const gy_compile_report *report, const gy_compile_options *options,
                          gy_error *err)
{
    if (options->ram_bytes > 0 && report->ram_bytes > options->ram_bytes) {
        const gy_compile_tensor *largest = largest_tensor(report);
        return gy_fail(err, GY_LIMIT,
                       "model needs %s of RAM (%s arena, %s inputs and outputs, %s stack), over "
                       "--ram %s; most is alive at node '%.60s', largest tensor: '%.60s', %s; "
                       "--ram %zu would do",
                       in_words(report->ram_bytes).text, in_words(report->arena_bytes).text,
                       in_words(report->ports_bytes).text, in_words(report->stack_bytes).text,
                       in_words(options->ram_bytes).text, report->worst,
                       largest == NULL ? "" : largest->name,
                       in_words(largest == NULL ? 0 : largest->size_bytes).text, report->ram_bytes);
    }
    if (options->flash_bytes > 0 && report->flash_bytes > options->flash_bytes) {
        const gy_compile_node *heaviest = heaviest_node(report);
        return gy_fail(err, GY_LIMIT,
                       "model needs %s of flash (%s weights, %s code), over --flash %s; heaviest "
                       "node: '%.60s', %s of weights; %s--flash %zu would do",
                       in_words(report->flash_bytes).text,
                       in_words(report->weights_bytes + report->texts_bytes).text,
                       in_words(report->code_bytes).text, in_words(options->flash_bytes).text,
                       heaviest == NULL ? "" : heaviest->name,
                       in_words(heaviest == NULL ? 0 : heaviest->weights_bytes).text,
                       smaller(heaviest), report->flash_bytes);
    }
    return GY_OK;
}
