// SPDX-License-Identifier: Apache-2.0
//
// What hangs on the target: how weights are packed, what memory a kernel needs besides.

#include <string.h>

#include "compile/prepare.h"

size_t gy_conv_packed_outputs(const gy_target *target, size_t outputs)
{
    size_t panel = target->panel, rest = outputs % panel;
    // A last panel of at most half the outputs is half as wide, where panels are 16 wide.
    size_t last = rest == 0 ? 0 : panel == 16 && rest <= 8 ? 8 : panel;
    return outputs - rest + last;
}

// Weights [outputs][taps] into [tap][output]: the order in which depthwise kernels read.
static void pack_turned(float *to, const float *from, size_t outputs, size_t taps)
{
    for (size_t m = 0; m < outputs; m++)
        for (size_t k = 0; k < taps; k++)
            to[k * outputs + m] = from[m * taps + k];
}

// Weights [outputs][taps] of a group into panels; lanes without an output hold 0.
static void pack_panels(float *to, const float *from, const gy_target *target, size_t outputs,
                        size_t taps)
{
    size_t packed = gy_conv_packed_outputs(target, outputs);
    for (size_t first = 0; first < packed; first += target->panel) {
        size_t width = packed - first < target->panel ? packed - first : target->panel;
        for (size_t k = 0; k < taps; k++)
            for (size_t i = 0; i < width; i++, to++)
                *to = first + i < outputs ? from[(first + i) * taps + k] : 0.0f;
    }
}

static gy_status pack_conv(gy_node *node, const gy_target *target, gy_arena *arena, gy_error *err)
{
    const gy_conv_state *s = node->state;
    const float *from = node->inputs[1]->data, *from_bias = node->inputs[2]->data;
    size_t taps = s->kernel_rows * s->kernel_cols * (s->x.channels / s->groups);
    bool depthwise = gy_conv_is_depthwise(s);
    size_t groups = depthwise ? 1 : s->groups, outputs = s->y.channels / groups;
    size_t packed = depthwise ? outputs : gy_conv_packed_outputs(target, outputs);
    gy_tensor *w, *bias;
    void *w_data, *bias_data;
    GY_TRY(gy_tensor_constant(&w, &w_data, arena, node->inputs[1]->name, GY_FLOAT32,
                              (size_t[]){groups * packed * taps}, 1, err));
    GY_TRY(gy_tensor_constant(&bias, &bias_data, arena, node->inputs[2]->name, GY_FLOAT32,
                              (size_t[]){groups * packed}, 1, err));
    float *to = w_data, *to_bias = bias_data;
    for (size_t g = 0; g < groups; g++) {
        if (depthwise)
            pack_turned(to, from, outputs, taps);
        else
            pack_panels(to + g * packed * taps, from + g * outputs * taps, target, outputs, taps);
        memcpy(to_bias + g * packed, from_bias + g * outputs, outputs * sizeof(float));
    }
    node->inputs[1] = w;
    node->inputs[2] = bias;
    return GY_OK;
}

// The rows of a convolution that one row of windows pools.
static gy_status add_pool_rows(gy_node *node, const gy_target *target, gy_arena *arena,
                               gy_error *err)
{
    const gy_conv_state *s = node->state;
    bool in_registers = target->kernels == GY_KERNELS_M4 && s->pool_rows == 2 && s->pool_cols == 2;
    if (s->pool_rows * s->pool_cols == 1 || in_registers)
        return GY_OK;
    node->scratch = gy_tensor_new(arena, node->name);
    if (node->scratch == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the scratch of node '%s'", node->name);
    return gy_tensor_set(node->scratch, GY_FLOAT32,
                         (size_t[]){s->pool_rows, s->y.cols * s->pool_cols, s->y.channels}, 3, err);
}

static gy_status name_tensor(gy_tensor *tensor, const char *letter, size_t number, gy_arena *arena,
                             gy_error *err)
{
    tensor->c_name = gy_arena_format(arena, "%s%zu", letter, number);
    return tensor->c_name != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for names");
}

// Names come from a counter in the order of the nodes: no text of the model reaches the program.
static gy_status name_tensors(gy_program *program, gy_arena *arena, gy_error *err)
{
    const gy_graph *graph = program->graph;
    size_t number = 0;
    for (size_t i = 0; i < program->plan.constant_count; i++)
        GY_TRY(name_tensor(program->plan.constants[i], "w", i, arena, err));
    for (size_t i = 0; i < graph->input_count; i++)
        GY_TRY(name_tensor(graph->inputs[i], "t", number++, arena, err));
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] != NULL)
                GY_TRY(name_tensor(node->outputs[k], "t", number++, arena, err));
        if (node->scratch != NULL)
            GY_TRY(name_tensor(node->scratch, "t", number++, arena, err));
    }
    return GY_OK;
}

static unsigned kernels_of(const gy_node *node)
{
    if (node->op == &gy_lowered_conv) {
        const gy_conv_state *s = node->state;
        unsigned uses = gy_conv_is_depthwise(s) ? GY_USE_DEPTHWISE : GY_USE_CONV;
        return uses | GY_USE_IMAGE | (node->scratch != NULL ? GY_USE_POOL : 0u);
    }
    if (node->op == &gy_lowered_max_pool || node->op == &gy_lowered_mean_pool)
        return GY_USE_POOL | GY_USE_IMAGE;
    if (node->op == &gy_lowered_add)
        return GY_USE_ADD | GY_USE_IMAGE;
    if (node->op == &gy_lowered_quant_conv || node->op == &gy_lowered_quant_max_pool ||
        node->op == &gy_lowered_quantize)
        return GY_USE_QUANT | GY_USE_IMAGE;
    if (node->op == &gy_lowered_quant_add || node->op == &gy_lowered_quant_mean)
        return GY_USE_QUANT_SUM | GY_USE_QUANT | GY_USE_IMAGE;
    if (node->op == &gy_lowered_table)
        return GY_USE_TABLE | GY_USE_IMAGE;
    return node->op == &gy_lowered_layout ? GY_USE_IMAGE : gy_kernels_of_op(node->op);
}

gy_status gy_prepare(gy_program *program, gy_graph *graph, gy_arena *arena, gy_error *err)
{
    program->graph = graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        if (node->op == &gy_lowered_conv) {
            GY_TRY(pack_conv(node, program->target, arena, err));
            GY_TRY(add_pool_rows(node, program->target, arena, err));
        }
        if (node->op == &gy_lowered_quant_conv) {
            GY_TRY(gy_prepare_quant(node, program->target, arena, err));
            GY_TRY(gy_prepare_quant_scratch(node, program->target, arena, err));
        }
        program->uses |= kernels_of(node);
        if (node->op->domain[0] != 'g' && node->op->emit == NULL)
            return gy_fail(err, GY_UNSUPPORTED,
                           "node '%s': %s cannot be compiled, only the reference can run it",
                           node->name, node->op->type);
    }
    GY_TRY(gy_plan_make(&program->plan, graph, program->target->align_bytes, arena, err));
    return name_tensors(program, arena, err);
}
