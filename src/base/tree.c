// SPDX-License-Identifier: Apache-2.0
#include "base/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

gy_status gy_tree_init(gy_tree *tree, size_t nodes, size_t text_bytes, const char *name,
                       gy_arena *arena, gy_error *err)
{
    *tree = (gy_tree){.name = name, .arena = arena, .closed = nodes};
    tree->nodes = GY_NEW(arena, gy_json, nodes);
    tree->text = GY_NEW(arena, char, text_bytes);
    if (tree->nodes == NULL || tree->text == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the %zu values of '%s'", nodes, name);
    return GY_OK;
}

gy_json *gy_tree_push(gy_tree *tree, gy_json_kind kind, size_t line, size_t column)
{
    assert(tree->opened < tree->closed);
    gy_json *value = &tree->nodes[tree->opened++];
    *value = (gy_json){.kind = kind, .line = line, .column = column, .text = ""};
    return value;
}

char *gy_tree_text(gy_tree *tree, const char *bytes, size_t length)
{
    char *copy = tree->text + tree->text_used;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    tree->text_used += length + 1;
    return copy;
}

static int compare_keys(const void *left, const void *right)
{
    const gy_json *a = *(const gy_json *const *)left, *b = *(const gy_json *const *)right;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : a < b ? -1 : a > b;
}

// Sorted, equal names stand side by side: n log n, where comparing all pairs would let a hostile
// document of a few MB take minutes. Of several, the one that comes first is told.
static gy_status check_keys(const gy_tree *tree, const gy_json *object, gy_error *err)
{
    if (object->count < 2)
        return GY_OK;
    gy_arena_mark mark = gy_arena_here(tree->arena);
    const gy_json **sorted = GY_NEW(tree->arena, const gy_json *, object->count);
    if (sorted == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu names in '%s'", object->count,
                       tree->name);
    for (size_t i = 0; i < object->count; i++)
        sorted[i] = &object->items[i];
    qsort(sorted, object->count, sizeof(sorted[0]), compare_keys);
    const gy_json *again = NULL, *first = NULL;
    for (size_t i = 1; i < object->count; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
            (again == NULL || sorted[i] < again)) {
            first = sorted[i - 1];
            again = sorted[i];
        }
    gy_arena_rewind(tree->arena, mark);
    if (again == NULL)
        return GY_OK;
    return gy_fail(err, GY_FORMAT,
                   "cannot read '%s': line %zu, column %zu: '%.80s' is there twice, first in "
                   "line %zu",
                   tree->name, again->line, again->column, again->key, first->line);
}

gy_status gy_tree_close(gy_tree *tree, size_t container, gy_error *err)
{
    assert(container < tree->opened);
    gy_json *value = &tree->nodes[container];
    value->count = tree->opened - container - 1;
    tree->closed -= value->count;
    value->items = tree->nodes + tree->closed;
    memmove(value->items, value + 1, value->count * sizeof(*value));
    tree->opened = container + 1;
    return value->kind == GY_JSON_OBJECT ? check_keys(tree, value, err) : GY_OK;
}
