// SPDX-License-Identifier: Apache-2.0
//
// Goal: text grows, and JSON strings and numbers are spelled so that any reader has them back.
// Method: what is written is read again by our own JSON reader (held by its own tests), for every
// byte pair and every UTF-8 form; numbers across the whole range, in a foreign locale too.

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/number.h"
#include "base/random.h"
#include "base/utf8.h"
#include "check.h"

static void test_text_grows(void)
{
    gy_text text = {0};
    for (int i = 0; i < 1000; i++)
        gy_text_add(&text, "%d,", i);
    gy_text_append(&text, "\0end", 4);
    CHECK(text.status == GY_OK && text.length == 3894);
    CHECK(strncmp(text.bytes, "0,1,2,", 6) == 0 && strlen(text.bytes) == 3890);
    CHECK(strcmp(text.bytes + text.length - 3, "end") == 0);
    gy_text_release(&text);
    CHECK(text.bytes == NULL && text.length == 0);
}

// What gy_text_json_string writes of bytes, read again; the arena's memory.
static const gy_json *write_and_read(const char *bytes, size_t length, gy_arena *arena)
{
    gy_text text = {0};
    gy_json *root = NULL;
    gy_text_json_string(&text, bytes, length);
    if (gy_json_parse(&root, text.bytes, text.length, "text", arena, NULL) != GY_OK)
        root = NULL;
    gy_text_release(&text);
    return root;
}

static void test_json_strings_come_back(void)
{
    for (unsigned first = 0; first < 128; first++)
        for (unsigned second = 0; second < 128; second++) {
            gy_arena arena = GY_ARENA_INIT;
            char bytes[] = {(char)first, (char)second, 'x'};
            const gy_json *read = write_and_read(bytes, sizeof(bytes), &arena);
            CHECK(read != NULL && read->text_length == 3 && memcmp(read->text, bytes, 3) == 0);
            gy_arena_release(&arena);
        }
    gy_arena arena = GY_ARENA_INIT;
    for (uint32_t point = 0x80; point < 0x110000; point += point < 0x3000 ? 1 : 977) {
        char bytes[4];
        gy_arena_mark mark = gy_arena_here(&arena);
        if (point >= 0xd800 && point < 0xe000)
            continue;
        size_t length = gy_utf8_write(bytes, point);
        CHECK(gy_utf8_length((unsigned char *)bytes, length) == length);
        CHECK(gy_utf8_length((unsigned char *)bytes, length - 1) == 0);
        const gy_json *read = write_and_read(bytes, length, &arena);
        CHECK(read != NULL && read->text_length == length &&
              memcmp(read->text, bytes, length) == 0);
        gy_arena_rewind(&arena, mark);
    }
    gy_arena_release(&arena);
}

static void test_what_is_not_utf8_is_marked(void)
{
    static const struct {
        const char *bytes, *json;
    } cases[] = {
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gy_text text = {0};
        gy_text_json_string(&text, cases[i].bytes, strlen(cases[i].bytes));
        CHECK(strcmp(text.bytes, cases[i].json) == 0);
        gy_text_release(&text);
    }
}

static void test_members_have_commas_between_them(void)
{
    gy_text text = {0};
    gy_text_add(&text, "[{");
    gy_text_json_member(&text, "a", "{");
    gy_text_json_member(&text, "b", NULL);
    gy_text_add(&text, ",\"c\":{");
    gy_text_json_member(&text, "d", "x\ny");
    gy_text_add(&text, "}}]");
    CHECK(strcmp(text.bytes, "[{\"a\":\"{\",\"b\":null,\"c\":{\"d\":\"x\\ny\"}}]") == 0);
    gy_text_release(&text);
}

static void check_number(double value)
{
    gy_number_text text = gy_number_shortest(value);
    double read = 0;
    CHECK(gy_number_is_json(text.bytes, strlen(text.bytes)));
    CHECK(gy_number_read(&read, text.bytes, strlen(text.bytes)));
    CHECK(memcmp(&read, &value, sizeof(value)) == 0);
}

static void test_numbers_come_back(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {0.1, "0.1"},
                 {1e21, "1e+21"},
                 {1.0 / 3, "0.3333333333333333"},
                 {5e-324, "5e-324"},
                 {2.2250738585072014e-308, "2.2250738585072014e-308"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {9007199254740993.0, "9007199254740992"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK(strcmp(gy_number_shortest(cases[i].value).bytes, cases[i].text) == 0);
        check_number(cases[i].value);
    }
    gy_random random;
    gy_random_init(&random, 1, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)gy_random_next(&random) << 32 | gy_random_next(&random);
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value))
            check_number(value);
    }
    gy_text text = {0};
    gy_text_json_number(&text, (double)NAN);
    gy_text_json_number(&text, -(double)INFINITY);
    CHECK(strcmp(text.bytes, "nullnull") == 0);
    gy_text_release(&text);
}

static void test_numbers_do_not_depend_on_the_locale(void)
{
    // It bites where a locale with a decimal comma is installed.
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < 4 && setlocale(LC_ALL, commas[i]) == NULL;)
        i++;
    double read = 0;
    CHECK(strcmp(gy_number_shortest(0.5).bytes, "0.5") == 0);
    CHECK(gy_number_read(&read, "0.5", 3) && read == 0.5);
    CHECK(!gy_number_read(&read, "0,5", 3));
    setlocale(LC_ALL, "C");
}

static void test_which_spellings_are_json(void)
{
    static const char *const good[] = {"0", "-0", "10", "1.5", "1e5", "1E+5", "-1.25e-10", "0.0"};
    static const char *const bad[] = {"",    "-",   "01",  "1.",   ".5",  "+1",    "1e",
                                      "1e+", "0x1", "1_0", "1.5.", "NaN", "1e5.0", " 1"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(gy_number_is_json(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!gy_number_is_json(bad[i], strlen(bad[i])));
}

static void test_a_failure_sticks(void)
{
    size_t takes = 1;
    for (gy_status status = GY_NO_MEMORY; status == GY_NO_MEMORY; takes++) {
        gy_text text = {0};
        char fault[32];
        snprintf(fault, sizeof(fault), "memory:%zu", takes);
        gy_fault_set(fault);
        for (int i = 0; i < 100; i++)
            gy_text_add(&text, "%d,", i);
        gy_text_json_string(&text, "a\"b", 3);
        gy_text_json_member(&text, "key", "b");
        gy_fault_set(NULL);
        status = text.status;
        CHECK(status == GY_OK || status == GY_NO_MEMORY);
        CHECK(status == GY_NO_MEMORY || text.length == 306);
        gy_text_append(&text, "x", 1); // what came after the failure would stand in the wrong place
        CHECK(status == GY_OK || text.bytes == NULL || strchr(text.bytes, 'x') == NULL);
        gy_text_release(&text);
    }
    CHECK(takes > 5);
}

int main(void)
{
    RUN(test_text_grows);
    RUN(test_json_strings_come_back);
    RUN(test_what_is_not_utf8_is_marked);
    RUN(test_members_have_commas_between_them);
    RUN(test_numbers_come_back);
    RUN(test_numbers_do_not_depend_on_the_locale);
    RUN(test_which_spellings_are_json);
    RUN(test_a_failure_sticks);
    return check_done();
}
