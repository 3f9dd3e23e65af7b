// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a reader of trees: any bytes give a tree or a message; what was read is written
// as JSON that reads back and is written the same.
#ifndef GYRE_TESTS_FUZZ_TREE_H
#define GYRE_TESTS_FUZZ_TREE_H

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

typedef gy_status tree_reader(gy_json **root, const char *bytes, size_t length, const char *name,
                              gy_arena *arena, gy_error *err);

static inline int fuzz_tree(tree_reader *read, const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = {.limit_bytes = ((size_t)64 << 20) + 1000 * size_bytes,
                      .takes_left = SIZE_MAX};
    gy_error err = {0};
    gy_json *root = NULL, *again = NULL;
    gy_text first = {0}, second = {0};
    gy_status status = read(&root, (const char *)bytes, size_bytes, "fuzz", &arena, &err);
    if (status == GY_OK) {
        gy_json_write(&first, root);
        if (gy_json_parse(&again, first.bytes, first.length, "again", &arena, &err) != GY_OK)
            abort();
        gy_json_write(&second, again);
        if (first.length != second.length || memcmp(first.bytes, second.bytes, first.length) != 0)
            abort();
    } else if (status == GY_NO_MEMORY || err.message[0] == '\0') {
        abort();
    }
    gy_text_release(&first);
    gy_text_release(&second);
    gy_arena_release(&arena);
    return 0;
}

#endif
