// SPDX-License-Identifier: Apache-2.0
//
// Nests of loops over strided arrays: walked by eval, written by emit, from one description.

#include "model/ops/support/loop.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

void gy_dense_strides(ptrdiff_t *strides, const size_t *shape, size_t rank)
{
    ptrdiff_t stride = 1;
    for (size_t i = rank; i > 0; i--) {
        strides[i - 1] = stride;
        stride *= (ptrdiff_t)shape[i - 1];
    }
}

void gy_loop_over(gy_loop *loop, const size_t *shape, size_t rank)
{
    *loop = (gy_loop){.rank = rank, .operands = 1};
    for (size_t i = 0; i < rank; i++)
        loop->extent[i] = shape[i];
    gy_dense_strides(loop->stride[0], shape, rank);
}

void gy_loop_strided(gy_loop *loop, const ptrdiff_t *strides, ptrdiff_t offset)
{
    assert(loop->operands < GY_OPERANDS_MAX);
    if (loop->rank > 0)
        memcpy(loop->stride[loop->operands], strides, loop->rank * sizeof(ptrdiff_t));
    loop->offset[loop->operands++] = offset;
}

void gy_loop_broadcast(gy_loop *loop, const gy_tensor *tensor)
{
    assert(tensor->rank <= loop->rank);
    ptrdiff_t dense[GY_RANK_MAX], strides[GY_RANK_MAX] = {0};
    gy_dense_strides(dense, tensor->shape, tensor->rank);
    size_t lead = loop->rank - tensor->rank;
    for (size_t i = 0; i < tensor->rank; i++)
        strides[lead + i] = tensor->shape[i] == 1 ? 0 : dense[i];
    gy_loop_strided(loop, strides, 0);
}

// Whether loop i + 1 goes on where a turn of loop i ends, in every operand.
static bool runs_on(const gy_loop *loop, size_t i)
{
    for (size_t k = 0; k < loop->operands; k++)
        if (loop->stride[k][i] != loop->stride[k][i + 1] * (ptrdiff_t)loop->extent[i + 1])
            return false;
    return true;
}

static void drop(gy_loop *loop, size_t i)
{
    for (size_t at = i; at + 1 < loop->rank; at++) {
        loop->extent[at] = loop->extent[at + 1];
        for (size_t k = 0; k < loop->operands; k++)
            loop->stride[k][at] = loop->stride[k][at + 1];
    }
    loop->rank--;
}

void gy_loop_simplify(gy_loop *loop)
{
    for (size_t i = loop->rank; i > 0; i--)
        if (loop->extent[i - 1] == 1)
            drop(loop, i - 1);
    for (size_t i = loop->rank; i > 1; i--) {
        if (!runs_on(loop, i - 2))
            continue;
        loop->extent[i - 1] *= loop->extent[i - 2];
        drop(loop, i - 2);
    }
}

bool gy_walk_begin(gy_walk *walk, const gy_loop *loop)
{
    *walk = (gy_walk){.loop = loop};
    memcpy(walk->at, loop->offset, sizeof(walk->at));
    for (size_t i = 0; i < loop->rank; i++)
        if (loop->extent[i] == 0)
            return false;
    return true;
}

bool gy_walk_next(gy_walk *walk)
{
    const gy_loop *loop = walk->loop;
    for (size_t i = loop->rank; i > 0; i--) {
        size_t d = i - 1;
        bool wraps = ++walk->index[d] == loop->extent[d];
        ptrdiff_t steps = wraps ? 1 - (ptrdiff_t)loop->extent[d] : 1;
        for (size_t k = 0; k < loop->operands; k++)
            walk->at[k] += steps * loop->stride[k][d];
        if (!wraps)
            return true;
        walk->index[d] = 0;
    }
    return false;
}

void gy_indent(gy_text *out, size_t depth)
{
    gy_text_add(out, "%*s", (int)(4 * depth), "");
}

void gy_line(gy_text *out, size_t depth, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gy_indent(out, depth);
    gy_text_add_args(out, format, args);
    gy_text_append(out, "\n", 1);
    va_end(args);
}

size_t gy_loop_open(gy_text *out, const gy_loop *loop, size_t depth)
{
    if (loop->rank == 0) {
        gy_indent(out, depth);
        gy_text_add(out, "{\n");
        return depth + 1;
    }
    for (size_t i = 0; i < loop->rank; i++) {
        gy_indent(out, depth + i);
        char c = loop->letter == 0 ? 'i' : loop->letter;
        gy_text_add(out, "for (size_t %c%zu = 0; %c%zu < %zu; %c%zu++)%s\n", c, i, c, i,
                    loop->extent[i], c, i, i + 1 == loop->rank ? " {" : "");
    }
    return depth + loop->rank;
}

void gy_loop_close(gy_text *out, size_t depth, size_t inner_depth)
{
    (void)depth;
    gy_indent(out, inner_depth - 1);
    gy_text_add(out, "}\n");
}

void gy_loop_index(gy_text *out, const gy_loop *loop, size_t operand)
{
    bool any = false;
    ptrdiff_t offset = loop->offset[operand];
    if (offset != 0) {
        assert(offset > 0);
        gy_text_add(out, "%td", offset);
        any = true;
    }
    for (size_t i = 0; i < loop->rank; i++) {
        ptrdiff_t stride = loop->stride[operand][i];
        if (stride == 0)
            continue;
        const char *sign = stride < 0 ? (any ? " - " : "0 - ") : any ? " + " : "";
        size_t size = stride < 0 ? (size_t)-stride : (size_t)stride;
        char c = loop->letter == 0 ? 'i' : loop->letter;
        gy_text_add(out, "%s%c%zu", sign, c, i);
        if (size != 1)
            gy_text_add(out, " * %zu", size);
        any = true;
    }
    if (!any)
        gy_text_add(out, "0");
}

void gy_loop_copy(const gy_loop *loop, void *to, const void *from, gy_dtype dtype)
{
    size_t size_bytes = gy_dtype_size(dtype);
    gy_walk walk;
    if (!gy_walk_begin(&walk, loop))
        return;
    do
        memcpy((char *)to + (size_t)walk.at[0] * size_bytes,
               (const char *)from + (size_t)walk.at[1] * size_bytes, size_bytes);
    while (gy_walk_next(&walk));
}

static bool is_empty(const gy_loop *loop)
{
    for (size_t i = 0; i < loop->rank; i++)
        if (loop->extent[i] == 0)
            return true;
    return false;
}

void gy_loop_emit_copy(gy_text *out, const gy_loop *loop, const char *to, const char *from)
{
    if (is_empty(loop))
        return;
    gy_loop simple = *loop;
    gy_loop_simplify(&simple);
    size_t depth = gy_loop_open(out, &simple, 0);
    gy_indent(out, depth);
    gy_text_add(out, "%s[", to);
    gy_loop_index(out, &simple, 0);
    gy_text_add(out, "] = %s[", from);
    gy_loop_index(out, &simple, 1);
    gy_text_add(out, "];\n");
    gy_loop_close(out, 0, depth);
}

gy_status gy_broadcast_shape(size_t *shape, size_t *rank, const gy_node *node, const size_t *other,
                             size_t other_rank, gy_error *err)
{
    size_t merged[GY_RANK_MAX] = {0}, most = *rank > other_rank ? *rank : other_rank;
    for (size_t i = 0; i < most; i++) {
        size_t a = i < *rank ? shape[*rank - 1 - i] : 1;
        size_t b = i < other_rank ? other[other_rank - 1 - i] : 1;
        if (a != b && a != 1 && b != 1)
            return gy_node_fail(node, GY_FORMAT, err, "shapes do not fit: %zu against %zu", a, b);
        merged[most - 1 - i] = a == 1 ? b : a;
    }
    memcpy(shape, merged, sizeof(merged));
    *rank = most;
    return GY_OK;
}
