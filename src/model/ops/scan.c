// SPDX-License-Identifier: Apache-2.0
//
// Scan, in the one form that scikit-learn's nearest neighbours are exported in: a state that stays
// as it is, and for each row of the scanned input its distance to every row of the state, squared
// or as the sum of absolute differences. Any other body is refused.

#include <string.h>

#include "model/ops/support/pair.h"
#include "model/ops/support/window.h"

static bool is_op(const gy_node *node, const char *type)
{
    return node != NULL && node->op->domain[0] == '\0' && strcmp(node->op->type, type) == 0;
}

// What stands behind a value that is only passed on.
static const gy_tensor *behind(const gy_tensor *tensor)
{
    while (is_op(tensor->producer, "Identity"))
        tensor = tensor->producer->inputs[0];
    return tensor;
}

static bool sums_rows(const gy_node *sum)
{
    size_t count = 0;
    const int64_t *axes = gy_node_ints(sum, "axes", &count);
    const gy_tensor *given = gy_node_input(sum, 1);
    int64_t axis = count == 1 ? axes[0] : 0;
    if (given != NULL && given->is_constant && given->count == 1)
        axis = gy_tensor_int_at(given, 0);
    return (axis == 1 || axis == -1) && gy_node_int(sum, "keepdims", 1) == 0;
}

// Whether a body is that of distances, and of which kind.
static bool read_body(gy_pair *kind, const gy_graph *body)
{
    if (body->input_count != 2 || body->output_count != 2 ||
        behind(body->outputs[0]) != body->inputs[0])
        return false;
    const gy_node *sum = behind(body->outputs[1])->producer, *inner = NULL;
    *kind = is_op(sum, "ReduceSumSquare") ? GY_PAIR_SQUARES : GY_PAIR_ABSOLUTE;
    if (!is_op(sum, "ReduceSumSquare") && !is_op(sum, "ReduceSum") && !is_op(sum, "ReduceL1"))
        return false;
    inner = behind(sum->inputs[0])->producer;
    if (is_op(sum, "ReduceSum")) {
        if (!is_op(inner, "Abs"))
            return false;
        inner = behind(inner->inputs[0])->producer;
    }
    return sums_rows(sum) && is_op(inner, "Sub") && behind(inner->inputs[0]) == body->inputs[0] &&
           behind(inner->inputs[1]) == body->inputs[1];
}

static bool is_plain(const gy_node *node)
{
    static const char *const lists[] = {"scan_input_axes", "scan_input_directions",
                                        "scan_output_axes", "scan_output_directions"};
    for (size_t i = 0; i < 4; i++) {
        size_t count;
        const int64_t *values = gy_node_ints(node, lists[i], &count);
        for (size_t k = 0; k < count; k++)
            if (values[k] != 0)
                return false;
    }
    return gy_node_int(node, "num_scan_inputs", 0) == 1;
}

static gy_status scan_infer(gy_node *node, gy_error *err)
{
    const gy_attribute *body = gy_node_attribute(node, "body");
    gy_pair *kind = GY_NEW(node->arena, gy_pair, 1);
    if (kind == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its kind");
    if (body == NULL || body->graph == NULL || node->input_count != 2 || node->output_count != 2 ||
        !is_plain(node) || !read_body(kind, body->graph))
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "Scan is supported only as scikit-learn's distances are exported: "
                            "unroll the loop before the export");
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    GY_TRY(gy_node_type(node, 1, 1u << GY_FLOAT32, err));
    const gy_tensor *state = node->inputs[0], *rows = node->inputs[1];
    if (state->rank != 2 || rows->rank != 2 || state->shape[1] != rows->shape[1])
        return gy_node_fail(node, GY_FORMAT, err, "inputs are no rows of as many numbers");
    node->state = kind;
    if (node->outputs[0] != NULL)
        gy_tensor_like(node->outputs[0], state);
    return node->outputs[1] == NULL
               ? GY_OK
               : gy_tensor_set(node->outputs[1], GY_FLOAT32,
                               (size_t[]){rows->shape[0], state->shape[0]}, 2, err);
}

static gy_status scan_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *state = node->inputs[0], *rows = node->inputs[1], *y = node->outputs[1];
    size_t width = state->shape[1], count = state->shape[0];
    if (node->outputs[0] != NULL && state->count > 0)
        memcpy((void *)(uintptr_t)node->outputs[0]->data, state->data,
               state->count * sizeof(float));
    for (size_t n = 0; y != NULL && n < y->count; n++)
        ((float *)(uintptr_t)y->data)[n] = gy_pair_of(
            (const float *)state->data + n % count * width,
            (const float *)rows->data + n / count * width, width, *(const gy_pair *)node->state);
    return GY_OK;
}

static void scan_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *state = node->inputs[0], *rows = node->inputs[1], *y = node->outputs[1];
    size_t width = state->shape[1], count = state->shape[0];
    if (node->outputs[0] != NULL && state->count > 0) {
        gy_line(out, 0, "for (size_t i = 0; i < %zu; i++)", state->count);
        gy_line(out, 1, "%s[i] = %s[i];", node->outputs[0]->c_name, state->c_name);
    }
    if (y == NULL || y->count == 0)
        return;
    size_t depth = gy_emit_for(out, "n", rows->shape[0], 0);
    gy_line(out, depth, "const float *b = %s + n * %zu;", rows->c_name, width);
    gy_line(out, depth, "for (size_t k = 0; k < %zu; k++) {", count);
    gy_line(out, depth + 1, "const float *a = %s + k * %zu;", state->c_name, width);
    gy_pair_emit(out, width, *(const gy_pair *)node->state, depth + 1);
    gy_line(out, depth + 1, "%s[n * %zu + k] = lane[0];", y->c_name, count);
    gy_line(out, depth, "}");
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_scan = {
    .domain = "",
    .type = "Scan",
    .opset_min = 9,
    .inputs_min = 1,
    .inputs_max = 64,
    .outputs_max = 64,
    .infer = scan_infer,
    .eval = scan_eval,
    .emit = scan_emit,
    .is_kept = true,
    .types = "float32; only the distances of scikit-learn's nearest neighbours",
};
