// SPDX-License-Identifier: Apache-2.0
//
// Goal: the statistics are those of the books. Method: published values; exact sums in rational
// arithmetic; the bootstrap against all n^n resamples of small sets, and the same bits on any
// number of threads.

#include <string.h>

#include "base/arena.h"
#include "base/stats.h"
#include "check.h"

static void test_normal_quantile(void)
{
    // Wichura 1988 gives the first three; the others are R's qnorm and symmetry.
    CHECK_NEAR(gy_stats_normal_quantile(0.25), -0.6744897501960817, 1e-15);
    CHECK_NEAR(gy_stats_normal_quantile(0.001), -3.090232306167814, 4e-15);
    CHECK_NEAR(gy_stats_normal_quantile(1e-20), -9.262340089798408, 1e-14);
    CHECK_NEAR(gy_stats_normal_quantile(0.975), 1.959963984540054, 2e-15);
    CHECK(gy_stats_normal_quantile(0.5) == 0);
    for (double share = 0x1p-20; share < 0.5; share *= 2)
        CHECK_NEAR(gy_stats_normal_quantile(share) + gy_stats_normal_quantile(1 - share), 0, 2e-15);
    CHECK(isnan(gy_stats_normal_quantile(0)) && isnan(gy_stats_normal_quantile(1)));
    CHECK(isnan(gy_stats_normal_quantile((double)NAN)));
}

// P(Z <= z) by the midpoint rule: the definition.
static double normal_share(double z)
{
    double sum = 0, step = 1e-3;
    for (double at = -12 + step / 2; at < z; at += step)
        sum += exp(-at * at / 2) * step;
    return sum * 0.3989422804014327;
}

static void test_normal_quantile_by_definition(void)
{
    for (int i = 1; i < 40; i++) {
        double z = -4 + i * 0.2;
        CHECK_NEAR(gy_stats_normal_quantile(normal_share(z)), z, 1e-3);
    }
}

static void test_wilson(void)
{
    // Newcombe 1998 (Statistics in Medicine 17, 857-872), table I.
    static const struct {
        uint64_t successes, trials;
        double low, high;
    } rows[] = {{81, 263, 0.2553, 0.3662},
                {15, 148, 0.0624, 0.1605},
                {0, 20, 0, 0.1611},
                {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gy_interval got = gy_stats_wilson(rows[i].successes, rows[i].trials, 0.95);
        CHECK_NEAR(got.low, rows[i].low, 5e-5);
        CHECK_NEAR(got.high, rows[i].high, 5e-5);
    }
    CHECK(gy_stats_wilson(20, 20, 0.95).high == 1);
    CHECK(gy_stats_wilson(0, 0, 0.95).low == 0 && gy_stats_wilson(0, 0, 0.95).high == 1);
}

static void test_binomial_tail(void)
{
    // Summed in Python's fractions, rounded once.
    static const struct {
        uint64_t successes, trials;
        double probability, tail;
    } rows[] = {
        {8, 10, 0.5, 0.0546875},
        {150, 236, 0.5, 1.857968069785721e-05},
        {3, 1000, 0.001, 0.08020934284020105},
        {60, 1000, 0.02, 1.8715005399092133e-13},
        {1, 1000000, 1e-7, 0.09516258648822781},
        {5200, 10000, 0.5, 3.296757799336221e-05},
        {900, 1000, 0.99, 1.0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_NEAR(gy_stats_binomial_tail(rows[i].successes, rows[i].trials, rows[i].probability) /
                       rows[i].tail,
                   1, 1e-12);
    CHECK(gy_stats_binomial_tail(0, 10, 0.3) == 1 && gy_stats_binomial_tail(11, 10, 0.3) == 0);
    CHECK(gy_stats_binomial_tail(1, 10, 0) == 0 && gy_stats_binomial_tail(10, 10, 1) == 1);
}

static void test_mcnemar(void)
{
    CHECK_NEAR(gy_stats_mcnemar(1, 9), 0.021484375, 1e-16);
    // Agresti, Categorical Data Analysis, table 10.1: 86 and 150.
    CHECK_NEAR(gy_stats_mcnemar(86, 150), 3.715936139571442e-05, 1e-16);
    CHECK(gy_stats_mcnemar(86, 150) == gy_stats_mcnemar(150, 86));
    CHECK(gy_stats_mcnemar(0, 0) == 1 && gy_stats_mcnemar(5, 5) == 1);
}

// The share of all count^count resamples whose mean is 0 or less.
static double share_by_definition(const double *differences, size_t count)
{
    size_t all = 1, not_above = 0;
    for (size_t i = 0; i < count; i++)
        all *= count;
    for (size_t resample = 0; resample < all; resample++) {
        double sum = 0;
        for (size_t i = 0, rest = resample; i < count; i++, rest /= count)
            sum += differences[rest % count];
        not_above += sum <= 0;
    }
    return (double)not_above / (double)all;
}

static void test_bootstrap_matches_the_definition(void)
{
    static const double sets[][5] = {
        {1, -1, 0, 0, 1}, {0.5, 0.25, -2, 1, 0.125}, {-1, -1, -1, -1, 3}, {1, 1, 1, 1, -0.5}};
    for (size_t i = 0; i < 4; i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_bootstrap got;
        gy_bootstrap_options options = {.resamples = 100000, .seed = i};
        CHECK(gy_stats_bootstrap(&got, sets[i], 5, &options, &arena, NULL) == GY_OK);
        double share = share_by_definition(sets[i], 5), sum = 0;
        for (size_t j = 0; j < 5; j++)
            sum += sets[i][j];
        CHECK(got.estimate == sum / 5);
        // Five standard errors of 100,000 draws.
        CHECK_NEAR(got.share_not_above, share, 5 * sqrt(share * (1 - share) / 100000));
        CHECK(got.interval.low <= got.estimate && got.estimate <= got.interval.high);
        gy_arena_release(&arena);
    }
}

static void test_bootstrap_interval_covers(void)
{
    // Of a large set, the interval is near the mean +- 1.96 standard errors.
    enum { COUNT = 4000 };
    static double differences[COUNT];
    double sum = 0, squares = 0;
    for (size_t i = 0; i < COUNT; i++) {
        differences[i] = (double)(i * 2654435761u % 1000) / 1000 - 0.4;
        sum += differences[i];
        squares += differences[i] * differences[i];
    }
    double mean = sum / COUNT, error = sqrt((squares / COUNT - mean * mean) / COUNT);
    gy_arena arena = GY_ARENA_INIT;
    gy_bootstrap got;
    gy_bootstrap_options options = {.resamples = 4000, .seed = 7};
    CHECK(gy_stats_bootstrap(&got, differences, COUNT, &options, &arena, NULL) == GY_OK);
    CHECK_NEAR(got.interval.low, mean - 1.96 * error, 0.2 * error);
    CHECK_NEAR(got.interval.high, mean + 1.96 * error, 0.2 * error);
    CHECK(got.share_not_above == 0);
    gy_arena_release(&arena);
}

static void test_bootstrap_has_the_same_bits_on_any_number_of_threads(void)
{
    double differences[100];
    for (size_t i = 0; i < 100; i++)
        differences[i] = 1.0 / (double)(i + 1) - 0.05;
    gy_bootstrap first = {0};
    for (size_t threads = 1; threads <= 5; threads++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_bootstrap got = {0};
        gy_bootstrap_options options = {.resamples = 999, .seed = 3, .threads = threads};
        CHECK(gy_stats_bootstrap(&got, differences, 100, &options, &arena, NULL) == GY_OK);
        if (threads == 1)
            first = got;
        CHECK(memcmp(&got, &first, sizeof(got)) == 0);
        gy_arena_release(&arena);
    }
}

static void test_bounds_are_held(void)
{
    static const double one[] = {1.0}, bad[] = {1.0, (double)INFINITY};
    gy_arena arena = GY_ARENA_INIT, none = {.takes_left = 0};
    gy_error err = {0};
    gy_bootstrap got;
    gy_bootstrap_options options = {0};
    CHECK(gy_stats_bootstrap(&got, one, 0, &options, &arena, &err) == GY_INVALID);
    CHECK(gy_stats_bootstrap(&got, bad, 2, &options, &arena, &err) == GY_INVALID);
    CHECK(strcmp(err.message, "the difference of sample 2 is not finite") == 0);
    CHECK(gy_stats_bootstrap(&got, one, SIZE_MAX, &options, &arena, &err) == GY_LIMIT);
    CHECK(gy_stats_bootstrap(&got, one, 1, &options, &none, &err) == GY_NO_MEMORY);
    options.confidence = 1.5;
    CHECK(gy_stats_bootstrap(&got, one, 1, &options, &arena, &err) == GY_INVALID);
    options.confidence = 0.9;
    CHECK(gy_stats_bootstrap(&got, one, 1, &options, &arena, &err) == GY_OK);
    CHECK(got.interval.low == 1 && got.interval.high == 1 && got.share_not_above == 0);
    gy_arena_release(&arena);
}

int main(void)
{
    RUN(test_normal_quantile);
    RUN(test_normal_quantile_by_definition);
    RUN(test_wilson);
    RUN(test_binomial_tail);
    RUN(test_mcnemar);
    RUN(test_bootstrap_matches_the_definition);
    RUN(test_bootstrap_interval_covers);
    RUN(test_bootstrap_has_the_same_bits_on_any_number_of_threads);
    RUN(test_bounds_are_held);
    return check_done();
}
