// SPDX-License-Identifier: Apache-2.0
//
// Sketch and reference bytes from anyone: what is read must write back to the same bytes, and
// merge.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rt/sketch.h"

enum { FEATURES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static gy_sketch_sums sums[2][FEATURES];
    static uint8_t again[GY_SKETCH_BYTES_MAX(FEATURES)];
    gy_sketch_total total, merged;
    gy_sketch_total_init(&total, sums[0], FEATURES);
    gy_sketch_total_init(&merged, sums[1], FEATURES);
    if (gy_sketch_read(&total, bytes, size_bytes) == GY_SKETCH_OK) {
        require(gy_sketch_total_write(again, sizeof(again), &total) == size_bytes);
        require(memcmp(again, bytes, size_bytes) == 0);
        for (int i = 0; i < 3; i++)
            require(gy_sketch_merge(&merged, &total) == GY_SKETCH_OK);
        size_t size = gy_sketch_total_write(again, sizeof(again), &merged);
        require(size > 0 && gy_sketch_read(&total, again, size) == GY_SKETCH_OK);
    }

    static gy_sketch_edges edges[FEATURES];
    size_t features = FEATURES;
    if (gy_reference_read(edges, &features, bytes, size_bytes) == GY_SKETCH_OK) {
        require(gy_reference_write(again, sizeof(again), edges, features) == size_bytes);
        require(memcmp(again, bytes, size_bytes) == 0);
    }
    return 0;
}
