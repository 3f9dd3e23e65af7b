// SPDX-License-Identifier: Apache-2.0
//
// A gyre.lock of any bytes: every stage of it read, or refused with a message.

#include <stdlib.h>

#include "base/arena.h"
#include "store/lock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = {.limit_bytes = ((size_t)64 << 20) + 1000 * size_bytes,
                      .takes_left = SIZE_MAX};
    gy_error err = {0};
    const gy_json *stages = NULL;
    char *text = gy_arena_copy(&arena, (const char *)bytes, size_bytes);
    gy_status status = text == NULL
                           ? gy_fail(&err, GY_NO_MEMORY, "no memory")
                           : gy_lock_parse(&stages, text, size_bytes, "gyre.lock", &arena, &err);
    for (size_t i = 0; status == GY_OK && stages != NULL && i < stages->count; i++) {
        gy_stage_lock lock;
        status = gy_lock_stage(&lock, &stages->items[i], &arena, &err);
        for (size_t j = 0; status == GY_OK && j < lock.out_count; j++)
            if (lock.outs[j].path == NULL || lock.outs[j].content.kind == GY_CONTENT_ABSENT)
                abort();
    }
    if (status != GY_OK && err.message[0] == '\0')
        abort();
    gy_arena_release(&arena);
    return 0;
}
