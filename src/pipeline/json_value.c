// SPDX-License-Identifier: Apache-2.0
//
// Values of YAML and JSON: found by a dotted key, and compared.

#include <stdlib.h>
#include <string.h>

#include "pipeline/pipeline.h"

bool gy_json_same(const gy_json *a, const gy_json *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->count != b->count)
        return false;
    switch (a->kind) {
    case GY_JSON_BOOL:
        return a->boolean == b->boolean;
    case GY_JSON_NUMBER:
        return a->number == b->number;
    case GY_JSON_STRING:
        return a->text_length == b->text_length && memcmp(a->text, b->text, a->text_length) == 0;
    case GY_JSON_ARRAY:
        for (size_t i = 0; i < a->count; i++)
            if (!gy_json_same(&a->items[i], &b->items[i]))
                return false;
        return true;
    case GY_JSON_OBJECT:
        for (size_t i = 0; i < a->count; i++)
            if (!gy_json_same(&a->items[i], gy_json_get(b, a->items[i].key)))
                return false;
        return true;
    default:
        return true;
    }
}

bool gy_json_scalar(gy_text *out, const gy_json *value)
{
    if (value->kind == GY_JSON_STRING || value->kind == GY_JSON_NUMBER)
        gy_text_append(out, value->text, value->text_length);
    else if (value->kind == GY_JSON_BOOL)
        gy_text_add(out, "%s", value->boolean ? "true" : "false");
    else
        return false;
    return true;
}

// One step into a value: a member, or [n] of an array. *key moves behind it.
static const gy_json *step(const gy_json *value, const char **key)
{
    char name[256];
    if (**key == '[') {
        char *end;
        unsigned long index = strtoul(*key + 1, &end, 10);
        if (end == *key + 1 || *end != ']' || value->kind != GY_JSON_ARRAY || index >= value->count)
            return NULL;
        *key = end + 1;
        return &value->items[index];
    }
    size_t length = strcspn(*key, ".[");
    if (length == 0 || length >= sizeof(name))
        return NULL;
    memcpy(name, *key, length);
    name[length] = '\0';
    *key += length;
    return gy_json_get(value, name);
}

const gy_json *gy_json_at(const gy_json *root, const char *key)
{
    // A member whose name holds the dots wins over the way through them.
    const gy_json *value = root == NULL ? NULL : gy_json_get(root, key);
    if (value != NULL || root == NULL)
        return value;
    value = root;
    while (value != NULL && *key != '\0') {
        value = step(value, &key);
        key += *key == '.' && key[1] != '\0';
    }
    return value == root ? NULL : value;
}
