// SPDX-License-Identifier: Apache-2.0
//
// Deltas. Features (chunk.h) name the stored chunks that share most with a new one; the new one is
// compressed with one or two of them as zstd's prefix. In an edited table nearly every chunk has
// one old chunk behind it. Where an edit has wiped out a cut, it has two: votes show the second, or
// else it is the neighbour of the first in the file's older version.

#include "store/delta.h"

#include <assert.h>
#include <string.h>

enum { FEATURES_MAX = 2 * 1024 * 1024 };

typedef struct gy_delta_slot {
    uint32_t feature;
    uint32_t pack; // number in the store's list, plus one; 0: free
    uint32_t object;
} gy_delta_slot;

static gy_delta_slot *slot_of(gy_delta_slot *slots, size_t capacity, uint32_t feature)
{
    size_t at = (feature * 0x9e3779b1u) & (capacity - 1);
    while (slots[at].pack != 0 && slots[at].feature != feature)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static size_t count_features(const gy_store *store)
{
    size_t count = 0;
    for (size_t i = 0; i < store->pack_count; i++)
        for (uint32_t k = 0; k < store->packs[i].block_count && count < FEATURES_MAX; k++) {
            gy_block block;
            gy_pack_block(&block, &store->packs[i], k);
            count += block.has_features ? GY_CHUNK_FEATURES : 0;
        }
    return count;
}

// Enter the features of one pack's chunks; those that a newer pack has entered stay.
static size_t enter_pack(gy_delta_index *index, const gy_store *store, size_t number, size_t room)
{
    const gy_pack *pack = &store->packs[number];
    size_t entered = 0;
    for (uint32_t i = 0; i < pack->object_count && entered + GY_CHUNK_FEATURES <= room; i++) {
        gy_place place;
        gy_block block;
        gy_pack_place(&place, pack, i);
        gy_pack_block(&block, pack, place.block);
        if (!block.has_features || place.is_recipe || place.length != block.raw_bytes)
            continue;
        for (size_t k = 0; k < GY_CHUNK_FEATURES; k++) {
            uint32_t feature = block.features.values[k];
            gy_delta_slot *slot = slot_of(index->slots, index->capacity, feature);
            if (feature == UINT32_MAX || slot->pack != 0)
                continue;
            *slot = (gy_delta_slot){feature, (uint32_t)number + 1, i};
            entered++;
        }
    }
    return entered;
}

gy_status gy_delta_build(gy_delta_index *index, const gy_store *store, gy_error *err)
{
    if (index->built)
        return GY_OK;
    size_t count = count_features(store);
    index->capacity = 16;
    while (index->capacity < 2 * count)
        index->capacity *= 2;
    index->slots = GY_NEW(index->arena, gy_delta_slot, index->capacity);
    if (index->slots == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the features of %zu chunks",
                       count / GY_CHUNK_FEATURES);
    for (size_t i = store->pack_count; i > 0 && count > 0; i--)
        count -= enter_pack(index, store, i - 1, count);
    index->built = true;
    return GY_OK;
}

gy_status gy_delta_set_older(gy_delta_index *index, const gy_id *ids, size_t count, gy_error *err)
{
    index->older = ids;
    index->older_count = count;
    index->older_at = (gy_id_map){.arena = index->arena};
    for (size_t i = 0; i < count; i++) {
        uint64_t *at;
        GY_TRY(gy_id_map_at(&at, NULL, &index->older_at, &ids[i], err));
        *at = i + 1;
    }
    return GY_OK;
}

typedef struct candidate {
    uint32_t pack, object; // pack from 1; 0: none
    int votes;
} candidate;

static bool is_better(const candidate *a, const candidate *b)
{
    if (a->votes != b->votes)
        return a->votes > b->votes;
    return a->pack != b->pack ? a->pack > b->pack : a->object < b->object;
}

// The two stored chunks that share most features.
static void vote(candidate best[2], const gy_features *features, const gy_delta_index *index)
{
    candidate seen[GY_CHUNK_FEATURES];
    size_t count = 0;
    memset(best, 0, 2 * sizeof(*best));
    for (size_t i = 0; i < GY_CHUNK_FEATURES; i++) {
        if (features->values[i] == UINT32_MAX)
            continue;
        const gy_delta_slot *slot = slot_of(index->slots, index->capacity, features->values[i]);
        size_t at = 0;
        while (at < count && (seen[at].pack != slot->pack || seen[at].object != slot->object))
            at++;
        if (slot->pack == 0)
            continue;
        if (at == count)
            seen[count++] = (candidate){slot->pack, slot->object, 0};
        seen[at].votes++;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_better(&seen[i], &best[0])) {
            best[1] = best[0];
            best[0] = seen[i];
        } else if (is_better(&seen[i], &best[1])) {
            best[1] = seen[i];
        }
    }
}

// One attempt: a prefix made of one or two stored chunks.
typedef struct prefix {
    gy_id ids[GY_PACK_BASES_MAX];
    size_t count;
} prefix;

// A chain of deltas may not grow for ever: from the deepest, go back to where its chain starts.
static bool find_base(const gy_pack **pack, gy_block *block, gy_id *id, size_t count,
                      const gy_store *store)
{
    int depth_max = count == 1 ? GY_PACK_DEPTH_MAX : GY_PACK_DEPTH_MAX_PAIR;
    for (int steps = 0; steps <= GY_PACK_DEPTH_MAX; steps++) {
        size_t at;
        gy_place place;
        if (!gy_store_find(&at, &place, store, id, store->pack_count) || place.is_recipe)
            return false;
        *pack = &store->packs[at];
        gy_pack_block(block, *pack, place.block);
        if (place.offset != 0 || place.length != block->raw_bytes ||
            block->raw_bytes > GY_CHUNK_BYTES_MAX)
            return false;
        if (steps == 0 && block->depth < depth_max)
            return true;
        if (block->depth == 0)
            return true;
        *id = *gy_pack_base(*pack, block, 0);
    }
    return false;
}

// Pack against one prefix; keep the result where it is smaller than what there is.
static gy_status attempt(gy_delta *delta, void *packed, size_t capacity, const uint8_t *bytes,
                         size_t size_bytes, prefix *tried, const gy_store *store, gy_reader *reader,
                         gy_error *err)
{
    gy_delta made = {.base_count = (uint8_t)tried->count};
    const gy_pack *packs[GY_PACK_BASES_MAX];
    gy_block blocks[GY_PACK_BASES_MAX];
    size_t prefix_bytes = 0, at = 0;
    for (size_t i = 0; i < tried->count; i++) {
        if (!find_base(&packs[i], &blocks[i], &tried->ids[i], tried->count, store))
            return GY_OK;
        made.bases[i] = tried->ids[i];
        made.depth = made.depth > blocks[i].depth ? made.depth : (uint8_t)(blocks[i].depth + 1);
        prefix_bytes += blocks[i].raw_bytes;
    }
    size_t most = delta->packed_bytes > 0 ? delta->packed_bytes - 1 : capacity;
    uint8_t *old = GY_NEW(&reader->arena, uint8_t, prefix_bytes);
    uint8_t *result = GY_NEW(&reader->arena, uint8_t, most);
    if (old == NULL || result == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a delta of %zu bytes", size_bytes);
    for (size_t i = 0; i < tried->count; i++) {
        gy_status status = gy_reader_decode(old + at, reader, store, packs[i], &blocks[i], err);
        if (status == GY_FORMAT || status == GY_NOT_FOUND)
            return GY_OK; // damaged: nothing is told by it
        GY_TRY(status);
        at += blocks[i].raw_bytes;
    }
    GY_TRY(gy_zstd_pack(&made.packed_bytes, result, most, bytes, size_bytes, old, prefix_bytes,
                        &reader->zstd, err));
    if (made.packed_bytes > 0) {
        memcpy(packed, result, made.packed_bytes);
        *delta = made;
    }
    return GY_OK;
}

// Try with the neighbours that the first base had in the older version of the file.
static gy_status attempt_neighbours(gy_delta *delta, void *packed, size_t capacity,
                                    const uint8_t *bytes, size_t size_bytes, const gy_id *base,
                                    const gy_delta_index *index, const gy_store *store,
                                    gy_reader *reader, gy_error *err)
{
    const uint64_t *at = gy_id_map_find(&index->older_at, base);
    if (at == NULL)
        return GY_OK;
    size_t place = (size_t)*at - 1;
    if (place + 1 < index->older_count) {
        prefix both = {{*base, index->older[place + 1]}, 2};
        GY_TRY(attempt(delta, packed, capacity, bytes, size_bytes, &both, store, reader, err));
    }
    if (place > 0) {
        prefix both = {{index->older[place - 1], *base}, 2};
        GY_TRY(attempt(delta, packed, capacity, bytes, size_bytes, &both, store, reader, err));
    }
    return GY_OK;
}

gy_status gy_delta_pack(gy_delta *delta, void *packed, size_t capacity, const uint8_t *bytes,
                        size_t size_bytes, const gy_features *features, const gy_delta_index *index,
                        const gy_store *store, gy_reader *reader, gy_error *err)
{
    assert(index->built);
    *delta = (gy_delta){0};
    candidate best[2];
    vote(best, features, index);
    if (best[0].votes == 0)
        return GY_OK;
    prefix tried = {.count = 1};
    tried.ids[0] = *gy_pack_id(&store->packs[best[0].pack - 1], best[0].object);
    gy_id first = tried.ids[0];
    if (best[1].votes > 0)
        tried.ids[tried.count++] = *gy_pack_id(&store->packs[best[1].pack - 1], best[1].object);
    gy_arena_mark mark = gy_arena_here(&reader->arena);
    gy_status status =
        attempt(delta, packed, capacity, bytes, size_bytes, &tried, store, reader, err);
    // What an edited table leaves is a hundredth; more means that part of the chunk is not covered.
    if (status == GY_OK && (delta->packed_bytes == 0 || delta->packed_bytes > size_bytes / 32))
        status = attempt_neighbours(delta, packed, capacity, bytes, size_bytes, &first, index,
                                    store, reader, err);
    gy_arena_rewind(&reader->arena, mark);
    return status;
}
