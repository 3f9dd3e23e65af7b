// SPDX-License-Identifier: Apache-2.0
//
// OneHotEncoder: a 1 at the place of each value among the categories, on a new last axis. A value
// that is none of them gives zeros; where `zeros` is 0 the standard wants an error, which a program
// has no way to raise: it gives NaN.

#include <string.h>

#include "model/ops/support/table.h"
#include "rt/math.h"

static gy_status encoder_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    bool has_strings = x->dtype == GY_STRING;
    GY_TRY(gy_node_type(node, 0, GY_NUMBERS | 1u << GY_STRING, err));
    const gy_attribute *given =
        gy_node_attribute(node, has_strings ? "cats_strings" : "cats_int64s");
    if (given == NULL || given->count == 0 || x->rank == GY_RANK_MAX)
        return gy_node_fail(node, GY_FORMAT, err, "OneHotEncoder of %s without such categories",
                            gy_dtype_name(x->dtype));
    GY_TRY(gy_table_ints(node, 0, "cats_int64s", err));
    size_t shape[GY_RANK_MAX];
    memcpy(shape, x->shape, sizeof(shape));
    shape[x->rank] = given->count;
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, x->rank + 1, err);
}

static bool is_category(const gy_node *node, size_t i, size_t k)
{
    const gy_tensor *x = node->inputs[0];
    if (x->dtype == GY_STRING)
        return strcmp(gy_tensor_string_at(x, i),
                      gy_node_attribute(node, "cats_strings")->strings[k]) == 0;
    int64_t category = gy_tensor_int_at(node->tables[0], k);
    if (x->dtype == GY_FLOAT32 || x->dtype == GY_FLOAT64)
        return gy_tensor_number_at(x, i) == (double)category;
    return gy_tensor_int_at(x, i) == category;
}

static bool has_zeros(const gy_node *node)
{
    return gy_node_int(node, "zeros", 1) != 0;
}

static gy_status encoder_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_tensor *y = node->outputs[0];
    size_t categories = y->shape[y->rank - 1];
    float *to = (float *)(uintptr_t)y->data,
          otherwise = has_zeros(node) ? 0.0f : gy_bits_float(0x7fc00000u);
    for (size_t i = 0; i < node->inputs[0]->count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < categories; k++)
            is_known = is_category(node, i, k) || is_known;
        for (size_t k = 0; k < categories; k++)
            to[i * categories + k] = is_category(node, i, k) ? 1.0f : is_known ? 0.0f : otherwise;
    }
    return GY_OK;
}

static void encoder_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    const char *to = y->c_name,
               *cast = x->dtype == GY_FLOAT32 || x->dtype == GY_FLOAT64 ? "(double)" : "";
    size_t categories = y->shape[y->rank - 1];
    if (y->count == 0)
        return;
    size_t depth = gy_emit_for(out, "i", x->count, 0);
    if (!has_zeros(node))
        gy_line(out, depth, "float known = 0.0f;");
    gy_line(out, depth, "for (size_t k = 0; k < %zu; k++)%s", categories,
            has_zeros(node) ? "" : " {");
    gy_line(out, depth + 1, "%s[i * %zu + k] = %s%s[i] == %s%s[k] ? 1.0f : 0.0f;", to, categories,
            cast, x->c_name, cast, node->tables[0]->c_name);
    if (!has_zeros(node)) {
        gy_line(out, depth + 1, "known = known + %s[i * %zu + k];", to, categories);
        gy_line(out, depth, "}");
        gy_line(out, depth, "for (size_t k = 0; k < %zu && !(known > 0.0f); k++)", categories);
        gy_line(out, depth + 1, "%s[i * %zu + k] = gy_bits_float(0x7fc00000u);", to, categories);
    }
    gy_emit_close(out, 0, depth);
}

const gy_op gy_op_one_hot_encoder = {
    .domain = "ai.onnx.ml",
    .type = "OneHotEncoder",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = encoder_infer,
    .eval = encoder_eval,
    .emit = encoder_emit,
    .is_kept = true,
    .types = "float32 float64 int32 int64 string",
};
