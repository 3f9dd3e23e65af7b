// SPDX-License-Identifier: Apache-2.0
//
// Goal: trees learn, judge only what they have not seen, and are the same for any threads. Method:
// a task that a straight line cannot solve; features that only name the sample, where a leak would
// show as a judge who is always right.

#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "value/trees.h"

enum { ROWS = 600, COLS = 4 };

static float features[ROWS * COLS];
static int32_t labels[ROWS];
static uint32_t groups[ROWS];
static const gy_samples samples = {
    .features = features, .labels = labels, .rows = ROWS, .cols = COLS, .class_count = 2};
static const gy_trees_recipe recipe = {.trees = 40, .leaf_rows_min = 2, .seed = 1, .threads = 1};

static size_t count_right(const gy_trees_recipe *how, float *probabilities)
{
    gy_arena scratch = GY_ARENA_INIT;
    CHECK(gy_trees_judge(probabilities, &samples, groups, how, &scratch, NULL) == GY_OK);
    gy_arena_release(&scratch);
    size_t right = 0;
    for (size_t row = 0; row < ROWS; row++) {
        CHECK_NEAR((double)(probabilities[2 * row] + probabilities[2 * row + 1]), 1.0, 1e-5);
        right += (probabilities[2 * row + 1] > 0.5f) == (labels[row] == 1);
    }
    return right;
}

static void fill_samples(bool is_learnable)
{
    gy_random random;
    gy_random_init(&random, 8, 1);
    for (size_t row = 0; row < ROWS; row++) {
        groups[row] = (uint32_t)row;
        for (size_t col = 0; col < COLS; col++)
            features[row * COLS + col] = (float)gy_random_unit(&random);
        bool left = features[row * COLS] < 0.5f, low = features[row * COLS + 1] < 0.5f;
        labels[row] = is_learnable ? left != low : (int32_t)gy_random_below(&random, 2);
    }
}

static void test_a_checkerboard_is_learned(void)
{
    float probabilities[ROWS * 2];
    fill_samples(true);
    CHECK(count_right(&recipe, probabilities) > ROWS * 90 / 100);
}

static void test_copies_in_one_group_tell_nothing(void)
{
    float probabilities[ROWS * 2];
    fill_samples(false);
    for (size_t row = 1; row < ROWS; row += 2) { // each odd row copies the one before, label too
        memcpy(features + row * COLS, features + (row - 1) * COLS, sizeof(float) * COLS);
        labels[row] = labels[row - 1];
    }
    CHECK(count_right(&recipe, probabilities) > ROWS * 75 / 100); // a leak, as it should be
    for (size_t row = 1; row < ROWS; row += 2)
        groups[row] = (uint32_t)row - 1;
    CHECK(count_right(&recipe, probabilities) < ROWS * 60 / 100); // none
}

static void test_threads_change_no_bit(void)
{
    float one[ROWS * 2], three[ROWS * 2];
    gy_trees_recipe parallel = recipe;
    parallel.threads = 3;
    fill_samples(true);
    count_right(&recipe, one);
    count_right(&parallel, three);
    CHECK(memcmp(one, three, sizeof(one)) == 0);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena scratch = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        float probabilities[ROWS * 2];
        status = gy_trees_judge(probabilities, &samples, groups, &recipe, &scratch, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&scratch);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    RUN(test_a_checkerboard_is_learned);
    RUN(test_copies_in_one_group_tell_nothing);
    RUN(test_threads_change_no_bit);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
