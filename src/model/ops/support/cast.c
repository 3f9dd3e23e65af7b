// SPDX-License-Identifier: Apache-2.0
//
// Conversion between numeric types, the same in eval and in emitted code.

#include "model/ops/support/cast.h"

#include <string.h>

#include "model/ops/support/shape.h"

static bool is_float(gy_dtype dtype)
{
    return dtype == GY_FLOAT32 || dtype == GY_FLOAT64;
}

gy_status gy_cast_infer(gy_node *node, gy_dtype to, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    bool supported =
        to != GY_STRING && to != GY_FLOAT16 && x->dtype != GY_STRING && x->dtype != GY_FLOAT16;
    if (to != x->dtype && !supported)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "Cast of %s to %s is not supported",
                            gy_dtype_name(x->dtype), gy_dtype_name(to));
    return gy_tensor_set(node->outputs[0], to, x->shape, x->rank, err);
}

// ROW(dtype, C type, least and greatest, and in the float's own terms: the first value above, the
// last below; a float between them is cut to one within)
#define INTEGERS(ROW)                                                                           \
    ROW(GY_INT8, int8_t, INT8_MIN, INT8_MAX, 128.0, -129.0)                                     \
    ROW(GY_UINT8, uint8_t, 0, UINT8_MAX, 256.0, -1.0)                                           \
    ROW(GY_INT16, int16_t, INT16_MIN, INT16_MAX, 32768.0, -32769.0)                             \
    ROW(GY_UINT16, uint16_t, 0, UINT16_MAX, 65536.0, -1.0)                                      \
    ROW(GY_INT32, int32_t, INT32_MIN, INT32_MAX, 2147483648.0, -2147483649.0)                   \
    ROW(GY_UINT32, uint32_t, 0, UINT32_MAX, 4294967296.0, -1.0)                                 \
    ROW(GY_INT64, int64_t, INT64_MIN, INT64_MAX, 9223372036854775808.0, -9223372036854775808.0) \
    ROW(GY_UINT64, uint64_t, 0, UINT64_MAX, 18446744073709551616.0, -1.0)

static void put_float(void *y, size_t i, gy_dtype to, double x)
{
    switch (to) {
#define ROW(dtype, type, least, most, above, below)                                     \
    case dtype:                                                                         \
        ((type *)y)[i] = x != x ? 0 : x >= above ? most : x <= below ? least : (type)x; \
        return;
        INTEGERS(ROW)
#undef ROW
    case GY_BOOL:
        ((uint8_t *)y)[i] = x != 0.0;
        return;
    case GY_FLOAT32:
        ((float *)y)[i] = (float)x;
        return;
    default:
        ((double *)y)[i] = x;
        return;
    }
}

// is_unsigned: x holds the bits of a uint64.
static void put_integer(void *y, size_t i, gy_dtype to, int64_t x, bool is_unsigned)
{
    switch (to) {
#define ROW(dtype, type, least, most, above, below) \
    case dtype:                                     \
        ((type *)y)[i] = (type)x;                   \
        return;
        INTEGERS(ROW)
#undef ROW
    case GY_BOOL:
        ((uint8_t *)y)[i] = x != 0;
        return;
    case GY_FLOAT32:
        ((float *)y)[i] = is_unsigned ? (float)(uint64_t)x : (float)x;
        return;
    default:
        ((double *)y)[i] = is_unsigned ? (double)(uint64_t)x : (double)x;
        return;
    }
}

gy_status gy_cast_eval(const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    if (x->dtype == y->dtype)
        return gy_same_eval(node, err);
    void *to = (void *)(uintptr_t)y->data;
    for (size_t i = 0; i < x->count; i++) {
        if (is_float(x->dtype))
            put_float(to, i, y->dtype, gy_tensor_number_at(x, i));
        else
            put_integer(to, i, y->dtype, gy_tensor_int_at(x, i), x->dtype == GY_UINT64);
    }
    return GY_OK;
}

static void emit_from_float(gy_text *out, gy_dtype from, gy_dtype to)
{
    const char *suffix = from == GY_FLOAT32 ? "f" : "";
    switch (to) {
#define ROW(dtype, type, least, most, above, below)                                            \
    case dtype:                                                                                \
        gy_text_add(out,                                                                       \
                    "a != a ? 0 : a >= " #above "%s ? " #most " : a <= " #below "%s ? " #least \
                    " : (" #type ")a",                                                         \
                    suffix, suffix);                                                           \
        return;
        INTEGERS(ROW)
#undef ROW
    case GY_BOOL:
        gy_text_add(out, "a != 0");
        return;
    default:
        gy_text_add(out, "a");
        return;
    }
}

void gy_cast_emit(const gy_node *node, gy_text *out)
{
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    if (x->dtype == y->dtype || x->count == 0) {
        gy_same_emit(node, out);
        return;
    }
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++) {\n", x->count);
    gy_text_add(out, "    const %s a = %s[i];\n", gy_dtype_c(x->dtype), x->c_name);
    gy_text_add(out, "    %s[i] = (%s)(", y->c_name, gy_dtype_c(y->dtype));
    if (is_float(x->dtype))
        emit_from_float(out, x->dtype, y->dtype);
    else
        gy_text_add(out, y->dtype == GY_BOOL ? "a != 0" : "a");
    gy_text_add(out, ");\n}\n");
}
