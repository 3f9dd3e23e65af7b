// SPDX-License-Identifier: Apache-2.0
//
// Parameters of ai.onnx.ml's operators, which stand in attributes, as tables.
#ifndef GYRE_MODEL_OPS_SUPPORT_TABLE_H
#define GYRE_MODEL_OPS_SUPPORT_TABLE_H

#include "model/ops/support/window.h"

enum { GY_TABLES_MAX = 8 };
#define GY_NUMBERS (1u << GY_FLOAT32 | 1u << GY_FLOAT64 | 1u << GY_INT32 | 1u << GY_INT64)

/** Table `place` from a list of floats: count of them, or one for all, or `otherwise`. */
gy_status gy_table_floats(gy_node *node, size_t place, const char *name, size_t count,
                          float otherwise, gy_error *err) GY_CHECKED;
/** Table `place` from a list of int64. count: of the attribute. */
gy_status gy_table_ints(gy_node *node, size_t place, const char *name, gy_error *err) GY_CHECKED;
/** Room for GY_TABLES_MAX tables, the first `count` in use. */
gy_status gy_tables_reserve(gy_node *node, size_t count, gy_error *err) GY_CHECKED;

/** Element i as a float, as C converts. */
static inline float gy_float_at(const gy_tensor *x, size_t i)
{
    return x->dtype == GY_FLOAT32   ? ((const float *)x->data)[i]
           : x->dtype == GY_FLOAT64 ? (float)((const double *)x->data)[i]
                                    : (float)gy_tensor_int_at(x, i);
}

#endif
