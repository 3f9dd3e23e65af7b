// SPDX-License-Identifier: Apache-2.0
//
// Goal: JSON is read as RFC 8259 says, and nothing else is. Method: documents with their compact
// form, documents that must be refused with the message that says where, hostile sizes, and the
// n-th allocation failing.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "check.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))

static gy_status parse(gy_json **root, const char *text, size_t length, gy_arena *arena,
                       gy_error *err)
{
    return gy_json_parse(root, text, length, "a.json", arena, err);
}

static void test_documents_come_back_compact(void)
{
    static const struct {
        const char *text, *compact;
    } cases[] = {
        {"null", "null"},
        {" true ", "true"},
        {"[ ]", "[]"},
        {"{\n}", "{}"},
        {"\"\"", "\"\""},
        {"[1, -0, 1.50, 1E5, 1e-999, 12345678901234567890]",
         "[1,-0,1.50,1E5,1e-999,12345678901234567890]"},
        {"{\"b\" : [ {\"c\":null} ], \"a\":false}", "{\"b\":[{\"c\":null}],\"a\":false}"},
        {"\"\\u00e9\\ud83d\\ude00\\n\\/\\b\\u0000x\"",
         "\"\xc3\xa9\xf0\x9f\x98\x80\\n/\\u0008\\u0000x\""},
        {"\"\\uD800\\uDC00\\udbff\\udfff\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
        {"{\"\":1,\"\\u0061b\":2}", "{\"\":1,\"ab\":2}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_text out = {0};
        gy_json *root;
        CHECK(parse(&root, cases[i].text, strlen(cases[i].text), &arena, &err) == GY_OK);
        gy_json_write(&out, root);
        CHECK(out.bytes != NULL && strcmp(out.bytes, cases[i].compact) == 0);
        gy_text_release(&out);
        gy_arena_release(&arena);
    }
}

static void test_refused_documents_say_where(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "line 1, column 1: the document ends too early"},
        {"[1,", "line 1, column 4: the document ends too early"},
        {"[1,]", "line 1, column 4: a value is missing here"},
        {"{\"a\":1,}", "line 1, column 8: a string in double quotes is missing here"},
        {"{\"a\" 1}", "line 1, column 6: a ':' is missing here"},
        {"[1 2]", "line 1, column 4: a ',' or ']' is missing here"},
        {"{\"a\":1 ]", "line 1, column 8: a ',' or '}' is missing here"},
        {"[\n  NaN]", "line 2, column 3: a value is missing here"},
        {"[01]", "line 1, column 2: this is not a number as JSON spells it"},
        {"[1.]", "line 1, column 2: this is not a number as JSON spells it"},
        {"[-]", "line 1, column 2: this is not a number as JSON spells it"},
        {"[+1]", "line 1, column 2: a value is missing here"},
        {"[1e999]", "line 1, column 2: the number is beyond a double's range (1.8e308)"},
        {"\"\\ud800\"", "line 1, column 8: half of a surrogate pair stands alone"},
        {"\"\\ud800\\u0041\"", "line 1, column 14: half of a surrogate pair stands alone"},
        {"\"\\udc00\"", "line 1, column 8: half of a surrogate pair stands alone"},
        {"\"\\x\"", "line 1, column 3: this is no escape that JSON has"},
        {"\"\\u12g4\"", "line 1, column 4: \\u needs four hex digits"},
        {"\"a\tb\"", "line 1, column 3: a control character in a string must be escaped"},
        {"\"\xc3\xa9\xff\"", "line 1, column 3: this is not UTF-8"},
        {"\"\xed\xa0\x80\"", "line 1, column 2: this is not UTF-8"},
        {"\"ab", "line 1, column 4: the document ends too early"},
        {"{\"a\":1,\n \"b\":2, \"\\u0061\":3}",
         "line 2, column 9: 'a' is there twice, first in line 1"},
        {"{\"a\\u0000\":1}", "line 1, column 2: a name may not hold a NUL character"},
        {"1 2", "line 1, column 3: there is more behind the end of the document"},
        {"\xef\xbb\xbf{}", "line 1, column 1: a value is missing here"},
        {"tru", "line 1, column 1: a value is missing here"},
        {"'a'", "line 1, column 1: a value is missing here"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_json *root;
        char wanted[300];
        snprintf(wanted, sizeof(wanted), "cannot read 'a.json': %s", cases[i].message);
        CHECK(parse(&root, cases[i].text, strlen(cases[i].text), &arena, &err) == GY_FORMAT);
        CHECK(strcmp(err.message, wanted) == 0);
        if (strcmp(err.message, wanted) != 0)
            printf("# got: %s\n# not: %s\n", err.message, wanted);
        gy_arena_release(&arena);
    }
}

static void test_places_and_members(void)
{
    static const char text[] = "{\n  \"\xc3\xa9\xc3\xa9\": 1, \"b\": [true,\n \"x\\u0000y\"]\n}";
    gy_arena arena = GY_ARENA_INIT;
    gy_json *root;
    CHECK(parse(&root, text, sizeof(text) - 1, &arena, NULL) == GY_OK);
    const gy_json *b = gy_json_get(root, "b");
    CHECK(root->count == 2 && b != NULL && b->count == 2);
    CHECK(b->line == 2 && b->column == 12);
    CHECK(b->items[1].line == 3 && b->items[1].column == 2);
    CHECK(b->items[1].text_length == 3 && memcmp(b->items[1].text, "x\0y", 4) == 0);
    CHECK(gy_json_get(root, "\xc3\xa9\xc3\xa9")->number == 1.0);
    CHECK(gy_json_get(root, "c") == NULL && gy_json_get(b, "b") == NULL);
    CHECK(gy_json_get(NULL, "b") == NULL);
    gy_arena_release(&arena);
}

static void test_depth_is_bounded(void)
{
    char text[2 * (GY_JSON_DEPTH_MAX + 1)];
    for (size_t depth = GY_JSON_DEPTH_MAX; depth <= GY_JSON_DEPTH_MAX + 1; depth++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_json *root;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        CHECK(parse(&root, text, 2 * depth, &arena, NULL) ==
              (depth == GY_JSON_DEPTH_MAX ? GY_OK : GY_LIMIT));
        gy_arena_release(&arena);
    }
}

// A document of n members, all of the same hash or order, must not take n * n: 200,000 members
// would be 20 billion comparisons.
static void test_many_members(void)
{
    gy_text text = {0};
    gy_arena arena = GY_ARENA_INIT;
    gy_json *root;
    enum { MEMBERS = 200000 };
    for (int i = 0; i < MEMBERS; i++)
        gy_text_add(&text, "%c\"%d\":%d", i == 0 ? '{' : ',', i, i);
    gy_text_append(&text, "}", 1);
    CHECK(parse(&root, text.bytes, text.length, &arena, NULL) == GY_OK);
    CHECK(root->count == MEMBERS && root->items[MEMBERS - 1].number == MEMBERS - 1);
    text.length--;
    gy_text_add(&text, ",\"77\":0}");
    CHECK(parse(&root, text.bytes, text.length, &arena, NULL) == GY_FORMAT);
    gy_arena_release(&arena);
    gy_text_release(&text);
}

static void test_every_prefix_ends_cleanly(void)
{
    static const char text[] = "{\"a\":[1.5e3,\"\\ud83d\\ude00\",null,true],\"b\":{\"c\":-1}}";
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_json *root;
        char *exact = malloc(length + 1); // a heap block: an overrun is seen by ASan
        memcpy(exact, text, length);
        exact[length] = 'x';
        CHECK(parse(&root, exact, length, &arena, &err) == GY_FORMAT && err.message[0] != '\0');
        free(exact);
        gy_arena_release(&arena);
    }
}

static void test_every_allocation_may_fail(void)
{
    static const char text[] = "{\"a\":[1,2],\"b\":\"c\"}";
    gy_status status = GY_NO_MEMORY;
    size_t takes = 0;
    for (; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_json *root;
        status = parse(&root, text, sizeof(text) - 1, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK && takes > 1);
}

int main(void)
{
    RUN(test_documents_come_back_compact);
    RUN(test_refused_documents_say_where);
    RUN(test_places_and_members);
    RUN(test_depth_is_bounded);
    RUN(test_many_members);
    RUN(test_every_prefix_ends_cleanly);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
