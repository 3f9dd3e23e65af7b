// SPDX-License-Identifier: Apache-2.0
//
// Goal: tables are read, written and rewritten without losing or inventing anything. Method: files
// small enough to see; every broken record with its line; what is written reads back with the same
// ids; a rewrite changes the named cells and no other byte; a scan gives what a read gives.

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "check.h"
#include "gyre/table.h"

static char folder[] = "/tmp/gyre-read-XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const char *text, size_t length)
{
    CHECK(gy_file_replace(path_of(name), text, length, NULL) == GY_OK);
}

static void check_file(const char *name, const char *want)
{
    gy_arena arena = GY_ARENA_INIT;
    char *bytes = NULL;
    size_t size = 0;
    CHECK(gy_file_read(&bytes, &size, path_of(name), SIZE_MAX, &arena, NULL) == GY_OK);
    bool same = bytes != NULL && size == strlen(want) && memcmp(bytes, want, size) == 0;
    CHECK(same);
    if (!same)
        printf("# have: %s\n", bytes);
    gy_arena_release(&arena);
}

static bool text_is(const gy_column *column, size_t row, const char *want)
{
    size_t length;
    if (column->type != GY_COLUMN_TEXT || !gy_column_has(column, row))
        return false;
    const char *text = gy_column_text(column, row, &length);
    return length == strlen(want) && memcmp(text, want, length) == 0;
}

static void test_columns_have_the_type_of_all_their_cells(void)
{
    static const char csv[] = "i,d,b,t,day,time,mixed,none,long\n"
                              "1,2,true,a,2024-01-02,2024-01-02T03:04:05,1,,9007199254740993\n"
                              "-5,2.5,FALSE,\"b,\n\"\"c\"\"\",1969-12-31,2024-01-02,x,,0.5\n"
                              ",,,,,,,,\n";
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    write_bytes("types.csv", csv, strlen(csv));
    CHECK(gy_table_read(&table, path_of("types.csv"), NULL, &arena, NULL) == GY_OK);
    static const gy_column_type want[] = {GY_COLUMN_INT64, GY_COLUMN_DOUBLE, GY_COLUMN_BOOL,
                                          GY_COLUMN_TEXT,  GY_COLUMN_DATE,   GY_COLUMN_TIME,
                                          GY_COLUMN_TEXT,  GY_COLUMN_NULL,   GY_COLUMN_TEXT};
    CHECK(table.rows == 3 && table.column_count == 9);
    for (size_t c = 0; c < table.column_count; c++) {
        CHECK(table.columns[c].type == want[c]);
        CHECK(table.columns[c].null_count == (c == 7 ? 3 : 1) &&
              !gy_column_has(&table.columns[c], 2));
    }
    CHECK(((const int64_t *)table.columns[0].values)[1] == -5);
    CHECK(((const double *)table.columns[1].values)[0] == 2.0);
    CHECK(((const uint8_t *)table.columns[2].values)[0] == 1);
    CHECK(text_is(&table.columns[3], 1, "b,\n\"c\""));
    CHECK(((const int32_t *)table.columns[4].values)[1] == -1);
    CHECK(((const int64_t *)table.columns[5].values)[0] == INT64_C(1704164645000000));
    gy_arena_release(&arena);
}

static void test_broken_records_are_named_by_line(void)
{
    static const struct {
        const char *csv, *message;
    } rows[] = {
        {"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, the header has 2"},
        {"a,b\n1,\"x\n2,3\n", "line 2: column 'b': a quote is opened and never closed"},
        {"a,b\n\"x\ny\",1\n1,\"x\"y\n", "line 4: column 'b': text after a closing quote"},
        {"a,b\n1,\xff\n", "line 2: column 'b': not UTF-8"},
        {"a,a\n1,2\n", "the name 'a' stands over column 1 and 2"},
        {"", "has no header: it is empty"},
        {"\xff\xfe"
         "a",
         "is UTF-16"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_table table;
        gy_error err = {0};
        write_bytes("bad.csv", rows[i].csv, strlen(rows[i].csv));
        CHECK(gy_table_read(&table, path_of("bad.csv"), NULL, &arena, &err) == GY_FORMAT);
        CHECK(strstr(err.message, rows[i].message) != NULL);
        gy_arena_release(&arena);
    }
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    gy_error err = {0};
    write_bytes("nul.csv", "a\n1\0\n", 5);
    CHECK(gy_table_read(&table, path_of("nul.csv"), NULL, &arena, &err) == GY_FORMAT);
    CHECK(strstr(err.message, "line 2: column 'a': a NUL byte") != NULL);
    write_bytes("bad.jsonl", "{\"a\":1}\n\n[1]\n", 13);
    CHECK(gy_table_read(&table, path_of("bad.jsonl"), NULL, &arena, &err) == GY_FORMAT);
    CHECK(strstr(err.message, "line 3, column 1: not an object") != NULL);
    gy_arena_release(&arena);
}

static void test_broken_records_keep_their_rows_when_asked(void)
{
    static const char csv[] = "a,b\n1,x\n2\n3,\"y\n4,z\n";
    const gy_table_options options = {.tolerant = true};
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    write_bytes("tolerant.csv", csv, strlen(csv));
    CHECK(gy_table_read(&table, path_of("tolerant.csv"), &options, &arena, NULL) == GY_OK);
    CHECK(table.rows == 4 && table.fault_count == 2);
    CHECK(table.faults[0].row == 1 && table.faults[0].line == 3);
    CHECK(table.faults[1].row == 2 && table.faults[1].line == 4);
    CHECK(text_is(&table.columns[1], 3, "z") && !gy_column_has(&table.columns[0], 1));
    CHECK(((const int64_t *)table.columns[0].values)[3] == 4);
    gy_arena_release(&arena);
}

static gy_status ids_of(gy_table *table, const char *name, gy_arena *arena, gy_error *err)
{
    gy_marks marks;
    GY_TRY(gy_table_read(table, path_of(name), NULL, arena, err));
    GY_TRY(gy_table_marks(&marks, table, NULL, arena, err));
    return gy_table_ids(table, &marks, arena, err);
}

static void test_what_is_written_reads_back(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, back;
    gy_marks marks;
    gy_error err = {0};
    CHECK(gy_table_read(&table, "tests/data/table/rows.parquet", NULL, &arena, &err) == GY_OK);
    CHECK(gy_table_marks(&marks, &table, NULL, &arena, &err) == GY_OK);
    CHECK(gy_table_ids(&table, &marks, &arena, &err) == GY_OK);
    static const char *const names[] = {"back.csv", "back.tsv", "back.jsonl", "back.parquet"};
    for (size_t n = 0; n < 4 && err.status == GY_OK; n++) {
        CHECK(gy_table_write(&table, path_of(names[n]), &err) == GY_OK);
        CHECK(ids_of(&back, names[n], &arena, &err) == GY_OK);
        CHECK(err.status == GY_OK && back.rows == table.rows);
        for (size_t row = 0; row < table.rows && err.status == GY_OK; row++)
            CHECK(memcmp(&back.ids[row], &table.ids[row], sizeof(gy_id)) == 0);
    }
    if (err.status != GY_OK)
        printf("# %s\n", err.message);
    gy_arena_release(&arena);
}

static void test_a_rewrite_changes_the_named_cells_alone(void)
{
    static const char csv[] = "\xef\xbb\xbfid,\"label\", x\r\n1,\"cat\",1.50\r\n\r\n2, dog ,+3\r\n"
                              "broken\r\n3,cat,\"a\"\"b\"\r\n4,cat,5";
    static const char want[] = "\xef\xbb\xbfid,\"label\", x,gyre_weight\r\n1,\"cat\",1.50,\r\n\r\n"
                               "2,\"d,o\"\"g\",+3,\r\nbroken\r\n4,cat,5,0.5";
    const gy_edit edits[] = {{1, "label", "d,o\"g"}, {4, "gyre_weight", "0.5"}};
    const uint8_t dropped[1] = {1 << 3};
    write_bytes("edit.csv", csv, strlen(csv));
    CHECK(gy_table_rewrite(path_of("edit.csv"), path_of("edit.csv"), edits, 2, dropped, NULL) ==
          GY_OK);
    check_file("edit.csv", want);
    const gy_edit broken = {2, "label", "x"}, missing = {9, "label", "x"};
    gy_error err = {0};
    CHECK(gy_table_rewrite(path_of("edit.csv"), path_of("e.csv"), &broken, 1, NULL, &err) ==
          GY_INVALID);
    CHECK(strstr(err.message, "row 3") != NULL);
    CHECK(gy_table_rewrite(path_of("edit.csv"), path_of("e.csv"), &missing, 1, NULL, &err) ==
          GY_INVALID);
    CHECK(!gy_file_exists(path_of("e.csv")));
}

static void test_a_rewrite_of_json_lines_keeps_other_lines(void)
{
    static const char lines[] = "{ \"a\": 1.50, \"label\": \"x\" }\n\n{\"a\":2,\"label\":\"7\"}\n"
                                "{\"a\": 3}\n";
    static const char want[] = "{ \"a\": 1.50, \"label\": \"x\" }\n\n{\"a\":2,\"label\":\"8\"}\n"
                               "{\"a\":3,\"label\":true,\"gyre_soft\":{\"p\":0.5}}\n";
    const gy_edit edits[] = {
        {1, "label", "8"}, {2, "label", "true"}, {2, "gyre_soft", "{\"p\":0.5}"}};
    write_bytes("edit.jsonl", lines, strlen(lines));
    CHECK(gy_table_rewrite(path_of("edit.jsonl"), path_of("out.jsonl"), edits, 3, NULL, NULL) ==
          GY_OK);
    check_file("out.jsonl", want);
}

static void test_rows_are_counted_without_reading_them(void)
{
    static const char *const paths[] = {"tests/data/table/rows.parquet",
                                        "tests/data/table/images.npz"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_table table = {0};
        uint64_t rows = 0;
        CHECK(gy_table_read(&table, paths[i], NULL, &arena, NULL) == GY_OK);
        CHECK(gy_table_count(&rows, paths[i], NULL) == GY_OK && rows == table.rows && rows > 0);
        gy_arena_release(&arena);
        gy_status status = GY_NO_MEMORY;
        for (size_t takes = 1; status == GY_NO_MEMORY && takes < 1000; takes++) {
            char fault[32];
            gy_error err = {0};
            snprintf(fault, sizeof(fault), "memory:%zu", takes);
            gy_fault_set(fault);
            status = gy_table_count(&rows, paths[i], &err);
            gy_fault_set(NULL);
            CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        }
        CHECK(status == GY_OK && rows == table.rows);
    }
    uint64_t rows;
    gy_error err = {0};
    CHECK(gy_table_count(&rows, "rows.csv", &err) == GY_UNSUPPORTED);
    CHECK(strstr(err.message, "'rows.csv'") != NULL);
}

static void test_a_parquet_is_rewritten_by_values(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, back;
    gy_error err = {0};
    const gy_edit edits[] = {{1, "label", "bird"}, {2, "gyre_weight", "0.25"}};
    const uint8_t dropped[8] = {1};
    CHECK(gy_table_read(&table, "tests/data/table/rows.parquet", NULL, &arena, &err) == GY_OK);
    CHECK(gy_table_rewrite("tests/data/table/rows.parquet", path_of("e.parquet"), edits, 2, dropped,
                           &err) == GY_OK);
    CHECK(gy_table_read(&back, path_of("e.parquet"), NULL, &arena, &err) == GY_OK);
    if (err.status == GY_OK) {
        CHECK(back.rows == table.rows - 1 && back.column_count == table.column_count + 1);
        CHECK(text_is(gy_table_column(&back, "label"), 0, "bird"));
        const gy_column *weight = gy_table_column(&back, "gyre_weight");
        CHECK(weight->null_count == 58 && ((const double *)weight->values)[1] == 0.25);
        CHECK(memcmp((const int64_t *)gy_table_column(&back, "long")->values + 5,
                     (const int64_t *)gy_table_column(&table, "long")->values + 6, 80) == 0);
    }
    gy_arena_release(&arena);
}

static void check_scan(const char *path, const char *column)
{
    const gy_table_options options = {.tolerant = true};
    gy_arena arena = GY_ARENA_INIT;
    gy_table table, chunk;
    gy_table_scan *scan;
    gy_error err = {0};
    size_t rows = 0, length, want_length;
    CHECK(gy_table_read(&table, path, &options, &arena, &err) == GY_OK);
    CHECK(gy_table_scan_open(&scan, path, &column, 1, &err) == GY_OK);
    const gy_column *want = gy_table_column(&table, column);
    while (scan != NULL && gy_table_scan_next(scan, &chunk, &err) == GY_OK && chunk.rows > 0) {
        CHECK(chunk.column_count == 1 && chunk.first_row == rows + 1);
        for (size_t row = 0; row < chunk.rows; row++, rows++) {
            CHECK(gy_column_has(chunk.columns, row) == gy_column_has(want, rows));
            if (!gy_column_has(want, rows))
                continue;
            const char *text = gy_column_text(chunk.columns, row, &length);
            const char *other = gy_column_text(want, rows, &want_length);
            CHECK(length == want_length && memcmp(text, other, length) == 0);
        }
    }
    CHECK(rows == table.rows && err.status == GY_OK);
    gy_table_scan_close(scan);
    gy_arena_release(&arena);
}

static void test_a_scan_gives_what_a_read_gives(void)
{
    gy_text csv = {0};
    gy_text_add(&csv, "n,word\n");
    for (int i = 0; i < 100000; i++)
        gy_text_add(&csv,
                    i % 1000 == 7 ? "broken\n"
                    : i % 10 == 3 ? "%d,\n"
                                  : "%d,\"w \"\"%d\"\"\"\n",
                    i, i);
    write_bytes("scan.csv", csv.bytes, csv.length);
    gy_text_release(&csv);
    check_scan(path_of("scan.csv"), "word");
    check_scan("tests/data/table/rows.parquet", "text");
    check_scan("tests/data/table/rows.jsonl", "text");
    gy_table_scan *scan;
    gy_error err = {0};
    const char *none = "none";
    CHECK(gy_table_scan_open(&scan, path_of("scan.csv"), &none, 1, &err) == GY_INVALID);
    CHECK(gy_table_scan_open(&scan, path_of("gone.csv"), NULL, 0, &err) == GY_NOT_FOUND);
}

static void test_every_write_may_fail(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    CHECK(gy_table_read(&table, "tests/data/table/rows.csv", NULL, &arena, NULL) == GY_OK);
    write_bytes("f.csv", "old", 3);
    for (int kind = 0; kind < 2; kind++) {
        gy_status status = GY_IO;
        for (size_t n = 1; status != GY_OK && n < 200; n++) {
            char fault[32];
            gy_error err = {0};
            snprintf(fault, sizeof(fault), "%s:%zu", kind == 0 ? "memory" : "io", n);
            gy_fault_set(fault);
            status = gy_table_write(&table, path_of("f.csv"), &err);
            gy_fault_set(NULL);
            CHECK(status == GY_OK || err.message[0] != '\0');
        }
        CHECK(status == GY_OK);
    }
    gy_arena_release(&arena);
}

static void test_hostile_files_are_refused(void)
{
    static const struct {
        const char *name, *text;
        size_t length;
        gy_status want;
    } rows[] = {
        {"x.parquet", "PAR1PAR1", 8, GY_FORMAT},
        {"y.parquet", "", 0, GY_FORMAT},
        {"x.npz", "PK\5\6", 4, GY_FORMAT},
        {"x-ubyte", "\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, GY_FORMAT},
        {"x.jsonl", "{\"a\":", 5, GY_FORMAT},
        {"x.csv.gz", "a,b\n", 4, GY_FORMAT},
        {"x.xlsx", "", 0, GY_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_table table;
        gy_error err = {0};
        write_bytes(rows[i].name, rows[i].text, rows[i].length);
        gy_status status = gy_table_read(&table, path_of(rows[i].name), NULL, &arena, &err);
        CHECK(status == rows[i].want && strstr(err.message, rows[i].name) != NULL);
        if (status != rows[i].want)
            printf("# %s: %s\n", rows[i].name, err.message);
        gy_arena_release(&arena);
    }
}

static void test_files_of_rows_are_known_by_their_names(void)
{
    static const char *const rows[] = {"a.csv",     "b/A.TSV", "a.jsonl", "a.ndjson",
                                       "a.parquet", "a.pq",    "a.csv.gz"};
    static const char *const others[] = {"a.npz", "a", "csv", ".csv", "a.csv/b", "t10k-idx3-ubyte"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        CHECK(gy_table_is_rows(rows[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        CHECK(!gy_table_is_rows(others[i]));
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_files_of_rows_are_known_by_their_names);
    RUN(test_columns_have_the_type_of_all_their_cells);
    RUN(test_broken_records_are_named_by_line);
    RUN(test_broken_records_keep_their_rows_when_asked);
    RUN(test_what_is_written_reads_back);
    RUN(test_a_rewrite_changes_the_named_cells_alone);
    RUN(test_a_rewrite_of_json_lines_keeps_other_lines);
    RUN(test_rows_are_counted_without_reading_them);
    RUN(test_a_parquet_is_rewritten_by_values);
    RUN(test_a_scan_gives_what_a_read_gives);
    RUN(test_every_write_may_fail);
    RUN(test_hostile_files_are_refused);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) != 0 || check_done();
}
