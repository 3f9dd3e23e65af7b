// SPDX-License-Identifier: Apache-2.0
//
// The names of a graph while it is read. A tensor is made when its name first comes up, so that
// nodes may stand in any order in the file.

#include <string.h>

#include "model/onnx.h"

static gy_status grow(gy_scope *scope, gy_arena *arena, gy_error *err)
{
    if (scope->count < scope->capacity)
        return GY_OK;
    size_t capacity = scope->capacity == 0 ? 64 : 2 * scope->capacity;
    gy_tensor **grown = GY_NEW(arena, gy_tensor *, capacity);
    if (grown == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu names", capacity);
    if (scope->count > 0)
        memcpy(grown, scope->tensors, scope->count * sizeof(gy_tensor *));
    scope->tensors = grown;
    scope->capacity = capacity;
    return GY_OK;
}

static gy_tensor *find(const gy_scope *scope, const char *name)
{
    for (; scope != NULL; scope = scope->outer) {
        const uint64_t *value = gy_text_map_find(&scope->names, name, strlen(name));
        if (value != NULL)
            return (gy_tensor *)(uintptr_t)*value;
    }
    return NULL;
}

gy_status gy_scope_at(gy_tensor **tensor, gy_scope *scope, const char *name, bool is_read,
                      gy_arena *arena, gy_error *err)
{
    uint64_t *value;
    bool fresh;
    gy_tensor *outer = is_read ? find(scope->outer, name) : NULL;
    GY_TRY(gy_text_map_at(&value, &fresh, &scope->names, name, strlen(name), err));
    if (!fresh) {
        *tensor = (gy_tensor *)(uintptr_t)*value;
        return GY_OK;
    }
    *tensor = outer;
    if (outer == NULL) {
        GY_TRY(grow(scope, arena, err));
        *tensor = gy_tensor_new(arena, name);
        if (*tensor == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", name);
        scope->tensors[scope->count++] = *tensor;
    }
    *value = (uint64_t)(uintptr_t)*tensor;
    return GY_OK;
}

gy_status gy_scope_put(gy_scope *scope, const char *name, gy_tensor *tensor, gy_error *err)
{
    uint64_t *value;
    bool fresh;
    GY_TRY(gy_text_map_at(&value, &fresh, &scope->names, name, strlen(name), err));
    if (!fresh)
        return gy_fail(err, GY_FORMAT, "the name '%s' is given twice", name);
    *value = (uint64_t)(uintptr_t)tensor;
    return GY_OK;
}

gy_status gy_scope_check(const gy_scope *scope, gy_error *err)
{
    for (size_t i = 0; i < scope->count; i++) {
        const gy_tensor *tensor = scope->tensors[i];
        if (tensor->producer == NULL && !tensor->is_constant && !tensor->is_input)
            return gy_fail(err, GY_FORMAT, "'%s' is used, but nothing makes it", tensor->name);
    }
    return GY_OK;
}
