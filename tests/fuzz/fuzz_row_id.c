// SPDX-License-Identifier: Apache-2.0
//
// A CSV from anybody: records and cells are read within bounds, a value that is spelled again reads
// as the same, and a table's ids do not hang on how its cells are spelled.

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "table/cell.h"
#include "table/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check_cell(const char *text, size_t length)
{
    gy_cell cell, again;
    char spelled[GY_CELL_BYTES_MAX];
    gy_cell_read(&cell, text, length);
    if (cell.kind == GY_CELL_NULL || cell.kind == GY_CELL_TEXT || cell.kind == GY_CELL_BIG)
        return;
    size_t spelled_length = gy_cell_spell(spelled, &cell);
    assert(spelled_length > 0 && spelled_length < sizeof(spelled));
    gy_cell_read(&again, spelled, spelled_length);
    if (cell.kind == GY_CELL_NUMBER && cell.as.number != cell.as.number)
        assert(again.kind == GY_CELL_NUMBER && again.as.number != again.as.number);
    else if (cell.kind == GY_CELL_NUMBER && again.kind == GY_CELL_INTEGER)
        assert((double)again.as.integer == cell.as.number);
    else if (cell.kind == GY_CELL_NUMBER)
        assert(again.kind == GY_CELL_NUMBER && again.as.number == cell.as.number);
    else if (cell.kind == GY_CELL_TIME && again.kind == GY_CELL_TEXT)
        // A zone may carry the first or last day out of the four-digit years.
        assert(cell.as.integer < INT64_C(-62135596800000000) ||
               cell.as.integer >= INT64_C(253402300800000000));
    else
        assert(again.kind == cell.kind && again.as.integer == cell.as.integer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_csv csv;
    gy_error err;
    if (size_bytes < 1 << 20 &&
        gy_csv_open(&csv, (const char *)bytes, size_bytes, "fuzz", &arena, &err) == GY_OK) {
        char *text = GY_NEW(&arena, char, size_bytes + 1);
        const char *before = csv.at;
        for (gy_csv_state state; text != NULL && (state = gy_csv_next(&csv)) != GY_CSV_END;) {
            assert(csv.at > before && csv.at <= csv.end);
            before = csv.at;
            for (size_t c = 0; c < csv.columns && state == GY_CSV_RECORD; c++)
                check_cell(text, gy_csv_text(text, &csv.fields[c]));
        }
    }
    gy_arena_release(&arena);
    return 0;
}
