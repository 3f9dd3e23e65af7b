// SPDX-License-Identifier: Apache-2.0
//
// Writing Protocol Buffers' wire format.

#include "model/proto.h"

#include <string.h>

#include "model/onnx.h"

static void varint(gy_text *out, uint64_t value)
{
    unsigned char bytes[10];
    size_t count = 0;
    do {
        bytes[count] = (unsigned char)(value & 0x7f);
        value >>= 7;
        if (value != 0)
            bytes[count] |= 0x80;
        count++;
    } while (value != 0);
    gy_text_append(out, bytes, count);
}

void gy_proto_int(gy_text *out, uint32_t number, int64_t value)
{
    varint(out, (uint64_t)number << 3 | GY_WIRE_VARINT);
    varint(out, (uint64_t)value);
}

void gy_proto_float(gy_text *out, uint32_t number, float value)
{
    varint(out, (uint64_t)number << 3 | GY_WIRE_FIXED32);
    gy_text_append(out, &value, sizeof(value));
}

void gy_proto_bytes(gy_text *out, uint32_t number, const void *bytes, size_t size_bytes)
{
    varint(out, (uint64_t)number << 3 | GY_WIRE_BYTES);
    varint(out, size_bytes);
    gy_text_append(out, bytes, size_bytes);
}

void gy_proto_text(gy_text *out, uint32_t number, const char *text)
{
    gy_proto_bytes(out, number, text, strlen(text));
}

void gy_proto_message(gy_text *out, uint32_t number, gy_text *message)
{
    gy_proto_bytes(out, number, message->bytes, message->length);
    if (message->status != GY_OK)
        out->status = message->status;
    gy_text_release(message);
}

void gy_proto_join(gy_text *out, gy_text *fields)
{
    gy_text_append(out, fields->bytes, fields->length);
    if (fields->status != GY_OK)
        out->status = fields->status;
    gy_text_release(fields);
}

void gy_proto_tensor(gy_text *out, uint32_t number, const gy_tensor *tensor, const char *name)
{
    gy_text text = {0};
    size_t size_bytes = tensor->count * gy_dtype_size(tensor->dtype);
    for (size_t i = 0; i < tensor->rank; i++)
        gy_proto_int(&text, 1, (int64_t)tensor->shape[i]);
    gy_proto_int(&text, 2, gy_onnx_dtype_number(tensor->dtype));
    gy_proto_text(&text, 8, name);
    if (tensor->dtype == GY_STRING)
        for (size_t i = 0; i < tensor->count; i++)
            gy_proto_text(&text, 6, gy_tensor_string_at(tensor, i));
    else
        gy_proto_bytes(&text, 9, tensor->data, size_bytes);
    gy_proto_message(out, number, &text);
}
