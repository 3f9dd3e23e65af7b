// SPDX-License-Identifier: Apache-2.0
//
// Protocol Buffers, written: fields appended to a text. A message is built apart and joined; what
// is joined is released, and its failure passes on.
#ifndef GYRE_MODEL_PROTO_H
#define GYRE_MODEL_PROTO_H

#include "model/graph.h"

// Append a field of that number.
void gy_proto_int(gy_text *out, uint32_t number, int64_t value);
void gy_proto_float(gy_text *out, uint32_t number, float value);
void gy_proto_bytes(gy_text *out, uint32_t number, const void *bytes, size_t size_bytes);
void gy_proto_text(gy_text *out, uint32_t number, const char *text);
void gy_proto_message(gy_text *out, uint32_t number, gy_text *message);
/** Append bytes that are fields already. */
void gy_proto_join(gy_text *out, gy_text *fields);
/** A TensorProto. */
void gy_proto_tensor(gy_text *out, uint32_t number, const gy_tensor *tensor, const char *name);

#endif
