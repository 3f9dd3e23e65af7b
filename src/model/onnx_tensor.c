// SPDX-License-Identifier: Apache-2.0
//
// Constants of an ONNX file (TensorProto). Raw data stay where they lie in the mapped file; typed
// fields, packed or not, are decoded into the arena. A tensor's size is known to fit before
// anything is taken for it.

#include <string.h>

#include "model/onnx.h"

// ROW(ONNX's TensorProto.DataType, ours)
#define DTYPES(ROW)     \
    ROW(1, GY_FLOAT32)  \
    ROW(2, GY_UINT8)    \
    ROW(3, GY_INT8)     \
    ROW(4, GY_UINT16)   \
    ROW(5, GY_INT16)    \
    ROW(6, GY_INT32)    \
    ROW(7, GY_INT64)    \
    ROW(8, GY_STRING)   \
    ROW(9, GY_BOOL)     \
    ROW(10, GY_FLOAT16) \
    ROW(11, GY_FLOAT64) \
    ROW(12, GY_UINT32)  \
    ROW(13, GY_UINT64)

gy_status gy_onnx_dtype(gy_dtype *dtype, uint64_t onnx, gy_error *err)
{
    switch (onnx) {
#define ROW(number, ours) \
    case number:          \
        *dtype = ours;    \
        return GY_OK;
        DTYPES(ROW)
#undef ROW
    default:
        return gy_fail(err, onnx > 0 && onnx < 64 ? GY_UNSUPPORTED : GY_FORMAT,
                       "element type %llu of ONNX is not supported", (unsigned long long)onnx);
    }
}

int gy_onnx_dtype_number(gy_dtype dtype)
{
    switch (dtype) {
#define ROW(number, ours) \
    case ours:            \
        return number;
        DTYPES(ROW)
#undef ROW
    default:
        return 0;
    }
}

/** The fields of a TensorProto as they lie in the file. */
typedef struct raw_tensor {
    const char *name;
    uint64_t type;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    const unsigned char *raw;
    size_t raw_bytes;
    bool has_raw, is_external;
    gy_onnx_external external;
    gy_wire wire; // for a second pass over the typed fields
} raw_tensor;

static gy_status add_dim(raw_tensor *raw, uint64_t dim, gy_error *err)
{
    if (raw->rank == GY_RANK_MAX)
        return gy_fail(err, GY_LIMIT, "a constant of over %d dimensions", GY_RANK_MAX);
    if (dim > INT32_MAX)
        return gy_fail(err, (int64_t)dim < 0 ? GY_FORMAT : GY_LIMIT,
                       "a constant with dimension %lld, must be 0 to %d", (long long)dim,
                       INT32_MAX);
    raw->shape[raw->rank++] = (size_t)dim;
    return GY_OK;
}

static gy_status read_dims(raw_tensor *raw, const gy_field *field, const gy_wire *wire,
                           gy_error *err)
{
    if (field->type == GY_WIRE_VARINT)
        return add_dim(raw, field->value, err);
    gy_wire packed;
    GY_TRY(gy_wire_open(&packed, field, wire, err));
    while (packed.at < packed.end) {
        uint64_t dim;
        GY_TRY(gy_wire_varint(&dim, &packed, err));
        GY_TRY(add_dim(raw, dim, err));
    }
    return GY_OK;
}

static gy_status parse_size(size_t *size, const char *text, gy_error *err)
{
    size_t value = 0;
    if (*text == '\0')
        return gy_fail(err, GY_FORMAT, "external data with an empty number");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || value > (SIZE_MAX - 9) / 10)
            return gy_fail(err, GY_FORMAT, "external data with '%.40s' for a number", text);
        value = value * 10 + (size_t)(*at - '0');
    }
    *size = value;
    return GY_OK;
}

static gy_status read_external(gy_onnx_external *external, gy_wire wire, gy_arena *arena,
                               gy_error *err)
{
    const char *key = "", *value = "";
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        if (field.number == 1)
            GY_TRY(gy_wire_text(&key, &field, &wire, arena, err));
        else if (field.number == 2)
            GY_TRY(gy_wire_text(&value, &field, &wire, arena, err));
    }
    if (strcmp(key, "location") == 0)
        external->location = value;
    else if (strcmp(key, "offset") == 0)
        return parse_size(&external->offset_bytes, value, err);
    else if (strcmp(key, "length") == 0) {
        external->has_length = true;
        return parse_size(&external->length_bytes, value, err);
    }
    return GY_OK;
}

static gy_status read_fields(raw_tensor *raw, gy_wire wire, gy_arena *arena, gy_error *err)
{
    raw->wire = wire;
    raw->name = "";
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        gy_wire inner;
        switch (field.number) {
        case 0:
            return GY_OK;
        case 1:
            GY_TRY(read_dims(raw, &field, &wire, err));
            break;
        case 2:
            raw->type = field.value;
            break;
        case 3:
            return gy_fail(err, GY_UNSUPPORTED, "constants in segments are not supported");
        case 8:
            GY_TRY(gy_wire_text(&raw->name, &field, &wire, arena, err));
            break;
        case 9:
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            raw->has_raw = true;
            raw->raw = inner.at;
            raw->raw_bytes = field.size_bytes;
            break;
        case 13:
            GY_TRY(gy_wire_open(&inner, &field, &wire, err));
            GY_TRY(read_external(&raw->external, inner, arena, err));
            break;
        case 14:
            raw->is_external = field.value == 1;
            break;
        default:
            break;
        }
    }
}

/** Where decoded elements go; one beyond the shape's count is malformed. */
typedef struct sink {
    gy_tensor *tensor;
    void *data;
    size_t filled;
} sink;

static gy_status put(sink *to, uint64_t bits, gy_error *err)
{
    gy_tensor *tensor = to->tensor;
    if (to->filled == tensor->count)
        return gy_fail(err, GY_FORMAT, "constant '%s' has more values than its shape",
                       tensor->name);
    size_t size_bytes = gy_dtype_size(tensor->dtype);
    // Little endian: the low bytes of a number are its first.
    memcpy((char *)to->data + to->filled++ * size_bytes, &bits, size_bytes);
    return GY_OK;
}

// The values of one numeric field: a single number, or packed ones of 4, 8 or varying bytes.
static gy_status put_field(sink *to, const gy_field *field, const gy_wire *wire, size_t fixed_bytes,
                           gy_error *err)
{
    if (field->type != GY_WIRE_BYTES)
        return put(to, field->value, err);
    gy_wire packed;
    GY_TRY(gy_wire_open(&packed, field, wire, err));
    if (fixed_bytes != 0 && field->size_bytes % fixed_bytes != 0)
        return gy_fail(err, GY_FORMAT, "constant '%s' has %zu bytes of values of %zu bytes each",
                       to->tensor->name, field->size_bytes, fixed_bytes);
    while (packed.at < packed.end) {
        uint64_t bits = 0;
        if (fixed_bytes != 0) {
            memcpy(&bits, packed.at, fixed_bytes);
            packed.at += fixed_bytes;
        } else {
            GY_TRY(gy_wire_varint(&bits, &packed, err));
        }
        GY_TRY(put(to, bits, err));
    }
    return GY_OK;
}

static gy_status put_string(sink *to, const gy_field *field, const gy_wire *wire, gy_arena *arena,
                            gy_error *err)
{
    if (to->filled == to->tensor->count)
        return gy_fail(err, GY_FORMAT, "constant '%s' has more values than its shape",
                       to->tensor->name);
    const char **strings = to->data;
    return gy_wire_text(&strings[to->filled++], field, wire, arena, err);
}

// Which field number holds the values of a type, and how many bytes one takes there (0: varint).
static uint32_t value_field(gy_dtype dtype, size_t *fixed_bytes)
{
    *fixed_bytes = 0;
    switch (dtype) {
    case GY_FLOAT32:
        *fixed_bytes = 4;
        return 4;
    case GY_FLOAT64:
        *fixed_bytes = 8;
        return 10;
    case GY_INT64:
        return 7;
    case GY_STRING:
        return 6;
    case GY_UINT32:
    case GY_UINT64:
        return 11;
    default:
        return 5;
    }
}

static gy_status decode(gy_tensor *tensor, const raw_tensor *raw, gy_arena *arena, gy_error *err)
{
    size_t fixed_bytes;
    uint32_t number = value_field(tensor->dtype, &fixed_bytes);
    // A value takes at least a byte of the file: what a short file can claim is bounded by it.
    if (tensor->count > (size_t)(raw->wire.end - raw->wire.at))
        return gy_fail(err, GY_FORMAT, "constant '%s' has %zu elements by its shape, in %zu bytes",
                       tensor->name, tensor->count, (size_t)(raw->wire.end - raw->wire.at));
    sink to = {tensor, gy_arena_take(arena, tensor->count, gy_dtype_size(tensor->dtype)), 0};
    if (to.data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s'", tensor->name);
    gy_wire wire = raw->wire;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        if (field.number != number)
            continue;
        if (tensor->dtype == GY_STRING)
            GY_TRY(put_string(&to, &field, &wire, arena, err));
        else
            GY_TRY(put_field(&to, &field, &wire, fixed_bytes, err));
    }
    if (to.filled != tensor->count)
        return gy_fail(err, GY_FORMAT, "constant '%s' has %zu values, its shape asks for %zu",
                       tensor->name, to.filled, tensor->count);
    tensor->data = to.data;
    return GY_OK;
}

// A bool is 0 or 1 wherever it goes on; a file may hold anything.
static gy_status tidy_bools(gy_tensor *tensor, gy_arena *arena, gy_error *err)
{
    const uint8_t *bytes = tensor->data;
    uint8_t *tidy = NULL;
    for (size_t i = 0; i < tensor->count; i++) {
        if (bytes[i] <= 1)
            continue;
        if (tidy == NULL) {
            tidy = gy_arena_take(arena, tensor->count, 1);
            if (tidy == NULL)
                return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s'", tensor->name);
            memcpy(tidy, bytes, tensor->count);
        }
        tidy[i] = 1;
    }
    if (tidy != NULL)
        tensor->data = tidy;
    return GY_OK;
}

gy_status gy_onnx_tensor(gy_tensor **tensor, gy_wire wire, gy_onnx_reader *reader, gy_error *err)
{
    raw_tensor raw = {0};
    GY_TRY(read_fields(&raw, wire, reader->arena, err));
    gy_tensor *made = gy_tensor_new(reader->arena, raw.name);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s'", raw.name);
    gy_dtype dtype;
    GY_TRY(gy_onnx_dtype(&dtype, raw.type, err));
    GY_TRY(gy_tensor_set(made, dtype, raw.shape, raw.rank, err));
    made->is_constant = true;
    if (raw.is_external) {
        GY_TRY(gy_onnx_external_bytes(&raw.raw, &raw.raw_bytes, &raw.external, reader->model, err));
        raw.has_raw = true;
    }
    if (!raw.has_raw) {
        GY_TRY(decode(made, &raw, reader->arena, err));
    } else {
        if (dtype == GY_STRING)
            return gy_fail(err, GY_FORMAT, "constant '%s' has strings as raw data", raw.name);
        if (raw.raw_bytes != made->count * gy_dtype_size(dtype))
            return gy_fail(err, GY_FORMAT, "constant '%s' has %zu bytes, its shape asks for %zu",
                           raw.name, raw.raw_bytes, made->count * gy_dtype_size(dtype));
        made->data = raw.raw;
        made->is_unaligned = (uintptr_t)raw.raw % gy_dtype_size(dtype) != 0;
    }
    if (dtype == GY_BOOL)
        GY_TRY(tidy_bools(made, reader->arena, err));
    *tensor = made;
    return GY_OK;
}
