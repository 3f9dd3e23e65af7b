// SPDX-License-Identifier: Apache-2.0
//
// Goal: kernels that work on many numbers at once give the bits of one at a time, on any processor.
// Method: compare with rt/math, number by number, over ordinary and extreme numbers.

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "check.h"
#include "rt/math.h"
#include "value/kernel.h"

enum { NUMBERS = 1003, CLASSES = 7 };

static float numbers[NUMBERS];

static const gy_value_kernels *kernels_at(size_t i)
{
#if defined(__x86_64__)
    if (i == 1 && gy_cpu_level() >= GY_CPU_AVX2)
        return &gy_value_kernels_avx2;
#endif
    return i == 0 ? &gy_value_kernels_plain : NULL;
}

static void fill_numbers(void)
{
    static const float extremes[] = {0.0f,     -0.0f,   1.0f,      FLT_MIN, -FLT_MAX, FLT_MAX,
                                     INFINITY, -104.5f, 89.5f,     1e-42f,  -87.5f,   88.73f,
                                     -1.0f,    1e-9f,   -INFINITY, 0.5f};
    gy_random random;
    gy_random_init(&random, 1, 1);
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = (float)(60.0 * gy_random_unit(&random) - 40.0);
    memcpy(numbers + 100, extremes, sizeof(extremes));
}

static bool are_same(float a, float b)
{
    return gy_float_bits(gy_canonf(a)) == gy_float_bits(gy_canonf(b));
}

static void test_powers_and_logarithms_are_those_of_one_number(void)
{
    float out[NUMBERS];
    for (size_t k = 0; kernels_at(k) != NULL; k++) {
        kernels_at(k)->exps(out, numbers, 1.5f, NUMBERS);
        for (size_t i = 0; i < NUMBERS; i++)
            CHECK(are_same(out[i], gy_expf(1.5f * numbers[i])));
        kernels_at(k)->logs(out, numbers, NUMBERS);
        for (size_t i = 0; i < NUMBERS; i++)
            CHECK(are_same(out[i], gy_logf(numbers[i])));
    }
}

static void test_each_lane_becomes_shares(void)
{
    for (size_t k = 0; kernels_at(k) != NULL; k++) {
        float scores[CLASSES * GY_VALUE_LANES];
        memcpy(scores, numbers, sizeof(scores));
        kernels_at(k)->softmax(scores, CLASSES);
        for (size_t lane = 0; lane < GY_VALUE_LANES; lane++) {
            float most = -INFINITY, sum = 0.0f;
            for (size_t c = 0; c < CLASSES; c++)
                most = fmaxf(most, numbers[c * GY_VALUE_LANES + lane]);
            for (size_t c = 0; c < CLASSES; c++)
                sum += gy_expf(numbers[c * GY_VALUE_LANES + lane] - most);
            for (size_t c = 0; c < CLASSES; c++)
                CHECK(are_same(scores[c * GY_VALUE_LANES + lane],
                               gy_expf(numbers[c * GY_VALUE_LANES + lane] - most) / sum));
        }
    }
}

static void test_below_lists_what_is_less_in_order(void)
{
    for (size_t k = 0; kernels_at(k) != NULL; k++)
        for (size_t at = 0; at < 20; at++) {
            uint8_t lanes[GY_PANEL];
            float limit = numbers[at];
            size_t count = kernels_at(k)->below(lanes, numbers, limit), seen = 0;
            for (size_t lane = 0; lane < GY_PANEL; lane++)
                if (numbers[lane] < limit)
                    CHECK(seen < count && lanes[seen++] == lane);
            CHECK(seen == count);
        }
}

int main(void)
{
    fill_numbers();
    RUN(test_powers_and_logarithms_are_those_of_one_number);
    RUN(test_each_lane_becomes_shares);
    RUN(test_below_lists_what_is_less_in_order);
    return check_done();
}
