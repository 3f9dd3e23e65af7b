// SPDX-License-Identifier: Apache-2.0
//
// What a model declares its tensors to be (ValueInfoProto), and whether they are.

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/onnx.h"

static gy_status read_dim(gy_declared *to, gy_wire wire, gy_arena *arena, gy_error *err)
{
    if (to->rank == GY_RANK_MAX)
        return gy_fail(err, GY_LIMIT, "a shape of over %d dimensions", GY_RANK_MAX);
    const char *symbol = "";
    size_t value = 0;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        if (field.number == 1 && field.type == GY_WIRE_VARINT) {
            if (field.value > INT32_MAX)
                return gy_fail(err, (int64_t)field.value < 0 ? GY_FORMAT : GY_LIMIT,
                               "a shape with dimension %lld, must be 0 to %d",
                               (long long)field.value, INT32_MAX);
            value = (size_t)field.value;
            symbol = NULL;
        } else if (field.number == 2) {
            GY_TRY(gy_wire_text(&symbol, &field, &wire, arena, err));
        }
    }
    to->symbols[to->rank] = symbol;
    to->shape[to->rank++] = value;
    return GY_OK;
}

static gy_status read_shape(gy_declared *to, gy_wire wire, gy_arena *arena, gy_error *err)
{
    to->has_shape = true;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            return GY_OK;
        gy_wire inner;
        if (field.number != 1)
            continue;
        GY_TRY(gy_wire_open(&inner, &field, &wire, err));
        GY_TRY(read_dim(to, inner, arena, err));
    }
}

static gy_status read_tensor_type(gy_declared *to, gy_wire wire, gy_arena *arena, gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        gy_wire inner;
        if (field.number == 0)
            return GY_OK;
        if (field.number == 1) {
            GY_TRY(gy_onnx_dtype(&to->dtype, field.value, err));
            to->has_type = true;
        } else if (field.number == 2) {
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            GY_TRY(read_shape(to, inner, arena, err));
        }
    }
}

// TypeProto: field 1 is a tensor; 4, 5, 8, 9: sequence, map, sparse tensor, optional.
static gy_status read_type(gy_declared *to, const char *name, bool must_be_tensor, gy_wire wire,
                           gy_arena *arena, gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        gy_wire inner;
        if (field.number == 0)
            return GY_OK;
        if (field.number == 1) {
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            GY_TRY(read_tensor_type(to, inner, arena, err));
        } else if (field.number != 6 && must_be_tensor) { // of an output its operator decides
            return gy_fail(err, GY_UNSUPPORTED,
                           "'%s' is a sequence, a map, sparse or optional, only tensors are "
                           "supported",
                           name);
        }
    }
}

gy_status gy_onnx_value_info(const char **name, gy_declared *declared, bool must_be_tensor,
                             gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    gy_wire type = {0};
    *declared = (gy_declared){0};
    *name = "";
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        if (field.number == 1)
            GY_TRY(gy_wire_text(name, &field, &wire, reader->arena, err));
        else if (field.number == 2)
            GY_TRY(gy_wire_open(&type, &field, &wire, err));
    }
    return read_type(declared, *name, must_be_tensor, type, reader->arena, err);
}

// ---- declared against inferred

/**
 * A model that was traced with some samples a call and whose inputs were then given a named batch
 * still declares what it makes for that many. That is no contradiction, as long as all such numbers
 * are of one and the same batch.
 */
typedef struct traced {
    bool may_differ;           // an input's dimension is a name
    size_t batch;              // that the model is read for; 0: other names have sizes too
    size_t declared, inferred; // of the first number that differs; 0: none yet
} traced;

static bool is_of_traced_batch(traced *batch, size_t declared, size_t inferred)
{
    if (!batch->may_differ || declared == 0 || inferred == 0)
        return false;
    if (batch->batch != 0 && declared * batch->batch % inferred != 0)
        return false;
    if (batch->declared == 0) {
        batch->declared = declared;
        batch->inferred = inferred;
    }
    return batch->declared * inferred == batch->inferred * declared;
}

static bool is_of_shape(const gy_declared *declared, traced *batch)
{
    const gy_tensor *tensor = declared->tensor;
    bool has_names = false;
    size_t differing = 0, axis = 0;
    if (declared->rank != tensor->rank)
        return false;
    for (size_t i = 0; i < tensor->rank; i++) {
        has_names = has_names || declared->symbols[i] != NULL;
        if (declared->symbols[i] == NULL && declared->shape[i] != tensor->shape[i]) {
            differing++;
            axis = i;
        }
    }
    return differing == 0 ||
           (differing == 1 && !has_names &&
            is_of_traced_batch(batch, declared->shape[axis], tensor->shape[axis]));
}

/** The text of a shape: "[1,3,n]". */
typedef struct shape_text {
    char text[160];
} shape_text;

static shape_text text_of(const size_t *shape, const char *const *symbols, size_t rank)
{
    shape_text made = {"["};
    for (size_t i = 0; i < rank; i++) {
        size_t used = strlen(made.text);
        const char *symbol = symbols == NULL ? NULL : symbols[i], *comma = i == 0 ? "" : ",";
        if (symbol == NULL)
            snprintf(made.text + used, sizeof(made.text) - used, "%s%zu", comma, shape[i]);
        else
            snprintf(made.text + used, sizeof(made.text) - used, "%s%.12s", comma,
                     symbol[0] == '\0' ? "?" : symbol);
    }
    strcat(made.text, "]"); // 8 numbers of at most 20 digits: never cut short of it
    return made;
}

// A tensor of a node that nothing needs has no type.
static bool is_inferred(const gy_tensor *tensor)
{
    return tensor != NULL && (tensor->is_constant || tensor->is_input ||
                              (tensor->producer != NULL && tensor->producer->mark != 0));
}

gy_status gy_onnx_declared_check(const gy_onnx_reader *reader, gy_error *err)
{
    const gy_model_options *options = reader->options;
    const gy_graph *graph = reader->model->graph;
    traced batch = {.batch = options->batch == 0 ? 1 : options->batch};
    if (options->dimensions != NULL && options->dimensions[0] != NULL)
        batch.batch = 0;
    for (size_t i = 0; i < graph->input_count; i++)
        batch.may_differ = batch.may_differ || graph->inputs[i]->dimensions != NULL;
    for (const gy_declared *at = reader->declared; at != NULL; at = at->next) {
        const gy_tensor *tensor = at->tensor;
        if (!is_inferred(tensor))
            continue;
        if (at->has_type && at->dtype != tensor->dtype)
            return gy_fail(err, GY_INVALID, "'%.120s' is declared as %s, but its node makes %s",
                           tensor->name, gy_dtype_name(at->dtype), gy_dtype_name(tensor->dtype));
        if (at->has_shape && !is_of_shape(at, &batch))
            return gy_fail(err, GY_INVALID, "'%.120s' is declared as %s%s, but its node makes %s%s",
                           tensor->name, gy_dtype_name(tensor->dtype),
                           text_of(at->shape, at->symbols, at->rank).text,
                           gy_dtype_name(tensor->dtype),
                           text_of(tensor->shape, NULL, tensor->rank).text);
    }
    return GY_OK;
}
