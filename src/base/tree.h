// SPDX-License-Identifier: Apache-2.0
//
// Building the tree of base/json.h: what the JSON reader and the YAML reader share.
#ifndef GYRE_BASE_TREE_H
#define GYRE_BASE_TREE_H

#include "base/json.h"

/**
 * One pool of nodes and one of text, both counted beforehand. Values of open containers are a stack
 * at the low end of the pool; a container that closes moves its items to the high end.
 */
typedef struct gy_tree {
    gy_json *nodes;
    size_t opened; // nodes [0, opened) are the stack
    size_t closed; // nodes [closed, count) have their final place
    char *text;
    size_t text_used;
    const char *name;
    gy_arena *arena;
} gy_tree;

/** Take both pools: room for so many nodes and bytes of text, NULs included. */
gy_status gy_tree_init(gy_tree *tree, size_t nodes, size_t text_bytes, const char *name,
                       gy_arena *arena, gy_error *err) GY_CHECKED;

/** A value on top of the stack. It moves when its container closes: use its index. */
gy_json *gy_tree_push(gy_tree *tree, gy_json_kind kind, size_t line, size_t column);

/** Close the container at index: all above it on the stack are its items. */
gy_status gy_tree_close(gy_tree *tree, size_t container, gy_error *err) GY_CHECKED;

/** Copy text into the pool, with a NUL behind it. */
char *gy_tree_text(gy_tree *tree, const char *bytes, size_t length);

#endif
