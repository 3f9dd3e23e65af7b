// SPDX-License-Identifier: Apache-2.0
//
// Attributes of nodes (AttributeProto). Lists are decoded into the arena; one that lies in a
// function may stand for what the function was called with.

#include <string.h>

#include "model/onnx.h"

static gy_status no_memory(const gy_attribute *attribute, gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for attribute '%s'", attribute->name);
}

/** A list that grows while its values come one a field; packed ones come all at once. */
typedef struct values {
    void *items;
    size_t count, capacity;
} values;

static void *values_add(values *list, size_t size_bytes, size_t more, gy_arena *arena)
{
    if (list->count + more > list->capacity) {
        size_t capacity =
            list->count + more > 2 * list->capacity ? list->count + more : 2 * list->capacity;
        void *grown = gy_arena_take(arena, capacity, size_bytes);
        if (grown == NULL)
            return NULL;
        if (list->count > 0)
            memcpy(grown, list->items, list->count * size_bytes);
        list->items = grown;
        list->capacity = capacity;
    }
    void *place = (char *)list->items + list->count * size_bytes;
    list->count += more;
    return place;
}

static gy_status add_floats(values *list, const gy_field *field, const gy_attribute *attribute,
                            gy_arena *arena, gy_error *err)
{
    if (field->type != GY_WIRE_BYTES) {
        float *one = values_add(list, sizeof(float), 1, arena);
        if (one == NULL)
            return no_memory(attribute, err);
        memcpy(one, &field->value, sizeof(float)); // little endian: the low half
        return GY_OK;
    }
    if (field->size_bytes % sizeof(float) != 0)
        return gy_fail(err, GY_FORMAT, "attribute '%s' has %zu bytes of floats", attribute->name,
                       field->size_bytes);
    float *all = values_add(list, sizeof(float), field->size_bytes / sizeof(float), arena);
    if (all == NULL)
        return no_memory(attribute, err);
    memcpy(all, field->bytes, field->size_bytes);
    return GY_OK;
}

static gy_status add_ints(values *list, const gy_field *field, const gy_wire *wire,
                          const gy_attribute *attribute, gy_arena *arena, gy_error *err)
{
    if (field->type != GY_WIRE_BYTES) {
        int64_t *one = values_add(list, sizeof(int64_t), 1, arena);
        if (one == NULL)
            return no_memory(attribute, err);
        *one = (int64_t)field->value;
        return GY_OK;
    }
    gy_wire packed;
    GY_TRY(gy_wire_open(&packed, field, wire, err));
    while (packed.at < packed.end) {
        uint64_t value;
        GY_TRY(gy_wire_varint(&value, &packed, err));
        int64_t *one = values_add(list, sizeof(int64_t), 1, arena);
        if (one == NULL)
            return no_memory(attribute, err);
        *one = (int64_t)value;
    }
    return GY_OK;
}

/** An attribute while its fields come in. */
typedef struct draft {
    gy_attribute *attribute;
    const char *refers_to;
    uint64_t type; // AttributeProto.AttributeType; 0: an old file, the fields tell
    uint32_t seen; // the field that last brought a value
    values floats, ints, strings;
    gy_field graph;
} draft;

static gy_status read_text(const char **text, size_t *length, const gy_field *field,
                           const gy_wire *wire, gy_arena *arena, gy_error *err)
{
    if (field->type != GY_WIRE_BYTES || field->size_bytes > GY_WIRE_TEXT_BYTES_MAX)
        return gy_fail(err, GY_FORMAT, "an attribute's text at byte %zu is none, or over %d bytes",
                       (size_t)(wire->at - wire->base), GY_WIRE_TEXT_BYTES_MAX);
    *text = gy_arena_copy(arena, (const char *)field->bytes, field->size_bytes);
    *length = field->size_bytes;
    return *text == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for an attribute") : GY_OK;
}

static gy_status read_value(draft *to, const gy_field *field, const gy_wire *wire,
                            gy_onnx_reader *reader, gy_error *err)
{
    gy_attribute *attribute = to->attribute;
    gy_arena *arena = reader->arena;
    gy_wire inner;
    size_t length;
    const char **string;
    switch (field->number) {
    case 2:
        memcpy(&attribute->number, &field->value, sizeof(float));
        return GY_OK;
    case 3:
        attribute->integer = (int64_t)field->value;
        return GY_OK;
    case 4:
        return read_text(&attribute->text, &attribute->text_length, field, wire, arena, err);
    case 5:
        GY_TRY(gy_wire_open(&inner, field, wire, err));
        return gy_onnx_tensor(&attribute->tensor, inner, reader, err);
    case 6:
        to->graph = *field;
        return GY_OK;
    case 7:
        return add_floats(&to->floats, field, attribute, arena, err);
    case 8:
        return add_ints(&to->ints, field, wire, attribute, arena, err);
    case 9:
        string = values_add(&to->strings, sizeof(char *), 1, arena);
        if (string == NULL)
            return no_memory(attribute, err);
        return read_text(string, &length, field, wire, arena, err);
    default:
        return gy_fail(err, GY_UNSUPPORTED,
                       "attribute '%s' is of a kind that is not supported (field %u)",
                       attribute->name, field->number);
    }
}

static gy_status read_fields(draft *to, gy_wire *wire, gy_onnx_reader *reader, gy_error *err)
{
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, wire, err));
        switch (field.number) {
        case 0:
            return GY_OK;
        case 1:
            GY_TRY(gy_wire_text(&to->attribute->name, &field, wire, reader->arena, err));
            break;
        case 13:
            break;
        case 20:
            to->type = field.value;
            break;
        case 21:
            GY_TRY(gy_wire_text(&to->refers_to, &field, wire, reader->arena, err));
            break;
        default:
            to->seen = field.number;
            GY_TRY(read_value(to, &field, wire, reader, err));
            break;
        }
    }
}

// The lists move into the attribute, and its kind is settled.
static gy_status settle(draft *to, gy_error *err)
{
    // Both lists stand in the order of AttributeProto.AttributeType, from 1.
    static const gy_attribute_kind kinds[] = {
        GY_ATTRIBUTE_FLOAT, GY_ATTRIBUTE_INT,    GY_ATTRIBUTE_STRING, GY_ATTRIBUTE_TENSOR,
        GY_ATTRIBUTE_GRAPH, GY_ATTRIBUTE_FLOATS, GY_ATTRIBUTE_INTS,   GY_ATTRIBUTE_STRINGS};
    gy_attribute *attribute = to->attribute;
    uint64_t type = to->type != 0 ? to->type : to->seen == 0 ? 0 : to->seen - 1;
    if (type == 0 || type > sizeof(kinds) / sizeof(kinds[0]))
        return gy_fail(err, type == 0 ? GY_FORMAT : GY_UNSUPPORTED,
                       "attribute '%s' is of kind %llu, which is not supported", attribute->name,
                       (unsigned long long)type);
    attribute->kind = kinds[type - 1];
    attribute->count = 1;
    switch (attribute->kind) {
    case GY_ATTRIBUTE_STRING:
        if (attribute->text == NULL)
            attribute->text = "";
        break;
    case GY_ATTRIBUTE_TENSOR:
        if (attribute->tensor == NULL)
            return gy_fail(err, GY_FORMAT, "attribute '%s' lacks its tensor", attribute->name);
        break;
    case GY_ATTRIBUTE_FLOATS:
        attribute->floats = to->floats.items;
        attribute->count = to->floats.count;
        break;
    case GY_ATTRIBUTE_INTS:
        attribute->ints = to->ints.items;
        attribute->count = to->ints.count;
        break;
    case GY_ATTRIBUTE_STRINGS:
        attribute->strings = (const char *const *)to->strings.items;
        attribute->count = to->strings.count;
        break;
    default:
        break;
    }
    return GY_OK;
}

gy_status gy_onnx_attribute(gy_attribute *attribute, bool *given, gy_wire wire, gy_scope *scope,
                            const gy_onnx_call *call, gy_onnx_reader *reader, gy_error *err)
{
    *attribute = (gy_attribute){.name = ""};
    *given = true;
    draft to = {.attribute = attribute};
    GY_TRY(read_fields(&to, &wire, reader, err));
    if (to.refers_to != NULL && to.refers_to[0] != '\0') {
        *given = false;
        for (size_t i = 0; call != NULL && i < call->count; i++) {
            if (strcmp(call->attributes[i].name, to.refers_to) != 0)
                continue;
            const char *name = attribute->name;
            *attribute = call->attributes[i];
            attribute->name = name;
            *given = true;
        }
        return GY_OK;
    }
    GY_TRY(settle(&to, err));
    if (attribute->kind != GY_ATTRIBUTE_GRAPH)
        return GY_OK;
    gy_wire inner;
    if (to.graph.number == 0)
        return gy_fail(err, GY_FORMAT, "attribute '%s' lacks its graph", attribute->name);
    GY_TRY(gy_wire_open(&inner, &to.graph, &wire, err));
    return reader->read_graph(&attribute->graph, inner, scope, call, reader, err);
}
