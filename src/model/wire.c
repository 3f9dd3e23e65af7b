// SPDX-License-Identifier: Apache-2.0
//
// Protocol Buffers' wire format, read where it lies: every length is held against what is left
// before it is used, and nothing is copied but texts.

#include "model/wire.h"

#include <assert.h>
#include <string.h>

static gy_status broken(const gy_wire *wire, const char *what, gy_error *err)
{
    return gy_fail(err, GY_FORMAT, "malformed protobuf at byte %zu: %s",
                   (size_t)(wire->at - wire->base), what);
}

gy_status gy_wire_varint(uint64_t *value, gy_wire *wire, gy_error *err)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (wire->at == wire->end)
            return broken(wire, "it ends inside a number", err);
        unsigned char byte = *wire->at++;
        if (shift == 63 && byte > 1)
            return broken(wire, "a number over 64 bits", err);
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = result;
            return GY_OK;
        }
    }
    return broken(wire, "a number over 64 bits", err);
}

static gy_status take(const unsigned char **bytes, size_t size_bytes, gy_wire *wire, gy_error *err)
{
    if (size_bytes > (size_t)(wire->end - wire->at))
        return gy_fail(err, GY_FORMAT,
                       "malformed protobuf at byte %zu: a field of %zu bytes, but %zu are left",
                       (size_t)(wire->at - wire->base), size_bytes, (size_t)(wire->end - wire->at));
    *bytes = wire->at;
    wire->at += size_bytes;
    return GY_OK;
}

gy_status gy_wire_next(gy_field *field, gy_wire *wire, gy_error *err)
{
    *field = (gy_field){0};
    if (wire->at == wire->end)
        return GY_OK;
    uint64_t key;
    GY_TRY(gy_wire_varint(&key, wire, err));
    if (key >> 3 == 0 || key >> 3 > 536870911)
        return broken(wire, "a field number out of range", err);
    field->number = (uint32_t)(key >> 3);
    field->type = (gy_wire_type)(key & 7);
    switch (field->type) {
    case GY_WIRE_VARINT:
        return gy_wire_varint(&field->value, wire, err);
    case GY_WIRE_FIXED64:
        GY_TRY(take(&field->bytes, 8, wire, err));
        memcpy(&field->value, field->bytes, 8);
        return GY_OK;
    case GY_WIRE_FIXED32: {
        uint32_t value;
        GY_TRY(take(&field->bytes, 4, wire, err));
        memcpy(&value, field->bytes, 4);
        field->value = value;
        return GY_OK;
    }
    case GY_WIRE_BYTES: {
        uint64_t size_bytes;
        GY_TRY(gy_wire_varint(&size_bytes, wire, err));
        field->size_bytes = (size_t)size_bytes;
        return take(&field->bytes, (size_t)size_bytes, wire, err);
    }
    default:
        return broken(wire, "an unknown kind of field", err);
    }
}

gy_status gy_wire_open(gy_wire *inner, const gy_field *field, const gy_wire *outer, gy_error *err)
{
    if (field->type != GY_WIRE_BYTES)
        return broken(outer, "a number where a message belongs", err);
    *inner = (gy_wire){field->bytes, field->bytes + field->size_bytes, outer->base};
    return GY_OK;
}

gy_status gy_wire_text(const char **text, const gy_field *field, const gy_wire *wire,
                       gy_arena *arena, gy_error *err)
{
    if (field->type != GY_WIRE_BYTES)
        return broken(wire, "a number where a text belongs", err);
    if (field->size_bytes > GY_WIRE_TEXT_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "a text of %zu bytes at byte %zu, over %d", field->size_bytes,
                       (size_t)(field->bytes - wire->base), GY_WIRE_TEXT_BYTES_MAX);
    if (field->size_bytes > 0 && memchr(field->bytes, '\0', field->size_bytes) != NULL)
        return broken(wire, "a text with a NUL in it", err);
    *text = gy_arena_copy(arena, (const char *)field->bytes, field->size_bytes);
    if (*text == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a text of %zu bytes", field->size_bytes);
    return GY_OK;
}
