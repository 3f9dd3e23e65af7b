// SPDX-License-Identifier: Apache-2.0
//
// ZipMap: scores as a list of maps from class to score. Nothing here has maps: as a model's output
// the scores themselves come out, a column a class; anywhere else it is refused.

#include "model/ops/support/shape.h"

static gy_status zip_map_infer(gy_node *node, gy_error *err)
{
    if (!node->outputs[0]->is_output)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "ZipMap inside a model is not supported, only as its output");
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
    .types = "float32, as a model's output: the scores themselves",
};
