// SPDX-License-Identifier: Apache-2.0
//
// Goal: a long Parquet file reads the same whether a thread reads ahead or not, and may be left at
// any chunk. Method: rows whose values are known from their number; one thread and two; scans that
// end early; every allocation.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "check.h"
#include "gyre/table.h"

enum { ROWS = 70000 };
static char folder[] = "/tmp/gyre-ahead-XXXXXX";
static char path[64];

static void write_rows(void)
{
    gy_arena arena = GY_ARENA_INIT;
    int64_t *numbers = GY_NEW(&arena, int64_t, ROWS), *offsets = GY_NEW(&arena, int64_t, ROWS + 1);
    char *bytes = GY_NEW(&arena, char, ROWS * 8);
    for (size_t row = 0; row < ROWS; row++) {
        numbers[row] = (int64_t)row;
        int length = snprintf(bytes + offsets[row], 8, "t%zu", row);
        offsets[row + 1] = offsets[row] + length;
    }
    gy_column columns[] = {
        {.name = "n", .type = GY_COLUMN_INT64, .values = numbers},
        {.name = "t", .type = GY_COLUMN_TEXT, .values = bytes, .offsets = offsets}};
    gy_table table = {.path = path, .columns = columns, .column_count = 2, .rows = ROWS};
    CHECK(gy_table_write(&table, path, NULL) == GY_OK);
    gy_arena_release(&arena);
}

// Rows until the end, or until there are `most`; SIZE_MAX after a wrong one.
static gy_status read_rows(size_t *rows, size_t most, gy_error *err)
{
    gy_table_scan *scan;
    gy_table chunk = {0};
    *rows = 0;
    gy_status status = gy_table_scan_open(&scan, path, NULL, 0, err);
    if (status != GY_OK)
        return status;
    while (*rows < most && (status = gy_table_scan_next(scan, &chunk, err)) == GY_OK &&
           chunk.rows > 0) {
        for (size_t i = 0; i < chunk.rows; i++) {
            char want[16];
            size_t length, number = *rows + i;
            int size = snprintf(want, sizeof(want), "t%zu", number);
            const char *text = gy_column_text(&chunk.columns[1], i, &length);
            if (((const int64_t *)chunk.columns[0].values)[i] != (int64_t)number ||
                length != (size_t)size || memcmp(text, want, length) != 0 ||
                chunk.first_row != *rows + 1)
                most = 0;
        }
        *rows = most == 0 ? SIZE_MAX : *rows + chunk.rows;
    }
    gy_table_scan_close(scan);
    return status;
}

static void test_rows_are_the_same_on_one_thread_and_on_two(void)
{
    static const char *const threads[] = {"1", "2"};
    for (size_t i = 0; i < 2; i++) {
        size_t rows;
        setenv("GYRE_THREADS", threads[i], 1);
        CHECK(read_rows(&rows, SIZE_MAX, NULL) == GY_OK && rows == ROWS);
    }
}

static void test_a_scan_may_end_at_any_chunk(void)
{
    for (size_t most = 1; most < ROWS; most += 5000) {
        size_t rows;
        CHECK(read_rows(&rows, most, NULL) == GY_OK && rows >= most && rows <= ROWS);
    }
}

static void test_every_allocation_may_fail(void)
{
    size_t tried = 0, rows;
    gy_status status = GY_NO_MEMORY;
    for (size_t call = 1; status != GY_OK && call < 3000; call++, tried++) {
        char text[32];
        gy_error err = {0};
        snprintf(text, sizeof(text), "memory:%zu", call);
        gy_fault_set(text);
        status = read_rows(&rows, SIZE_MAX, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        CHECK(status != GY_OK || rows == ROWS);
    }
    CHECK(tried > 5 && status == GY_OK);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/rows.parquet", folder);
    write_rows();
    RUN(test_rows_are_the_same_on_one_thread_and_on_two);
    RUN(test_a_scan_may_end_at_any_chunk);
    RUN(test_every_allocation_may_fail);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) != 0 || check_done();
}
