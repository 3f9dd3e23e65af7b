// SPDX-License-Identifier: Apache-2.0
//
// Goal: columns of text read as what their cells say together, and no id knows of it. Method: small
// tables with the answer in the test; numbers spelled by the C library and marked by hand; each row
// alone has the id that it has in its table; every allocation fails.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "check.h"
#include "table/reading.h"

static char folder[] = "/tmp/gyre-reading-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    CHECK(gy_file_replace(path_of(name), text, strlen(text), NULL) == GY_OK);
}

static gy_status read_typed(gy_table *table, gy_table *typed, gy_marks *marks, const char *name,
                            gy_arena *arena, gy_error *err)
{
    GY_TRY(gy_table_read(table, path_of(name), NULL, arena, err));
    GY_TRY(gy_table_marks(marks, table, NULL, arena, err));
    return gy_table_typed(typed, table, marks, arena, err);
}

static const char header[] = "age;price;people;flag;day;country;stray;both;y\n";
static const char *const lines[] = {
    "34;3,14;1,234,567;true;2024-01-01;NA;1;1,234;a\n",
    "NA;2.000,5;2,345;N/A;null;DE;-;5,678;b\n",
    " ? ;7;-12;false;2024-01-02;FR;3;9;a\n",
    "12;n/a;1,000.5;true;2024-01-03;DE;four;1;b\n",
};
enum { ROWS = 4 };

static void write_lines(const char *name, size_t first, size_t count)
{
    gy_text text = {0};
    gy_text_add(&text, "%s", header);
    for (size_t i = 0; i < count; i++)
        gy_text_add(&text, "%s", lines[first + i]);
    write_file(name, text.bytes);
    gy_text_release(&text);
}

static void test_columns_have_the_type_of_all_but_their_gaps(void)
{
    static const gy_column_type types[] = {GY_COLUMN_INT64, GY_COLUMN_DOUBLE, GY_COLUMN_DOUBLE,
                                           GY_COLUMN_BOOL,  GY_COLUMN_DATE,   GY_COLUMN_TEXT,
                                           GY_COLUMN_TEXT,  GY_COLUMN_TEXT,   GY_COLUMN_TEXT};
    static const size_t gaps[] = {2, 1, 0, 1, 1, 0, 0, 0, 0};
    static const double price[] = {3.14, 2000.5, 7, 0}, people[] = {1234567, 2345, -12, 1000.5};
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, typed;
    gy_marks marks;
    write_lines("t.csv", 0, ROWS);
    CHECK(read_typed(&table, &typed, &marks, "t.csv", &arena, NULL) == GY_OK);
    for (size_t c = 0; c < sizeof(types) / sizeof(*types); c++) {
        CHECK(typed.columns[c].type == types[c]);
        CHECK(typed.columns[c].null_count == gaps[c]);
    }
    CHECK(table.columns[0].type == GY_COLUMN_TEXT);
    for (size_t row = 0; row < ROWS; row++) {
        if (gy_column_has(&typed.columns[1], row))
            CHECK(((const double *)typed.columns[1].values)[row] == price[row]);
        CHECK(((const double *)typed.columns[2].values)[row] == people[row]);
    }
    CHECK(((const int64_t *)typed.columns[0].values)[3] == 12 &&
          !gy_column_has(&typed.columns[0], 1) && !gy_column_has(&typed.columns[0], 2));
    gy_arena_release(&arena);
}

static void test_a_row_alone_has_the_id_that_it_has_among_others(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, typed, one;
    gy_marks marks;
    write_lines("t.csv", 0, ROWS);
    CHECK(read_typed(&table, &typed, &marks, "t.csv", &arena, NULL) == GY_OK);
    CHECK(gy_table_ids(&table, &marks, &arena, NULL) == GY_OK);
    for (size_t row = 0; row < ROWS; row++) {
        write_lines("one.csv", row, 1);
        CHECK(gy_table_read(&one, path_of("one.csv"), NULL, &arena, NULL) == GY_OK);
        CHECK(gy_table_ids(&one, &marks, &arena, NULL) == GY_OK);
        CHECK(gy_id_compare(&one.ids[0], &table.ids[row]) == 0);
    }
    gy_samples samples;
    CHECK(gy_samples_read(&samples, &table, &marks, &arena, NULL) == GY_OK);
    for (size_t row = 0; row < ROWS; row++)
        CHECK(gy_id_compare(&samples.ids[row], &table.ids[row]) == 0);
    // Two features each for the four columns with gaps, one for people; words one-hot: 3 countries,
    // 4 strays, 4 of both.
    CHECK(samples.cols == 4 * 2 + 1 + 3 + 4 + 4);
    gy_arena_release(&arena);
}

// 1234567.25 -> 1.234.567,25
static void mark(char *out, const char *plain, char group, char decimal)
{
    size_t whole = strcspn(plain, "."), at = plain[0] == '-';
    if (at > 0)
        *out++ = '-';
    for (; at < whole; at++) {
        *out++ = plain[at];
        if ((whole - at) % 3 == 1 && at + 1 < whole)
            *out++ = group;
    }
    if (plain[whole] == '.') {
        *out++ = decimal;
        strcpy(out, plain + whole + 1);
    } else {
        *out = '\0';
    }
}

static void test_marked_numbers_are_the_numbers(void)
{
    enum { COUNT = 3000 };
    static double values[2][COUNT];
    gy_text text = {0};
    srand(7);
    gy_text_add(&text, "comma;groups\n");
    for (size_t i = 0; i < COUNT; i++)
        for (size_t c = 0; c < 2; c++) {
            char plain[64], marked[96];
            double wide =
                (double)rand() * (rand() % 2 == 0 ? 1 : -1) * (rand() % 2 == 0 ? 1 : 1e-4);
            snprintf(plain, sizeof(plain), "%.*f", rand() % 5, wide);
            values[c][i] = strtod(plain, NULL);
            mark(marked, plain, c == 0 ? '.' : ',', c == 0 ? ',' : '.');
            gy_text_add(&text, "%s%c", marked, c == 0 ? ';' : '\n');
        }
    write_file("n.csv", text.bytes);
    gy_text_release(&text);
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, typed;
    gy_marks marks;
    CHECK(read_typed(&table, &typed, &marks, "n.csv", &arena, NULL) == GY_OK);
    for (size_t c = 0; c < 2; c++) {
        size_t wrong = 0;
        const double *read = typed.columns[c].values;
        CHECK(typed.columns[c].type == GY_COLUMN_DOUBLE);
        for (size_t i = 0; i < COUNT && typed.columns[c].type == GY_COLUMN_DOUBLE; i++)
            wrong += read[i] != values[c][i];
        CHECK(wrong == 0);
    }
    gy_arena_release(&arena);
}

static bool decide(gy_reading *reading, const char *cells, uint64_t rare_of)
{
    gy_reading_plan plan = {0};
    for (const char *at = cells; *at != '\0'; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        gy_cell cell;
        gy_cell_read(&cell, at, length);
        gy_reading_note(&plan, &cell);
        at += length;
    }
    gy_reading_decide(reading, &plan, rare_of);
    return gy_reading_differs(reading);
}

static void test_what_could_be_either_stays_as_it_is(void)
{
    gy_reading reading;
    static const char *const plain[] = {"1,234 5,678",  "NA NA",   "NA DE",    "1,5 1.5",
                                        "1.5 1.234 2",  "1,2,3 4", "1,23,456", "1.234,5 1,234.5",
                                        "0,123,456 5",  "1.23,5",  "00,5",     "- word",
                                        "1,234 01,5 2", "true 1 ?"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        CHECK(!decide(&reading, plain[i], 0));
    CHECK(decide(&reading, "1,234 1,5 2", 0) && reading.decimal == ',' && !reading.usual);
    CHECK(decide(&reading, "0,123 0,456", 0) && reading.decimal == ',');
    CHECK(decide(&reading, "1.234 1,5e3 -", 0) && reading.decimal == ',' && reading.usual);
    CHECK(decide(&reading, "1,234 1.5 -2,345.25", 0) && reading.decimal == '.');
    CHECK(decide(&reading, "NULL True false", 0) && reading.usual && reading.decimal == 0);
    CHECK(decide(&reading, "NaN 1 #N/A <NA> \\N n.a. -- . – None NaT", 0) && reading.usual);
    CHECK(!decide(&reading, "1 NA x", 0) && !decide(&reading, "1 NA x", 3));
    CHECK(decide(&reading, "1 NA 2 3 x", 3) && reading.usual);
}

static void test_a_contract_goes_before(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, typed;
    gy_marks marks;
    gy_error err = {0};
    write_lines("t.csv", 0, ROWS);
    write_file("t.contract.yaml",
               "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n"
               "      - name: country\n        customProperties:\n"
               "          - {property: gyre.missing, value: [\"NA\"]}\n"
               "      - name: age\n        customProperties:\n"
               "          - {property: gyre.missing, value: []}\n"
               "      - name: both\n        customProperties:\n"
               "          - {property: gyre.decimal, value: \",\"}\n");
    CHECK(read_typed(&table, &typed, &marks, "t.csv", &arena, &err) == GY_OK);
    CHECK(gy_table_column(&typed, "country")->null_count == 1 &&
          gy_table_column(&typed, "age")->type == GY_COLUMN_TEXT);
    const gy_column *both = gy_table_column(&typed, "both");
    CHECK(both->type == GY_COLUMN_DOUBLE && ((const double *)both->values)[0] == 1.234);
    write_file("t.contract.yaml",
               "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n"
               "      - name: age\n        customProperties:\n"
               "          - {property: gyre.missing, value: [null]}\n");
    CHECK(read_typed(&table, &typed, &marks, "t.csv", &arena, &err) == GY_FORMAT);
    CHECK(strstr(err.message, "line 7: gyre.missing holds something else than text") != NULL);
    gy_arena_release(&arena);
    CHECK(remove(path_of("t.contract.yaml")) == 0);
}

static void test_every_allocation_may_fail(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    gy_marks marks;
    write_lines("t.csv", 0, ROWS);
    CHECK(gy_table_read(&table, path_of("t.csv"), NULL, &arena, NULL) == GY_OK);
    CHECK(gy_table_marks(&marks, &table, NULL, &arena, NULL) == GY_OK);
    gy_status status = GY_NO_MEMORY;
    size_t takes = 0;
    for (; status == GY_NO_MEMORY; takes++) {
        gy_arena scratch = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_table typed;
        status = gy_table_typed(&typed, &table, &marks, &scratch, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&scratch);
    }
    CHECK(status == GY_OK && takes > 5);
    gy_arena_release(&arena);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    RUN(test_columns_have_the_type_of_all_but_their_gaps);
    RUN(test_a_row_alone_has_the_id_that_it_has_among_others);
    RUN(test_marked_numbers_are_the_numbers);
    RUN(test_what_could_be_either_stays_as_it_is);
    RUN(test_a_contract_goes_before);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
