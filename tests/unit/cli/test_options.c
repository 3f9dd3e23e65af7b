// SPDX-License-Identifier: Apache-2.0
//
// Goal: options of every kind are read in each of their forms, and what is wrong is named. Method:
// one command with an option of each kind; lines of arguments with what they set, or the message.

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli/command.h"

typedef struct chosen {
    bool flag;
    size_t count, bytes;
    double number;
    const char *text;
    gy_texts texts;
} chosen;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "flag", 'f', NULL, offsetof(chosen, flag), "a flag"},
    {GY_OPTION_SIZE, "count", 'c', "N", offsetof(chosen, count), "a count"},
    {GY_OPTION_BYTES, "bytes", 0, "SIZE", offsetof(chosen, bytes), "a size"},
    {GY_OPTION_NUMBER, "number", 'n', "X", offsetof(chosen, number), "a number"},
    {GY_OPTION_TEXT, "text", 't', "TEXT", offsetof(chosen, text), "a text"},
    {GY_OPTION_TEXTS, "texts", 0, "TEXT", offsetof(chosen, texts), "texts"},
    GY_OPTIONS_END,
};

static const gy_command command = {
    .name = "x",
    .usage = "gyre x [OPTION...] A [B]",
    .summary = "do x",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
};

enum { ARGS_MAX = 200 };

// Parse words parted by single spaces.
static gy_status parse(chosen *target, gy_cli *cli, const char *line, gy_error *err)
{
    static char words[4096], *args[ARGS_MAX];
    size_t count = 0;
    snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
        args[count++] = word;
    args[count] = NULL;
    *target = (chosen){.text = "none"};
    *cli = (gy_cli){.args = args};
    return gy_options_parse(target, &command, cli, err);
}

static void test_every_kind_in_every_form(void)
{
    chosen got;
    gy_cli cli;
    CHECK(parse(&got, &cli, "--count 7 a --number=-2.5e3 --text x=y --flag b", NULL) == GY_OK);
    CHECK(got.count == 7 && got.number == -2500 && strcmp(got.text, "x=y") == 0 && got.flag);
    CHECK(cli.operands == 2 && strcmp(cli.args[0], "a") == 0 && strcmp(cli.args[1], "b") == 0);
    CHECK(cli.args[2] == NULL);
    CHECK(parse(&got, &cli, "-c 8 -n -1 -t --flag -f -", NULL) == GY_OK);
    CHECK(got.count == 8 && got.number == -1 && strcmp(got.text, "--flag") == 0 && got.flag);
    CHECK(cli.operands == 1 && strcmp(cli.args[0], "-") == 0);
    CHECK(parse(&got, &cli, "--texts a --texts=b --text= -- --flag", NULL) == GY_OK);
    CHECK(got.texts.count == 2 && strcmp(got.texts.items[1], "b") == 0 && !got.flag);
    CHECK(strcmp(got.text, "") == 0 && strcmp(cli.args[0], "--flag") == 0);
    CHECK(parse(&got, &cli, "--count 1 --count 2 a", NULL) == GY_OK && got.count == 2);
}

static void test_sizes_in_bytes(void)
{
    static const struct {
        const char *text;
        size_t bytes;
    } sizes[] = {{"0", 0},        {"65536", 65536},    {"64KiB", 65536},
                 {"64K", 65536},  {"1.5MiB", 1572864}, {"2GiB", 2147483648},
                 {"1kB", 1000},   {"1MB", 1000000},    {"3B", 3},
                 {"1M", 1048576}, {"1G", 1073741824}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char line[64];
        chosen got;
        gy_cli cli;
        snprintf(line, sizeof(line), "--bytes %s a", sizes[i].text);
        CHECK(parse(&got, &cli, line, NULL) == GY_OK && got.bytes == sizes[i].bytes);
    }
}

static void test_what_is_wrong_is_named(void)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--nonesuch a", "unknown option '--nonesuch' (see gyre x --help)"},
        {"--fla a", "unknown option '--fla' (see gyre x --help)"},
        {"--flags a", "unknown option '--flags' (see gyre x --help)"},
        {"-x a", "unknown option '-x' (see gyre x --help)"},
        {"-fc a", "unknown option '-fc' (see gyre x --help)"},
        {"--flag=yes a", "--flag takes no value"},
        {"a --count", "--count needs a value (N)"},
        {"a --count x", "--count: 'x' is not a whole number"},
        {"a --count -1", "--count: '-1' is not a whole number"},
        {"a --count=", "--count: '' is not a whole number"},
        {"a --count 1.5", "--count: '1.5' is not a whole number"},
        {"a --count 99999999999999999999", "--count: '99999999999999999999' is not a whole number"},
        {"a --number x", "--number: 'x' is not a number"},
        {"a --number nan", "--number: 'nan' is not a number"},
        {"a --number 1e999", "--number: '1e999' is not a number"},
        {"a --number 1,5", "--number: '1,5' is not a number"},
        {"a --bytes 5X", "--bytes: '5X' is not a size in bytes such as 65536, 64KiB or 1MiB"},
        {"a --bytes -1", "--bytes: '-1' is not a size in bytes such as 65536, 64KiB or 1MiB"},
        {"a --bytes nan", "--bytes: 'nan' is not a size in bytes such as 65536, 64KiB or 1MiB"},
        {"a --bytes KiB", "--bytes: 'KiB' is not a size in bytes such as 65536, 64KiB or 1MiB"},
        {"a --bytes 1e30", "--bytes: '1e30' is not a size in bytes such as 65536, 64KiB or 1MiB"},
        {"--flag", "0 operands, must be at least 1; usage: gyre x [OPTION...] A [B]"},
        {"a b c", "3 operands, must be at most 2; usage: gyre x [OPTION...] A [B]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chosen got;
        gy_cli cli;
        gy_error err = {0};
        CHECK(parse(&got, &cli, cases[i].line, &err) == GY_INVALID);
        CHECK(strcmp(err.message, cases[i].message) == 0);
        if (strcmp(err.message, cases[i].message) != 0)
            printf("# got: %s\n# not: %s\n", err.message, cases[i].message);
    }
}

static void test_a_list_has_its_bound(void)
{
    char line[2048] = "a";
    chosen got;
    gy_cli cli;
    gy_error err = {0};
    for (int i = 0; i < GY_TEXTS_MAX; i++)
        strcat(line, " --texts=t");
    CHECK(parse(&got, &cli, line, NULL) == GY_OK && got.texts.count == GY_TEXTS_MAX);
    strcat(line, " --texts=t");
    CHECK(parse(&got, &cli, line, &err) == GY_LIMIT);
    CHECK(strcmp(err.message, "--texts is given over 64 times") == 0);
}

static void test_the_help_shows_every_option(void)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    gy_command_print_help(&command, file);
    fclose(file);
    CHECK(strstr(text, "usage: gyre x [OPTION...] A [B]\n") != NULL);
    CHECK(strstr(text, "  -f, --flag                   a flag\n") != NULL);
    CHECK(strstr(text, "      --bytes SIZE             a size\n") != NULL);
    CHECK(strstr(text, "  -q, --quiet                  results only") != NULL);
    free(text);
}

int main(void)
{
    RUN(test_every_kind_in_every_form);
    RUN(test_sizes_in_bytes);
    RUN(test_what_is_wrong_is_named);
    RUN(test_a_list_has_its_bound);
    RUN(test_the_help_shows_every_option);
    return check_done();
}
