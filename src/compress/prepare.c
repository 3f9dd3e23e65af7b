// SPDX-License-Identifier: Apache-2.0
//
// A graph made ready: batch norms folded into the convolutions before them, the layers that can
// have 8 bits found, and the values between them that are to be rounded.

#include <math.h>
#include <string.h>

#include "compress/work.h"
#include "model/op.h"
#include "model/ops/support/window.h"

static bool is_type(const gy_node *node, const char *type)
{
    return node != NULL && node->op->domain[0] == '\0' && strcmp(node->op->type, type) == 0;
}

bool gy_compress_is_one_of(const gy_node *node, const char *const *types)
{
    for (; *types != NULL; types++)
        if (is_type(node, *types))
            return true;
    return false;
}

// Operators that only move values, or choose among them: their output is on their input's steps.
static const char *const movers[] = {"MaxPool",   "Reshape",  "Flatten", "Transpose", "Squeeze",
                                     "Unsqueeze", "Identity", "Dropout", NULL};
// Operators that compute on few values: their inputs are rounded where their output is.
static const char *const light[] = {"Add", "Concat", "AveragePool", "GlobalAveragePool", NULL};

size_t gy_compress_readers(gy_node **only, const gy_graph *graph, const gy_tensor *tensor)
{
    size_t count = tensor->is_output;
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k] == tensor) {
                count++;
                if (only != NULL)
                    *only = graph->nodes[i];
            }
    return count;
}

ptrdiff_t gy_compress_layer_of(const gy_compressor *work, const gy_node *node)
{
    for (size_t i = 0; i < work->layer_count; i++)
        if (work->layers[i].node == node && work->layers[i].weights != NULL)
            return (ptrdiff_t)i;
    return GY_NO_PLACE;
}

ptrdiff_t gy_compress_activation_of(const gy_compressor *work, const gy_tensor *tensor)
{
    for (size_t i = 0; i < work->activation_count; i++)
        if (work->activations[i].tensor == tensor)
            return (ptrdiff_t)i;
    return GY_NO_PLACE;
}

static gy_status no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for the layers of the model");
}

// ---- layers

static bool is_weight(const gy_tensor *tensor)
{
    return tensor != NULL && tensor->is_constant && tensor->dtype == GY_FLOAT32 &&
           tensor->count > 0;
}

// Whether a node is a layer, and its sizes. why: what keeps it from 8 bits, if it is none.
static bool read_layer(gy_layer *layer, gy_node *node, const char **why)
{
    const gy_tensor *w = gy_node_input(node, 1), *b = gy_node_input(node, 2);
    *layer = (gy_layer){.node = node, .input = GY_NO_PLACE, .taps = 1, .rescale = 1};
    *why = NULL;
    if (is_type(node, "Conv"))
        layer->kind = GY_LAYER_CONV;
    else if (is_type(node, "Gemm"))
        layer->kind = GY_LAYER_GEMM;
    else if (is_type(node, "MatMul"))
        layer->kind = GY_LAYER_MATMUL;
    else
        return false;
    if (!is_weight(w))
        *why = "its weights are not constant";
    else if (b != NULL && !is_weight(b))
        *why = "its bias is not constant";
    else if (layer->kind == GY_LAYER_CONV && (w->rank < 3 || w->rank > 4))
        *why = "only convolutions of one and two dimensions have 8 bits";
    else if (layer->kind != GY_LAYER_CONV && (w->rank != 2 || node->inputs[0]->rank < 2))
        *why = "only products with a matrix have 8 bits";
    else if (layer->kind == GY_LAYER_GEMM &&
             (gy_node_float(node, "alpha", 1) != 1 || gy_node_float(node, "beta", 1) != 1 ||
              gy_node_int(node, "transA", 0) != 0))
        *why = "only a Gemm with alpha 1, beta 1, transA 0 has 8 bits";
    if (*why != NULL)
        return true;
    bool turned = layer->kind == GY_LAYER_GEMM && gy_node_int(node, "transB", 0) != 0;
    bool first = layer->kind == GY_LAYER_CONV || turned;
    layer->outputs = w->shape[first ? 0 : 1];
    layer->fan_in = w->count / layer->outputs;
    if (layer->kind == GY_LAYER_CONV)
        layer->taps = layer->fan_in / w->shape[1];
    layer->channels = layer->kind == GY_LAYER_CONV ? node->inputs[0]->shape[1] : layer->fan_in;
    if (b != NULL && b->count != 1 && b->count != layer->outputs)
        *why = "its bias is not one number an output";
    return true;
}

static float number_at(const gy_tensor *tensor, size_t i)
{
    return (float)gy_tensor_number_at(tensor, i);
}

static gy_status fill_layer(gy_layer *layer, gy_arena *arena, gy_error *err)
{
    const gy_tensor *w = layer->node->inputs[1], *b = gy_node_input(layer->node, 2);
    size_t outputs = layer->outputs, fan_in = layer->fan_in;
    layer->weights = GY_NEW(arena, float, w->count);
    layer->run_stride = (outputs + 7) / 8 * 8;
    layer->run_weights = GY_NEW(arena, float, fan_in * layer->run_stride);
    layer->steps = GY_NEW(arena, int8_t, w->count);
    layer->bias = GY_NEW(arena, float, outputs);
    layer->run_bias = GY_NEW(arena, float, outputs);
    layer->correction = GY_NEW(arena, float, outputs);
    layer->scales = GY_NEW(arena, float, outputs);
    layer->bias_steps = GY_NEW(arena, int32_t, outputs);
    layer->power = GY_NEW(arena, double, fan_in);
    layer->peaks = GY_NEW(arena, float, layer->channels);
    layer->plain_weights = GY_NEW(arena, float, w->count);
    layer->plain_bias = GY_NEW(arena, float, outputs);
    if (layer->weights == NULL || layer->run_weights == NULL || layer->steps == NULL ||
        layer->bias == NULL || layer->run_bias == NULL || layer->correction == NULL ||
        layer->scales == NULL || layer->bias_steps == NULL || layer->power == NULL ||
        layer->peaks == NULL || layer->plain_weights == NULL || layer->plain_bias == NULL)
        return no_memory(err);
    bool turned = layer->kind != GY_LAYER_CONV && w->shape[0] == fan_in &&
                  (layer->kind == GY_LAYER_MATMUL || gy_node_int(layer->node, "transB", 0) == 0);
    for (size_t m = 0; m < outputs; m++) {
        for (size_t k = 0; k < fan_in; k++)
            layer->weights[m * fan_in + k] =
                number_at(w, turned ? k * outputs + m : m * fan_in + k);
        layer->bias[m] = b == NULL ? 0 : number_at(b, b->count == 1 ? 0 : m);
    }
    return GY_OK;
}

// ---- batch norm

// Fold a batch norm into the convolution whose output it alone reads: the node stays in the graph
// as the producer of the same value, but the convolution now makes it.
static void fold_norm(gy_layer *layer, const gy_graph *graph)
{
    gy_node *norm = NULL;
    gy_tensor *made = layer->node->outputs[0];
    if (layer->kind != GY_LAYER_CONV || gy_compress_readers(&norm, graph, made) != 1 ||
        !is_type(norm, "BatchNormalization") || norm->inputs[0] != made)
        return;
    for (size_t i = 1; i < 5; i++)
        if (!is_weight(norm->inputs[i]))
            return;
    for (size_t i = 1; i < norm->output_count; i++)
        if (norm->outputs[i] != NULL && gy_compress_readers(NULL, graph, norm->outputs[i]) > 0)
            return;
    double epsilon = gy_node_float(norm, "epsilon", 1e-5f);
    for (size_t m = 0; m < layer->outputs; m++) {
        double gain = gy_tensor_number_at(norm->inputs[1], m) /
                      sqrt(gy_tensor_number_at(norm->inputs[4], m) + epsilon);
        double shift = gy_tensor_number_at(norm->inputs[2], m) -
                       gy_tensor_number_at(norm->inputs[3], m) * gain;
        for (size_t k = 0; k < layer->fan_in; k++) {
            float *w = &layer->weights[m * layer->fan_in + k];
            *w = (float)(*w * gain);
        }
        layer->bias[m] = (float)(layer->bias[m] * gain + shift);
    }
    layer->node->outputs[0] = norm->outputs[0];
    norm->outputs[0]->producer = layer->node;
    norm->output_count = 0;
}

// ---- activations

static void add_activation(ptrdiff_t *place, gy_compressor *work, gy_tensor *tensor)
{
    *place = GY_NO_PLACE;
    if (tensor == NULL || tensor->is_constant || tensor->is_output || tensor->dtype != GY_FLOAT32)
        return;
    *place = gy_compress_activation_of(work, tensor);
    if (*place != GY_NO_PLACE)
        return;
    size_t at = work->activation_count++;
    work->activations[at] = (gy_activation){
        .tensor = tensor, .root = at, .writer = GY_NO_PLACE, .mean_of = GY_NO_PLACE};
    *place = (ptrdiff_t)at;
}

// What a value on 8 bits asks of those that it is made from. Their places may be behind its own:
// roots are only the next step up until find_roots.
static void add_sources(gy_compressor *work, size_t at)
{
    const gy_node *producer = work->activations[at].tensor->producer;
    ptrdiff_t above;
    if (producer == NULL)
        return;
    if (gy_compress_is_one_of(producer, movers)) {
        add_activation(&above, work, producer->inputs[0]);
        if (above != GY_NO_PLACE)
            work->activations[at].root = (size_t)above;
    } else if (gy_compress_is_one_of(producer, light)) {
        for (size_t i = 0; i < producer->input_count; i++)
            add_activation(&above, work, producer->inputs[i]);
    }
}

static gy_status find_activations(gy_compressor *work, gy_error *err)
{
    size_t tensors = work->graph->input_count;
    for (size_t i = 0; i < work->graph->node_count; i++)
        tensors += work->graph->nodes[i]->output_count;
    work->activations = GY_NEW(work->arena, gy_activation, tensors + 1);
    if (work->activations == NULL)
        return no_memory(err);
    for (size_t i = 0; i < work->layer_count; i++) {
        gy_layer *layer = &work->layers[i];
        if (layer->why_float != NULL)
            continue;
        add_activation(&layer->input, work, layer->node->inputs[0]);
        if (layer->input == GY_NO_PLACE)
            layer->why_float = "its input is an output of the model, or no float";
    }
    for (size_t at = 0; at < work->activation_count; at++)
        add_sources(work, at);
    for (size_t at = 0; at < work->activation_count; at++)
        while (work->activations[work->activations[at].root].root != work->activations[at].root)
            work->activations[at].root = work->activations[work->activations[at].root].root;
    return GY_OK;
}

static gy_status find_layers(gy_compressor *work, gy_error *err)
{
    gy_graph *graph = work->graph;
    work->layers = GY_NEW(work->arena, gy_layer, graph->node_count + 1);
    if (work->layers == NULL)
        return no_memory(err);
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_layer layer;
        const char *why;
        if (strcmp(graph->nodes[i]->op->type, "QuantizeLinear") == 0)
            return gy_fail(err, GY_UNSUPPORTED, "node '%s': the model is quantised already",
                           graph->nodes[i]->name);
        if (!read_layer(&layer, graph->nodes[i], &why))
            continue;
        layer.why_float = why;
        if (why == NULL) {
            GY_TRY(fill_layer(&layer, work->arena, err));
            fold_norm(&layer, graph);
            memcpy(layer.plain_weights, layer.weights,
                   layer.outputs * layer.fan_in * sizeof(float));
            memcpy(layer.plain_bias, layer.bias, layer.outputs * sizeof(float));
        }
        work->layers[work->layer_count++] = layer;
    }
    return GY_OK;
}

static gy_status keep_layers(gy_compressor *work, const gy_compress_options *options, gy_error *err)
{
    size_t left = 0;
    for (size_t k = 0; k < options->keep_count; k++) {
        gy_layer *found = NULL;
        for (size_t i = 0; i < work->layer_count; i++)
            if (strcmp(work->layers[i].node->name, options->keep[k]) == 0)
                found = &work->layers[i];
        if (found == NULL)
            return gy_fail(err, GY_INVALID,
                           "no convolution or matrix product is named '%s' (gyre compress --report "
                           "lists them)",
                           options->keep[k]);
        found->why_float = "kept";
    }
    for (size_t i = 0; i < work->layer_count; i++)
        left += work->layers[i].why_float == NULL;
    if (left == 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "the model has no convolution or matrix product to compress%s%s",
                       work->layer_count == 0 ? "" : "; the first one: ",
                       work->layer_count == 0 ? "" : work->layers[0].why_float);
    return GY_OK;
}

// ---- the run

static gy_status make_buffer(gy_tensor *tensor, gy_arena *arena, gy_error *err)
{
    tensor->data = gy_arena_take(arena, tensor->count, gy_dtype_size(tensor->dtype));
    if (tensor->data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for '%s' of %zu elements", tensor->name,
                       tensor->count);
    return GY_OK;
}

static gy_status make_buffers(gy_compressor *work, gy_error *err)
{
    gy_graph *graph = work->graph;
    GY_TRY(make_buffer(graph->inputs[0], work->arena, err));
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            if (node->inputs[k] != NULL)
                GY_TRY(gy_tensor_align(node->inputs[k], work->arena, err));
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] != NULL)
                GY_TRY(make_buffer(node->outputs[k], work->arena, err));
        if (node->scratch != NULL)
            GY_TRY(make_buffer(node->scratch, work->arena, err));
    }
    size_t patches = 0, sums = 0;
    for (size_t i = 0; i < work->layer_count; i++) {
        const gy_layer *layer = &work->layers[i];
        if (layer->weights == NULL)
            continue;
        bool is_conv = layer->kind == GY_LAYER_CONV;
        size_t rows = is_conv ? 0 : layer->node->inputs[0]->count / layer->fan_in;
        size_t wanted = is_conv ? layer->outputs * GY_PATCHES : rows * layer->run_stride;
        sums = wanted > sums ? wanted : sums;
        patches = is_conv && layer->fan_in > patches ? layer->fan_in : patches;
    }
    work->patches = GY_NEW(work->arena, float, patches *GY_PATCHES);
    work->sums = GY_NEW(work->arena, float, sums);
    return work->patches == NULL || work->sums == NULL ? no_memory(err) : GY_OK;
}

// The steps before the first layer give the same values in every run: if it is one value that they
// hand on, it is kept instead of the samples.
static void find_prefix(gy_compressor *work)
{
    while (work->prefix < work->step_count && work->steps[work->prefix].layer == GY_NO_PLACE)
        work->prefix++;
    for (size_t i = work->prefix; i < work->step_count; i++)
        for (size_t k = 0; k < work->steps[i].node->input_count; k++) {
            gy_tensor *read = work->steps[i].node->inputs[k];
            bool is_ours = read != NULL && read == work->graph->inputs[0];
            for (size_t at = 0; at < work->prefix && read != NULL && !is_ours; at++)
                is_ours = read->producer == work->steps[at].node;
            if (!is_ours || read == work->first)
                continue;
            if (work->first != NULL || read->dtype != GY_FLOAT32 ||
                read->count % work->batch != 0) {
                work->first = NULL;
                work->prefix = 0;
                return;
            }
            work->first = read;
        }
}

// Where the windows of a convolution or pool read, once for all runs.
static gy_status make_reads(gy_step *step, const size_t *kernel, gy_arena *arena, gy_error *err)
{
    gy_window window;
    GY_TRY(gy_window_read(&window, step->node, kernel, err));
    step->taps = window.kernel[0] * window.kernel[1] * window.kernel[2];
    step->places = window.out[0] * window.out[1] * window.out[2];
    step->plane = window.in[0] * window.in[1] * window.in[2];
    if (step->places == 0)
        return gy_fail(err, GY_UNSUPPORTED, "node '%s': its output is empty", step->node->name);
    step->reads = gy_arena_take(arena, step->taps * step->places, sizeof(*step->reads));
    if (step->reads == NULL)
        return no_memory(err);
    int32_t *reads = step->reads;
    size_t k[3], o[3], in[3];
    for (k[0] = 0; k[0] < window.kernel[0]; k[0]++)
        for (k[1] = 0; k[1] < window.kernel[1]; k[1]++)
            for (k[2] = 0; k[2] < window.kernel[2]; k[2]++)
                for (size_t at = 0; at < step->places; at++) {
                    o[0] = at / (window.out[1] * window.out[2]);
                    o[1] = at / window.out[2] % window.out[1];
                    o[2] = at % window.out[2];
                    bool inside = true;
                    for (size_t i = 0; i < 3; i++)
                        inside = gy_window_tap(&in[i], &window, i, o[i], k[i]) && inside;
                    size_t read = (in[0] * window.in[1] + in[1]) * window.in[2] + in[2];
                    *reads++ = inside ? (int32_t)read : GY_NO_PLACE;
                }
    return GY_OK;
}

static gy_status make_step(gy_step *step, gy_compressor *work, gy_error *err)
{
    step->layer = gy_compress_layer_of(work, step->node);
    step->activation = gy_compress_activation_of(work, step->node->outputs[0]);
    if (is_type(step->node, "MaxPool") && step->node->inputs[0]->dtype == GY_FLOAT32)
        return make_reads(step, NULL, work->arena, err);
    if (step->layer == GY_NO_PLACE)
        return GY_OK;
    const gy_layer *layer = &work->layers[step->layer];
    work->products += (double)(step->node->outputs[0]->count / work->batch) * (double)layer->fan_in;
    if (layer->kind == GY_LAYER_CONV)
        return make_reads(step, step->node->inputs[1]->shape + 2, work->arena, err);
    return GY_OK;
}

static gy_status make_steps(gy_compressor *work, gy_error *err)
{
    gy_graph *graph = work->graph;
    work->steps = GY_NEW(work->arena, gy_step, graph->node_count + 1);
    if (work->steps == NULL)
        return no_memory(err);
    work->step_count = graph->node_count;
    for (size_t i = 0; i < graph->node_count; i++) {
        work->steps[i] = (gy_step){.node = graph->nodes[i]};
        GY_TRY(make_step(&work->steps[i], work, err));
    }
    return GY_OK;
}

// What the result is judged by: the first output of numbers for each sample. Classifiers give the
// label beside them, a whole number or a text.
static gy_status find_output(gy_compressor *work, gy_error *err)
{
    const gy_graph *graph = work->graph;
    for (size_t i = 0; i < graph->output_count; i++) {
        const gy_tensor *output = graph->outputs[i];
        if (output->dtype != GY_FLOAT32 || output->rank == 0 || output->shape[0] != work->batch)
            continue;
        work->output = output;
        work->outputs = output->count / work->batch;
        return GY_OK;
    }
    return gy_fail(err, GY_UNSUPPORTED,
                   "no output is float32 with one entry a sample in its first dimension; the first "
                   "is '%s', %s",
                   graph->outputs[0]->name, gy_dtype_name(graph->outputs[0]->dtype));
}

gy_status gy_compressor_init(gy_compressor *work, gy_model *model, size_t batch,
                             const gy_compress_options *options, gy_arena *arena, gy_error *err)
{
    *work = (gy_compressor){.graph = gy_model_graph(model), .arena = arena, .batch = batch};
    gy_graph *graph = work->graph;
    if (graph->input_count != 1 || graph->output_count < 1)
        return gy_fail(err, GY_UNSUPPORTED, "a model with %zu inputs: only one is supported",
                       graph->input_count);
    GY_TRY(find_output(work, err));
    GY_TRY(find_layers(work, err));
    GY_TRY(keep_layers(work, options, err));
    GY_TRY(gy_graph_sort(graph, err)); // what was folded is gone
    GY_TRY(find_activations(work, err));
    GY_TRY(keep_layers(work, &(gy_compress_options){0}, err));
    GY_TRY(make_steps(work, err));
    find_prefix(work);
    return make_buffers(work, err);
}
