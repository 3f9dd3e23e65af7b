// SPDX-License-Identifier: Apache-2.0
//
// The ids of all rows of a table, on several threads, and which rows are equal.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/thread.h"
#include "table/named.h"
#include "table/row_id.h"

enum { THREADS_MAX = 64, ROWS_A_PIECE = 1024, FILES_A_PIECE = 16, READ_BYTES = 1 << 16 };

typedef struct naming {
    const gy_table *table;
    const gy_identity *identity;
    const gy_column *paths;
    gy_id *ids;
    uint8_t *named; // [rows]
    gy_text forms[THREADS_MAX];
} naming;

gy_status gy_identity_file(gy_id *id, const gy_table *table, const gy_column *paths, size_t row,
                           gy_error *err)
{
    gy_named named;
    size_t length;
    if (!gy_column_has(paths, row))
        return gy_fail(err, GY_FORMAT, "row %zu names no file", table->first_row + row);
    const char *name = gy_column_text(paths, row, &length);
    GY_TRY(gy_named_open(&named, table->folder, name, length, err));
    uint8_t bytes[READ_BYTES];
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    ssize_t got;
    while ((got = gy_io_read(named.file, bytes, sizeof(bytes))) > 0)
        gy_sha256_add(&hash, bytes, (size_t)got);
    int reason = errno;
    close(named.file);
    if (got < 0)
        return gy_fail(err, GY_IO, "cannot read '%s': %s", named.path, strerror(reason));
    gy_sha256_end(&hash, id->bytes);
    return GY_OK;
}

static gy_status name_rows(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    naming *all = context;
    for (size_t row = begin; row < end; row++) {
        gy_error why = {0};
        if (all->paths != NULL) {
            gy_status status = gy_identity_file(&all->ids[row], all->table, all->paths, row, &why);
            if (gy_named_must_fail(status, &why))
                return gy_fail(err, status, "%s", why.message);
            all->named[row] = status == GY_OK;
        } else if (all->named[row]) {
            GY_TRY(gy_identity_id(&all->ids[row], &all->forms[worker], all->identity, all->table,
                                  row, err));
        }
    }
    return GY_OK;
}

// Number equal ids in row order. Slots hold rows; 0 is free, so rows count from 1.
static gy_status number_occurrences(uint32_t *occurrences, const gy_id *ids, const uint8_t *named,
                                    size_t rows, gy_error *err)
{
    size_t capacity = 64;
    while (capacity < 2 * rows)
        capacity *= 2;
    gy_arena *scratch = gy_arena_new(0);
    uint32_t *first = scratch == NULL ? NULL : GY_NEW(scratch, uint32_t, capacity);
    uint32_t *count = scratch == NULL ? NULL : GY_NEW(scratch, uint32_t, capacity);
    gy_status status = first == NULL || count == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu rows", rows)
                           : GY_OK;
    for (size_t row = 0; row < rows && status == GY_OK; row++) {
        if (!named[row])
            continue;
        uint64_t hash;
        memcpy(&hash, ids[row].bytes, sizeof(hash));
        size_t at = (size_t)hash & (capacity - 1);
        while (first[at] != 0 &&
               memcmp(ids[first[at] - 1].bytes, ids[row].bytes, sizeof(ids->bytes)) != 0)
            at = (at + 1) & (capacity - 1);
        if (first[at] == 0)
            first[at] = (uint32_t)row + 1;
        occurrences[row] = count[at]++;
    }
    gy_arena_free(scratch);
    return status;
}

static gy_status name_all(naming *all, const gy_table *table, const gy_marks *marks,
                          gy_arena *arena, gy_error *err)
{
    gy_identity identity = {0};
    all->paths = marks->file_column == NULL ? NULL : gy_table_column(table, marks->file_column);
    if (all->paths != NULL && all->paths->type == GY_COLUMN_NULL)
        return GY_OK; // no row names a file
    if (all->paths != NULL && all->paths->type != GY_COLUMN_TEXT)
        return gy_fail(err, GY_FORMAT, "'%s': column '%s' should name files but holds no text",
                       table->path, marks->file_column);
    if (all->paths == NULL)
        GY_TRY(gy_identity_init(&identity, table, marks, arena, err));
    all->identity = &identity;
    memset(all->named, 1, table->rows);
    for (size_t i = 0; i < table->fault_count; i++)
        all->named[table->faults[i].row] = 0;
    gy_status status = gy_thread_loop(
        table->rows, all->paths != NULL ? FILES_A_PIECE : ROWS_A_PIECE, 0, name_rows, all, err);
    for (size_t i = 0; i < THREADS_MAX; i++)
        gy_text_release(&all->forms[i]);
    if (all->paths == NULL)
        gy_identity_release(&identity);
    return status;
}

// What is wrong with the file of the first row that has no id.
static gy_status tell_fault(gy_table *table, const naming *all, gy_arena *arena, gy_error *err)
{
    size_t row = 0;
    gy_error why = {0};
    table->file_fault = NULL;
    while (row < table->rows && (table->has_id[row / 8] >> row % 8 & 1) != 0)
        row++;
    if (all->paths == NULL || all->paths->type != GY_COLUMN_TEXT || row == table->rows ||
        gy_identity_file(&all->ids[row], table, all->paths, row, &why) == GY_OK)
        return GY_OK;
    table->file_fault =
        gy_column_has(all->paths, row)
            ? gy_arena_format(arena, "row %zu: %s", table->first_row + row, why.message)
            : gy_arena_copy(arena, why.message, strlen(why.message));
    return table->file_fault != NULL ? GY_OK
                                     : gy_fail(err, GY_NO_MEMORY, "no memory for a message");
}

gy_status gy_table_ids(gy_table *table, const gy_marks *marks, gy_arena *arena, gy_error *err)
{
    if (table->rows >= UINT32_MAX)
        return gy_fail(err, GY_LIMIT, "'%s' has %zu rows, over %u", table->path, table->rows,
                       UINT32_MAX - 1);
    uint8_t *has_id = GY_NEW(arena, uint8_t, table->rows / 8 + 1);
    uint32_t *occurrences = GY_NEW(arena, uint32_t, table->rows + 1);
    naming all = {.table = table, .ids = GY_NEW(arena, gy_id, table->rows + 1)};
    gy_arena_mark mark = gy_arena_here(arena);
    all.named = GY_NEW(arena, uint8_t, table->rows + 1);
    if (has_id == NULL || occurrences == NULL || all.ids == NULL || all.named == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the ids of %zu rows", table->rows);
    GY_TRY(name_all(&all, table, marks, arena, err));
    GY_TRY(number_occurrences(occurrences, all.ids, all.named, table->rows, err));
    for (size_t row = 0; row < table->rows; row++)
        has_id[row / 8] |= (uint8_t)(all.named[row] << row % 8);
    gy_arena_rewind(arena, mark);
    table->ids = all.ids;
    table->has_id = has_id;
    table->occurrences = occurrences;
    return tell_fault(table, &all, arena, err);
}
