// SPDX-License-Identifier: Apache-2.0
//
// Goal: the values are the Shapley values, not merely plausible. Method: compare with the
// definition (every coalition, every order) on sets small enough to enumerate, then break each
// bound and each allocation.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "check.h"
#include "gyre/value.h"

enum { ROWS = 6, COLS = 2, TESTS = 3 };

static const float train_features[ROWS][COLS] = {{0, 0}, {1, 0}, {0, 1}, {3, 3}, {4, 3}, {3, 4}};
static const int32_t train_labels[ROWS] = {0, 0, 1, 1, 1, 0}; // rows 2 and 5 are mislabeled
static const float test_features[TESTS][COLS] = {{0.2f, 0.1f}, {3.5f, 3.1f}, {0.1f, 0.7f}};
static const int32_t test_labels[TESTS] = {0, 1, 0};

static const gy_samples train = {
    .features = &train_features[0][0], .labels = train_labels, .rows = ROWS, .cols = COLS};
static const gy_samples test = {
    .features = &test_features[0][0], .labels = test_labels, .rows = TESTS, .cols = COLS};

// The definition: the share of the k votes that coalition (a bit per training row) gets right.
static double utility(unsigned coalition, size_t k)
{
    double votes = 0;
    for (size_t t = 0; t < TESTS; t++) {
        unsigned left = coalition;
        for (size_t vote = 0; vote < k && left != 0; vote++) {
            size_t nearest = 0;
            float nearest_distance = INFINITY;
            for (size_t row = 0; row < ROWS; row++) {
                float dx = train_features[row][0] - test_features[t][0];
                float dy = train_features[row][1] - test_features[t][1];
                if ((left >> row & 1) && dx * dx + dy * dy < nearest_distance) {
                    nearest = row;
                    nearest_distance = dx * dx + dy * dy;
                }
            }
            left &= ~(1u << nearest);
            votes += train_labels[nearest] == test_labels[t];
        }
    }
    return votes / (double)(TESTS * k);
}

static double shapley_by_definition(size_t row, size_t k)
{
    static const double factorial[] = {1, 1, 2, 6, 24, 120, 720};
    double value = 0;
    for (unsigned coalition = 0; coalition < 1u << ROWS; coalition++) {
        if (coalition >> row & 1)
            continue;
        int size = __builtin_popcount(coalition);
        double orders = factorial[size] * factorial[ROWS - size - 1] / factorial[ROWS];
        value += orders * (utility(coalition | 1u << row, k) - utility(coalition, k));
    }
    return value;
}

static void test_values_match_the_definition(void)
{
    for (size_t k = 1; k <= ROWS; k++) {
        gy_arena scratch = GY_ARENA_INIT;
        double values[ROWS];
        CHECK(gy_value_knn_shapley(values, &train, &test, k, 1, &scratch, NULL) == GY_OK);
        for (size_t row = 0; row < ROWS; row++)
            CHECK_NEAR(values[row], shapley_by_definition(row, k), 1e-12);
        gy_arena_release(&scratch);
    }
}

static void test_k_over_the_rows_is_refused_with_both_numbers(void)
{
    gy_arena scratch = GY_ARENA_INIT;
    gy_error err;
    double values[ROWS];
    CHECK(gy_value_knn_shapley(values, &train, &test, 7, 1, &scratch, &err) == GY_INVALID);
    CHECK(strcmp(err.message, "k is 7, must be 1 to 6") == 0);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena scratch = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        double values[ROWS];
        status = gy_value_knn_shapley(values, &train, &test, 1, 1, &scratch, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&scratch);
    }
    CHECK(status == GY_OK);
}

// Enough rows for several panels and blocks, on a grid so that many distances tie.
static void test_threads_and_processor_change_no_bit(void)
{
    enum { MANY = 500, SOME = 77 };
    static float grid[MANY + SOME][2];
    static int32_t labels[MANY + SOME];
    for (size_t row = 0; row < MANY + SOME; row++) {
        grid[row][0] = (float)(row * 7 % 23);
        grid[row][1] = (float)(row * 5 % 19) * 0.37f;
        labels[row] = (int32_t)(row * 3 % 4);
    }
    gy_samples most = {.features = grid[0], .labels = labels, .rows = MANY, .cols = 2};
    gy_samples rest = {.features = grid[MANY], .labels = labels + MANY, .rows = SOME, .cols = 2};
    double values[3][MANY];
    for (size_t run = 0; run < 3; run++) {
        gy_arena scratch = GY_ARENA_INIT;
        setenv("GYRE_CPU", run == 2 ? "plain" : "", 1);
        CHECK(gy_value_knn_shapley(values[run], &most, &rest, 5, run == 0 ? 1 : 3, &scratch,
                                   NULL) == GY_OK);
        gy_arena_release(&scratch);
    }
    unsetenv("GYRE_CPU");
    CHECK(memcmp(values[0], values[1], sizeof(values[0])) == 0);
    CHECK(memcmp(values[0], values[2], sizeof(values[0])) == 0);
}

int main(void)
{
    RUN(test_threads_and_processor_change_no_bit);
    RUN(test_values_match_the_definition);
    RUN(test_k_over_the_rows_is_refused_with_both_numbers);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
