// SPDX-License-Identifier: Apache-2.0
//
// Trees: no name leaves its folder, whatever the bytes.

#include <stdlib.h>
#include <string.h>

#include "store/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gy_tree_reader reader;
    gy_tree_entry entry;
    bool more = true;
    if (gy_tree_open(&reader, bytes, length, NULL) != GY_OK)
        return 0;
    while (gy_tree_next(&more, &entry, &reader, NULL) == GY_OK && more)
        if (entry.name_length == 0 || memchr(entry.name, '/', entry.name_length) != NULL ||
            (entry.name_length == 2 && memcmp(entry.name, "..", 2) == 0))
            abort();
    return 0;
}
