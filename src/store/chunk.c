// SPDX-License-Identifier: Apache-2.0
//
// Content-defined chunks by a gear hash with normalised cuts (Xia et al., "FastCDC", USENIX ATC
// 2016). Every 1024th place on average is a sample point; some of them are cuts, and the smallest
// hashes of the others are the chunk's features (bottom-k sketch: Broder 1997).
//
// 1 MiB on average, for tables and blobs alike: edits scattered over the rows of a table change
// every chunk of any size (86 % of those of 16 KiB), and what saves is the delta against the old
// chunk. A chunk costs 150 bytes of ids and index; at 16 KiB they would be 9 times the delta.

#include "store/chunk.h"

#include <string.h>

// Random words (splitmix64 from seed 1), one a byte value. They are part of the format: with
// others, no chunk of an older version would be found again.
static const uint64_t gear[256] = {
#include "store/gear.inc"
};

#define TOP_BITS(count) (~(uint64_t)0 << (64 - (count)))
static const uint64_t sample_mask = TOP_BITS(10);
static const uint64_t early_mask = TOP_BITS(22); // before the average: cut rarely
static const uint64_t late_mask = TOP_BITS(18);  // behind it: cut soon

static void note_feature(gy_features *features, uint64_t hash)
{
    // The top bits are all alike at a sample point: mix before comparing.
    uint32_t value = (uint32_t)((hash * 0x9e3779b97f4a7c15u) >> 32);
    uint32_t *values = features->values;
    if (value >= values[GY_CHUNK_FEATURES - 1])
        return;
    size_t at = GY_CHUNK_FEATURES - 1;
    for (size_t i = 0; i < GY_CHUNK_FEATURES; i++)
        if (values[i] == value)
            return;
    for (; at > 0 && values[at - 1] > value; at--)
        values[at] = values[at - 1];
    values[at] = value;
}

size_t gy_chunk_cut(gy_features *features, const uint8_t *bytes, size_t size_bytes)
{
    memset(features, 0xff, sizeof(*features));
    size_t end = size_bytes > GY_CHUNK_BYTES_MAX ? GY_CHUNK_BYTES_MAX : size_bytes;
    uint64_t hash = 0;
    for (size_t i = 0; i < end; i++) {
        hash = (hash << 1) + gear[bytes[i]];
        if ((hash & sample_mask) != 0)
            continue;
        uint64_t cut_mask = i < GY_CHUNK_BYTES_AVERAGE ? early_mask : late_mask;
        if (i >= GY_CHUNK_BYTES_MIN && (hash & cut_mask) == 0)
            return i + 1;
        note_feature(features, hash);
    }
    return end;
}
