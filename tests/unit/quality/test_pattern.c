// SPDX-License-Identifier: Apache-2.0
//
// Goal: a pattern matches what ECMA-262 says. Method: cases by hand; the C library's regcomp as an
// independent implementation on random patterns of the common subset; patterns that make
// back-tracking engines hang; every allocation fails.

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "quality/pattern.h"

static bool matches(const char *pattern, const char *value)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_pattern *compiled;
    gy_error err = {0};
    bool found = false;
    gy_status status = gy_pattern_compile(&compiled, pattern, &arena, &err);
    CHECK(status == GY_OK);
    if (status == GY_OK) {
        found = gy_pattern_matches(compiled, value, strlen(value));
        CHECK(gy_pattern_matches(compiled, value, strlen(value)) == found); // now from memory
    } else {
        printf("# %s\n", err.message);
    }
    gy_arena_release(&arena);
    return found;
}

static void test_patterns_match_as_ecma_says(void)
{
    static const struct {
        const char *pattern, *value;
        bool want;
    } rows[] = {
        {"^[a-z0-9.]+@[a-z0-9]+(\\.[a-z]+)+$", "ann.7@mail.test", true},
        {"^[a-z0-9.]+@[a-z0-9]+(\\.[a-z]+)+$", "ann.7 at mail.test", false},
        {"b", "abc", true},
        {"^b", "abc", false},
        {"c$", "abc", true},
        {"^$", "", true},
        {"", "anything", true},
        {"^a{2,3}$", "aa", true},
        {"^a{2,3}$", "aaaa", false},
        {"^(ab){2}$", "abab", true},
        {"^a{2,}$", "aaaaaa", true},
        {"^\\d{4}-\\d{2}$", "2024-05", true},
        {"^[^0-9]+$", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", true},
        {"^.$", "\xf0\x9f\x99\x82", true},
        {"^..$", "\xc3\xa4", false},
        {"^[\xc3\xa4-\xc3\xbc]+$", "\xc3\xa4\xc3\xb6\xc3\xbc", true},
        {"^[\xc3\xa4-\xc3\xbc]+$", "\xc3\xbf", false},
        {"^(?:cat|dog)s?$", "dogs", true},
        {"cat|dog", "hotdog", true},
        {"^\\W\\S\\D$", "-ax", true},
        {"^[\\w.-]+$", "a_b-c.9", true},
        {"^a*?b$", "aab", true},
        {"^(a|b|)*c$", "abbac", true},
        {"^\\$\\{x\\}$", "${x}", true},
        {"^x.y$", "x\ny", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        CHECK(matches(rows[i].pattern, rows[i].value) == rows[i].want);
}

static size_t random_pattern(char *out, gy_random *random, int depth)
{
    static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]", "[b-c]"};
    static const char *const repeats[] = {"", "", "", "*", "+", "?", "{2}", "{1,3}"};
    size_t length = 0, parts = 1 + gy_random_below(random, 3);
    for (size_t i = 0; i < parts; i++) {
        if (depth > 0 && gy_random_below(random, 3) == 0) {
            out[length++] = '(';
            length += random_pattern(out + length, random, depth - 1);
            out[length++] = ')';
        } else {
            length += (size_t)sprintf(out + length, "%s", atoms[gy_random_below(random, 7)]);
        }
        length += (size_t)sprintf(out + length, "%s", repeats[gy_random_below(random, 8)]);
        if (depth > 0 && gy_random_below(random, 6) == 0 && i + 1 < parts)
            out[length++] = '|';
    }
    out[length] = '\0';
    return length;
}

enum { VALUES = 20 };

// Random values; ours of them four at a time, before any state is made.
static void match_fours(bool have[VALUES], char values[VALUES][12], gy_pattern *ours,
                        gy_random *random)
{
    for (size_t v = 0; v < VALUES; v++) {
        size_t length = gy_random_below(random, 9);
        for (size_t k = 0; k < length; k++)
            values[v][k] = (char)('a' + gy_random_below(random, 4));
        values[v][length] = '\0';
    }
    for (size_t v = 0; v < VALUES; v += GY_PATTERN_LANES) {
        const char *four[GY_PATTERN_LANES];
        size_t lengths[GY_PATTERN_LANES];
        for (size_t i = 0; i < GY_PATTERN_LANES; i++) {
            four[i] = values[v + i];
            lengths[i] = strlen(four[i]);
        }
        gy_pattern_matches_four(have + v, ours, four, lengths);
    }
}

static void test_random_patterns_match_as_regcomp_says(void)
{
    gy_random random;
    gy_random_init(&random, 11, 12);
    size_t matched = 0;
    for (int i = 0; i < 1500; i++) {
        char inner[4000], text[4010];
        random_pattern(inner, &random, 2);
        bool anchored = gy_random_below(&random, 2) == 0;
        snprintf(text, sizeof(text), anchored ? "^(%s)$" : "%s", inner);
        regex_t other;
        gy_pattern *ours;
        gy_arena arena = GY_ARENA_INIT;
        CHECK(regcomp(&other, text, REG_EXTENDED | REG_NOSUB) == 0);
        CHECK(gy_pattern_compile(&ours, text, &arena, NULL) == GY_OK);
        char values[VALUES][12];
        bool in_fours[VALUES];
        match_fours(in_fours, values, ours, &random);
        for (int j = 0; j < VALUES; j++) {
            const char *value = values[j];
            bool want = regexec(&other, value, 0, NULL, 0) == 0;
            bool have = gy_pattern_matches(ours, value, strlen(value));
            CHECK(want == have && want == in_fours[j]);
            if (want != have || want != in_fours[j])
                printf("# %s on %s\n", text, value);
            matched += have;
        }
        regfree(&other);
        gy_arena_release(&arena);
    }
    CHECK(matched > 5000 && matched < 29000); // or the test would test nothing
}

static void test_no_pattern_hangs(void)
{
    char value[20001];
    memset(value, 'a', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    CHECK(!matches("^(a|a)*b$", value));
    CHECK(!matches("^(a*)*c$", value));
    CHECK(!matches("(a{1,30}){1,30}b", value));
    // More states than are kept: they are forgotten and made again.
    for (size_t i = 0; i < sizeof(value) - 1; i++)
        value[i] = "ab"[(i * 2654435761u >> 13) & 1];
    CHECK(matches("^(a|b)*a(a|b){14}$", value) == (value[20000 - 15] == 'a'));
}

// One lane that makes states may forget those of the others.
static void test_forgotten_states_do_not_mislead_the_other_lanes(void)
{
    enum { LONG = 3000 };
    static char texts[GY_PATTERN_LANES][LONG];
    const char *values[GY_PATTERN_LANES];
    size_t lengths[GY_PATTERN_LANES];
    gy_random random;
    gy_arena arena = GY_ARENA_INIT;
    gy_pattern *pattern;
    gy_random_init(&random, 5, 6);
    CHECK(gy_pattern_compile(&pattern, "^(a|b)*a(a|b){11}$", &arena, NULL) == GY_OK);
    for (int round = 0; round < 20; round++) {
        bool found[GY_PATTERN_LANES];
        for (size_t lane = 0; lane < GY_PATTERN_LANES; lane++) {
            values[lane] = texts[lane];
            lengths[lane] = LONG - gy_random_below(&random, 100);
            for (size_t i = 0; i < lengths[lane]; i++)
                texts[lane][i] = "ab"[gy_random_below(&random, 2)];
        }
        gy_pattern_matches_four(found, pattern, values, lengths);
        for (size_t lane = 0; lane < GY_PATTERN_LANES; lane++)
            CHECK(found[lane] == (texts[lane][lengths[lane] - 12] == 'a'));
    }
    gy_arena_release(&arena);
}

static void test_what_is_no_pattern_is_named(void)
{
    static const struct {
        const char *pattern;
        gy_status want;
        const char *message;
    } rows[] = {
        {"(a", GY_FORMAT, "'(' is never closed"},
        {"a)", GY_FORMAT, "')' without '('"},
        {"[a", GY_FORMAT, "'[' is never closed"},
        {"*a", GY_FORMAT, "nothing to repeat"},
        {"a{2", GY_FORMAT, "'{' is never closed"},
        {"[z-a]", GY_FORMAT, "backwards"},
        {"(?=a)", GY_UNSUPPORTED, "look-around"},
        {"(a)\\1", GY_UNSUPPORTED, "escape"},
        {"a^b", GY_UNSUPPORTED, "only at the start"},
        {"^a|b$", GY_UNSUPPORTED, "needs a group"},
        {"(((a{1000}){1000}){1000})", GY_LIMIT, "20000 states"},
        {"a\\", GY_FORMAT, "backslash at the end"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_pattern *pattern;
        gy_error err = {0};
        gy_status status = gy_pattern_compile(&pattern, rows[i].pattern, &arena, &err);
        CHECK(status == rows[i].want && strstr(err.message, rows[i].message) != NULL);
        if (status != rows[i].want)
            printf("# %s: %s\n", rows[i].pattern, err.message);
        gy_arena_release(&arena);
    }
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = GY_ARENA_INIT;
        arena.takes_left = takes;
        gy_pattern *pattern;
        gy_error err = {0};
        status = gy_pattern_compile(&pattern, "a+b", &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    RUN(test_patterns_match_as_ecma_says);
    RUN(test_random_patterns_match_as_regcomp_says);
    RUN(test_no_pattern_hangs);
    RUN(test_forgotten_states_do_not_mislead_the_other_lanes);
    RUN(test_what_is_no_pattern_is_named);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
