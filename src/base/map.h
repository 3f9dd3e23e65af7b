// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_MAP_H
#define GYRE_BASE_MAP_H

#include "gyre/base.h"

/** From ids to numbers: open addressing in an arena, grows by doubling. Zero-initialise all but
 * arena. */
typedef struct gy_id_map {
    gy_arena *arena;
    struct gy_id_map_slot *slots;
    size_t capacity, count;
} gy_id_map;

/**
 * The place of the value under id, made if it is not there.
 * @param value [out] points into the map until the next insertion.
 * @param fresh [out] whether it was made now, with value 0; may be NULL.
 */
gy_status gy_id_map_at(uint64_t **value, bool *fresh, gy_id_map *map, const gy_id *id,
                       gy_error *err) GY_CHECKED;

/** The value under id; NULL: not there. */
const uint64_t *gy_id_map_find(const gy_id_map *map, const gy_id *id);

/** From byte strings (class names, paths) to numbers; keys are copied into the arena. */
typedef struct gy_text_map {
    gy_arena *arena;
    struct gy_text_map_slot *slots;
    size_t capacity, count;
    uint64_t drawn; // where its hashes start
} gy_text_map;

/**
 * The place for the value of a key, which is copied when it is new (value 0).
 * @param fresh [out] whether the key is new; may be NULL.
 */
gy_status gy_text_map_at(uint64_t **value, bool *fresh, gy_text_map *map, const char *key,
                         size_t length, gy_error *err) GY_CHECKED;
/** The value of a key; NULL: it is not there. */
const uint64_t *gy_text_map_find(const gy_text_map *map, const char *key, size_t length);

#endif
