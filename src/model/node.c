// SPDX-License-Identifier: Apache-2.0
//
// What operators ask of their node, and how they refuse it.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/op.h"
#include "rt/math.h"

const char *gy_dtype_c(gy_dtype dtype)
{
    static const char *const names[] = {
        [GY_FLOAT32] = "float",   [GY_FLOAT64] = "double",  [GY_FLOAT16] = "uint16_t",
        [GY_INT8] = "int8_t",     [GY_UINT8] = "uint8_t",   [GY_INT16] = "int16_t",
        [GY_UINT16] = "uint16_t", [GY_INT32] = "int32_t",   [GY_UINT32] = "uint32_t",
        [GY_INT64] = "int64_t",   [GY_UINT64] = "uint64_t", [GY_BOOL] = "uint8_t",
        [GY_STRING] = "char *"};
    return names[dtype];
}

void gy_emit_float(gy_text *out, float value)
{
    if (value != value || value - value != 0.0f) {
        gy_text_add(out, "gy_bits_float(0x%08xu)", gy_float_bits(value));
        return;
    }
    char text[40]; // nine digits read back as the same float
    snprintf(text, sizeof(text), "%.9g", (double)value);
    bool plain = strpbrk(text, ".e") == NULL;
    gy_text_add(out, "%s%sf", text, plain ? ".0" : "");
}

gy_status gy_node_fail(const gy_node *node, gy_status status, gy_error *err, const char *format,
                       ...)
{
    char reason[400];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    return gy_fail(err, status, "node '%.80s': %s", node->name, reason);
}

gy_status gy_node_type(const gy_node *node, size_t i, unsigned allowed, gy_error *err)
{
    const gy_tensor *input = gy_node_input(node, i);
    if (input == NULL)
        return gy_node_fail(node, GY_FORMAT, err, "%s without its input %zu", node->op->type, i);
    if ((allowed >> input->dtype & 1) == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s of %s is not supported", node->op->type,
                            gy_dtype_name(input->dtype));
    return GY_OK;
}

gy_status gy_node_axis(size_t *axis, const gy_node *node, int64_t given, size_t rank, bool past_end,
                       gy_error *err)
{
    int64_t limit = (int64_t)rank + (past_end ? 1 : 0), from_zero = given;
    if (given < 0)
        from_zero = given + limit;
    if (from_zero < 0 || from_zero >= limit)
        return gy_node_fail(node, GY_FORMAT, err, "axis %lld of %zu dimensions", (long long)given,
                            rank);
    *axis = (size_t)from_zero;
    return GY_OK;
}

gy_status gy_node_int_input(int64_t **values, size_t *count, const gy_node *node, size_t i,
                            gy_error *err)
{
    const gy_tensor *input = gy_node_input(node, i);
    *values = NULL;
    *count = 0;
    if (input == NULL)
        return GY_OK;
    if (!input->is_constant)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "%s whose '%s' is not a constant is not supported: shapes must be "
                            "known",
                            node->op->type, input->name);
    if (input->dtype == GY_STRING || input->dtype == GY_FLOAT16)
        return gy_node_fail(node, GY_FORMAT, err, "'%s' is %s, not integers", input->name,
                            gy_dtype_name(input->dtype));
    *values = GY_NEW(node->arena, int64_t, input->count + 1);
    if (*values == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu integers", input->count);
    *count = input->count;
    for (size_t k = 0; k < input->count; k++)
        (*values)[k] = gy_tensor_int_at(input, k);
    return GY_OK;
}

gy_status gy_node_ints_either(const int64_t **values, size_t *count, const gy_node *node, size_t i,
                              const char *attribute, gy_error *err)
{
    int64_t *from_input;
    GY_TRY(gy_node_int_input(&from_input, count, node, i, err));
    *values = from_input;
    if (from_input == NULL)
        *values = gy_node_ints(node, attribute, count);
    return GY_OK;
}

gy_status gy_node_scratch(gy_node *node, gy_dtype dtype, size_t count, gy_error *err)
{
    node->scratch = gy_tensor_new(node->arena, node->name);
    if (node->scratch == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its scratch");
    return gy_tensor_set(node->scratch, dtype, &count, 1, err);
}
