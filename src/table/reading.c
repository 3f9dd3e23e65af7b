// SPDX-License-Identifier: Apache-2.0
//
// Columns of text read as what they mean. It is decided by whole columns, so that `NA` among
// numbers is a gap and among countries Namibia; a sample's id, which no other row may change, is
// made of the cells as they are.

#include "table/reading.h"

#include <math.h>
#include <string.h>

#include "table/build.h"

enum { NUMBER_BYTES_MAX = 64 };

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
        (*length)--;
}

// ---- gaps

static bool is_same_word(const char *text, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        if (c != word[i])
            return false;
    }
    return true;
}

static bool is_usual_gap(const char *text, size_t length)
{
    static const char *const words[] = {"",    "na",  "n/a",  "n.a.", "nan",  "-nan", "#n/a",
                                        "#na", "nat", "null", "none", "<na>", "\\n",  "?",
                                        "-",   "--",  ".",    "–",    "—"};
    trim(&text, &length);
    if (length > 4)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strlen(words[i]) == length && is_same_word(text, words[i], length))
            return true;
    return false;
}

static bool is_gap(const gy_reading *reading, const char *text, size_t length)
{
    if (reading->missing == NULL)
        return reading->usual && is_usual_gap(text, length);
    trim(&text, &length);
    for (size_t i = 0; i < reading->missing_count; i++)
        if (strlen(reading->missing[i]) == length && memcmp(reading->missing[i], text, length) == 0)
            return true;
    return false;
}

static void count_gap(gy_gaps *gaps, const char *text, size_t length)
{
    size_t at = 0;
    length = length < GY_GAP_BYTES_MAX ? length : GY_GAP_BYTES_MAX;
    while (at < gaps->count &&
           (gaps->items[at].length != length || memcmp(gaps->items[at].text, text, length) != 0))
        at++;
    if (at == GY_GAPS_MAX) {
        gaps->others++;
        return;
    }
    if (at == gaps->count) {
        memcpy(gaps->items[at].text, text, length);
        gaps->items[at].length = length;
        gaps->count++;
    }
    gaps->items[at].count++;
}

// ---- numbers

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

// `-1.234,5` under the decimal mark `,` as `-1234.5`, and whether it cannot be read under the other
// mark, too (`1,234` can). 0: no number under this mark. Groups are of three digits.
static size_t respell(char out[NUMBER_BYTES_MAX], bool *sure, const char *text, size_t length,
                      char decimal)
{
    char group = decimal == ',' ? '.' : ',';
    size_t made = 0, groups = 0;
    trim(&text, &length);
    if (length == 0 || length >= NUMBER_BYTES_MAX)
        return 0;
    const char *at = text, *end = text + length;
    if (*at == '-')
        out[made++] = *at++;
    size_t digits = count_digits(at, (size_t)(end - at)), whole = digits;
    bool zero = digits > 0 && *at == '0';
    for (;; groups++) {
        memcpy(out + made, at, digits);
        made += digits;
        at += digits;
        if (at == end || *at != group || (groups == 0 && (digits < 1 || digits > 3 || zero)))
            break;
        digits = count_digits(at + 1, (size_t)(end - at) - 1);
        if (digits != 3)
            return 0;
        at++;
    }
    bool has_mark = at < end && *at == decimal;
    size_t fraction = has_mark ? count_digits(at + 1, (size_t)(end - at) - 1) : 0;
    bool is_group = groups == 0 && whole >= 1 && whole <= 3 && !zero && fraction == 3 &&
                    at + 1 + fraction == end;
    *sure = groups > 0 ? groups > 1 || has_mark : has_mark && !is_group;
    if (has_mark) {
        out[made++] = '.';
        at++;
    }
    if (memchr(at, '.', (size_t)(end - at)) != NULL)
        return 0;
    memcpy(out + made, at, (size_t)(end - at));
    made += (size_t)(end - at);
    gy_cell cell;
    gy_cell_read(&cell, out, made);
    bool number = cell.kind == GY_CELL_INTEGER || cell.kind == GY_CELL_BIG ||
                  (cell.kind == GY_CELL_NUMBER && isfinite(cell.as.number));
    return number ? made : 0;
}

// ---- the decision

void gy_reading_note(gy_reading_plan *plan, const gy_cell *cell)
{
    const char *text = cell->text;
    size_t length = cell->length;
    char number[NUMBER_BYTES_MAX];
    bool sure;
    if (cell->kind == GY_CELL_NULL)
        return;
    if ((cell->kind == GY_CELL_TEXT && is_usual_gap(text, length)) ||
        (cell->kind == GY_CELL_NUMBER && isnan(cell->as.number))) {
        plan->gaps++;
        plan->gap_words += cell->kind == GY_CELL_TEXT;
        return;
    }
    plan->kinds[cell->kind]++;
    if (cell->kind == GY_CELL_NUMBER) {
        plan->point_groups +=
            length > 4 && text[length - 4] == '.' && respell(number, &sure, text, length, ',') > 0;
    } else if (cell->kind == GY_CELL_TEXT && length < NUMBER_BYTES_MAX &&
               (text[0] == '-' || text[0] == ' ' || text[0] == ',' ||
                (text[0] >= '0' && text[0] <= '9'))) {
        if (respell(number, &sure, text, length, ',') > 0) {
            plan->with_comma++;
            plan->sure_comma = plan->sure_comma || sure;
        }
        if (respell(number, &sure, text, length, '.') > 0) {
            plan->with_groups++;
            plan->sure_groups = plan->sure_groups || sure;
        }
    }
}

void gy_reading_decide(gy_reading *reading, const gy_reading_plan *plan, uint64_t rare_of)
{
    const uint64_t *kinds = plan->kinds;
    uint64_t all = 0, whole = kinds[GY_CELL_INTEGER] + kinds[GY_CELL_BIG];
    for (int kind = GY_CELL_NULL + 1; kind <= GY_CELL_TEXT; kind++)
        all += kinds[kind];
    const struct {
        uint64_t count;
        char decimal;
        bool may;
    } forms[] = {
        {whole + kinds[GY_CELL_NUMBER], 0, true},
        {kinds[GY_CELL_BOOL], 0, true},
        {kinds[GY_CELL_DATE] + kinds[GY_CELL_TIME], 0, true},
        {whole + plan->point_groups + plan->with_comma, ',', plan->sure_comma},
        {whole + kinds[GY_CELL_NUMBER] + plan->with_groups, '.', plan->sure_groups},
    };
    *reading = (gy_reading){0};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        uint64_t odd = all - forms[i].count;
        if (forms[i].may && forms[i].count > 0 && (odd == 0 || odd * rare_of < all) &&
            (odd == 0 || rare_of > 0)) {
            reading->usual = plan->gaps > 0;
            reading->decimal = forms[i].decimal;
            return;
        }
    }
}

bool gy_reading_said(gy_reading *reading, const gy_marks *marks, const char *column)
{
    *reading = (gy_reading){0};
    for (size_t i = 0; i < marks->spelling_count; i++) {
        const gy_spelling *spelling = &marks->spellings[i];
        if (strcmp(spelling->column, column) != 0)
            continue;
        *reading = (gy_reading){.usual = spelling->missing == NULL,
                                .missing = spelling->missing,
                                .missing_count = spelling->missing_count,
                                .decimal = spelling->decimal};
        return true;
    }
    return false;
}

// ---- the view

// Respell the numbers of a column, row after row; gaps have gone from its validity before.
static gy_status respell_column(gy_column *view, const gy_column *column, char decimal, size_t rows,
                                gy_arena *arena, gy_error *err)
{
    size_t bytes = (size_t)(column->offsets[rows] - column->offsets[0]), made = 0;
    char *values = gy_arena_take(arena, bytes + 1, 1);
    int64_t *offsets = GY_NEW(arena, int64_t, rows + 1);
    if (values == NULL || offsets == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rows of column '%s'", rows,
                       column->name);
    for (size_t row = 0; row < rows; row++) {
        char number[NUMBER_BYTES_MAX];
        bool sure;
        size_t length, respelled = 0;
        const char *text = gy_column_text(column, row, &length);
        if (gy_column_has(view, row))
            respelled = respell(number, &sure, text, length, decimal);
        if (respelled > 0) {
            text = number;
            length = respelled;
        }
        if (length > 0)
            memcpy(values + made, text, length);
        made += length;
        offsets[row + 1] = (int64_t)made;
    }
    view->values = values;
    view->offsets = offsets;
    return GY_OK;
}

gy_status gy_reading_apply(gy_column *view, gy_gaps *gaps, const gy_column *column,
                           const gy_reading *reading, size_t rows, gy_arena *arena, gy_error *err)
{
    *view = *column;
    if (column->type != GY_COLUMN_TEXT || !gy_reading_differs(reading))
        return GY_OK;
    uint8_t *validity = GY_NEW(arena, uint8_t, rows / 8 + 1);
    if (validity == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rows of column '%s'", rows,
                       column->name);
    view->null_count = 0;
    for (size_t row = 0; row < rows; row++) {
        size_t length;
        const char *text = gy_column_text(column, row, &length);
        bool there = gy_column_has(column, row);
        if (there && length > 0 && is_gap(reading, text, length)) {
            there = false;
            if (gaps != NULL)
                count_gap(gaps, text, length);
        }
        view->null_count += !there;
        if (there)
            gy_bit_set(validity, row);
    }
    view->validity = validity;
    return reading->decimal == 0 ? GY_OK
                                 : respell_column(view, column, reading->decimal, rows, arena, err);
}

gy_status gy_readings_apply(gy_table *view, const gy_table *table, const gy_reading *readings,
                            gy_arena *arena, gy_error *err)
{
    *view = *table;
    if (readings == NULL)
        return GY_OK;
    view->columns = GY_NEW(arena, gy_column, table->column_count + 1);
    if (view->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t c = 0; c < table->column_count; c++)
        GY_TRY(gy_reading_apply(&view->columns[c], NULL, &table->columns[c], &readings[c],
                                table->rows, arena, err));
    return GY_OK;
}

// ---- a table in memory

gy_status gy_table_typed(gy_table *typed, const gy_table *table, const gy_marks *marks,
                         gy_arena *arena, gy_error *err)
{
    gy_column *columns = GY_NEW(arena, gy_column, table->column_count + 1);
    if (columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t c = 0; c < table->column_count; c++) {
        const gy_column *column = &table->columns[c];
        gy_reading reading;
        gy_reading_plan plan = {0};
        bool said = gy_reading_said(&reading, marks, column->name);
        for (size_t row = 0; row < table->rows && !said && column->type == GY_COLUMN_TEXT; row++) {
            gy_cell cell;
            gy_cell_of(&cell, column, row);
            gy_reading_note(&plan, &cell);
        }
        if (!said)
            gy_reading_decide(&reading, &plan, 0);
        GY_TRY(gy_reading_apply(&columns[c], NULL, column, &reading, table->rows, arena, err));
        if (column->type == GY_COLUMN_TEXT && gy_reading_differs(&reading))
            GY_TRY(gy_column_narrow(&columns[c], table->rows, arena, err));
    }
    *typed = *table;
    typed->columns = columns;
    return GY_OK;
}
