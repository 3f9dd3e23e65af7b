// SPDX-License-Identifier: Apache-2.0
//
// Which scale an element of a quantised value has.
#ifndef GYRE_MODEL_OPS_SUPPORT_QUANTIZE_H
#define GYRE_MODEL_OPS_SUPPORT_QUANTIZE_H

#include "model/ops/support/window.h"

#define GY_QUANTIZED (1u << GY_INT8 | 1u << GY_UINT8 | 1u << GY_INT16 | 1u << GY_UINT16)

/** The value as outer × count × inner elements, the axis in the middle. */
typedef struct gy_quantize {
    size_t outer, count, inner;
    size_t block;    // elements of the axis that share a scale; count: all do
    size_t blocks;   // scales along the axis
    bool is_blocked; // outer and inner have scales of their own too
} gy_quantize;

/** From the node's inputs (value, scale, zero point) and attributes axis and block_size. */
gy_status gy_quantize_read(gy_quantize *q, const gy_node *node, gy_error *err) GY_CHECKED;
/** The index of element i's scale. */
size_t gy_quantize_scale(const gy_quantize *q, size_t i);
/** Emit loops that set `at`, the element, and `s`, its scale; the depth inside. */
size_t gy_quantize_emit_open(gy_text *out, const gy_quantize *q, const gy_node *node);
void gy_quantize_emit_close(gy_text *out, size_t depth);

/** y[i] = value rounded half to even plus the zero point, held within y's type; NaN becomes the
 * zero point. */
void gy_quantize_put(const gy_tensor *y, size_t i, float value, float zero);
/** Emit the same; index, value and zero are expressions of C, the last two of float. */
void gy_quantize_emit_put(gy_text *out, const gy_tensor *y, const char *index, const char *value,
                          const char *zero, size_t depth);

#endif
