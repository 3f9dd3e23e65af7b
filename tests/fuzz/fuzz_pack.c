// SPDX-License-Identifier: Apache-2.0
//
// Packs: hostile numbers in the index, hostile bytes in the blocks. The hashes are made right
// first, or no change would get past them.

#include <stdlib.h>
#include <string.h>

#include "store/bytes.h"
#include "store/store.h"

enum { INPUT_BYTES_MAX = 64 * 1024, RAW_BYTES_MAX = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void mend_hashes(uint8_t *bytes, size_t length)
{
    if (length < GY_PACK_HEADER_BYTES + GY_PACK_FOOTER_BYTES)
        return;
    uint8_t *foot = bytes + length - GY_PACK_FOOTER_BYTES;
    uint64_t offset = gy_get64(foot), index_bytes = gy_get64(foot + 8),
             blocks = gy_get32(foot + 16);
    if (offset > length || index_bytes > length - offset ||
        blocks > index_bytes / GY_PACK_BLOCK_RECORD_BYTES)
        return;
    gy_id digest;
    for (uint64_t i = 0; i < blocks; i++) {
        uint8_t *record = bytes + offset + i * GY_PACK_BLOCK_RECORD_BYTES;
        uint64_t at = gy_get64(record), stored = gy_get32(record + 8);
        if (at > length || stored > length - at)
            return;
        gy_id_of_bytes(&digest, bytes + at, (size_t)stored);
        memcpy(record + 24, digest.bytes, GY_PACK_CHECK_BYTES);
    }
    gy_id_of_bytes(&digest, bytes + offset, (size_t)index_bytes);
    memcpy(foot + 32, digest.bytes, sizeof(digest.bytes));
}

static gy_status skip(void *context, const uint8_t *piece, size_t size_bytes, gy_error *err)
{
    (void)context, (void)piece, (void)size_bytes, (void)err;
    return GY_OK;
}

static void read_all(gy_store *store)
{
    const gy_pack *pack = &store->packs[0];
    for (uint32_t i = 0; i < pack->object_count && i < 100; i++) {
        gy_place place;
        gy_block block;
        gy_pack_place(&place, pack, i);
        gy_pack_block(&block, pack, place.block);
        if (block.raw_bytes > RAW_BYTES_MAX)
            continue;
        gy_status status =
            gy_reader_stream(&store->reader, store, gy_pack_id(pack, i), skip, NULL, NULL);
        (void)status;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length > INPUT_BYTES_MAX)
        return 0;
    uint8_t *copy = malloc(length + 1);
    if (copy == NULL)
        return 0;
    memcpy(copy, bytes, length);
    mend_hashes(copy, length);
    gy_pack pack = {0};
    gy_store store = {.packs = &pack, .pack_count = 1, .packs_open = true};
    store.arena = store.reader.arena = (gy_arena)GY_ARENA_INIT;
    if (gy_pack_parse(&pack, copy, length, "fuzz", NULL) == GY_OK)
        read_all(&store);
    gy_reader_release(&store.reader);
    gy_arena_release(&store.arena);
    free(copy);
    return 0;
}
