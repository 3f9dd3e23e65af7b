// SPDX-License-Identifier: Apache-2.0
//
// Pointer files: what is read is what is written again.

#include <stdlib.h>
#include <string.h>

#include "store/pointer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gy_pointer pointer;
    gy_error err = {0};
    gy_text text = {0};
    gy_status status = gy_pointer_parse(&pointer, (const char *)bytes, length, "fuzz", &err);
    if (status != GY_OK) {
        if (err.message[0] == '\0')
            abort();
        return 0;
    }
    gy_pointer_write(&text, &pointer);
    // Hex digits may be upper-case in what was read.
    if (text.status == GY_OK && text.length != length)
        abort();
    gy_text_release(&text);
    return 0;
}
