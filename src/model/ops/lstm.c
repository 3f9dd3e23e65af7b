// SPDX-License-Identifier: Apache-2.0
//
// LSTM: a state and a cell, with gates for what comes in, stays and goes out.

#include "model/ops/support/recurrent.h"

static const gy_recurrent_family family = {.gates = 4, .activations = {"Sigmoid", "Tanh", "Tanh"}};

const gy_op gy_op_lstm = {
    .domain = "",
    .type = "LSTM",
    .opset_min = 7,
    GY_RECURRENT_OP,
    .inputs_max = 8,
    .outputs_max = 3,
    .family = &family,
};
