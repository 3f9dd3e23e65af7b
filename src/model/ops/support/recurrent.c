// SPDX-License-Identifier: Apache-2.0
//
// Recurrent layers as ONNX has them, read into the shape that rt's kernel runs.

#include "model/ops/support/recurrent.h"

#include <string.h>
#include <strings.h>

#include "model/ops/support/loop.h"
#include "rt/kernels/recurrent.h"

enum { X, WEIGHTS, RECURRENT, BIAS, LENGTHS, STATE, CELL, PEEPHOLE }; // inputs

static gy_status read_activations(gy_recurrent *s, const gy_node *node, gy_error *err)
{
    const gy_recurrent_family *family = node->op->family;
    const gy_attribute *given = gy_node_attribute(node, "activations");
    s->kind = (gy_recurrent_kind)family->gates;
    size_t each = family->gates == 1 ? 1 : family->gates - 1;
    for (size_t i = 0; given != NULL && given->kind == GY_ATTRIBUTE_STRINGS && i < given->count;
         i++) {
        const char *wanted = family->activations[i % each], *name = given->strings[i];
        if (family->gates == 1 && strcasecmp(name, "Relu") == 0 &&
            strcasecmp(given->strings[0], "Relu") == 0)
            s->kind = GY_RECURRENT_RELU;
        else if (strcasecmp(name, wanted) != 0 || s->kind == GY_RECURRENT_RELU)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "%s with activation '%.40s' is not supported, only %s%s",
                                node->op->type, name, wanted, family->gates == 1 ? " or Relu" : "");
    }
    return GY_OK;
}

static gy_status read_direction(gy_recurrent *s, const gy_node *node, gy_error *err)
{
    const char *direction = gy_node_string(node, "direction", "forward");
    s->is_reversed = strcmp(direction, "reverse") == 0;
    s->directions = strcmp(direction, "bidirectional") == 0 ? 2 : 1;
    if (!s->is_reversed && s->directions == 1 && strcmp(direction, "forward") != 0)
        return gy_node_fail(node, GY_FORMAT, err, "direction '%.40s'", direction);
    if (gy_node_attribute(node, "clip") != NULL || gy_node_int(node, "input_forget", 0) != 0 ||
        gy_node_input(node, PEEPHOLE) != NULL)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "%s with clip, input_forget or peepholes is not supported",
                            node->op->type);
    return GY_OK;
}

// Every input but the lengths is float32, of a given shape where it is there.
static gy_status check_input(const gy_node *node, size_t i, size_t rank, const size_t *shape,
                             gy_error *err)
{
    const gy_tensor *input = gy_node_input(node, i);
    if (input == NULL)
        return GY_OK;
    GY_TRY(gy_node_type(node, i, 1u << GY_FLOAT32, err));
    bool same = input->rank == rank;
    for (size_t k = 0; same && k < rank; k++)
        same = input->shape[k] == shape[k];
    if (!same)
        return gy_node_fail(node, GY_FORMAT, err, "%s's input %zu ('%s') does not fit the others",
                            node->op->type, i, input->name);
    return GY_OK;
}

static gy_status check_lengths(const gy_node *node, size_t steps, gy_error *err)
{
    int64_t *lengths;
    size_t count;
    GY_TRY(gy_node_int_input(&lengths, &count, node, LENGTHS, err));
    for (size_t i = 0; i < count; i++)
        if (lengths[i] != (int64_t)steps)
            return gy_node_fail(node, GY_UNSUPPORTED, err,
                                "%s of sequences of unequal length is not supported (pad them)",
                                node->op->type);
    return GY_OK;
}

static void find_steps(gy_recurrent *s, bool is_by_row)
{
    size_t rows = s->rows, n = s->states, directions = s->directions;
    s->x_step = is_by_row ? s->features : rows * s->features;
    s->x_row = is_by_row ? s->steps * s->features : s->features;
    s->y_step = is_by_row ? directions * n : directions * rows * n;
    s->y_direction = is_by_row ? n : rows * n;
    s->y_row = is_by_row ? s->steps * directions * n : n;
    s->h_direction = is_by_row ? n : rows * n;
    s->h_row = is_by_row ? directions * n : n;
}

static gy_status read_shapes(gy_recurrent *s, const gy_node *node, bool is_by_row, gy_error *err)
{
    const gy_recurrent_family *family = node->op->family;
    const gy_tensor *x = node->inputs[X], *recurrent = gy_node_input(node, RECURRENT);
    if (x == NULL || recurrent == NULL || x->rank != 3 || recurrent->rank != 3)
        return gy_node_fail(node, GY_FORMAT, err, "%s without input or weights of 3 dimensions",
                            node->op->type);
    s->gates = family->gates;
    s->steps = x->shape[is_by_row ? 1 : 0];
    s->rows = x->shape[is_by_row ? 0 : 1];
    s->features = x->shape[2];
    s->states = recurrent->shape[2];
    find_steps(s, is_by_row);
    size_t all = s->gates * s->states;
    const size_t before[] = {is_by_row ? s->rows : s->directions,
                             is_by_row ? s->directions : s->rows, s->states};
    GY_TRY(check_input(node, X, 3, x->shape, err));
    GY_TRY(check_input(node, WEIGHTS, 3, (size_t[]){s->directions, all, s->features}, err));
    GY_TRY(check_input(node, RECURRENT, 3, (size_t[]){s->directions, all, s->states}, err));
    GY_TRY(check_input(node, BIAS, 2, (size_t[]){s->directions, 2 * all}, err));
    GY_TRY(check_input(node, STATE, 3, before, err));
    GY_TRY(check_input(node, CELL, 3, before, err));
    return check_lengths(node, s->steps, err);
}

static gy_status set_outputs(gy_node *node, const gy_recurrent *s, bool is_by_row, gy_error *err)
{
    const size_t after[] = {is_by_row ? s->rows : s->directions,
                            is_by_row ? s->directions : s->rows, s->states};
    const size_t by_step[] = {s->steps, s->directions, s->rows, s->states};
    const size_t by_row[] = {s->rows, s->steps, s->directions, s->states};
    if (gy_node_output(node, 0) != NULL)
        GY_TRY(gy_tensor_set(node->outputs[0], GY_FLOAT32, is_by_row ? by_row : by_step, 4, err));
    for (size_t i = 1; i < 3; i++)
        if (gy_node_output(node, i) != NULL)
            GY_TRY(gy_tensor_set(node->outputs[i], GY_FLOAT32, after, 3, err));
    return GY_OK;
}

gy_status gy_recurrent_infer(gy_node *node, gy_error *err)
{
    bool is_by_row = gy_node_int(node, "layout", 0) == 1;
    gy_recurrent *made = GY_NEW(node->arena, gy_recurrent, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its shape");
    made->resets_product = gy_node_int(node, "linear_before_reset", 0) != 0;
    GY_TRY(read_direction(made, node, err));
    GY_TRY(read_activations(made, node, err));
    GY_TRY(read_shapes(made, node, is_by_row, err));
    node->state = made;
    GY_TRY(gy_node_scratch(node, GY_FLOAT32, made->states * (made->gates + 3), err));
    return set_outputs(node, made, is_by_row, err);
}

static const float *data_of(const gy_tensor *tensor)
{
    return tensor == NULL ? NULL : tensor->data;
}

gy_status gy_recurrent_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    float *outputs[3];
    for (size_t i = 0; i < 3; i++)
        outputs[i] = (float *)(uintptr_t)data_of(gy_node_output(node, i));
    const gy_recurrent_data at = {
        .y = outputs[0],
        .y_state = outputs[1],
        .y_cell = outputs[2],
        .x = data_of(node->inputs[X]),
        .weights = data_of(node->inputs[WEIGHTS]),
        .recurrent = data_of(node->inputs[RECURRENT]),
        .bias = data_of(gy_node_input(node, BIAS)),
        .state = data_of(gy_node_input(node, STATE)),
        .cell = data_of(gy_node_input(node, CELL)),
        .scratch = (float *)(uintptr_t)node->scratch->data,
    };
    gy_recurrent_run(node->state, &at);
    return GY_OK;
}

static const char *name_of(const gy_tensor *tensor)
{
    return tensor == NULL ? "0" : tensor->c_name;
}

void gy_recurrent_emit(const gy_node *node, gy_text *out)
{
    const gy_recurrent *s = node->state;
    static const char *const kinds[] = {"RELU", "TANH", "", "GRU", "LSTM"};
    gy_line(out, 0, "const gy_recurrent shape = {GY_RECURRENT_%s, %zu, %zu, %zu, %zu, %zu, %zu,",
            kinds[s->kind], s->gates, s->steps, s->rows, s->features, s->states, s->directions);
    gy_line(out, 1, "%d, %d, %zu, %zu, %zu, %zu, %zu, %zu, %zu};", s->is_reversed,
            s->resets_product, s->x_step, s->x_row, s->y_step, s->y_direction, s->y_row,
            s->h_direction, s->h_row);
    gy_line(out, 0, "const gy_recurrent_data at = {%s, %s, %s,", name_of(gy_node_output(node, 0)),
            name_of(gy_node_output(node, 1)), name_of(gy_node_output(node, 2)));
    gy_line(out, 1, "%s, %s, %s, %s, %s, %s, %s};", name_of(node->inputs[X]),
            name_of(node->inputs[WEIGHTS]), name_of(node->inputs[RECURRENT]),
            name_of(gy_node_input(node, BIAS)), name_of(gy_node_input(node, STATE)),
            name_of(gy_node_input(node, CELL)), node->scratch->c_name);
    gy_line(out, 0, "gy_recurrent_run(&shape, &at);");
}
