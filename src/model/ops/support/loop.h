// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OPS_SUPPORT_LOOP_H
#define GYRE_MODEL_OPS_SUPPORT_LOOP_H

#include "model/op.h"

enum { GY_OPERANDS_MAX = 5, GY_LOOP_RANK_MAX = 2 * GY_RANK_MAX };

/**
 * A nest of loops, and where in each of its operands (operand 0 is written) a turn reads or writes:
 * offset + the sum of index × stride. Copying, broadcasting and slicing are all of this kind; eval
 * walks the nest, emit writes it.
 */
typedef struct gy_loop {
    size_t rank;
    size_t extent[GY_LOOP_RANK_MAX];
    size_t operands;
    char letter; // of the loops' variables; 0: 'i'
    ptrdiff_t offset[GY_OPERANDS_MAX];
    ptrdiff_t stride[GY_OPERANDS_MAX][GY_LOOP_RANK_MAX];
} gy_loop;

/** The nest over a shape; operand 0 is dense. */
void gy_loop_over(gy_loop *loop, const size_t *shape, size_t rank);
/** Add a dense operand of that shape, broadcast as ONNX says: aligned at the end, 1 repeats. */
void gy_loop_broadcast(gy_loop *loop, const gy_tensor *tensor);
/** Add an operand with strides of its own. */
void gy_loop_strided(gy_loop *loop, const ptrdiff_t *strides, ptrdiff_t offset);
/** Strides of a dense shape. */
void gy_dense_strides(ptrdiff_t *strides, const size_t *shape, size_t rank);
/** Leave out loops of one turn, make one of two that run on. The order of turns stays. */
void gy_loop_simplify(gy_loop *loop);

/** A walk through a nest. Start with index zeroed by gy_walk_begin; false: no turn at all. */
typedef struct gy_walk {
    const gy_loop *loop;
    size_t index[GY_LOOP_RANK_MAX];
    ptrdiff_t at[GY_OPERANDS_MAX];
} gy_walk;
bool gy_walk_begin(gy_walk *walk, const gy_loop *loop);
bool gy_walk_next(gy_walk *walk); // false: that was the last turn

/** Write the heads of the nest's loops, from depth on; the body follows at the depth returned, and
 * gy_loop_close after it. */
size_t gy_loop_open(gy_text *out, const gy_loop *loop, size_t depth);
void gy_loop_close(gy_text *out, size_t depth, size_t inner_depth);
/** Write the index expression of an operand. */
void gy_loop_index(gy_text *out, const gy_loop *loop, size_t operand);
/** Four spaces a level. */
void gy_indent(gy_text *out, size_t depth);
/** A line of its own. */
void gy_line(gy_text *out, size_t depth, const char *format, ...) GY_PRINTF(3, 4);

/** Copy elements along a nest of operands 0 (written) and 1. */
void gy_loop_copy(const gy_loop *loop, void *to, const void *from, gy_dtype dtype);
void gy_loop_emit_copy(gy_text *out, const gy_loop *loop, const char *to, const char *from);

/** The shape that a and b broadcast to. GY_FORMAT: none. */
gy_status gy_broadcast_shape(size_t *shape, size_t *rank, const gy_node *node, const size_t *other,
                             size_t other_rank, gy_error *err) GY_CHECKED;

#endif
