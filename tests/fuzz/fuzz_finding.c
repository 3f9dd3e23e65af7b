// SPDX-License-Identifier: Apache-2.0
//
// The reader of findings: any bytes give findings or a message; what was read is written as
// findings that read back the same.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "table/finding.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = {.limit_bytes = ((size_t)64 << 20) + 1000 * size_bytes,
                      .takes_left = SIZE_MAX};
    gy_error err = {0};
    gy_finding *first, *again;
    size_t count, count_again;
    gy_text out = {0};
    gy_status status =
        gy_findings_parse(&first, &count, (const char *)bytes, size_bytes, "fuzz", &arena, &err);
    if (status == GY_OK) {
        for (size_t i = 0; i < count; i++)
            gy_finding_add_json(&out, &first[i]);
        if (gy_findings_parse(&again, &count_again, out.bytes == NULL ? "" : out.bytes, out.length,
                              "again", &arena, &err) != GY_OK ||
            count_again != count)
            abort();
        for (size_t i = 0; i < count; i++)
            if (first[i].kind != again[i].kind || first[i].row != again[i].row ||
                !same_text(first[i].suggested, again[i].suggested))
                abort();
    } else if (status == GY_NO_MEMORY || err.message[0] == '\0') {
        abort();
    }
    gy_text_release(&out);
    gy_arena_release(&arena);
    return 0;
}
