// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_WIRE_H
#define GYRE_MODEL_WIRE_H

#include "gyre/base.h"

/** A stretch of a protobuf message that is being read. base: the file's first byte, for messages.
 */
typedef struct gy_wire {
    const unsigned char *at, *end, *base;
} gy_wire;

typedef enum gy_wire_type {
    GY_WIRE_VARINT = 0,
    GY_WIRE_FIXED64 = 1,
    GY_WIRE_BYTES = 2,
    GY_WIRE_FIXED32 = 5
} gy_wire_type;

/** One field: a number in value, or bytes that lie in the file. */
typedef struct gy_field {
    uint32_t number;
    gy_wire_type type;
    uint64_t value;
    const unsigned char *bytes;
    size_t size_bytes;
} gy_field;

/** The next field; field->number 0: the end. @return GY_OK; GY_FORMAT: err names the byte. */
gy_status gy_wire_next(gy_field *field, gy_wire *wire, gy_error *err) GY_CHECKED;

/** The message inside a field of bytes. GY_FORMAT: it is no such field. */
gy_status gy_wire_open(gy_wire *inner, const gy_field *field, const gy_wire *outer,
                       gy_error *err) GY_CHECKED;

/** The text of a field, NUL-terminated, in arena. GY_FORMAT: not text, holds a NUL, is too long. */
gy_status gy_wire_text(const char **text, const gy_field *field, const gy_wire *wire,
                       gy_arena *arena, gy_error *err) GY_CHECKED;

/** A varint from inside packed bytes. */
gy_status gy_wire_varint(uint64_t *value, gy_wire *wire, gy_error *err) GY_CHECKED;

enum { GY_WIRE_TEXT_BYTES_MAX = 65536 };

#endif
