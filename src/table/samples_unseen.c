// SPDX-License-Identifier: Apache-2.0
//
// What features do not show. Two rows that differ in a text of many values (a title, a sentence)
// are two rows, however alike their numbers are; an identifier differs between copies, too.

#include <string.h>

#include "base/map.h"
#include "table/samples.h"

static const uint64_t ODD = 0x9E3779B97F4A7C15; // spreads what is added later over all bits

// Number the texts of a column as they are met, from 1; 0: no value.
static gy_status number_texts(uint64_t *numbers, bool *is_identifier, const gy_samples *samples,
                              const gy_column *column, gy_arena *scratch, gy_error *err)
{
    gy_text_map texts = {.arena = scratch};
    size_t present = 0, with_blanks = 0;
    for (size_t i = 0; i < samples->rows; i++) {
        size_t row = samples->row_of[i], length;
        uint64_t *at = NULL;
        bool fresh = false;
        numbers[i] = 0;
        if (!gy_column_has(column, row))
            continue;
        const char *text = gy_column_text(column, row, &length);
        GY_TRY(gy_text_map_at(&at, &fresh, &texts, text, length, err));
        if (fresh)
            *at = texts.count;
        numbers[i] = *at;
        present++;
        with_blanks += memchr(text, ' ', length) != NULL;
    }
    *is_identifier = texts.count == present && with_blanks == 0;
    return GY_OK;
}

gy_status gy_samples_note_unseen(gy_samples *samples, const gy_column *const *left_out,
                                 size_t count, gy_arena *arena, gy_error *err)
{
    uint64_t *unseen = GY_NEW(arena, uint64_t, samples->rows + 1);
    gy_arena *scratch = gy_arena_new(0);
    uint64_t *numbers = scratch == NULL ? NULL : GY_NEW(scratch, uint64_t, samples->rows + 1);
    gy_status status = GY_OK;
    if (unseen == NULL || numbers == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for the text of %zu rows", samples->rows);
    for (size_t c = 0; c < count && status == GY_OK; c++) {
        bool is_identifier = false;
        status = number_texts(numbers, &is_identifier, samples, left_out[c], scratch, err);
        for (size_t i = 0; i < samples->rows && status == GY_OK && !is_identifier; i++)
            unseen[i] = (unseen[i] ^ numbers[i]) * ODD + 1;
    }
    samples->unseen = unseen;
    gy_arena_free(scratch);
    return status;
}
