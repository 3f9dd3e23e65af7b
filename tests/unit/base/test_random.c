// SPDX-License-Identifier: Apache-2.0
//
// Goal: the generator is PCG32, draws are without bias, shuffles are Fisher-Yates. Method: the
// numbers that the reference implementation prints; counts of small cases, which for a right
// generator stay within five standard errors, and for this seed are always the same.

#include "base/random.h"

#include <string.h>

#include "check.h"

static void test_published_numbers(void)
{
    // pcg32-demo of pcg-c-basic 0.9, seed 42, stream 54, round 1.
    static const uint32_t numbers[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                       0x83d2f293, 0xbfa4784b, 0xcbed606e};
    gy_random random;
    gy_random_init(&random, 42, 54);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        CHECK(gy_random_next(&random) == numbers[i]);
}

static void test_streams_and_seeds_differ(void)
{
    gy_random a, b, c, again;
    gy_random_init(&a, 1, 1);
    gy_random_init(&b, 1, 2);
    gy_random_init(&c, 2, 1);
    gy_random_init(&again, 1, 1);
    uint32_t first = gy_random_next(&a);
    CHECK(first != gy_random_next(&b) && first != gy_random_next(&c));
    CHECK(first == gy_random_next(&again));
}

static void test_draws_below_a_bound_are_even(void)
{
    gy_random random;
    gy_random_init(&random, 3, 0);
    for (uint32_t bound = 1; bound <= 12; bound++) {
        enum { DRAWS = 60000 };
        uint32_t counts[12] = {0};
        for (uint32_t i = 0; i < DRAWS; i++) {
            uint32_t drawn = gy_random_below(&random, bound);
            CHECK(drawn < bound);
            counts[drawn < bound ? drawn : 0]++;
        }
        double share = 1.0 / bound;
        for (uint32_t i = 0; i < bound; i++)
            CHECK_NEAR((double)counts[i], DRAWS * share, 5 * sqrt(DRAWS * share * (1 - share)));
    }
    // Where a plain remainder would favour the lower third two to one.
    uint32_t low = 0;
    for (int i = 0; i < 30000; i++)
        low += gy_random_below(&random, 0xc0000000u) < 0x40000000u;
    CHECK_NEAR((double)low, 10000, 5 * sqrt(30000 * (2.0 / 9)));
}

static void test_units_are_in_range(void)
{
    gy_random random;
    gy_random_init(&random, 4, 0);
    double sum = 0, low = 1, high = 0;
    for (int i = 0; i < 100000; i++) {
        double unit = gy_random_unit(&random);
        sum += unit;
        low = unit < low ? unit : low;
        high = unit > high ? unit : high;
    }
    CHECK(low >= 0 && low < 1e-3 && high < 1 && high > 0.999);
    CHECK_NEAR(sum / 100000, 0.5, 5 * sqrt(1.0 / 12 / 100000));
}

static void test_every_order_is_as_likely(void)
{
    gy_random random;
    uint32_t counts[4][4][4] = {0};
    gy_random_init(&random, 5, 0);
    for (int i = 0; i < 24000; i++) {
        uint32_t numbers[] = {0, 1, 2, 3};
        gy_random_shuffle(&random, numbers, 4);
        CHECK((1u << numbers[0] | 1u << numbers[1] | 1u << numbers[2] | 1u << numbers[3]) == 15);
        counts[numbers[0]][numbers[1]][numbers[2]]++;
    }
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            for (int c = 0; c < 4; c++)
                if (a != b && a != c && b != c)
                    CHECK_NEAR((double)counts[a][b][c], 1000, 5 * sqrt(1000 * 23.0 / 24));
    gy_random_shuffle(&random, NULL, 0);
}

int main(void)
{
    RUN(test_published_numbers);
    RUN(test_streams_and_seeds_differ);
    RUN(test_draws_below_a_bound_are_even);
    RUN(test_units_are_in_range);
    RUN(test_every_order_is_as_likely);
    return check_done();
}
