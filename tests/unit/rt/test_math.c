// SPDX-License-Identifier: Apache-2.0
//
// Goal: the float functions are as accurate as rt/math.h states, over every exponent, and exact
// where it says so. Method: libm's double functions as the oracle on a stride of all 2^32 floats;
// fma and sqrt against libm's own, which IEEE 754 fixes to the bit.

#define GY_SOFT_FMA 1

#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "rt/math.h"

enum { STRIDE = 1009 }; // prime: meets every exponent and all low bits

// How far got is from the exact value, in ulp of the nearest float. 1e9: wrong kind of number.
static double ulp_off(float got, double want)
{
    if (isnan(want))
        return isnan(got) ? 0.0 : 1e9;
    if (isinf((float)want) || isinf(got))
        return (float)want == got ? 0.0 : 1e9;
    int exponent;
    (void)frexp(want, &exponent);
    double ulp = ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
    return fabs((double)got - want) / ulp;
}

static double worst_ulp(float (*ours)(float), double (*exact)(double))
{
    double worst = 0.0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += STRIDE) {
        float x = gy_bits_float((uint32_t)bits);
        double off = ulp_off(ours(x), exact((double)x));
        worst = off > worst ? off : worst;
    }
    return worst;
}

static double sigmoid(double x)
{
    return x < 0.0 ? exp(x) / (1.0 + exp(x)) : 1.0 / (1.0 + exp(-x));
}

static void test_accuracy_is_as_stated(void)
{
    CHECK(worst_ulp(gy_expf, exp) <= 0.8);
    CHECK(worst_ulp(gy_logf, log) <= 0.92);
    CHECK(worst_ulp(gy_tanhf, tanh) <= 1.31);
    CHECK(worst_ulp(gy_erff, erf) <= 1.07);
    CHECK(worst_ulp(gy_sigmoidf, sigmoid) <= 2.6);
}

static void test_rounding_functions_are_exact(void)
{
    CHECK(worst_ulp(gy_rintf, rint) == 0.0);
    CHECK(worst_ulp(gy_floorf, floor) == 0.0);
    CHECK(worst_ulp(gy_ceilf, ceil) == 0.0);
    CHECK(worst_ulp(gy_fabsf, fabs) == 0.0);
}

static void test_square_root_is_the_processors(void)
{
    size_t wrong = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 101) {
        float x = gy_bits_float((uint32_t)bits);
        wrong += gy_float_bits(gy_canonf(gy_sqrtf(x))) != gy_float_bits(gy_canonf(sqrtf(x)));
    }
    CHECK(wrong == 0);
}

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

static void test_fma_is_rounded_once(void)
{
    uint64_t state = 1;
    size_t wrong = 0;
    for (size_t i = 0; i < 3000000; i++) {
        float x = gy_bits_float(random_next(&state)), y = gy_bits_float(random_next(&state));
        float z = gy_bits_float(random_next(&state));
        // Every second case is a near cancellation, every fourth of few bits: halfway cases.
        if (i % 2 == 0)
            z = gy_bits_float(gy_float_bits(-x * y) ^ (random_next(&state) & 0x81800007u));
        if (i % 4 == 0) {
            x = gy_bits_float(gy_float_bits(x) & 0xfffff800u);
            y = gy_bits_float(gy_float_bits(y) & 0xffffe000u);
        }
        float got = gy_canonf(gy_fmaf(x, y, z)), want = gy_canonf(fmaf(x, y, z));
        wrong += gy_float_bits(got) != gy_float_bits(want);
    }
    CHECK(wrong == 0);
}

static void test_signs_and_specials(void)
{
    float infinity = gy_bits_float(0x7f800000u), nan = gy_bits_float(0xffc12345u);
    CHECK(gy_float_bits(gy_tanhf(-0.0f)) == 0x80000000u);
    CHECK(gy_float_bits(gy_erff(-0.0f)) == 0x80000000u);
    CHECK(gy_float_bits(gy_ceilf(-0.7f)) == 0x80000000u);
    CHECK(gy_float_bits(gy_sqrtf(-0.0f)) == 0x80000000u);
    CHECK(gy_float_bits(gy_canonf(nan)) == 0x7fc00000u);
    CHECK(gy_expf(-infinity) == 0.0f && gy_expf(infinity) == infinity);
    CHECK(gy_logf(0.0f) == -infinity && isnan(gy_logf(-1.0f)) && gy_logf(infinity) == infinity);
    CHECK(gy_tanhf(infinity) == 1.0f && gy_erff(-infinity) == -1.0f);
    CHECK(gy_sigmoidf(-infinity) == 0.0f && gy_sigmoidf(infinity) == 1.0f);
}

int main(void)
{
    RUN(test_accuracy_is_as_stated);
    RUN(test_rounding_functions_are_exact);
    RUN(test_square_root_is_the_processors);
    RUN(test_fma_is_rounded_once);
    RUN(test_signs_and_specials);
    return check_done();
}
