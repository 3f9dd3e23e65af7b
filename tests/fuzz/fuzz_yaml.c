// SPDX-License-Identifier: Apache-2.0
//
// The YAML reader: any bytes give a tree or a message; what was read is written as JSON that reads
// back and is written the same.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = {.limit_bytes = ((size_t)64 << 20) + 1000 * size_bytes,
                      .takes_left = SIZE_MAX};
    gy_error err = {0};
    gy_json *root = NULL, *again = NULL;
    gy_text first = {0}, second = {0};
    gy_status status = gy_yaml_parse(&root, (const char *)bytes, size_bytes, "fuzz", &arena, &err);
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
