// SPDX-License-Identifier: Apache-2.0
//
// ZipMap: scores as a list of maps from class to score. Nothing here has maps: the scores
// themselves come out, a column a class. What could take the maps as such (sequence operators) is
// not supported, so that no other node can be misled.

#include "model/ops/support/shape.h"

static gy_status zip_map_infer(gy_node *node, gy_error *err)
{
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    return gy_same_infer(node, err);
}

const gy_op gy_op_zip_map = {
    .domain = "ai.onnx.ml",
    .type = "ZipMap",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = zip_map_infer,
    .eval = gy_same_eval,
    .emit = gy_same_emit,
    .types = "float32; the scores themselves come out",
};
