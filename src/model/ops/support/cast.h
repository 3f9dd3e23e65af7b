// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OPS_SUPPORT_CAST_H
#define GYRE_MODEL_OPS_SUPPORT_CAST_H

#include "model/op.h"

/** Output 0 is input 0 in another numeric type. */
gy_status gy_cast_infer(gy_node *node, gy_dtype to, gy_error *err);
gy_status gy_cast_eval(const gy_node *node, gy_error *err);
void gy_cast_emit(const gy_node *node, gy_text *out);

/** Our type for ONNX's TensorProto.DataType. GY_UNSUPPORTED: none. */
gy_status gy_onnx_dtype(gy_dtype *dtype, uint64_t onnx, gy_error *err) GY_CHECKED;

#endif
