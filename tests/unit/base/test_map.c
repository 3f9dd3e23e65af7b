// SPDX-License-Identifier: Apache-2.0
//
// Goal: a map gives back what was put under a key and nothing else. Method: thousands of random
// steps beside a plain list that is searched from the start: the definition.

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"

enum { KEYS = 500, STEPS = 6000 };

// Ids whose first eight bytes are alike for many: they fall on one place of the map.
static gy_id some_id(uint32_t number)
{
    gy_id id = {{0}};
    id.bytes[0] = (uint8_t)(number % 3);
    memcpy(id.bytes + 20, &number, sizeof(number));
    return id;
}

static void test_ids_match_the_definition(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_id_map map = {.arena = &arena};
    gy_random random;
    uint64_t values[KEYS] = {0};
    bool there[KEYS] = {false};
    size_t count = 0;
    gy_random_init(&random, 5, 0);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t key = gy_random_below(&random, KEYS);
        gy_id id = some_id(key);
        const uint64_t *found = gy_id_map_find(&map, &id);
        CHECK((found != NULL) == there[key] && (found == NULL || *found == values[key]));
        if (gy_random_below(&random, 2) == 0)
            continue;
        uint64_t *value = NULL;
        bool fresh = false;
        CHECK(gy_id_map_at(&value, &fresh, &map, &id, NULL) == GY_OK);
        CHECK(fresh == !there[key] && *value == values[key]);
        count += fresh;
        there[key] = true;
        values[key] = *value = step;
        CHECK(map.count == count);
    }
    gy_arena_release(&arena);
}

static void test_texts_match_the_definition(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_text_map map = {.arena = &arena};
    gy_random random;
    uint64_t values[KEYS] = {0};
    bool there[KEYS] = {false};
    gy_random_init(&random, 6, 0);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t key = gy_random_below(&random, KEYS);
        // Keys with NULs and of all lengths, each the start of others.
        char text[KEYS] = {0};
        const uint64_t *found = gy_text_map_find(&map, text, key);
        CHECK((found != NULL) == there[key] && (found == NULL || *found == values[key]));
        uint64_t *value = NULL;
        if (gy_random_below(&random, 2) == 0)
            continue;
        CHECK(gy_text_map_at(&value, NULL, &map, text, key, NULL) == GY_OK);
        CHECK(*value == values[key]);
        there[key] = true;
        values[key] = *value = step;
    }
    gy_arena_release(&arena);
}

static void test_keys_are_copied(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_text_map map = {.arena = &arena};
    uint64_t *value = NULL;
    char key[] = "key";
    CHECK(gy_text_map_at(&value, NULL, &map, key, 3, NULL) == GY_OK);
    *value = 7;
    key[0] = 'x';
    CHECK(gy_text_map_find(&map, "xey", 3) == NULL);
    CHECK(gy_text_map_find(&map, "key", 3) != NULL && *gy_text_map_find(&map, "key", 3) == 7);
    gy_arena_release(&arena);
}

// Puts 200 keys into both maps; a failure must leave what was there.
static gy_status fill(gy_arena *arena, size_t *ids_kept, size_t *texts_kept, gy_error *err)
{
    gy_id_map ids = {.arena = arena};
    gy_text_map texts = {.arena = arena};
    gy_status status = GY_OK;
    uint32_t put = 0;
    for (; put < 200 && status == GY_OK; put++) {
        uint64_t *value;
        gy_id id = some_id(put);
        status = gy_id_map_at(&value, NULL, &ids, &id, err);
        if (status == GY_OK)
            status = gy_text_map_at(&value, NULL, &texts, (const char *)&put, sizeof(put), err);
    }
    *ids_kept = *texts_kept = 0;
    for (uint32_t i = 0; i < put; i++) {
        gy_id id = some_id(i);
        *ids_kept += gy_id_map_find(&ids, &id) != NULL;
        *texts_kept += gy_text_map_find(&texts, (const char *)&i, sizeof(i)) != NULL;
    }
    CHECK(*ids_kept == ids.count && *texts_kept == texts.count);
    return status;
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    size_t takes = 0, ids, texts;
    for (; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        status = fill(&arena, &ids, &texts, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK && takes > 200 && ids == 200 && texts == 200);
}

int main(void)
{
    RUN(test_ids_match_the_definition);
    RUN(test_texts_match_the_definition);
    RUN(test_keys_are_copied);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
