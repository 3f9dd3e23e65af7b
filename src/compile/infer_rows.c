// SPDX-License-Identifier: Apache-2.0
//
// Whether samples meet in a model. Bits do not depend on the batch, so it shows: two samples in one
// call give what they give in a call of their own, or the model mixes them. The usual networks and
// trees are known by their operators, without running them.

#include "compile/infer_call.h"

#include <string.h>

#include "model/graph.h"
#include "model/model.h"
#include "model/op.h"

enum { PROBED = 2 };

// Operators that keep the samples of their first input apart, whatever their attributes.
static const char *const apart[] = {
    // clang-format off
    "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Relu", "LeakyRelu",
    "Clip", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Erf", "Exp", "Sqrt",
    "Identity", "Dropout", "Cast", "Scaler", "Normalizer", "ZipMap", "Imputer", "Binarizer",
    "Gemm", "QuantizeLinear", "DequantizeLinear", "BatchNormalization",
    "TreeEnsembleClassifier", "TreeEnsembleRegressor", "LinearClassifier", "LinearRegressor",
    NULL
    // clang-format on
};
static const char *const pairs[] = {"Add", "Sub", "Mul", "Div", NULL};

static bool is_one_of(const char *type, const char *const *types)
{
    for (; *types != NULL; types++)
        if (strcmp(type, *types) == 0)
            return true;
    return false;
}

static bool keeps_apart(const gy_node *node)
{
    const char *type = node->op->type;
    const gy_tensor *x = node->input_count > 0 ? node->inputs[0] : NULL;
    size_t changing = 0;
    if (x == NULL || node->outputs[0] == NULL)
        return false;
    for (size_t i = 0; i < node->input_count; i++)
        changing += node->inputs[i] != NULL && !node->inputs[i]->is_constant;
    if (strcmp(type, "Flatten") == 0)
        return gy_node_int(node, "axis", 1) == 1;
    if (strcmp(type, "Softmax") == 0)
        return gy_node_int(node, "axis", -1) == -1 && x->rank > 1;
    if (strcmp(type, "MatMul") == 0) // rows by a constant
        return changing == 1 && !x->is_constant && x->rank > 1;
    if (is_one_of(type, pairs)) // not the samples of one along another axis of the other
        return changing == 1 ? x->rank == node->outputs[0]->rank && !x->is_constant
                             : x->rank == node->inputs[1]->rank;
    return changing == 1 && !x->is_constant && x->rank > 1 && is_one_of(type, apart);
}

static bool all_keep_apart(const gy_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (!keeps_apart(graph->nodes[i]))
            return false;
    return !graph->reads_shapes;
}

// How many samples the inputs hold, if the model leaves it to them; else 0.
static size_t samples_given(gy_model *model, const gy_array *inputs, size_t count)
{
    size_t port_count, samples = 0;
    const gy_port *ports = gy_model_inputs(model, &port_count);
    for (size_t i = 0; i < port_count; i++) {
        const gy_tensor *tensor = gy_model_graph(model)->inputs[i];
        const gy_array *array = gy_model_array(inputs, count, &ports[i], i);
        if (array == NULL || array->rank == 0 || array->rank != ports[i].rank ||
            tensor->dimensions == NULL || tensor->dimensions[0] == NULL ||
            (samples != 0 && array->shape[0] != samples))
            return 0;
        samples = array->shape[0];
    }
    return samples;
}

static size_t sample_bytes(const gy_array *array)
{
    size_t element = array->dtype == GY_STRING ? sizeof(char *) : gy_dtype_size(array->dtype);
    return array->count / array->shape[0] * element;
}

// The first sample, and the first that differs from it.
static gy_status take_two(gy_array *two, const gy_array *inputs, size_t count, size_t samples,
                          gy_arena *arena, gy_error *err)
{
    size_t other = 1;
    for (size_t row = samples; row-- > 1;)
        for (size_t i = 0; i < count; i++) {
            size_t size = sample_bytes(&inputs[i]);
            const char *data = inputs[i].data;
            if (memcmp(data, data + row * size, size) != 0)
                other = row;
        }
    for (size_t i = 0; i < count; i++) {
        size_t size = sample_bytes(&inputs[i]);
        char *data = gy_arena_take(arena, PROBED, size + 1);
        if (data == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for two samples");
        memcpy(data, inputs[i].data, size);
        memcpy(data + size, (const char *)inputs[i].data + other * size, size);
        two[i] = inputs[i];
        two[i].shape[0] = PROBED;
        two[i].count = inputs[i].count / samples * PROBED;
        two[i].data = data;
    }
    return GY_OK;
}

static bool is_same(const gy_array *a, const gy_array *b)
{
    if (a->rank != b->rank || a->count != b->count ||
        memcmp(a->shape, b->shape, a->rank * sizeof(a->shape[0])) != 0)
        return false;
    if (a->dtype != GY_STRING)
        return memcmp(a->data, b->data, a->count * gy_dtype_size(a->dtype)) == 0;
    const char *const *left = a->data, *const *right = b->data;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(left[i], right[i]) != 0)
            return false;
    return true;
}

static gy_status run_two(gy_array **outputs, size_t *count, const char *model_path,
                         const gy_array *two, size_t input_count, const gy_infer_options *options,
                         size_t batch, gy_arena *arena)
{
    gy_error unseen;
    gy_infer_options probe = {.reference = true, .model = options->model};
    probe.model.batch = batch;
    return gy_infer_call(outputs, count, NULL, model_path, two, input_count, &probe, arena,
                         &unseen);
}

// How many samples a call must hold for the outputs to be the model's: 0 if they may come one by
// one.
static gy_status find_batch(size_t *batch, const char *model_path, gy_model *model,
                            const gy_array *inputs, size_t input_count,
                            const gy_infer_options *options, gy_arena *arena, gy_error *err)
{
    size_t samples = samples_given(model, inputs, input_count);
    *batch = 0;
    if (samples < PROBED || all_keep_apart(gy_model_graph(model)))
        return GY_OK;
    gy_array *two = GY_NEW(arena, gy_array, input_count + 1), *together, *apart_ones;
    if (two == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for two samples");
    GY_TRY(take_two(two, inputs, input_count, samples, arena, err));
    size_t count, one_count;
    // A model that cannot take two says so when it is run, or takes them one by one.
    gy_status status =
        run_two(&together, &count, model_path, two, input_count, options, PROBED, arena);
    if (status != GY_OK)
        return status == GY_NO_MEMORY ? gy_fail(err, status, "no memory for two samples") : GY_OK;
    status = run_two(&apart_ones, &one_count, model_path, two, input_count, options, 1, arena);
    if (status == GY_NO_MEMORY)
        return gy_fail(err, status, "no memory for two samples");
    bool mixes = status != GY_OK;
    for (size_t i = 0; !mixes && i < count; i++)
        mixes = !is_same(&together[i], &apart_ones[i]);
    *batch = mixes ? samples : 0;
    return GY_OK;
}

gy_status gy_infer(gy_array **outputs, size_t *output_count, gy_infer_counts *counts,
                   const char *model_path, const gy_array *inputs, size_t input_count,
                   const gy_infer_options *options, gy_arena *arena, gy_error *err)
{
    gy_model *model;
    gy_infer_options chosen = *options;
    if (options->model.batch == 0) {
        GY_TRY(gy_model_open(&model, model_path, &options->model, err));
        gy_status status = find_batch(&chosen.model.batch, model_path, model, inputs, input_count,
                                      options, arena, err);
        gy_model_close(model);
        GY_TRY(status);
    }
    return gy_infer_call(outputs, output_count, counts, model_path, inputs, input_count, &chosen,
                         arena, err);
}
