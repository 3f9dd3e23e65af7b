// SPDX-License-Identifier: Apache-2.0
//
// Goal: the chooser keeps the lowest scores and a fair draw, each sample once, the same everywhere.
// Method: a sort of the whole stream, the chi-square of many draws, a golden choice.

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "rt/select.h"

enum { STREAM = 400, PLACES = 16, RANDOM = 8 };

static uint32_t seed = 1;

static float next_score(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 20) / 64.0f; // few distinct values: ties happen
}

static void test_the_lowest_scores_are_kept(void)
{
    for (int round = 0; round < 50; round++) {
        gy_select select;
        gy_select_place places[PLACES];
        gy_select_init(&select, places, PLACES, 0, 1);
        float scores[STREAM];
        uint32_t stored[PLACES];
        for (uint32_t i = 0; i < STREAM; i++) {
            scores[i] = next_score();
            int32_t place = gy_select_offer(&select, scores[i], i);
            if (place >= 0)
                stored[place] = i;
        }
        // By definition: of all (score, number) the least, so an equal newer one is not kept.
        for (size_t i = 0; i < PLACES; i++) {
            CHECK(stored[i] == places[i].number && places[i].reason == GY_SELECT_LOW);
            size_t below = 0;
            for (uint32_t j = 0; j < STREAM; j++)
                below += scores[j] < places[i].score ||
                         (scores[j] == places[i].score && j < places[i].number);
            CHECK(below < PLACES);
        }
    }
}

static void test_the_draw_is_uniform(void)
{
    // 4000 draws of 8 of 40: each sample is expected 800 times.
    enum { ROUNDS = 4000, SHORT = 40 };
    uint32_t kept[SHORT] = {0};
    for (uint64_t round = 0; round < ROUNDS; round++) {
        gy_select select;
        gy_select_place places[RANDOM];
        gy_select_init(&select, places, RANDOM, RANDOM, round);
        for (uint32_t i = 0; i < SHORT; i++)
            (void)gy_select_offer(&select, 1.0f, i);
        for (size_t i = 0; i < RANDOM; i++)
            kept[places[i].number]++;
    }
    double chi_square = 0;
    for (size_t i = 0; i < SHORT; i++)
        chi_square += (kept[i] - 800.0) * (kept[i] - 800.0) / (800.0 * (1 - 8.0 / SHORT));
    CHECK(chi_square < 73); // 39 degrees of freedom: 1 in 1000
}

static void test_no_sample_is_kept_twice(void)
{
    gy_select select;
    gy_select_place places[PLACES];
    gy_select_init(&select, places, PLACES, RANDOM, 3);
    for (uint32_t i = 0; i < STREAM; i++)
        (void)gy_select_offer(&select, 0.0f, i % 3);
    size_t used = 0;
    for (size_t i = 0; i < PLACES; i++)
        for (size_t j = 0; places[i].reason != GY_SELECT_EMPTY && j <= i; j++) {
            used += i == j;
            CHECK(i == j || places[j].reason == GY_SELECT_EMPTY ||
                  places[i].print != places[j].print);
        }
    CHECK(used == 3);
}

static void test_the_choice_is_the_same_everywhere(void)
{
    gy_select select;
    gy_select_place places[6];
    gy_select_init(&select, places, 6, 3, 42);
    for (uint32_t i = 0; i < 1000; i++)
        (void)gy_select_offer(&select, (float)((i * 7919u) % 1000u), i + 1);
    // From a program in Python by Vitter's algorithm R and SplitMix64 (see the head of select.c).
    static const uint32_t expected[6] = {215, 315, 564, 37, 679, 358};
    for (size_t i = 0; i < 6; i++)
        CHECK(places[i].number == expected[i]);
}

static void test_a_score_that_is_no_number_is_the_lowest(void)
{
    gy_select select;
    gy_select_place places[2];
    gy_select_init(&select, places, 2, 0, 1);
    CHECK(gy_select_offer(&select, 1.0f, 1) == 0);
    CHECK(gy_select_offer(&select, 2.0f, 2) == 1);
    CHECK(gy_select_offer(&select, 3.0f, 3) == -1);
    CHECK(gy_select_offer(&select, NAN, 4) == 1);
    CHECK(gy_select_offer(&select, -1.0f, 5) == 0);
    CHECK(gy_select_offer(&select, -2.0f, 6) == 0);
}

static void test_margin_is_best_less_second(void)
{
    static const float values[] = {0.1f, 0.5f, 0.25f, 0.15f}, equal[] = {2, 2}, odd[] = {1, NAN, 2};
    CHECK(gy_select_margin(values, 4) == 0.25f);
    CHECK(gy_select_margin(equal, 2) == 0);
    CHECK(isnan(gy_select_margin(odd, 3)));
}

int main(void)
{
    RUN(test_the_lowest_scores_are_kept);
    RUN(test_the_draw_is_uniform);
    RUN(test_no_sample_is_kept_twice);
    RUN(test_the_choice_is_the_same_everywhere);
    RUN(test_a_score_that_is_no_number_is_the_lowest);
    RUN(test_margin_is_best_less_second);
    return check_done();
}
