// SPDX-License-Identifier: Apache-2.0
//
// Goal: a pointer reads back as it was written, and nothing else passes for one. Method: round
// trips; every cut; a table of what must be refused.

#include "store/pointer.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char good[] = "gyre pointer 1\nkind folder\n"
                           "root 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
                           "samples 12\nbytes 345\n";

static void test_round_trip(void)
{
    static const uint64_t numbers[] = {0, 1, 9, 10, 1234567890123, 9999999999999999999u};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        gy_pointer pointer = {.samples = numbers[i], .bytes = numbers[i], .is_folder = i % 2}, read;
        gy_text text = {0};
        gy_id_of_bytes(&pointer.root, &i, sizeof(i));
        gy_pointer_write(&text, &pointer);
        CHECK(gy_pointer_parse(&read, text.bytes, text.length, "p", NULL) == GY_OK);
        CHECK(gy_pointer_equal(&pointer, &read));
        gy_text_release(&text);
    }
}

static void test_the_text_is_as_documented(void)
{
    gy_pointer pointer;
    gy_text text = {0};
    CHECK(gy_pointer_parse(&pointer, good, strlen(good), "p", NULL) == GY_OK);
    CHECK(pointer.is_folder && pointer.samples == 12 && pointer.bytes == 345);
    gy_pointer_write(&text, &pointer);
    CHECK(strcmp(text.bytes, good) == 0);
    gy_text_release(&text);
}

// As git leaves it where core.autocrlf is on.
static void test_lines_may_end_in_cr_lf(void)
{
    char text[600];
    size_t length = 0;
    gy_pointer pointer, same;
    for (const char *at = good; *at != '\0'; at++) {
        if (*at == '\n')
            text[length++] = '\r';
        text[length++] = *at;
    }
    CHECK(gy_pointer_parse(&pointer, good, strlen(good), "p", NULL) == GY_OK);
    CHECK(gy_pointer_parse(&same, text, length, "p", NULL) == GY_OK);
    CHECK(gy_pointer_equal(&pointer, &same));
}

static void test_every_cut_is_refused(void)
{
    for (size_t length = 0; length < strlen(good); length++) {
        gy_pointer pointer;
        gy_error err = {0};
        CHECK(gy_pointer_parse(&pointer, good, length, "p", &err) == GY_FORMAT);
        CHECK(err.message[0] != '\0');
    }
}

static void test_what_is_no_pointer(void)
{
    static const struct {
        const char *from, *to;
        gy_status status;
    } cases[] = {
        {"pointer 1", "pointer 2", GY_UNSUPPORTED},
        {"pointer 1", "pointer 01", GY_FORMAT},
        {"pointer 1", "pointer -1", GY_FORMAT},
        {"gyre", "<<<<<<< HEAD\ngyre", GY_FORMAT},
        {"kind folder", "kind fold", GY_FORMAT},
        {"kind folder", "kind  folder", GY_FORMAT},
        {"root 0", "root g", GY_FORMAT},
        {"root 01", "root 1", GY_FORMAT},
        {"samples 12", "samples 1e2", GY_FORMAT},
        {"samples 12", "samples", GY_FORMAT},
        {"samples 12", "samples 99999999999999999999", GY_FORMAT},
        {"bytes 345", "bytes 345\nmore 1", GY_FORMAT},
        {"bytes 345\n", "bytes 345\n\n", GY_FORMAT},
        {"bytes 345\n", "bytes 345\r\r\n", GY_FORMAT},
        {"kind folder\n", "", GY_FORMAT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[600];
        gy_pointer pointer;
        gy_error err = {0};
        const char *at = strstr(good, cases[i].from);
        CHECK(at != NULL);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, cases[i].to,
                 at + strlen(cases[i].from));
        CHECK(gy_pointer_parse(&pointer, text, strlen(text), "p", &err) == cases[i].status);
        CHECK(strchr(err.message, 'p') != NULL);
    }
}

int main(void)
{
    RUN(test_round_trip);
    RUN(test_the_text_is_as_documented);
    RUN(test_lines_may_end_in_cr_lf);
    RUN(test_every_cut_is_refused);
    RUN(test_what_is_no_pointer);
    return check_done();
}
