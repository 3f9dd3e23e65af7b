// SPDX-License-Identifier: Apache-2.0
//
// The JSON reader.

#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    return fuzz_tree(gy_json_parse, bytes, size_bytes);
}
