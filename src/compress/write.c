// SPDX-License-Identifier: Apache-2.0
//
// The compressed layers as standard ONNX: QuantizeLinear and DequantizeLinear behind each value
// that is rounded, int8 weights and int32 biases with a DequantizeLinear of their own. Whoever
// knows the pattern computes in integers; for everyone else it is a float model of the same
// results.

#include <string.h>

#include "compress/work.h"
#include "model/op.h"

enum { OPSET_MIN = 13 }; // the first with a scale an axis

/** Where new nodes go. */
typedef struct inserter {
    gy_graph *graph;
    gy_arena *arena;
    const gy_op *quantize, *dequantize;
    int opset;
} inserter;

static gy_status no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory to write the compressed model");
}

static gy_status name_after(const char **name, inserter *to, const char *of, const char *what,
                            gy_error *err)
{
    *name = gy_arena_format(to->arena, "%s_%s", of, what);
    return *name == NULL ? no_memory(err) : GY_OK;
}

// A constant of count elements, rank 0 for a single one.
static gy_status constant(gy_tensor **made, inserter *to, const char *of, const char *what,
                          gy_dtype dtype, const void *data, size_t count, size_t rank,
                          gy_error *err)
{
    const char *name;
    void *into;
    GY_TRY(name_after(&name, to, of, what, err));
    GY_TRY(gy_tensor_constant(made, &into, to->arena, name, dtype, &count, rank, err));
    memcpy(into, data, count * gy_dtype_size(dtype));
    return GY_OK;
}

static gy_status set_axis(gy_node *node, int64_t axis, gy_error *err)
{
    node->attributes = GY_NEW(node->arena, gy_attribute, 1);
    if (node->attributes == NULL)
        return no_memory(err);
    node->attributes[0] =
        (gy_attribute){.name = "axis", .kind = GY_ATTRIBUTE_INT, .count = 1, .integer = axis};
    node->attribute_count = 1;
    return GY_OK;
}

// A node with one output; zero NULL: two inputs.
static gy_status add_node(gy_node **made, inserter *to, const gy_op *op, const char *of,
                          const char *what, gy_tensor *x, gy_tensor *scale, gy_tensor *zero,
                          gy_error *err)
{
    const char *name, *output;
    GY_TRY(name_after(&name, to, of, what, err));
    GY_TRY(name_after(&output, to, of, op == to->quantize ? "quantized" : "dequantized", err));
    *made = gy_node_new(to->arena, op, to->opset, name, zero == NULL ? 2 : 3, 1);
    if (*made == NULL)
        return no_memory(err);
    (*made)->inputs[0] = x;
    (*made)->inputs[1] = scale;
    if (zero != NULL)
        (*made)->inputs[2] = zero;
    (*made)->outputs[0] = gy_tensor_new(to->arena, output);
    if ((*made)->outputs[0] == NULL)
        return no_memory(err);
    (*made)->outputs[0]->producer = *made;
    to->graph->nodes[to->graph->node_count++] = *made;
    return GY_OK;
}

// What is made of the bytes of a QuantizeLinear, as its readers take it: in units, or as it was.
static gy_status add_reading(gy_tensor **made, inserter *to, const gy_node *quantize,
                             const gy_activation *root, bool in_units, gy_error *err)
{
    const char *of = quantize->inputs[0]->name;
    float step = in_units ? gy_activation_unit(root) : root->scale;
    gy_tensor *scale = quantize->inputs[1];
    gy_node *node;
    if (gy_tensor_number_at(scale, 0) != (double)step)
        GY_TRY(constant(&scale, to, of, in_units ? "unit" : "step", GY_FLOAT32, &step, 1, 0, err));
    if (in_units)
        GY_TRY(name_after(&of, to, of, "units", err));
    GY_TRY(add_node(&node, to, to->dequantize, of, "DequantizeLinear", quantize->outputs[0], scale,
                    quantize->inputs[2], err));
    *made = node->outputs[0];
    return GY_OK;
}

// Bounds between a layer and its bytes carry the gain, too.
static gy_status scale_bounds(inserter *to, const gy_compressor *work, size_t at, gy_error *err)
{
    const gy_activation *activation = &work->activations[at];
    double gain = gy_activation_gain(activation);
    const gy_node *layer = work->layers[activation->writer].node;
    for (gy_node *node = activation->tensor->producer; node != layer;
         node = node->inputs[0]->producer)
        for (size_t k = 1; k < node->input_count; k++) {
            if (node->inputs[k] == NULL || strcmp(node->op->type, "Clip") != 0)
                continue;
            float bound = (float)(gy_tensor_number_at(node->inputs[k], 0) / gain);
            GY_TRY(constant(&node->inputs[k], to, node->name, k == 1 ? "low" : "high", GY_FLOAT32,
                            &bound, 1, 0, err));
        }
    return GY_OK;
}

static gy_status insert_activation(inserter *to, const gy_compressor *work, size_t at,
                                   gy_error *err)
{
    gy_tensor *tensor = work->activations[at].tensor, *scale, *zero, *read[2] = {NULL, NULL};
    const gy_activation *root = &work->activations[work->activations[at].root];
    uint8_t level = (uint8_t)root->zero;
    float step = gy_activation_written(work, at);
    size_t before = to->graph->node_count;
    GY_TRY(constant(&scale, to, tensor->name, "scale", GY_FLOAT32, &step, 1, 0, err));
    GY_TRY(constant(&zero, to, tensor->name, "zero_point", GY_UINT8, &level, 1, 0, err));
    gy_node *quantize;
    GY_TRY(add_node(&quantize, to, to->quantize, tensor->name, "QuantizeLinear", tensor, scale,
                    zero, err));
    if (work->activations[at].writer != GY_NO_PLACE)
        GY_TRY(scale_bounds(to, work, at, err));
    for (size_t i = 0; i < before; i++) {
        gy_node *node = to->graph->nodes[i];
        bool in_units = gy_compress_reads_units(work, node);
        for (size_t k = 0; k < node->input_count; k++) {
            if (node->inputs[k] != tensor)
                continue;
            if (read[in_units] == NULL)
                GY_TRY(add_reading(&read[in_units], to, quantize, root, in_units, err));
            node->inputs[k] = read[in_units];
        }
    }
    return GY_OK;
}

// The place of weight k of output m in the model's own layout.
static size_t place_of(const gy_layer *layer, size_t m, size_t k)
{
    bool turned = layer->kind == GY_LAYER_MATMUL ||
                  (layer->kind == GY_LAYER_GEMM && gy_node_int(layer->node, "transB", 0) == 0);
    return turned ? k * layer->outputs + m : m * layer->fan_in + k;
}

// New weights in the shape and layout of the old ones: steps of a layer with 8 bits, else floats.
static gy_status new_weights(gy_tensor **made, inserter *to, const gy_layer *layer, gy_error *err)
{
    const gy_tensor *old = layer->node->inputs[1];
    bool is_float = layer->why_float != NULL;
    const char *name = old->name;
    void *into;
    if (!is_float)
        GY_TRY(name_after(&name, to, old->name, "quantized", err));
    GY_TRY(gy_tensor_constant(made, &into, to->arena, name, is_float ? GY_FLOAT32 : GY_INT8,
                              old->shape, old->rank, err));
    for (size_t m = 0; m < layer->outputs; m++)
        for (size_t k = 0; k < layer->fan_in; k++) {
            size_t at = m * layer->fan_in + k, place = place_of(layer, m, k);
            if (is_float)
                ((float *)into)[place] = layer->weights[at];
            else
                ((int8_t *)into)[place] = layer->steps[at];
        }
    return GY_OK;
}

// Set the bias of a node that may have had none.
static gy_status set_bias(gy_node *node, gy_tensor *bias, gy_error *err)
{
    if (node->input_count < 3) {
        gy_tensor **inputs = GY_NEW(node->arena, gy_tensor *, 3);
        if (inputs == NULL)
            return no_memory(err);
        memcpy(inputs, node->inputs, node->input_count * sizeof(gy_tensor *));
        node->inputs = inputs;
        node->input_count = 3;
    }
    node->inputs[2] = bias;
    return GY_OK;
}

static gy_status insert_float(inserter *to, gy_layer *layer, gy_error *err)
{
    gy_tensor *bias;
    GY_TRY(new_weights(&layer->node->inputs[1], to, layer, err));
    if (layer->kind == GY_LAYER_MATMUL)
        return GY_OK;
    GY_TRY(constant(&bias, to, layer->node->name, "bias", GY_FLOAT32, layer->bias, layer->outputs,
                    1, err));
    return set_bias(layer->node, bias, err);
}

static gy_status insert_bias(inserter *to, gy_layer *layer, float input_unit, gy_error *err)
{
    const char *of = layer->node->name;
    float *scales = GY_NEW(to->arena, float, layer->outputs);
    if (scales == NULL)
        return no_memory(err);
    for (size_t m = 0; m < layer->outputs; m++)
        scales[m] = input_unit * layer->scales[m];
    gy_tensor *steps, *scale;
    gy_node *node;
    GY_TRY(constant(&steps, to, of, "bias_quantized", GY_INT32, layer->bias_steps, layer->outputs,
                    1, err));
    GY_TRY(constant(&scale, to, of, "bias_scale", GY_FLOAT32, scales, layer->outputs, 1, err));
    GY_TRY(
        add_node(&node, to, to->dequantize, of, "bias_DequantizeLinear", steps, scale, NULL, err));
    GY_TRY(set_axis(node, 0, err));
    return set_bias(layer->node, node->outputs[0], err);
}

static gy_status insert_layer(inserter *to, const gy_compressor *work, gy_layer *layer,
                              gy_error *err)
{
    if (layer->weights == NULL)
        return GY_OK;
    if (layer->why_float != NULL)
        return insert_float(to, layer, err);
    const char *of = layer->node->name;
    gy_tensor *steps, *scale, *zero;
    gy_node *node;
    int8_t *zeros = GY_NEW(to->arena, int8_t, layer->outputs);
    if (zeros == NULL)
        return no_memory(err);
    GY_TRY(new_weights(&steps, to, layer, err));
    GY_TRY(constant(&scale, to, of, "weight_scale", GY_FLOAT32, layer->scales, layer->outputs, 1,
                    err));
    GY_TRY(constant(&zero, to, of, "weight_zero_point", GY_INT8, zeros, layer->outputs, 1, err));
    GY_TRY(add_node(&node, to, to->dequantize, of, "weight_DequantizeLinear", steps, scale, zero,
                    err));
    GY_TRY(set_axis(node, place_of(layer, 1, 0) == 1 && layer->fan_in > 1 ? 1 : 0, err));
    if (layer->kind != GY_LAYER_CONV && layer->fan_in == 1)
        node->attributes[0].integer = layer->node->inputs[1]->shape[0] == layer->outputs ? 0 : 1;
    layer->node->inputs[1] = node->outputs[0];
    if (layer->kind == GY_LAYER_MATMUL)
        return GY_OK;
    const gy_activation *input = &work->activations[work->activations[layer->input].root];
    return insert_bias(to, layer, gy_activation_unit(input), err);
}

// Scales along an axis need operator set 13: raise the graph to it where no operator changes its
// meaning on the way.
static gy_status raise_opset(inserter *to, gy_error *err)
{
    gy_graph *graph = to->graph;
    gy_opset *own = NULL;
    for (size_t i = 0; i < graph->opset_count; i++)
        if (graph->opsets[i].domain[0] == '\0')
            own = &graph->opsets[i];
    if (own == NULL)
        return gy_fail(err, GY_FORMAT, "the model imports no operator set of ai.onnx");
    for (size_t i = 0; own->version < OPSET_MIN && i < graph->node_count; i++) {
        const gy_op *op = graph->nodes[i]->op;
        if (op->domain[0] == '\0' && gy_op_find("", op->type, OPSET_MIN) != op)
            return gy_fail(err, GY_UNSUPPORTED,
                           "node '%s': %s means another thing from operator set %d on, the model "
                           "has %d; export it with opset_version %d",
                           graph->nodes[i]->name, op->type, OPSET_MIN, own->version, OPSET_MIN);
    }
    own->version = own->version < OPSET_MIN ? OPSET_MIN : own->version;
    to->opset = own->version;
    return GY_OK;
}

gy_status gy_compressor_insert(gy_compressor *work, gy_error *err)
{
    gy_graph *graph = work->graph;
    inserter to = {.graph = graph, .arena = graph->arena};
    GY_TRY(raise_opset(&to, err));
    to.quantize = gy_op_find("", "QuantizeLinear", to.opset);
    to.dequantize = gy_op_find("", "DequantizeLinear", to.opset);
    size_t count = graph->node_count + 3 * work->activation_count + 2 * work->layer_count;
    gy_node **nodes = GY_NEW(to.arena, gy_node *, count + 1);
    if (nodes == NULL)
        return no_memory(err);
    memcpy(nodes, graph->nodes, graph->node_count * sizeof(*nodes));
    graph->nodes = nodes;
    gy_compressor_switch(work, true); // biases in steps of the final scales
    for (size_t i = 0; i < work->layer_count; i++)
        GY_TRY(insert_layer(&to, work, &work->layers[i], err));
    for (size_t i = 0; i < work->activation_count; i++)
        GY_TRY(insert_activation(&to, work, i, err));
    return gy_graph_infer(graph, err);
}
