// SPDX-License-Identifier: Apache-2.0
//
// Goal: neighbours are the nearest, in order, ties by row. Method: compare with every distance,
// sorted, on points of which many are equally far; then bounds, threads, processors, allocations.
// Where there are enough points for the tree: the same, on what a tree finds hard.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "gyre/value.h"
#include "rt/math.h"

enum { POINTS = 331, QUERIES = 90, COLS = 5, K = 7 };

static float points[POINTS + QUERIES][COLS];
static const gy_samples all = {.features = points[0], .rows = POINTS, .cols = COLS};
static const gy_samples others = {.features = points[POINTS], .rows = QUERIES, .cols = COLS};

static void fill_points(void)
{
    gy_random random;
    gy_random_init(&random, 1, 1);
    for (size_t row = 0; row < POINTS + QUERIES; row++)
        for (size_t col = 0; col < COLS; col++) // whole numbers: distances are exact, and tie
            points[row][col] = (float)gy_random_below(&random, 4);
}

static int by_distance(const void *left, const void *right)
{
    const gy_neighbor *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static size_t sorted_distances(gy_neighbor *sorted, const float *query, size_t left_out)
{
    size_t count = 0;
    for (size_t row = 0; row < POINTS; row++) {
        float distance = 0.0f;
        for (size_t col = 0; col < COLS; col++)
            distance += (points[row][col] - query[col]) * (points[row][col] - query[col]);
        if (row != left_out)
            sorted[count++] = (gy_neighbor){distance, (uint32_t)row};
    }
    qsort(sorted, count, sizeof(*sorted), by_distance);
    return count;
}

static void test_neighbors_are_the_first_of_all_distances(void)
{
    gy_neighbor nearest[POINTS * K], sorted[POINTS];
    for (int is_self = 0; is_self < 2; is_self++) {
        const gy_samples *queries = is_self ? &all : &others;
        gy_arena scratch = GY_ARENA_INIT;
        CHECK(gy_value_neighbors(nearest, &all, queries, K, 2, &scratch, NULL) == GY_OK);
        gy_arena_release(&scratch);
        for (size_t query = 0; query < queries->rows; query++) {
            sorted_distances(sorted, queries->features + query * COLS, is_self ? query : POINTS);
            for (size_t i = 0; i < K; i++)
                CHECK(nearest[query * K + i].row == sorted[i].row &&
                      nearest[query * K + i].distance == sorted[i].distance);
        }
    }
}

static void test_threads_and_processor_change_no_bit(void)
{
    static gy_neighbor nearest[2][POINTS * K];
    for (size_t run = 0; run < 2; run++) {
        gy_arena scratch = GY_ARENA_INIT;
        setenv("GYRE_CPU", run == 0 ? "" : "plain", 1);
        CHECK(gy_value_neighbors(nearest[run], &all, &all, K, 1 + 2 * run, &scratch, NULL) ==
              GY_OK);
        gy_arena_release(&scratch);
    }
    unsetenv("GYRE_CPU");
    CHECK(memcmp(nearest[0], nearest[1], sizeof(nearest[0])) == 0);
}

enum { MANY = 2500, MANY_COLS = 3 };

static float many[MANY][MANY_COLS];

typedef float place_of(gy_random *random, size_t row, size_t col);

static float scattered(gy_random *random, size_t row, size_t col)
{
    (void)row, (void)col;
    return (float)gy_random_unit(random);
}

static float constant(gy_random *random, size_t row, size_t col)
{
    (void)random, (void)row;
    return (float)col;
}

static float coarse(gy_random *random, size_t row, size_t col)
{
    (void)row;
    return col == 0 ? 7.0f : (float)gy_random_below(random, 5);
}

static float doubled(gy_random *random, size_t row, size_t col)
{
    return row % 2 == 1 ? many[row - 1][col] : (float)gy_random_unit(random);
}

static float extreme(gy_random *random, size_t row, size_t col)
{
    static const float SIZES[] = {0.0f, 1e15f, -1e15f, 1e-20f, -1e-45f, 1e-23f, 1e7f, 3e-39f};
    (void)row, (void)col;
    float unit = (float)gy_random_unit(random);
    return SIZES[gy_random_below(random, 8)] * (unit < 0.3f ? 1.0f : unit);
}

static float crowded(gy_random *random, size_t row, size_t col)
{
    (void)col;
    return (float)(row % 7) * 100.0f +
           (row % 50 == 0 ? 50.0f : 1e-4f) * (float)gy_random_unit(random);
}

static float distance_between(const float *a, const float *b)
{
    float distance = 0.0f;
    for (size_t col = 0; col < MANY_COLS; col++)
        distance = gy_fmaf(a[col] - b[col], a[col] - b[col], distance);
    return distance;
}

static bool are_the_nearest(const gy_neighbor *nearest, size_t count_of_points, size_t query,
                            bool is_self)
{
    static gy_neighbor sorted[MANY];
    size_t count = 0;
    for (size_t row = 0; row < count_of_points; row++)
        if (!is_self || row != query)
            sorted[count++] =
                (gy_neighbor){distance_between(many[row], many[query]), (uint32_t)row};
    qsort(sorted, count, sizeof(*sorted), by_distance);
    for (size_t i = 0; i < K; i++)
        if (nearest[i].row != sorted[i].row || nearest[i].distance != sorted[i].distance)
            return false;
    return true;
}

static void test_many_points_however_they_lie(void)
{
    static place_of *const places[] = {scattered, constant, coarse, doubled, extreme, crowded};
    static const size_t counts[] = {MANY, 1000, 1056}; // 1,056: whole panels
    static gy_neighbor nearest[MANY * K];
    gy_random random;
    gy_random_init(&random, 2, 1);
    for (size_t way = 0; way < sizeof(places) / sizeof(*places); way++)
        for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
            for (size_t row = 0; row < MANY; row++)
                for (size_t col = 0; col < MANY_COLS; col++)
                    many[row][col] = places[way](&random, row, col);
            gy_samples those = {.features = many[0], .rows = counts[i], .cols = MANY_COLS};
            gy_samples from = {.features = many[1], .rows = MANY - 1, .cols = MANY_COLS};
            gy_arena scratch = GY_ARENA_INIT;
            CHECK(gy_value_neighbors(nearest, &those, &those, K, 2, &scratch, NULL) == GY_OK);
            for (size_t query = 0; query < those.rows; query += 11)
                CHECK(are_the_nearest(nearest + query * K, those.rows, query, true));
            CHECK(gy_value_neighbors(nearest, &those, &from, K, 3, &scratch, NULL) == GY_OK);
            for (size_t query = 0; query < from.rows; query += 11)
                CHECK(are_the_nearest(nearest + query * K, those.rows, query + 1, false));
            gy_arena_release(&scratch);
        }
}

static void test_bounds_are_named(void)
{
    gy_neighbor nearest[4];
    gy_error err;
    gy_arena scratch = GY_ARENA_INIT;
    gy_samples few = {.features = points[0], .rows = 2, .cols = COLS};
    CHECK(gy_value_neighbors(nearest, &few, &few, 2, 1, &scratch, &err) == GY_INVALID);
    CHECK(strcmp(err.message, "k is 2, must be 1 to 1") == 0);
    float broken[2] = {1.0f, NAN};
    gy_samples bad = {.features = broken, .rows = 2, .cols = 1};
    CHECK(gy_value_neighbors(nearest, &bad, &bad, 1, 1, &scratch, &err) == GY_INVALID);
    CHECK(strstr(err.message, "feature 0 of sample row 1") != NULL);
    gy_arena_release(&scratch);
}

static void check_allocations(const gy_samples *those, const gy_samples *queries)
{
    static gy_neighbor nearest[MANY];
    gy_status status = GY_NO_MEMORY;
    size_t takes = 0;
    for (; status == GY_NO_MEMORY; takes++) {
        gy_arena scratch = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        status = gy_value_neighbors(nearest, those, queries, 1, 1, &scratch, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&scratch);
    }
    CHECK(status == GY_OK && takes > 2);
}

static void test_every_allocation_may_fail(void)
{
    gy_samples those = {.features = many[0], .rows = MANY, .cols = MANY_COLS};
    check_allocations(&all, &others);
    check_allocations(&those, &those);
}

int main(void)
{
    fill_points();
    RUN(test_neighbors_are_the_first_of_all_distances);
    RUN(test_threads_and_processor_change_no_bit);
    RUN(test_many_points_however_they_lie);
    RUN(test_bounds_are_named);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
