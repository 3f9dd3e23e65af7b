// SPDX-License-Identifier: Apache-2.0
//
// Goal: the same row has the same id from every format, spelling and column order; what is not part
// of it does not change it. Method: the canonical form against bytes written by hand from
// docs/formats/id.md; one table in several spellings; every allocation fails.

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "check.h"
#include "gyre/table.h"
#include "table/row_id.h"

static char folder[] = "/tmp/gyre-row-id-XXXXXX";

static const char *write_file(const char *name, const char *text)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    CHECK(gy_file_replace(path, text, strlen(text), NULL) == GY_OK);
    return path;
}

static gy_status read_ids(gy_table *table, const char *path, const char *label, gy_arena *arena,
                          gy_error *err)
{
    gy_marks marks;
    const gy_table_options options = {.label = label, .tolerant = true};
    GY_TRY(gy_table_read(table, path, &options, arena, err));
    GY_TRY(gy_table_marks(&marks, table, &options, arena, err));
    return gy_table_ids(table, &marks, arena, err);
}

// Ids of a file of that name and text; they live in arena.
static gy_table ids_of(const char *name, const char *text, gy_arena *arena)
{
    gy_table table = {0};
    gy_error err = {0};
    gy_status status = read_ids(&table, write_file(name, text), NULL, arena, &err);
    CHECK(status == GY_OK);
    if (status != GY_OK)
        printf("# %s\n", err.message);
    return table;
}

static bool same(const gy_table *a, size_t row_a, const gy_table *b, size_t row_b)
{
    return a->ids != NULL && b->ids != NULL && row_a < a->rows && row_b < b->rows &&
           memcmp(&a->ids[row_a], &b->ids[row_b], sizeof(gy_id)) == 0;
}

static void test_the_form_is_as_documented(void)
{
    static const struct {
        const char *csv;
        const char *form;
        size_t length;
    } rows[] = {
#define FORM(text) text, sizeof(text) - 1
        {"b,a\nx,1.50\n", FORM("gyrerow\1\1\0\0\0an\5\0\0\00015e-1\1\0\0\0bs\1\0\0\0x")},
        {"a\n100\n", FORM("gyrerow\1\1\0\0\0an\3\0\0\0001e2")},
        {"a\n-0.0\n", FORM("gyrerow\1\1\0\0\0an\1\0\0\0000")},
        {"a\n007\n", FORM("gyrerow\1\1\0\0\0as\3\0\0\000007")},
        {"a\nTrue\n", FORM("gyrerow\1\1\0\0\0ab\4\0\0\0true")},
        {"a\n2024-02-29T01:00+01:00\n", FORM("gyrerow\1\1\0\0\0at\12\0\0\0002024-02-29")},
        {"a\n2024-02-29 00:00:00.250\n",
         FORM("gyrerow\1\1\0\0\0at\26\0\0\0002024-02-29T00:00:00.25")},
        {"a\n-12345678901234567890000\n",
         FORM("gyrerow\1\1\0\0\0an\26\0\0\000-1234567890123456789e4")},
        {"a,b\n,\n", FORM("gyrerow\1")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_table table;
        gy_marks marks = {0};
        gy_identity identity;
        gy_text form = {0};
        CHECK(gy_table_read(&table, write_file("form.csv", rows[i].csv), NULL, &arena, NULL) ==
              GY_OK);
        CHECK(gy_identity_init(&identity, &table, &marks, &arena, NULL) == GY_OK);
        gy_identity_form(&form, &identity, &table, 0);
        CHECK(form.length == rows[i].length && memcmp(form.bytes, rows[i].form, form.length) == 0);
        gy_text_release(&form);
        gy_identity_release(&identity);
        gy_arena_release(&arena);
    }
}

static void test_a_row_is_the_same_in_every_format_and_spelling(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table a = ids_of("a.csv",
                        "n,x,big,t,flag,day,empty,label\n"
                        "1,0.10,123456789012345678901,abc,true,2024-01-02,,cat\n"
                        "-20,1e3,5,\"say \"\"hi\"\"\",FALSE,2024-01-02T10:00:00Z,,dog\n",
                        &arena);
    gy_table b =
        ids_of("b.csv",
               "\xef\xbb\xbf"
               "label;flag;t;big;x;n;day\r\n"
               "dog;True;\"abc\";123456789012345678901;.1;1.0;2024-01-02 00:00:00\r\n"
               "cat;false;\"say \"\"hi\"\"\";5.00;1000.000;-2e1;2024-01-02T11:00+01:00\r\n",
               &arena);
    gy_table c = ids_of(
        "c.jsonl",
        "{\"x\": 0.1, \"n\": 1, \"t\": \"abc\", \"big\": 123456789012345678901, \"flag\": true, "
        "\"day\": \"2024-01-02\", \"label\": null}\n\n"
        "{\"n\": \"-20\", \"x\": 1E+3, \"big\": 5, \"t\": \"say \\\"hi\\\"\", \"flag\": \"false\", "
        "\"day\": \"2024-01-02T10:00:00\", \"empty\": \"\", \"gyre_note\": 5}\n",
        &arena);
    for (size_t row = 0; row < 2; row++) {
        CHECK(same(&a, row, &b, row));
        CHECK(same(&a, row, &c, row));
    }
    CHECK(!same(&a, 0, &a, 1));
    gy_arena_release(&arena);
}

static void test_parquet_has_the_ids_of_the_csv(void)
{
    // Written by tests/data/table/make_tables.py from one set of values, by other programs.
    gy_arena arena = GY_ARENA_INIT;
    gy_error err = {0};
    gy_table csv, jsonl, parquet;
    CHECK(read_ids(&csv, "tests/data/table/rows.csv", NULL, &arena, &err) == GY_OK);
    CHECK(read_ids(&jsonl, "tests/data/table/rows.jsonl", NULL, &arena, &err) == GY_OK);
    gy_status status = read_ids(&parquet, "tests/data/table/rows.parquet", NULL, &arena, &err);
    CHECK(status == GY_OK);
    if (status != GY_OK)
        printf("# %s\n", err.message);
    CHECK(csv.rows == 60 && jsonl.rows == 60 && (status != GY_OK || parquet.rows == 60));
    for (size_t row = 0; row < csv.rows && status == GY_OK; row++) {
        CHECK(same(&csv, row, &jsonl, row));
        CHECK(same(&csv, row, &parquet, row));
    }
    gy_arena_release(&arena);
}

static void test_one_cell_changes_no_other_row(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table a = ids_of("one.csv", "x,y\n1,2\n3.50,4\n5,6\n", &arena);
    gy_table b = ids_of("one.csv", "x,y\n1,2\n3.5,4\nn/a,6\n", &arena);
    CHECK(same(&a, 0, &b, 0) && same(&a, 1, &b, 1) && !same(&a, 2, &b, 2));
    gy_arena_release(&arena);
}

static void test_equal_rows_share_an_id_and_are_numbered(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table = ids_of("equal.csv", "x,label\n1,a\n2,a\n1.0,b\n1,a\n", &arena);
    CHECK(same(&table, 0, &table, 2) && same(&table, 0, &table, 3) && !same(&table, 0, &table, 1));
    static const uint32_t want[] = {0, 0, 1, 2};
    CHECK(table.occurrences != NULL && memcmp(table.occurrences, want, sizeof(want)) == 0);
    gy_arena_release(&arena);
}

static void test_a_contract_excludes_columns_and_names_the_label(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table plain = ids_of("plain.csv", "x\n1\n", &arena);
    write_file("marked.contract.yaml", "kind: DataContract\napiVersion: v3.1.0\nschema:\n"
                                       "  - name: marked\n    properties:\n"
                                       "      - name: when\n        customProperties:\n"
                                       "          - property: gyre.exclude\n"
                                       "            value: true\n"
                                       "      - name: kind\n        customProperties:\n"
                                       "          - property: gyre.label\n"
                                       "            value: true\n");
    gy_table marked = ids_of("marked.csv", "x,when,kind\n1,2024,cat\n", &arena);
    CHECK(same(&plain, 0, &marked, 0));
    gy_arena_release(&arena);
}

static void test_personal_columns_enter_keyed(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    gy_error err = {0};
    write_file("people.contract.yaml", "kind: DataContract\napiVersion: v3.1.0\nschema:\n"
                                       "  - properties:\n"
                                       "      - name: mail\n        customProperties:\n"
                                       "          - {property: gyre.pii, value: true}\n");
    const char *path = write_file("people.csv", "mail\na@b.c\n");
    CHECK(read_ids(&table, path, NULL, &arena, &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, "gyre init") != NULL);
    char project[300], key[320];
    snprintf(project, sizeof(project), "%s/.gyre", folder);
    snprintf(key, sizeof(key), "%s/pii.key", project);
    CHECK(mkdir(project, 0777) == 0);
    gy_table again, other, plain;
    CHECK(read_ids(&table, path, NULL, &arena, &err) == GY_OK);
    CHECK(read_ids(&again, path, NULL, &arena, &err) == GY_OK);
    CHECK(same(&table, 0, &again, 0));
    struct stat about;
    CHECK(stat(key, &about) == 0 && (about.st_mode & 0777) == 0600 && about.st_size == 32);
    unlink(key);
    CHECK(read_ids(&other, path, NULL, &arena, &err) == GY_OK);
    CHECK(!same(&table, 0, &other, 0)); // another project's key, another id
    plain = ids_of("nobody.csv", "mail\na@b.c\n", &arena);
    CHECK(!same(&table, 0, &plain, 0));
    gy_arena_release(&arena);
}

static void test_a_row_that_names_a_file_has_its_id(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_id want;
    write_file("one.bin", "one");
    write_file("two.bin", "two");
    gy_table table =
        ids_of("files.csv", "path,label\none.bin,a\nnone.bin,b\ntwo.bin,\none.bin,c\n", &arena);
    gy_id_of_bytes(&want, "one", 3);
    CHECK(memcmp(&table.ids[0], &want, sizeof(want)) == 0 && table.occurrences[3] == 1);
    CHECK(table.has_id[0] == (1 | 4 | 8));
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    char path[300];
    snprintf(path, sizeof(path), "%s", write_file("fail.csv", "a,b\n1,\"x \"\"y\"\"\"\n2,3\n"));
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = GY_ARENA_INIT;
        arena.takes_left = takes;
        gy_table table;
        gy_error err = {0};
        status = read_ids(&table, path, NULL, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_the_form_is_as_documented);
    RUN(test_a_row_is_the_same_in_every_format_and_spelling);
    RUN(test_parquet_has_the_ids_of_the_csv);
    RUN(test_one_cell_changes_no_other_row);
    RUN(test_equal_rows_share_an_id_and_are_numbered);
    RUN(test_a_contract_excludes_columns_and_names_the_label);
    RUN(test_personal_columns_enter_keyed);
    RUN(test_a_row_that_names_a_file_has_its_id);
    RUN(test_every_allocation_may_fail);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) != 0 || check_done();
}
