// SPDX-License-Identifier: Apache-2.0
//
// RNN: a state that each step makes anew of itself and the input, through tanh or Relu.

#include "model/ops/support/recurrent.h"

static const gy_recurrent_family family = {.gates = 1, .activations = {"Tanh"}};

const gy_op gy_op_rnn = {
    .domain = "",
    .type = "RNN",
    .opset_min = 7,
    GY_RECURRENT_OP,
    .inputs_max = 6,
    .outputs_max = 2,
    .family = &family,
};
