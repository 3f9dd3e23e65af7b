// SPDX-License-Identifier: Apache-2.0
//
// A small net of random weights and samples for it, written to files: convolution, batch norm,
// Relu, MaxPool, depthwise convolution, Relu, Flatten, Gemm.

#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/random.h"
#include "check.h"
#include "compress/work.h"
#include "model/op.h"

enum { NET_SAMPLES = 96, NET_SIDE = 8, NET_MAPS = 6, NET_CLASSES = 5 };

static gy_random net_random;

static float net_number(void)
{
    return (float)(gy_random_unit(&net_random) * 2 - 1);
}

static gy_tensor *net_constant(gy_graph *graph, const char *name, const size_t *shape, size_t rank,
                               float size, float offset)
{
    gy_tensor *made;
    void *data;
    CHECK(gy_tensor_constant(&made, &data, graph->arena, name, GY_FLOAT32, shape, rank, NULL) ==
          GY_OK);
    for (size_t i = 0; i < made->count; i++)
        ((float *)data)[i] = offset + size * net_number();
    return made;
}

static gy_node *net_add(gy_graph *graph, const char *type, const char *name, gy_tensor *x,
                        size_t inputs)
{
    gy_node *node = gy_node_new(graph->arena, gy_op_find("", type, 13), 13, name, inputs, 1);
    node->inputs[0] = x;
    node->outputs[0] = gy_tensor_new(graph->arena, name);
    node->outputs[0]->producer = node;
    graph->nodes[graph->node_count++] = node;
    return node;
}

static void net_attribute(gy_node *node, const char *name, gy_attribute_kind kind, int64_t integer,
                          const int64_t *ints, size_t count)
{
    if (node->attributes == NULL)
        node->attributes = GY_NEW(node->arena, gy_attribute, 4);
    node->attributes[node->attribute_count++] = (gy_attribute){
        .name = name, .kind = kind, .integer = integer, .ints = ints, .count = count};
}

static gy_node *net_conv(gy_graph *graph, const char *name, gy_tensor *x, size_t channels,
                         int64_t group)
{
    static const int64_t pads[4] = {1, 1, 1, 1};
    size_t shape[4] = {NET_MAPS, channels, 3, 3};
    gy_node *conv = net_add(graph, "Conv", name, x, 2);
    conv->inputs[1] = net_constant(graph, "w", shape, 4, 0.5f, 0);
    // Maps of very different size, which is what balance is for.
    float *w = (float *)(uintptr_t)conv->inputs[1]->data;
    for (size_t i = 0; i < conv->inputs[1]->count; i++)
        w[i] *= 1.0f / (float)(1 + i / (channels * 9) * 3);
    net_attribute(conv, "pads", GY_ATTRIBUTE_INTS, 0, pads, 4);
    net_attribute(conv, "group", GY_ATTRIBUTE_INT, group, NULL, 1);
    return conv;
}

static void net_build(gy_graph *graph, gy_arena *arena)
{
    static gy_opset opsets[1] = {{"", 13}};
    static const char *const dimensions[4] = {"batch", NULL, NULL, NULL};
    static const int64_t two[2] = {2, 2};
    *graph = (gy_graph){.name = "net", .arena = arena, .opsets = opsets, .opset_count = 1};
    opsets[0].version = 13;
    graph->nodes = GY_NEW(arena, gy_node *, 16);
    graph->inputs = GY_NEW(arena, gy_tensor *, 1);
    graph->outputs = GY_NEW(arena, gy_tensor *, 1);
    gy_tensor *x = graph->inputs[0] = gy_tensor_new(arena, "x");
    graph->input_count = graph->output_count = 1;
    size_t in[4] = {1, 2, NET_SIDE, NET_SIDE}, maps[1] = {NET_MAPS};
    CHECK(gy_tensor_set(x, GY_FLOAT32, in, 4, NULL) == GY_OK);
    x->is_input = true;
    x->dimensions = dimensions;

    gy_node *norm = net_add(graph, "BatchNormalization", "norm",
                            net_conv(graph, "first", x, 2, 1)->outputs[0], 5);
    for (size_t i = 1; i < 5; i++)
        norm->inputs[i] = net_constant(graph, "n", maps, 1, 0.3f, i == 2 || i == 3 ? 0 : 1);
    gy_node *relu = net_add(graph, "Relu", "relu", norm->outputs[0], 1);
    gy_node *pool = net_add(graph, "MaxPool", "pool", relu->outputs[0], 1);
    net_attribute(pool, "kernel_shape", GY_ATTRIBUTE_INTS, 0, two, 2);
    net_attribute(pool, "strides", GY_ATTRIBUTE_INTS, 0, two, 2);
    gy_node *deep = net_conv(graph, "deep", pool->outputs[0], 1, NET_MAPS);
    gy_node *flat = net_add(graph, "Flatten", "flat",
                            net_add(graph, "Relu", "relu2", deep->outputs[0], 1)->outputs[0], 1);
    gy_node *last = net_add(graph, "Gemm", "last", flat->outputs[0], 3);
    size_t weights[2] = {NET_MAPS * 16, NET_CLASSES}, classes[1] = {NET_CLASSES};
    last->inputs[1] = net_constant(graph, "lw", weights, 2, 1, 0);
    last->inputs[2] = net_constant(graph, "lb", classes, 1, 0.2f, 0);
    graph->outputs[0] = last->outputs[0];
    last->outputs[0]->is_output = true;
    last->outputs[0]->dimensions = dimensions;
}

/** Write DIR/net.onnx and DIR/data.npz (x: samples). */
static void net_write(const char *model, const char *data)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_graph graph;
    gy_text bytes = {0};
    gy_random_init(&net_random, 5, 1);
    net_build(&graph, &arena);
    CHECK(gy_graph_infer(&graph, NULL) == GY_OK);
    CHECK(gy_onnx_write(&bytes, &graph, NULL) == GY_OK);
    CHECK(gy_file_replace(model, bytes.bytes, bytes.length, NULL) == GY_OK);
    gy_text_release(&bytes);
    size_t count = NET_SAMPLES * 2 * NET_SIDE * NET_SIDE;
    float *x = GY_NEW(&arena, float, count);
    for (size_t i = 0; i < count; i++)
        x[i] = 2 * net_number() + 0.5f;
    gy_array array = {.name = "x",
                      .dtype = GY_FLOAT32,
                      .rank = 4,
                      .shape = {NET_SAMPLES, 2, NET_SIDE, NET_SIDE},
                      .count = count,
                      .data = x};
    CHECK(gy_arrays_write(&array, 1, data, NULL) == GY_OK);
    gy_arena_release(&arena);
}
