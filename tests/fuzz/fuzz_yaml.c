// SPDX-License-Identifier: Apache-2.0
//
// The YAML reader.

#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    return fuzz_tree(gy_yaml_parse, bytes, size_bytes);
}
