// SPDX-License-Identifier: Apache-2.0
//
// Why a row of a table is odd, in its own values: the spelling of its cells, the range that nearly
// all ordinary rows keep to, how many rows share a word.

#include "value/odd.h"

#include <stdlib.h>
#include <string.h>

#include "table/cell.h"

enum { RARE_SHARE = 20, TEXT_SHOWN_BYTES = 40 }; // rare: one row in twenty has it, or fewer

typedef struct gy_usual_feature {
    bool is_known;
    uint32_t low, high; // samples with the lowest and highest usual number
    size_t rows;        // that have the word
} usual_feature;

typedef struct gy_usual_place {
    float value;
    uint32_t row;
} place;

gy_status gy_usual_make(gy_usual *usual, const gy_audit *audit, const gy_samples *samples,
                        gy_arena *arena, gy_error *err)
{
    *usual = (gy_usual){.audit = audit, .samples = samples};
    if (samples->sources == NULL || audit->oddities == NULL)
        return GY_OK;
    usual->features = GY_NEW(arena, usual_feature, samples->cols);
    usual->places = GY_NEW(arena, place, samples->rows);
    if (usual->features == NULL || usual->places == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for what is usual in %zu columns",
                       samples->cols);
    return GY_OK;
}

size_t gy_odd_column_first(const gy_samples *samples, size_t feature)
{
    while (feature > 0 && samples->sources[feature - 1].name == samples->sources[feature].name)
        feature--;
    return feature;
}

static size_t row_in_table(const gy_samples *samples, size_t row)
{
    return samples->row_of != NULL ? samples->row_of[row] : row;
}

static bool has_value(const gy_samples *samples, size_t row, size_t feature)
{
    return gy_column_has(samples->sources[feature].column, row_in_table(samples, row));
}

void gy_odd_add_value(gy_text *out, const gy_samples *samples, size_t row, size_t feature)
{
    const gy_column *column = samples->sources[feature].column;
    size_t at = row_in_table(samples, row), length;
    char spelled[GY_CELL_BYTES_MAX];
    if (column == NULL) {
        gy_text_add(out, "(personal, not told)");
    } else if (!gy_column_has(column, at)) {
        gy_text_add(out, "missing");
    } else if (column->type == GY_COLUMN_TEXT) {
        const char *text = gy_column_text(column, at, &length);
        bool is_long = length > TEXT_SHOWN_BYTES;
        for (length = is_long ? TEXT_SHOWN_BYTES : length;
             is_long && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--; // no character is cut
        gy_text_add(out, "'%.*s%s'", (int)length, text, is_long ? "..." : "");
    } else {
        gy_cell cell;
        gy_cell_of(&cell, column, at);
        length = gy_cell_spell(spelled, &cell);
        gy_text_append(out, spelled, length);
    }
}

static int by_value(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

// The range of a number: all ordinary rows but a hundredth at either end.
static void find_range(usual_feature *found, gy_usual *usual, size_t feature)
{
    const gy_samples *samples = usual->samples;
    size_t count = 0;
    for (size_t row = 0; row < samples->rows; row++)
        if (usual->audit->is_outlier[row] == 0 && has_value(samples, row, feature))
            usual->places[count++] =
                (place){samples->features[row * samples->cols + feature], (uint32_t)row};
    if (count == 0)
        return;
    qsort(usual->places, count, sizeof(*usual->places), by_value);
    found->low = usual->places[(count - 1) / 100].row;
    found->high = usual->places[count - 1 - (count - 1) / 100].row;
}

static const usual_feature *find_usual(gy_usual *usual, size_t feature, bool is_word)
{
    const gy_samples *samples = usual->samples;
    usual_feature *found = &usual->features[feature];
    if (found->is_known)
        return found;
    found->is_known = true;
    for (size_t row = 0; is_word && row < samples->rows; row++)
        found->rows += samples->features[row * samples->cols + feature] > 0.5f;
    if (!is_word)
        find_range(found, usual, feature);
    return found;
}

// The feature of the word that a row has.
static size_t word_of(const gy_samples *samples, size_t row, size_t first)
{
    const float *features = samples->features + row * samples->cols;
    size_t feature = first;
    while (feature + 1 < samples->cols && features[feature] < 0.5f &&
           samples->sources[feature + 1].name == samples->sources[first].name)
        feature++;
    return feature;
}

static void add_other(gy_text *out, const gy_samples *samples, size_t other, size_t feature)
{
    gy_text_add(out, " (row %zu, an ordinary one like it, has ", row_in_table(samples, other) + 1);
    gy_odd_add_value(out, samples, other, feature);
    gy_text_add(out, ")");
}

static void add_column(gy_text *out, gy_usual *usual, size_t row, size_t feature)
{
    const gy_samples *samples = usual->samples;
    const gy_column *column = samples->sources[feature].column;
    size_t like = usual->audit->oddities[row].like;
    gy_text_add(out, "%s ", samples->sources[feature].name);
    gy_odd_add_value(out, samples, row, feature);
    if (column == NULL)
        return;
    if (!has_value(samples, row, feature)) {
        gy_text_add(out, " (in %zu rows)", column->null_count);
    } else if (column->type == GY_COLUMN_TEXT) {
        size_t rows = find_usual(usual, word_of(samples, row, feature), true)->rows;
        if (rows * RARE_SHARE <= samples->rows)
            gy_text_add(out, " (in %zu of %zu rows)", rows, samples->rows);
        else
            add_other(out, samples, like, feature);
    } else {
        const usual_feature *range = find_usual(usual, feature, false);
        float value = samples->features[row * samples->cols + feature];
        if (value >= samples->features[range->low * samples->cols + feature] &&
            value <= samples->features[range->high * samples->cols + feature]) {
            add_other(out, samples, like, feature);
            return;
        }
        gy_text_add(out, " (usual ");
        gy_odd_add_value(out, samples, range->low, feature);
        gy_text_add(out, " to ");
        gy_odd_add_value(out, samples, range->high, feature);
        gy_text_add(out, ")");
    }
}

const char *gy_odd_columns(gy_usual *usual, size_t row, gy_arena *arena)
{
    if (usual->features == NULL || usual->audit->oddities[row].like == row)
        return "";
    gy_text out = {0};
    const uint32_t *features = usual->audit->oddities[row].features;
    for (size_t i = 0; i < GY_ODD_COLUMNS_MAX && features[i] != UINT32_MAX; i++) {
        gy_text_add(&out, "%s", i == 0 ? "" : ", ");
        add_column(&out, usual, row, gy_odd_column_first(usual->samples, features[i]));
    }
    const char *told = out.status == GY_OK
                           ? gy_arena_copy(arena, out.length > 0 ? out.bytes : "", out.length)
                           : NULL;
    gy_text_release(&out);
    return told;
}
