// SPDX-License-Identifier: Apache-2.0
//
// Products and convolutions of bytes less their zero points: exact sums of int32, which wrap around
// where they would overflow.
#ifndef GYRE_MODEL_OPS_SUPPORT_INTEGER_H
#define GYRE_MODEL_OPS_SUPPORT_INTEGER_H

#include "model/ops/support/quantize.h"

#define GY_BYTES (1u << GY_INT8 | 1u << GY_UINT8)

/** Bytes; zero points may be one or one a row, column or output channel; NULL: 0. */
typedef struct gy_bytes {
    const gy_tensor *x, *zero;
} gy_bytes;

/** Read input x, and its zero points if input `zero` is given. GY_UNSUPPORTED: no bytes. */
gy_status gy_bytes_read(gy_bytes *bytes, const gy_node *node, size_t x, size_t zero,
                        gy_error *err) GY_CHECKED;
static inline int32_t gy_byte_at(const gy_tensor *x, size_t i)
{
    return x->dtype == GY_INT8 ? ((const int8_t *)x->data)[i] : ((const uint8_t *)x->data)[i];
}
/** Entry k of one value for all, or of one value each. */
static inline int32_t gy_zero_at(const gy_tensor *zero, size_t k)
{
    return zero == NULL ? 0 : gy_byte_at(zero, zero->count == 1 ? 0 : k);
}
static inline float gy_scale_at(const gy_tensor *scale, size_t k)
{
    return ((const float *)scale->data)[scale->count == 1 ? 0 : k];
}
/** GY_FORMAT unless input i, if given, has one value or `count` of them. */
gy_status gy_one_or_each(const gy_node *node, size_t i, size_t count, gy_error *err) GY_CHECKED;

// ---- products of matrices

/** Sizes and, in elements, the steps from one to the next. Zero points: a row of A, a column of B.
 */
typedef struct gy_integer_product {
    gy_bytes a, b;
    size_t batch, rows, cols, inner;
    size_t a_batch, a_row, a_inner, b_batch, b_inner, b_col;
} gy_integer_product;

/** From bytes of 2 or more dimensions, B one matrix for all of A's or of as many dimensions.
 * turned: A, B are matrices with rows and columns exchanged. */
gy_status gy_integer_product_read(gy_integer_product *p, const gy_node *node, gy_bytes a,
                                  gy_bytes b, const bool turned[2], gy_error *err) GY_CHECKED;
/** The shape of A with B's columns. */
gy_status gy_integer_product_output(gy_tensor *y, const gy_integer_product *p, gy_dtype dtype,
                                    gy_error *err) GY_CHECKED;
/** The sum of element `at` of Y. */
uint32_t gy_integer_product_sum(const gy_integer_product *p, size_t at);
/** Emit loops over n, i, j, `at`, the element of Y, and `uint32_t sum`; the depth inside. */
size_t gy_integer_product_emit(gy_text *out, const gy_integer_product *p);

// ---- convolutions

typedef struct gy_integer_conv {
    gy_bytes x, w;
    gy_window window;
    size_t maps, groups;
} gy_integer_conv;

gy_status gy_integer_conv_read(gy_integer_conv *conv, const gy_node *node, gy_bytes x, gy_bytes w,
                               gy_error *err) GY_CHECKED;
/** The sum of element `at` of Y, and which output channel it is of. */
uint32_t gy_integer_conv_sum(size_t *map, const gy_integer_conv *conv, size_t at);
/** Emit loops over n, m and places, `uint32_t sum` and `at`, the element of Y; the depth inside. */
size_t gy_integer_conv_emit(gy_text *out, const gy_integer_conv *conv);

#endif
