// SPDX-License-Identifier: Apache-2.0
//
// Goal: YAML gives the tree that YAML 1.2's core schema says, with places for messages; what we do
// not take is refused, never guessed. Method: documents with the JSON they mean, documents that
// must be refused with their message.

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "check.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))

static void test_documents_mean_json(void)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "null"},
        {"# nothing\n", "null"},
        {"---\n...\n", "null"},
        {"%YAML 1.1\n---\na\n", "\"a\""},
        {"a: 1\nb:\n- x\n- {c: d}\n", "{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}"},
        {"[null, ~, Null, NULL, nUll, '']", "[null,null,null,null,\"nUll\",\"\"]"},
        {"[true, False, TRUE, yes, on, no, off, y]",
         "[true,false,true,\"yes\",\"on\",\"no\",\"off\",\"y\"]"},
        {"[1, -1, +1, 007, 0x1F, 0o17, 0x, 1_000, 0b1, 190:20:30]",
         "[1,-1,1,7,31,15,\"0x\",\"1_000\",\"0b1\",\"190:20:30\"]"},
        {"[1.50, .5, 1., -.5e3, +1.e5, 1e3, 00.10, ., -, +, e1, 1e, 1e+, .e1, 1.2.3]",
         "[1.50,0.5,1.0,-0.5e3,1.0e5,1e3,0.10,\".\",\"-\",\"+\",\"e1\",\"1e\",\"1e+\",\".e1\","
         "\"1.2.3\"]"},
        {"['1', \"true\", 'it''s', \"\\x41\\u00e9\\0\"]",
         "[\"1\",\"true\",\"it's\",\"A\xc3\xa9\\u0000\"]"},
        {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
        {"1: a\nnull: b\n'': c\n", "{\"1\":\"a\",\"null\":\"b\",\"\":\"c\"}"},
        {"date: 2024-01-31\n", "{\"date\":\"2024-01-31\"}"},
        {"{\"a\": [1, {\"b\": null}]}", "{\"a\":[1,{\"b\":null}]}"},
        {"a:\nb: {}\nc: []\n", "{\"a\":null,\"b\":{},\"c\":[]}"},
        {"[a: b]", "[{\"a\":\"b\"}]"},
        {"\xef\xbb\xbf"
         "a: b\n",
         "{\"a\":\"b\"}"},
        {"x: 0xFFFFFFFFFFFFFFFF", "{\"x\":1.8446744073709552e+19}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_text out = {0};
        gy_json *root;
        CHECK(gy_yaml_parse(&root, cases[i].text, strlen(cases[i].text), "a.yaml", &arena, &err) ==
              GY_OK);
        if (err.message[0] == '\0')
            gy_json_write(&out, root);
        CHECK(out.bytes != NULL && strcmp(out.bytes, cases[i].json) == 0);
        if (out.bytes == NULL || strcmp(out.bytes, cases[i].json) != 0)
            printf("# %s\n# got: %s %s\n# not: %s\n", cases[i].text, out.bytes, err.message,
                   cases[i].json);
        gy_text_release(&out);
        gy_arena_release(&arena);
    }
}

static void test_refused_documents_say_where(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"a: &x 1\nb: *x\n", "line 1, column 4: anchors (&) and aliases (*) are not supported"},
        {"a: &x {b: 1}\n", "line 1, column 4: anchors (&) and aliases (*) are not supported"},
        {"a: *x\n", "line 1, column 4: anchors (&) and aliases (*) are not supported"},
        {"a: !!int 1\n", "line 1, column 4: tags (!) are not supported: quote what is text"},
        {"- ! x\n", "line 1, column 3: tags (!) are not supported"},
        {"!!map {a: 1}\n", "line 1, column 1: tags (!) are not supported"},
        {"a: 1\nb: 2\n'a': 3\n", "line 3, column 1: 'a' is there twice, first in line 1"},
        {"--- a\n--- b\n", "line 2, column 1: a second document begins, must be one"},
        {"a: .inf\n", "line 1, column 4: only finite numbers are supported"},
        {"a: 1e999\n", "line 1, column 4: the number is beyond a double's range"},
        {"? [a]\n: b\n", "line 1, column 3: a name must be text"},
        {"a: [1, 2\nb: 3\n", "line 2, column 2: did not find expected ',' or ']'"},
        {"a:\n\t- b\n", "line 2, column 1: found character that cannot start any token"},
        {"\"\\ud800\"", "line 1, column 4: found invalid Unicode character escape code"},
        {"\"a\\0\": 1", "line 1, column 1: a name may not hold a NUL character"},
        {"a: \xff\n", "line 1, byte 4 of the file: invalid leading UTF-8 octet"},
        {"a: b: c\n", "line 1, column 5: mapping values are not allowed in this context"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_json *root;
        char wanted[300];
        snprintf(wanted, sizeof(wanted), "cannot read 'a.yaml': %s", cases[i].message);
        CHECK(gy_yaml_parse(&root, cases[i].text, strlen(cases[i].text), "a.yaml", &arena, &err) ==
              GY_FORMAT);
        CHECK(strncmp(err.message, wanted, strlen(wanted)) == 0);
        if (strncmp(err.message, wanted, strlen(wanted)) != 0)
            printf("# got: %s\n# not: %s\n", err.message, wanted);
        gy_arena_release(&arena);
    }
}

static void test_places(void)
{
    static const char text[] = "stages:\n  train:\n    cmd: x\n    deps:\n    - a\n    - b: 1\n";
    gy_arena arena = GY_ARENA_INIT;
    gy_json *root;
    CHECK(gy_yaml_parse(&root, text, sizeof(text) - 1, "a.yaml", &arena, NULL) == GY_OK);
    const gy_json *train = gy_json_get(gy_json_get(root, "stages"), "train");
    CHECK(train != NULL && train->line == 2 && train->column == 3);
    const gy_json *deps = gy_json_get(train, "deps");
    CHECK(deps != NULL && deps->line == 4 && deps->count == 2);
    CHECK(deps->items[0].line == 5 && deps->items[0].column == 7);
    CHECK(deps->items[1].items[0].line == 6 && deps->items[1].items[0].column == 7);
    gy_arena_release(&arena);
}

static void test_depth_is_bounded(void)
{
    char text[100 * 1000];
    gy_arena arena = GY_ARENA_INIT;
    gy_json *root;
    memset(text, '[', GY_JSON_DEPTH_MAX);
    memset(text + GY_JSON_DEPTH_MAX, ']', GY_JSON_DEPTH_MAX);
    CHECK(gy_yaml_parse(&root, text, 2 * (size_t)GY_JSON_DEPTH_MAX, "a", &arena, NULL) == GY_OK);
    memset(text, '[', sizeof(text));
    CHECK(gy_yaml_parse(&root, text, sizeof(text), "a", &arena, NULL) == GY_LIMIT);
    for (size_t i = 1; i < sizeof(text); i += 2)
        text[i] = '\n';
    CHECK(gy_yaml_parse(&root, text, sizeof(text), "a", &arena, NULL) == GY_LIMIT);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    static const char text[] = "a: [1, 2]\nb: c\n";
    gy_status status = GY_NO_MEMORY;
    size_t takes = 0;
    for (; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_json *root;
        status = gy_yaml_parse(&root, text, sizeof(text) - 1, "a.yaml", &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK && takes > 1);
}

int main(void)
{
    RUN(test_documents_mean_json);
    RUN(test_refused_documents_say_where);
    RUN(test_places);
    RUN(test_depth_is_bounded);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
