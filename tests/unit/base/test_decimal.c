// SPDX-License-Identifier: Apache-2.0
//
// Goal: shortest decimals and nearest doubles, always. Method: the definition on random bit
// patterns (reads back; no spelling with one digit less does; printf's 17 digits agree), strtod as
// an independent reader for random spellings, the hard cases from the literature.

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/random.h"
#include "check.h"

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

// By definition: the first precision at which printf's correctly rounded digits read back.
static void check_shortest(double value)
{
    char want[40], have[80];
    int precision = 1;
    do
        snprintf(want, sizeof(want), "%.*e", precision - 1, value);
    while (strtod(want, NULL) != value && ++precision <= 17);
    gy_decimal shortest = gy_decimal_of_double(value);
    snprintf(have, sizeof(have), "%s%llue%d", shortest.negative ? "-" : "",
             (unsigned long long)shortest.digits, shortest.exponent);
    CHECK(strtod(have, NULL) == value);
    int digits = snprintf(NULL, 0, "%llu", (unsigned long long)shortest.digits);
    // At a power of two the interval is lopsided: Schubfach may find one shorter than printf's.
    CHECK(digits <= precision);
    if (digits == precision && (shortest.digits != 0))
        CHECK(strtod(want, NULL) == strtod(have, NULL));
    double back = 0;
    CHECK(gy_decimal_parse(&back, have, strlen(have)) && back == value);
    CHECK(gy_decimal_parse(&back, want, strlen(want)) && back == value);
    size_t length = gy_decimal_spell(have, value);
    CHECK(length == strlen(have) && strtod(have, NULL) == value);
}

static void test_random_doubles_are_spelled_shortest(void)
{
    gy_random random;
    gy_random_init(&random, 1, 2);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = (uint64_t)gy_random_next(&random) << 32 | gy_random_next(&random);
        double value = from_bits(bits);
        if (isfinite(value))
            check_shortest(value);
        // Those of daily life: few decimals, random in a small range.
        check_shortest((double)(int)(bits % 2000000) / 100.0 - 10000.0);
        check_shortest(gy_random_unit(&random) * 20.0);
    }
}

static void test_edges_are_spelled_shortest(void)
{
    static const double edges[] = {0.0,
                                   -0.0,
                                   5e-324,
                                   DBL_MIN,
                                   DBL_MAX,
                                   9007199254740993.0,
                                   1e22,
                                   1e23,
                                   9.5367431640625e-7,
                                   2e-308,
                                   1.7976931348623157e308};
    for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
        check_shortest(edges[i]);
    for (int e = -1074; e < 1024; e++) {
        check_shortest(ldexp(1.0, e));
        check_shortest(nextafter(ldexp(1.0, e), 0.0));
        check_shortest(-nextafter(ldexp(1.0, e), INFINITY));
    }
}

static void test_floats_are_spelled_shortest(void)
{
    gy_random random;
    gy_random_init(&random, 3, 4);
    for (int i = 0; i < 200000; i++) {
        uint32_t bits = gy_random_next(&random);
        float value;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        gy_decimal shortest = gy_decimal_of_float(value);
        char text[80];
        snprintf(text, sizeof(text), "%s%llue%d", shortest.negative ? "-" : "",
                 (unsigned long long)shortest.digits, shortest.exponent);
        CHECK(strtof(text, NULL) == value);
        int digits = snprintf(NULL, 0, "%llu", (unsigned long long)shortest.digits);
        snprintf(text, sizeof(text), "%.*e", digits > 1 ? digits - 2 : 0, (double)value);
        CHECK(digits == 1 || strtof(text, NULL) != value);
    }
}

static void test_random_spellings_read_as_strtod_reads_them(void)
{
    gy_random random;
    gy_random_init(&random, 5, 6);
    for (int i = 0; i < 300000; i++) {
        char text[80];
        int length = 0, digits = 1 + (int)gy_random_below(&random, 24);
        int point = (int)gy_random_below(&random, 26);
        for (int d = 0; d < digits; d++) {
            if (d == point)
                text[length++] = '.';
            text[length++] = (char)('0' + gy_random_below(&random, 10));
        }
        length += snprintf(text + length, 8, "e%d", (int)gy_random_below(&random, 660) - 340);
        double want = strtod(text, NULL), have = 0;
        bool read = gy_decimal_parse(&have, text, (size_t)length);
        CHECK(read == (bool)isfinite(want));
        CHECK(!read || have == want);
    }
}

static void test_ties_and_long_spellings_read_right(void)
{
    static const char *const hard[] = {"9007199254740993",
                                       "9007199254740992.99999999999999999999999999999",
                                       "9007199254740993.00000000000000000000000000001",
                                       "2.2250738585072011e-308",
                                       "2.2250738585072012e-308",
                                       "4.9e-324",
                                       "2.4703282292062327e-324",
                                       "1e23",
                                       "8.5e22",
                                       "0.000000000000000000000000000000000000000000000000001e51",
                                       "179769313486231580793728971405301e276",
                                       "6929495644600919.5",
                                       "7.2057594037927933e16"};
    for (size_t i = 0; i < sizeof(hard) / sizeof(*hard); i++) {
        double have = -1;
        CHECK(gy_decimal_parse(&have, hard[i], strlen(hard[i])));
        CHECK(have == strtod(hard[i], NULL));
    }
}

static void test_other_spellings_are_no_numbers(void)
{
    static const char *const not[] = {"",    "-",     ".",   "e5",   "1e",    "1e+",
                                      "+1",  " 1",    "1 ",  "0x10", "1e999", "nan",
                                      "inf", "1.2.3", "1,5", "--1",  "1e5x"};
    for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++) {
        double value = 0;
        CHECK(!gy_decimal_parse(&value, not[i], strlen(not[i])));
    }
}

static void test_numbers_are_spelled_as_people_write_them(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {-100, "-100"},
                {1e16, "1e+16"},
                {123456789012345680.0, "1.2345678901234568e+17"},
                {1e15, "1000000000000000"},
                {0.0001, "0.0001"},
                {0.00001, "1e-05"},
                {1.5, "1.5"},
                {-0.0, "0"},
                {INFINITY, "inf"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[GY_DECIMAL_BYTES];
        gy_decimal_spell(text, rows[i].value);
        CHECK(strcmp(text, rows[i].text) == 0);
    }
}

int main(void)
{
    RUN(test_random_doubles_are_spelled_shortest);
    RUN(test_edges_are_spelled_shortest);
    RUN(test_floats_are_spelled_shortest);
    RUN(test_random_spellings_read_as_strtod_reads_them);
    RUN(test_ties_and_long_spellings_read_right);
    RUN(test_other_spellings_are_no_numbers);
    RUN(test_numbers_are_spelled_as_people_write_them);
    return check_done();
}
