// SPDX-License-Identifier: Apache-2.0
//
// Scales by tensor, by axis and by block; numbers into bytes and words.

#include "model/ops/support/quantize.h"

#include "rt/math.h"

static gy_status check_zero(const gy_node *node, const gy_tensor *scale, gy_error *err)
{
    const gy_tensor *zero = gy_node_input(node, 2);
    if (zero != NULL && zero->count != scale->count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu zero points for %zu scales", zero->count,
                            scale->count);
    return GY_OK;
}

static gy_status check_blocks(const gy_quantize *q, const gy_node *node, size_t axis, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *scale = node->inputs[1];
    bool fits = scale->rank == x->rank;
    for (size_t i = 0; fits && i < x->rank; i++)
        fits = scale->shape[i] == (i == axis ? q->blocks : x->shape[i]);
    if (!fits)
        return gy_node_fail(node, GY_FORMAT, err, "scales do not fit blocks of %zu on axis %zu",
                            q->block, axis);
    return GY_OK;
}

gy_status gy_quantize_read(gy_quantize *q, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *scale = node->inputs[1];
    GY_TRY(gy_node_type(node, 1, 1u << GY_FLOAT32, err));
    GY_TRY(check_zero(node, scale, err));
    *q = (gy_quantize){.outer = 1, .count = x->count, .inner = 1, .block = x->count, .blocks = 1};
    int64_t block = gy_node_int(node, "block_size", 0);
    if (scale->count == 1 && block == 0)
        return GY_OK;
    size_t axis;
    GY_TRY(gy_node_axis(&axis, node, gy_node_int(node, "axis", 1), x->rank, false, err));
    q->count = x->shape[axis];
    for (size_t i = 0; i < x->rank; i++)
        if (i != axis)
            *(i < axis ? &q->outer : &q->inner) *= x->shape[i];
    if (block > 0) {
        q->block = block > (int64_t)q->count ? q->count : (size_t)block;
        q->blocks = q->block == 0 ? 0 : (q->count + q->block - 1) / q->block;
        q->is_blocked = true;
        return check_blocks(q, node, axis, err);
    }
    if (scale->rank != 1 || scale->count != q->count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu scales for axis %zu of size %zu",
                            scale->count, axis, q->count);
    q->block = 1;
    q->blocks = q->count;
    return GY_OK;
}

size_t gy_quantize_scale(const gy_quantize *q, size_t i)
{
    size_t place = i / q->inner % q->count / q->block;
    if (!q->is_blocked)
        return place;
    return (i / q->inner / q->count * q->blocks + place) * q->inner + i % q->inner;
}

size_t gy_quantize_emit_open(gy_text *out, const gy_quantize *q, const gy_node *node)
{
    (void)node;
    size_t depth = 0;
    if (q->outer > 1)
        depth = gy_emit_for(out, "n", q->outer, depth);
    depth = gy_emit_for(out, "c", q->count, depth);
    if (q->inner > 1)
        depth = gy_emit_for(out, "i", q->inner, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const size_t at = (%s * %zu + c) * %zu + %s;\n", q->outer > 1 ? "n" : "0",
                q->count, q->inner, q->inner > 1 ? "i" : "0");
    gy_indent(out, depth);
    if (q->is_blocked)
        gy_text_add(out, "const size_t s = (%s * %zu + c / %zu) * %zu + %s;\n",
                    q->outer > 1 ? "n" : "0", q->blocks, q->block, q->inner,
                    q->inner > 1 ? "i" : "0");
    else if (q->blocks == 1)
        gy_text_add(out, "const size_t s = 0;\n");
    else
        gy_text_add(out, "const size_t s = c / %zu;\n", q->block);
    return depth;
}

void gy_quantize_emit_close(gy_text *out, size_t depth)
{
    gy_emit_close(out, 0, depth);
}

// ---- into bytes and words

static void limits(int32_t *least, int32_t *most, gy_dtype to)
{
    *least = to == GY_INT8 ? INT8_MIN : to == GY_INT16 ? INT16_MIN : 0;
    *most = to == GY_INT8     ? INT8_MAX
            : to == GY_INT16  ? INT16_MAX
            : to == GY_UINT16 ? UINT16_MAX
                              : UINT8_MAX;
}

static void put(void *y, size_t i, gy_dtype to, int32_t value)
{
    if (to == GY_INT8)
        ((int8_t *)y)[i] = (int8_t)value;
    else if (to == GY_UINT8)
        ((uint8_t *)y)[i] = (uint8_t)value;
    else if (to == GY_INT16)
        ((int16_t *)y)[i] = (int16_t)value;
    else
        ((uint16_t *)y)[i] = (uint16_t)value;
}

void gy_quantize_put(const gy_tensor *y, size_t i, float value, float zero)
{
    int32_t least, most;
    limits(&least, &most, y->dtype);
    value = gy_rintf(value) + zero;
    value = value<(float)least ? (float)least : value>(float) most ? (float)most : value;
    value = value != value ? zero : value;
    put((void *)(uintptr_t)y->data, i, y->dtype, (int32_t)value);
}

void gy_quantize_emit_put(gy_text *out, const gy_tensor *y, const char *index, const char *value,
                          const char *zero, size_t depth)
{
    int32_t least, most;
    limits(&least, &most, y->dtype);
    gy_line(out, depth, "const float zero = %s;", zero);
    gy_line(out, depth, "float value = gy_rintf(%s) + zero;", value);
    gy_line(out, depth, "value = value < %d.0f ? %d.0f : value > %d.0f ? %d.0f : value;", least,
            least, most, most);
    gy_line(out, depth, "%s[%s] = (%s)(int32_t)(value != value ? zero : value);", y->c_name, index,
            gy_dtype_c(y->dtype));
}
