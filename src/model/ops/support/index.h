// SPDX-License-Identifier: Apache-2.0
//
// Indices that are data: below 0 they count from the end; where they are constants, one out of
// range is refused; where they are not, they are held within the axis, in eval and emitted code
// alike, so that no input can make a program read elsewhere.
#ifndef GYRE_MODEL_OPS_SUPPORT_INDEX_H
#define GYRE_MODEL_OPS_SUPPORT_INDEX_H

#include "model/op.h"

/** Input i holds indices into an axis of that size (at least 1 if there are any). */
gy_status gy_index_check(const gy_node *node, size_t i, size_t size, gy_error *err) GY_CHECKED;
/** Index k as a place in the axis. */
size_t gy_index_at(const gy_tensor *indices, size_t k, size_t size);
/** Emit `const size_t at` for index k, an expression. */
void gy_index_emit(gy_text *out, const gy_tensor *indices, const char *k, size_t size,
                   size_t depth);

#endif
