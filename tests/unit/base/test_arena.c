// SPDX-License-Identifier: Apache-2.0
//
// Goal: what an arena hands out is aligned, zeroed, apart from all else, within its limit, and
// given back by rewinding. Method: takes of all sizes filled with their own bytes and read again;
// limits and overflows; the n-th take failing.

#include "base/arena.h"

#include <string.h>

#include "base/fault.h"
#include "check.h"

static bool all_are(const unsigned char *bytes, size_t size, unsigned char wanted)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != wanted)
            return false;
    return true;
}

static void test_takes_are_aligned_zeroed_and_apart(void)
{
    enum { TAKES = 600 };
    gy_arena arena = GY_ARENA_INIT;
    unsigned char *taken[TAKES];
    for (size_t i = 0; i < TAKES; i++) {
        size_t size = i * i % 5000 + i;
        taken[i] = GY_NEW(&arena, unsigned char, size);
        CHECK(taken[i] != NULL && (uintptr_t)taken[i] % 64 == 0 && all_are(taken[i], size, 0));
        memset(taken[i], (int)(i % 251 + 1), size);
    }
    for (size_t i = 0; i < TAKES; i++)
        CHECK(all_are(taken[i], i * i % 5000 + i, (unsigned char)(i % 251 + 1)));
    gy_arena_release(&arena);
    CHECK(arena.blocks == NULL && arena.taken_bytes == 0);
}

static void test_rewinding_gives_back_and_takes_are_zeroed_again(void)
{
    gy_arena arena = GY_ARENA_INIT;
    char *kept = gy_arena_copy(&arena, "kept", 4);
    gy_arena_mark mark = gy_arena_here(&arena);
    size_t taken_bytes = arena.taken_bytes;
    unsigned char *first = GY_NEW(&arena, unsigned char, 1000);
    memset(first, 0xaa, 1000);
    for (size_t i = 0; i < 10; i++)
        memset(GY_NEW(&arena, unsigned char, 1000000), 0xbb, 1000000);
    gy_arena_rewind(&arena, mark);
    CHECK(arena.taken_bytes == taken_bytes);
    unsigned char *again = GY_NEW(&arena, unsigned char, 1000);
    CHECK(again == first && all_are(again, 1000, 0));
    CHECK(strcmp(kept, "kept") == 0);
    gy_arena_release(&arena);

    gy_arena_mark empty = gy_arena_here(&arena);
    CHECK(GY_NEW(&arena, char, 10) != NULL);
    gy_arena_rewind(&arena, empty);
    CHECK(arena.blocks == NULL);
}

static void test_the_limit_holds_to_the_byte(void)
{
    enum { LIMIT = 1000 * 64 };
    gy_arena *arena = gy_arena_new(LIMIT);
    CHECK(arena != NULL);
    if (arena == NULL)
        return;
    CHECK(gy_arena_take(arena, 1, LIMIT + 1) == NULL);
    CHECK(gy_arena_take(arena, 1, LIMIT) != NULL);
    CHECK(gy_arena_take(arena, 1, 1) == NULL);
    gy_arena_rewind(arena, (gy_arena_mark){NULL, 0});
    CHECK(gy_arena_take(arena, 1000, 64) != NULL);
    CHECK(gy_arena_take(arena, 1, 64) == NULL);
    gy_arena_free(arena);
    gy_arena_free(NULL);
}

static void test_sizes_that_overflow_are_refused(void)
{
    gy_arena arena = GY_ARENA_INIT;
    CHECK(gy_arena_take(&arena, SIZE_MAX, 1) == NULL);
    CHECK(gy_arena_take(&arena, SIZE_MAX / 2, 3) == NULL);
    CHECK(gy_arena_take(&arena, (size_t)1 << 33, (size_t)1 << 33) == NULL);
    CHECK(gy_arena_take(&arena, PTRDIFF_MAX - 100, 1) == NULL);
    void *none = gy_arena_take(&arena, 0, 8); // no objects is fine, and is not "no memory"
    CHECK(none != NULL);
    gy_arena_release(&arena);
}

static void test_copies_and_formats(void)
{
    gy_arena arena = GY_ARENA_INIT;
    char *copy = gy_arena_copy(&arena, "a\0b", 3);
    CHECK(copy != NULL && memcmp(copy, "a\0b", 4) == 0);
    CHECK(strcmp(gy_arena_copy(&arena, NULL, 0), "") == 0);
    CHECK(strcmp(gy_arena_format(&arena, "%s-%d", "x", 7), "x-7") == 0);
    char *padded = gy_arena_format(&arena, "%200000d", 1);
    CHECK(padded != NULL && strlen(padded) == 200000);
    gy_arena_release(&arena);
}

static void test_an_array_grows_and_keeps_its_items(void)
{
    gy_arena arena = GY_ARENA_INIT;
    size_t *items = NULL, capacity = 0, moved = 0;
    for (size_t count = 0; count < 1000; count++) {
        size_t *more = gy_arena_grow(&arena, items, count, &capacity, sizeof(*more));
        moved += more != items;
        items = more;
        items[count] = count;
    }
    for (size_t i = 0; i < 1000; i++)
        CHECK(items[i] == i);
    CHECK(capacity >= 1000 && capacity < 2000 && moved <= 7);
    size_t full = capacity;
    arena.takes_left = 0;
    CHECK(gy_arena_grow(&arena, items, full, &capacity, sizeof(*items)) == NULL);
    CHECK(capacity == full && gy_arena_grow(&arena, items, 1, &capacity, sizeof(*items)) == items);
    gy_arena_release(&arena);
}

static void test_the_nth_take_fails(void)
{
    for (size_t takes = 0; takes < 5; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        for (size_t i = 0; i < takes; i++)
            CHECK(GY_NEW(&arena, int, 1) != NULL);
        CHECK(GY_NEW(&arena, int, 1) == NULL);
        gy_arena_release(&arena);
    }
    gy_fault_set("memory:3");
    gy_arena *arena = gy_arena_new(0); // the first
    CHECK(GY_NEW(arena, int, 1) != NULL);
    CHECK(GY_NEW(arena, int, 1) == NULL);
    CHECK(GY_NEW(arena, int, 1) != NULL);
    gy_fault_set("memory:1+");
    CHECK(gy_arena_new(0) == NULL && GY_NEW(arena, int, 1) == NULL);
    CHECK(gy_arena_copy(arena, "x", 1) == NULL && gy_arena_format(arena, "x") == NULL);
    CHECK(gy_fault_memory_count() == 4);
    gy_fault_set(NULL);
    gy_arena_free(arena);
}

int main(void)
{
    RUN(test_takes_are_aligned_zeroed_and_apart);
    RUN(test_rewinding_gives_back_and_takes_are_zeroed_again);
    RUN(test_the_limit_holds_to_the_byte);
    RUN(test_sizes_that_overflow_are_refused);
    RUN(test_copies_and_formats);
    RUN(test_an_array_grows_and_keeps_its_items);
    RUN(test_the_nth_take_fails);
    return check_done();
}
