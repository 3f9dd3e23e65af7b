// SPDX-License-Identifier: Apache-2.0
//
// Goal: the sketches are within the errors that they state, on every shape of data. Method: the
// exact answers on streams small enough to sort.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "quality/sketch.h"

enum { COUNT = 700000 };
static double values[COUNT], sorted[COUNT];

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void fill(int shape)
{
    gy_random random;
    gy_random_init(&random, 21, (uint64_t)shape);
    for (size_t i = 0; i < COUNT; i++) {
        double unit = gy_random_unit(&random);
        switch (shape) {
        case 0:
            values[i] = unit;
            break;
        case 1:
            values[i] = (double)i;
            break; // ascending
        case 2:
            values[i] = -(double)i * 1e300 / COUNT;
            break; // descending, huge
        case 3:
            values[i] = floor(unit * 5.0);
            break; // ties
        case 4:
            values[i] = (i / 4096) % 2 == 0 ? unit : -unit;
            break; // alternates by block
        default:
            values[i] = 1.0 + (double)i * 0x1p-52;
            break; // differ in the last bits
        }
    }
}

static void test_ranks_are_within_the_stated_error(void)
{
    for (int shape = 0; shape < 6; shape++) {
        fill(shape);
        memcpy(sorted, values, sizeof(values));
        qsort(sorted, COUNT, sizeof(double), compare);
        for (size_t count = 1; count <= COUNT; count = count * 5 + 3) {
            gy_arena arena = GY_ARENA_INIT;
            gy_quantile quantile = {.arena = &arena};
            for (size_t i = 0; i < count; i += 1000)
                CHECK(gy_quantile_add(&quantile, values + i, count - i < 1000 ? count - i : 1000,
                                      NULL) == GY_OK);
            double shares[101], found[101];
            for (int i = 0; i <= 100; i++)
                shares[i] = i / 100.0;
            CHECK(gy_quantile_at(found, &quantile, shares, 101, &arena, NULL) == GY_OK);
            if (count * 5 + 3 > COUNT || shape == 1) {
                memcpy(sorted, values, count * sizeof(double));
                qsort(sorted, count, sizeof(double), compare);
                // One more: a share falls between two ranks; and the weight of what answers.
                double slack = gy_quantile_error(&quantile) + 1.0 / (double)count + 0.001;
                CHECK(gy_quantile_error(&quantile) < 0.002);
                for (int i = 0; i <= 100; i++) {
                    size_t below = 0, upto;
                    while (below < count && sorted[below] < found[i])
                        below++;
                    for (upto = below; upto < count && sorted[upto] == found[i];)
                        upto++;
                    CHECK(upto > below); // it is one of the values
                    CHECK((double)below / (double)count <= shares[i] + slack);
                    CHECK((double)upto / (double)count >= shares[i] - slack);
                }
            }
            gy_arena_release(&arena);
        }
    }
}

static void test_different_values_are_counted(void)
{
    static const size_t counts[] = {0, 1, 10, 1000, 50000, 500000};
    for (size_t n = 0; n < 6; n++) {
        static gy_distinct distinct;
        memset(&distinct, 0, sizeof(distinct));
        for (size_t i = 0; i < 3 * counts[n]; i++) {
            char text[32];
            int length = snprintf(text, sizeof(text), "value %zu", i % counts[n]);
            gy_distinct_add(&distinct, n % 2 == 0 ? gy_distinct_hash(text, (size_t)length)
                                                  : gy_distinct_mix(i % counts[n]));
        }
        // Four standard errors of .8 %.
        CHECK_NEAR(gy_distinct_count(&distinct), (double)counts[n],
                   0.033 * (double)counts[n] + 0.5);
    }
}

static void test_common_values_are_found_with_their_counts(void)
{
    static gy_common common;
    gy_random random;
    gy_random_init(&random, 5, 5);
    size_t truth[20] = {0};
    for (size_t i = 0; i < 400000; i++) {
        // A tenth of the stream are 20 values, the rest is all different.
        uint64_t value = 1000 + i;
        if (i % 10 == 0) {
            value = gy_random_below(&random, 20);
            value = value < 10 ? value : gy_random_below(&random, 20);
            truth[value]++;
        }
        gy_common_add(&common, gy_distinct_mix(value), &value, sizeof(value));
    }
    size_t found = gy_common_sort(&common, 20);
    CHECK(found >= 10 && common.missed < 400000 / 256);
    for (size_t i = 0; i < found; i++) {
        uint64_t value;
        memcpy(&value, common.slots[i].text, sizeof(value));
        CHECK(value < 20);
        if (value < 20) {
            CHECK(common.slots[i].count <= truth[value]);
            CHECK(common.slots[i].count + common.missed >= truth[value]);
        }
    }
}

static void test_few_values_are_counted_exactly(void)
{
    static gy_common common;
    for (size_t i = 0; i < 100000; i++)
        gy_common_add(&common, gy_distinct_mix(i % 7 % 3), "abcdefghij", 1 + i % 7 % 3);
    CHECK(gy_common_sort(&common, 10) == 3 && common.missed == 0);
    CHECK(common.slots[0].count == 42857 && common.slots[0].length == 1);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    fill(0);
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = GY_ARENA_INIT;
        arena.takes_left = takes;
        gy_quantile quantile = {.arena = &arena};
        const double half = 0.5;
        double found;
        gy_error err = {0};
        status = gy_quantile_add(&quantile, values, 20000, &err);
        if (status == GY_OK)
            status = gy_quantile_at(&found, &quantile, &half, 1, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    RUN(test_ranks_are_within_the_stated_error);
    RUN(test_different_values_are_counted);
    RUN(test_common_values_are_found_with_their_counts);
    RUN(test_few_values_are_counted_exactly);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
