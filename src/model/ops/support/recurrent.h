// SPDX-License-Identifier: Apache-2.0
//
// What RNN, LSTM and GRU share: all but the number of gates and the activations.
#ifndef GYRE_MODEL_OPS_SUPPORT_RECURRENT_H
#define GYRE_MODEL_OPS_SUPPORT_RECURRENT_H

#include "model/op.h"

/** One of them: family of its op. */
typedef struct gy_recurrent_family {
    size_t gates;
    const char *activations[3]; // of one direction, the standard's own
} gy_recurrent_family;

gy_status gy_recurrent_infer(gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_recurrent_eval(const gy_node *node, gy_error *err) GY_CHECKED;
void gy_recurrent_emit(const gy_node *node, gy_text *out);

/** The fields of such an op. */
#define GY_RECURRENT_OP                                                      \
    .inputs_min = 3, .infer = gy_recurrent_infer, .eval = gy_recurrent_eval, \
    .emit = gy_recurrent_emit, .is_kept = true, .kernel = "recurrent"

#endif
