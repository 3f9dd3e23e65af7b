// SPDX-License-Identifier: Apache-2.0
//
// GRU: gates that choose how much of the state each step keeps.

#include "model/ops/support/recurrent.h"

static const gy_recurrent_family family = {.gates = 3, .activations = {"Sigmoid", "Tanh"}};

const gy_op gy_op_gru = {
    .domain = "",
    .type = "GRU",
    .opset_min = 7,
    GY_RECURRENT_OP,
    .inputs_max = 6,
    .outputs_max = 2,
    .family = &family,
};
