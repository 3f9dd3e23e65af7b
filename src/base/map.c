// SPDX-License-Identifier: Apache-2.0
//
// Hash maps by open addressing, at most 3/4 full. Their order never reaches an output.

#include "base/map.h"

#include <string.h>
#include <sys/auxv.h>

struct gy_id_map_slot {
    gy_id id;
    uint64_t value;
    bool taken;
};

struct gy_text_map_slot {
    const char *key; // NULL: free
    size_t length;
    uint64_t hash, value;
};

// An id is a hash already; eight of its bytes place it.
static size_t id_place(const gy_id *id, size_t capacity)
{
    uint64_t word;
    memcpy(&word, id->bytes, sizeof(word));
    return (size_t)word & (capacity - 1);
}

static struct gy_id_map_slot *id_slot(struct gy_id_map_slot *slots, size_t capacity,
                                      const gy_id *id)
{
    size_t at = id_place(id, capacity);
    while (slots[at].taken && memcmp(&slots[at].id, id, sizeof(*id)) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static gy_status id_map_grow(gy_id_map *map, gy_error *err)
{
    size_t capacity = map->capacity == 0 ? 64 : 2 * map->capacity;
    struct gy_id_map_slot *slots = GY_NEW(map->arena, struct gy_id_map_slot, capacity);
    if (slots == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a map of %zu ids", capacity);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].taken)
            *id_slot(slots, capacity, &map->slots[i].id) = map->slots[i];
    map->slots = slots;
    map->capacity = capacity;
    return GY_OK;
}

gy_status gy_id_map_at(uint64_t **value, bool *fresh, gy_id_map *map, const gy_id *id,
                       gy_error *err)
{
    if (4 * (map->count + 1) > 3 * map->capacity)
        GY_TRY(id_map_grow(map, err));
    struct gy_id_map_slot *slot = id_slot(map->slots, map->capacity, id);
    if (fresh != NULL)
        *fresh = !slot->taken;
    if (!slot->taken) {
        slot->id = *id;
        slot->taken = true;
        map->count++;
    }
    *value = &slot->value;
    return GY_OK;
}

const uint64_t *gy_id_map_find(const gy_id_map *map, const gy_id *id)
{
    if (map->count == 0)
        return NULL;
    const struct gy_id_map_slot *slot = id_slot(map->slots, map->capacity, id);
    return slot->taken ? &slot->value : NULL;
}

// Up to 7 bytes as a number; those of one length differ when their bytes do.
static uint64_t last_bytes(const char *key, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)key;
    uint32_t low, high;
    if (length < 4)
        return length == 0
                   ? 0
                   : (uint64_t)(bytes[0] | bytes[length / 2] << 8 | bytes[length - 1] << 16);
    memcpy(&low, key, sizeof(low));
    memcpy(&high, key + length - 4, sizeof(high));
    return low | (uint64_t)high << 32;
}

// Eight bytes at a time, mixed so that the low bits carry all. It starts from bytes that the kernel
// draws for each process, so that a file of names made to collide does not make a map slow.
static uint64_t text_hash(const gy_text_map *map, const char *key, size_t length)
{
    const uint64_t odd = UINT64_C(0xd6e8feb86659fd93);
    uint64_t hash = map->drawn ^ length;
    for (; length >= 8; key += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, key, sizeof(word));
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    hash = (hash ^ last_bytes(key, length)) * odd;
    hash = (hash ^ hash >> 32) * odd;
    return hash ^ hash >> 32;
}

static uint64_t draw_seed(void)
{
    uint64_t drawn = 0;
    const void *random_bytes = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    if (random_bytes != NULL)
        memcpy(&drawn, random_bytes, sizeof(drawn));
    return drawn;
}

static struct gy_text_map_slot *text_slot(struct gy_text_map_slot *slots, size_t capacity,
                                          const char *key, size_t length, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].key != NULL && !(slots[at].hash == hash && slots[at].length == length &&
                                      memcmp(slots[at].key, key, length) == 0))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static gy_status text_map_grow(gy_text_map *map, gy_error *err)
{
    size_t capacity = map->capacity == 0 ? 64 : 2 * map->capacity;
    struct gy_text_map_slot *slots = GY_NEW(map->arena, struct gy_text_map_slot, capacity);
    if (slots == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a map of %zu names", capacity);
    for (size_t i = 0; i < map->capacity; i++) {
        struct gy_text_map_slot *old = &map->slots[i];
        if (old->key != NULL)
            *text_slot(slots, capacity, old->key, old->length, old->hash) = *old;
    }
    map->slots = slots;
    map->capacity = capacity;
    return GY_OK;
}

gy_status gy_text_map_at(uint64_t **value, bool *fresh, gy_text_map *map, const char *key,
                         size_t length, gy_error *err)
{
    if (map->capacity == 0)
        map->drawn = draw_seed();
    if (4 * (map->count + 1) > 3 * map->capacity)
        GY_TRY(text_map_grow(map, err));
    uint64_t hash = text_hash(map, key, length);
    struct gy_text_map_slot *slot = text_slot(map->slots, map->capacity, key, length, hash);
    if (fresh != NULL)
        *fresh = slot->key == NULL;
    if (slot->key == NULL) {
        char *copy = gy_arena_copy(map->arena, key, length);
        if (copy == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a name of %zu bytes", length);
        *slot = (struct gy_text_map_slot){.key = copy, .length = length, .hash = hash};
        map->count++;
    }
    *value = &slot->value;
    return GY_OK;
}

const uint64_t *gy_text_map_find(const gy_text_map *map, const char *key, size_t length)
{
    if (map->count == 0)
        return NULL;
    const struct gy_text_map_slot *slot =
        text_slot(map->slots, map->capacity, key, length, text_hash(map, key, length));
    return slot->key == NULL ? NULL : &slot->value;
}
