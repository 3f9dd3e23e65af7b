// SPDX-License-Identifier: Apache-2.0
//
// Goal: a check names the rows that break a rule, each once, and no other. Method: a table whose
// faults are planted by a seeded generator that keeps the truth; unique against counting by hand;
// every allocation and every I/O call fails.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/random.h"
#include "check.h"
#include "gyre/quality.h"

enum { ROWS = 30000 };
static char folder[] = "/tmp/gyre-check-XXXXXX";
static uint8_t broken[ROWS + 1]; // by the generator: bit r: rule r
static uint8_t found[ROWS + 1];

static const char contract[] =
    "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n"
    "      - name: id\n        unique: true\n"
    "      - name: n\n        logicalType: integer\n        logicalTypeOptions: {minimum: 0, "
    "maximum: 99}\n"
    "      - name: word\n        required: true\n        logicalTypeOptions: {pattern: "
    "'^w[0-9]+$', "
    "maxLength: 6}\n"
    "      - name: day\n        logicalType: date\n"
    "      - name: kind\n        quality: [{metric: invalidValues, arguments: {validValues: [a, "
    "b]}, "
    "mustBe: 0}]\n";

static const char *path_of(const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *bytes, size_t length)
{
    CHECK(gy_file_replace(path_of(name), bytes, length, NULL) == GY_OK);
}

// Rules by bit: 0 unique, 1 type, 2 minimum, 3 maximum, 4 required, 5 pattern, 6 date, 7 values.
static const char *const rules[8] = {"id.unique", "n.type",          "n.minimum",
                                     "n.maximum", "word.required",   "word.pattern",
                                     "day.type",  "kind.validValues"};

static void make_table(void)
{
    gy_random random;
    gy_text csv = {0};
    gy_random_init(&random, 77, 1);
    gy_text_add(&csv, "id,n,word,day,kind\n");
    memset(broken, 0, sizeof(broken));
    for (int row = 1; row <= ROWS; row++) {
        uint32_t fault = gy_random_below(&random, 2000); // eight of them are faults
        char id[24], n[24] = "5", word[24] = "w12", day[24] = "2024-05-06", kind = 'a';
        snprintf(id, sizeof(id), "key-%d", row);
        if (fault < 8)
            broken[row] = (uint8_t)(1u << fault);
        if (fault == 0 && row > 1) {
            snprintf(id, sizeof(id), "key-%d", row - 1);
            broken[row - 1] |= 1;
        } else if (fault == 0) {
            broken[row] = 0;
        }
        if (fault >= 1 && fault <= 3)
            snprintf(n, sizeof(n), "%s", fault == 1 ? "many" : fault == 2 ? "-1" : "100");
        if (fault == 4 || fault == 5)
            snprintf(word, sizeof(word), "%s", fault == 4 ? "" : "x1");
        if (fault == 6)
            snprintf(day, sizeof(day), "2024-02-30");
        if (fault == 7)
            kind = 'c';
        gy_text_add(&csv, "%s,%s,%s,%s,%c\n", id, n, word, day, kind);
    }
    write_text("t.csv", csv.bytes, csv.length);
    write_text("t.contract.yaml", contract, strlen(contract));
    gy_text_release(&csv);
}

static gy_status collect(void *context, const gy_failure *failure, gy_error *err)
{
    size_t *last = context;
    (void)err;
    CHECK(failure->row >= *last && failure->row >= 1 && failure->row <= ROWS);
    CHECK(failure->id != NULL && failure->why != NULL);
    *last = failure->row;
    for (int rule = 0; rule < 8; rule++)
        if (strcmp(rules[rule], failure->rule) == 0) {
            CHECK((found[failure->row] >> rule & 1) == 0); // once
            found[failure->row] |= (uint8_t)(1u << rule);
            return GY_OK;
        }
    CHECK(failure->rule == NULL);
    return GY_OK;
}

static void test_planted_faults_are_found_and_nothing_else(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_check_result result;
    gy_error err = {0};
    size_t last = 0, rows = 0;
    make_table();
    memset(found, 0, sizeof(found));
    CHECK(gy_check(&result, path_of("t.csv"), NULL, collect, &last, &arena, &err) == GY_OK);
    CHECK(memcmp(found, broken, sizeof(found)) == 0);
    for (int row = 1; row <= ROWS; row++)
        rows += broken[row] != 0;
    CHECK(rows > 60 && result.rows == ROWS && result.failing_rows == rows && result.refused);
    gy_arena_release(&arena);
}

static void test_parquet_gives_the_same_rows(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    gy_check_result result;
    gy_error err = {0};
    size_t last = 0;
    const gy_check_options options = {.contract = path_of("t.contract.yaml")};
    CHECK(gy_table_read(&table, path_of("t.csv"), NULL, &arena, &err) == GY_OK);
    CHECK(gy_table_write(&table, path_of("t.parquet"), &err) == GY_OK);
    memset(found, 0, sizeof(found));
    CHECK(gy_check(&result, path_of("t.parquet"), &options, collect, &last, &arena, &err) == GY_OK);
    CHECK(memcmp(found, broken, sizeof(found)) == 0);
    gy_arena_release(&arena);
}

// Rows are unique by what they hold, not by a hash of it.
static void test_unique_counts_as_a_person_would(void)
{
    static const char yaml[] =
        "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: a\n"
        "    quality: [{metric: duplicateValues, arguments: {properties: [a, b]}, mustBe: 0}]\n";
    static const char csv[] = "a,b\n1,x\n1,y\n2,x\n1,x\n,x\n,x\nab,c\na,bc\n1,x\n";
    gy_arena arena = GY_ARENA_INIT;
    gy_check_result result;
    write_text("u.csv", csv, strlen(csv));
    write_text("u.contract.yaml", yaml, strlen(yaml));
    CHECK(gy_check(&result, path_of("u.csv"), NULL, NULL, NULL, &arena, NULL) == GY_OK);
    CHECK(result.failing_rows == 3); // 1,x three times; rows with a missing value do not count
    gy_arena_release(&arena);
}

static void test_every_allocation_and_every_call_may_fail(void)
{
    static const char csv[] =
        "id,n,word,day,kind\n1,2,w1,2024-01-01,a\n1,x,,soon,\"q\"\"q\"\nbad\n";
    write_text("f.csv", csv, strlen(csv));
    write_text("f.contract.yaml", contract, strlen(contract));
    for (int kind = 0; kind < 2; kind++) {
        gy_status status = GY_IO;
        for (size_t n = 1; status != GY_OK && n < 400; n++) {
            char fault[32];
            gy_arena arena = GY_ARENA_INIT;
            gy_check_result result;
            gy_error err = {0};
            gy_text yaml = {0};
            snprintf(fault, sizeof(fault), "%s:%zu", kind == 0 ? "memory" : "io", n);
            gy_fault_set(fault);
            status = gy_check(&result, path_of("f.csv"), NULL, NULL, NULL, &arena, &err);
            if (status == GY_OK)
                status = gy_schema_infer(&yaml, path_of("f.csv"), NULL, &err);
            gy_fault_set(NULL);
            CHECK(status == GY_OK || err.message[0] != '\0');
            gy_text_release(&yaml);
            gy_arena_release(&arena);
        }
        CHECK(status == GY_OK);
    }
}

static void test_every_allocation_of_a_profile_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t n = 1; status != GY_OK && n < 400; n++) {
        char fault[32];
        gy_arena arena = GY_ARENA_INIT;
        gy_profile profile;
        gy_error err = {0};
        snprintf(fault, sizeof(fault), "memory:%zu", n);
        gy_fault_set(fault);
        status = gy_profile_table(&profile, path_of("f.csv"), NULL, &arena, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_planted_faults_are_found_and_nothing_else);
    RUN(test_parquet_gives_the_same_rows);
    RUN(test_unique_counts_as_a_person_would);
    RUN(test_every_allocation_and_every_call_may_fail);
    RUN(test_every_allocation_of_a_profile_may_fail);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) != 0 || check_done();
}
