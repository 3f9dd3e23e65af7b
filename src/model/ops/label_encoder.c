// SPDX-License-Identifier: Apache-2.0
//
// LabelEncoder: each value replaced by the one that stands at its place in another list; NaN is a
// key like others.

#include <string.h>

#include "model/ops/support/scores.h"
#include "model/ops/support/table.h"

/** What infer finds out: keys and values of equal count, and one value for what is no key. */
typedef struct encoder {
    gy_tensor *keys, *values, *otherwise;
} encoder;

// A list from keys_* or values_*: int64s, floats, strings, or a tensor.
static gy_status read_list(gy_tensor **list, const gy_node *node, const char *kind, gy_error *err)
{
    static const char *const suffixes[] = {"int64s", "floats", "strings", "tensor"};
    static const gy_dtype types[] = {GY_INT64, GY_FLOAT32, GY_STRING};
    for (size_t i = 0; i < 4; i++) {
        char name[32];
        strcpy(name, kind);
        strcat(name, suffixes[i]);
        const gy_attribute *given = gy_node_attribute(node, name);
        if (given == NULL || (i < 3 && given->count == 0))
            continue;
        if (given->kind == GY_ATTRIBUTE_TENSOR) {
            *list = given->tensor;
            return gy_tensor_align(*list, node->arena, err);
        }
        const void *from = given->kind == GY_ATTRIBUTE_INTS     ? (const void *)given->ints
                           : given->kind == GY_ATTRIBUTE_FLOATS ? (const void *)given->floats
                                                                : (const void *)given->strings;
        void *data;
        size_t count = given->count;
        if (from == NULL || i == 3)
            break;
        GY_TRY(gy_tensor_constant(list, &data, node->arena, node->name, types[i], &count, 1, err));
        memcpy(data, from, count * gy_dtype_size(types[i]));
        return GY_OK;
    }
    return gy_node_fail(node, GY_UNSUPPORTED, err, "LabelEncoder without a list of %s", kind);
}

static gy_status read_default(gy_tensor **made, const gy_node *node, gy_dtype dtype, gy_error *err)
{
    void *data;
    const gy_attribute *given = gy_node_attribute(node, "default_tensor");
    if (given != NULL && given->kind == GY_ATTRIBUTE_TENSOR && given->tensor->dtype == dtype &&
        given->tensor->count == 1) {
        *made = given->tensor;
        return gy_tensor_align(*made, node->arena, err);
    }
    GY_TRY(gy_tensor_constant(made, &data, node->arena, node->name, dtype, NULL, 0, err));
    if (dtype == GY_INT64)
        *(int64_t *)data = gy_node_int(node, "default_int64", -1);
    else if (dtype == GY_FLOAT32)
        *(float *)data = gy_node_float(node, "default_float", -0.0f);
    else if (dtype == GY_STRING)
        *(const char **)data = gy_node_string(node, "default_string", "_Unused");
    return GY_OK;
}

static gy_status encoder_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    encoder *made = GY_NEW(node->arena, encoder, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its lists");
    GY_TRY(read_list(&made->keys, node, "keys_", err));
    GY_TRY(read_list(&made->values, node, "values_", err));
    GY_TRY(gy_node_type(node, 0, 1u << made->keys->dtype, err));
    if (made->keys->count != made->values->count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu keys, %zu values", made->keys->count,
                            made->values->count);
    unsigned types = 1u << GY_INT64 | 1u << GY_FLOAT32 | 1u << GY_STRING | 1u << GY_INT16;
    if ((types >> made->values->dtype & types >> made->keys->dtype & 1) == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "LabelEncoder from %s to %s",
                            gy_dtype_name(made->keys->dtype), gy_dtype_name(made->values->dtype));
    GY_TRY(read_default(&made->otherwise, node, made->values->dtype, err));
    GY_TRY(gy_tables_reserve(node, 3, err));
    node->tables[0] = made->keys;
    node->tables[1] = made->values;
    node->tables[2] = made->otherwise;
    node->state = made;
    return gy_tensor_set(node->outputs[0], made->values->dtype, x->shape, x->rank, err);
}

static bool is_key(const gy_tensor *x, size_t i, const gy_tensor *keys, size_t k)
{
    if (x->dtype == GY_STRING)
        return strcmp(gy_tensor_string_at(x, i), gy_tensor_string_at(keys, k)) == 0;
    if (x->dtype != GY_FLOAT32)
        return gy_tensor_int_at(x, i) == gy_tensor_int_at(keys, k);
    float a = ((const float *)x->data)[i], b = ((const float *)keys->data)[k];
    return a == b || (a != a && b != b);
}

static gy_status encoder_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const encoder *made = node->state;
    const gy_tensor *x = node->inputs[0];
    size_t size_bytes = gy_dtype_size(made->values->dtype);
    char *y = (char *)(uintptr_t)node->outputs[0]->data;
    for (size_t i = 0; i < x->count; i++) {
        size_t k = 0;
        while (k < made->keys->count && !is_key(x, i, made->keys, k))
            k++;
        const void *from = k == made->keys->count
                               ? made->otherwise->data
                               : (const char *)made->values->data + k * size_bytes;
        memcpy(y + i * size_bytes, from, size_bytes);
    }
    return GY_OK;
}

static void encoder_emit(const gy_node *node, gy_text *out)
{
    const encoder *made = node->state;
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    const char *keys = made->keys->c_name;
    if (y->count == 0)
        return;
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++) {\n    size_t k = 0;\n", x->count);
    gy_text_add(out, "    const %s a = %s[i];\n", gy_dtype_c(x->dtype), x->c_name);
    gy_text_add(out, "    while (k < %zu && !(a == %s[k]", made->keys->count, keys);
    if (x->dtype == GY_FLOAT32)
        gy_text_add(out, " || (a != a && %s[k] != %s[k])", keys, keys);
    gy_text_add(out, "))\n        k++;\n");
    gy_text_add(out, "    %s[i] = k == %zu ? %s[0] : %s[k];\n}\n", y->c_name, made->keys->count,
                made->otherwise->c_name, made->values->c_name);
}

const gy_op gy_op_label_encoder = {
    .domain = "ai.onnx.ml",
    .type = "LabelEncoder",
    .opset_min = 2,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = encoder_infer,
    .eval = encoder_eval,
    .emit = encoder_emit,
    .is_kept = true,
    .types = "float32 int16 int64 string",
};
