// SPDX-License-Identifier: Apache-2.0
//
// Rules over columns: a loop for each kind of rule and type of column that large tables have, and
// one that reads a cell at a time for the rest.

#include "quality/evaluate.h"

#include <math.h>
#include <string.h>

static inline bool has_text(const gy_column *column, size_t row)
{
    return column->offsets[row + 1] > column->offsets[row] && gy_column_has(column, row);
}

bool gy_quality_has(const gy_column *column, size_t row)
{
    if (!gy_column_has(column, row))
        return false;
    if (column->type == GY_COLUMN_DOUBLE)
        return !isnan(((const double *)column->values)[row]);
    if (column->type == GY_COLUMN_FLOAT)
        return !isnan(((const float *)column->values)[row]);
    return column->type != GY_COLUMN_TEXT || has_text(column, row);
}

bool gy_rule_needs_cells(const gy_rule *rule)
{
    return rule->kind == GY_RULE_TYPE || rule->kind == GY_RULE_LEAST || rule->kind == GY_RULE_MOST;
}

static void read_cell(gy_cell *cell, const gy_column *column, size_t row, const gy_cell *cells)
{
    if (cells != NULL)
        *cell = cells[row];
    else
        gy_cell_of(cell, column, row);
}

static void check_required(uint8_t *fails, const gy_column *column, size_t rows)
{
    bool by_bits = column->type == GY_COLUMN_INT64 || column->type == GY_COLUMN_TIME ||
                   column->type == GY_COLUMN_DATE || column->type == GY_COLUMN_BOOL;
    if (by_bits && column->null_count == 0)
        return;
    if (by_bits)
        for (size_t row = 0; row < rows; row++)
            fails[row] = !gy_column_has(column, row);
    else if (column->type == GY_COLUMN_TEXT)
        for (size_t row = 0; row < rows; row++)
            fails[row] = !has_text(column, row);
    else
        for (size_t row = 0; row < rows; row++)
            fails[row] = !gy_quality_has(column, row);
}

// ---- types

static bool is_whole(double value)
{
    return value == floor(value) && fabs(value) <= 1.7976931348623157e308;
}

static bool has_type(const gy_cell *cell, gy_logical_type type)
{
    const int64_t day = INT64_C(86400000000);
    switch (type) {
    case GY_LOGICAL_INTEGER:
        return cell->kind == GY_CELL_INTEGER || cell->kind == GY_CELL_BIG ||
               (cell->kind == GY_CELL_NUMBER && is_whole(cell->as.number));
    case GY_LOGICAL_NUMBER:
        return cell->kind == GY_CELL_INTEGER || cell->kind == GY_CELL_BIG ||
               (cell->kind == GY_CELL_NUMBER && isfinite(cell->as.number));
    case GY_LOGICAL_BOOLEAN:
        return cell->kind == GY_CELL_BOOL;
    case GY_LOGICAL_DATE:
        return cell->kind == GY_CELL_DATE ||
               (cell->kind == GY_CELL_TIME && cell->as.integer % day == 0);
    case GY_LOGICAL_TIMESTAMP:
        return cell->kind == GY_CELL_DATE || cell->kind == GY_CELL_TIME;
    case GY_LOGICAL_ANY:
        break;
    }
    return true;
}

// Whether all values of a column have the type, by the column's own.
static bool column_has_type(const gy_column *column, gy_logical_type type)
{
    return type == GY_LOGICAL_ANY ||
           (column->type == GY_COLUMN_INT64 &&
            (type == GY_LOGICAL_INTEGER || type == GY_LOGICAL_NUMBER)) ||
           (column->type == GY_COLUMN_BOOL && type == GY_LOGICAL_BOOLEAN) ||
           (column->type == GY_COLUMN_DATE &&
            (type == GY_LOGICAL_DATE || type == GY_LOGICAL_TIMESTAMP)) ||
           (column->type == GY_COLUMN_TIME && type == GY_LOGICAL_TIMESTAMP);
}

static void check_type(uint8_t *fails, const gy_rule *rule, const gy_column *column, size_t rows,
                       const gy_cell *cells)
{
    if (column_has_type(column, rule->type))
        return;
    if (column->type == GY_COLUMN_DOUBLE && rule->type == GY_LOGICAL_NUMBER) {
        const double *values = column->values;
        for (size_t row = 0; row < rows; row++)
            fails[row] = isinf(values[row]) && gy_column_has(column, row);
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        gy_cell cell;
        if (!gy_quality_has(column, row))
            continue;
        read_cell(&cell, column, row, cells);
        fails[row] = !has_type(&cell, rule->type);
    }
}

// ---- bounds

static bool beyond_double(double value, const gy_rule *rule, double limit)
{
    if (rule->kind == GY_RULE_LEAST)
        return rule->exclusive ? value <= limit : value < limit;
    return rule->exclusive ? value >= limit : value > limit;
}

static bool beyond_integer(int64_t value, const gy_rule *rule, int64_t limit)
{
    if (rule->kind == GY_RULE_LEAST)
        return rule->exclusive ? value <= limit : value < limit;
    return rule->exclusive ? value >= limit : value > limit;
}

static double limit_as_double(const gy_rule *rule)
{
    return rule->limit.kind == GY_CELL_NUMBER ? rule->limit.as.number
                                              : (double)rule->limit.as.integer;
}

static bool beyond_cell(const gy_cell *cell, const gy_rule *rule)
{
    switch (cell->kind) {
    case GY_CELL_INTEGER:
        return rule->limit.kind == GY_CELL_INTEGER
                   ? beyond_integer(cell->as.integer, rule, rule->limit.as.integer)
                   : beyond_double((double)cell->as.integer, rule, limit_as_double(rule));
    case GY_CELL_NUMBER:
        return beyond_double(cell->as.number, rule, limit_as_double(rule));
    case GY_CELL_BIG: // beyond any int64_t on its side
        return (cell->text[0] == '-') == (rule->kind == GY_RULE_LEAST);
    case GY_CELL_DATE:
        return beyond_integer(cell->as.integer * INT64_C(86400000000), rule,
                              rule->limit.as.integer);
    case GY_CELL_TIME:
        return beyond_integer(cell->as.integer, rule, rule->limit.as.integer);
    case GY_CELL_NULL:
    case GY_CELL_BOOL:
    case GY_CELL_TEXT:
        break;
    }
    return false;
}

static void check_bound(uint8_t *fails, const gy_rule *rule, const gy_column *column, size_t rows,
                        const gy_cell *cells)
{
    if (column->type == GY_COLUMN_DOUBLE &&
        (rule->limit.kind == GY_CELL_INTEGER || rule->limit.kind == GY_CELL_NUMBER)) {
        const double *values = column->values, limit = limit_as_double(rule);
        for (size_t row = 0; row < rows; row++) // NaN is beyond nothing
            fails[row] = beyond_double(values[row], rule, limit) && gy_column_has(column, row);
        return;
    }
    bool time = column->type == GY_COLUMN_TIME && rule->limit.kind == GY_CELL_TIME;
    if ((column->type == GY_COLUMN_INT64 && rule->limit.kind == GY_CELL_INTEGER) || time) {
        const int64_t *values = column->values, limit = rule->limit.as.integer;
        for (size_t row = 0; row < rows; row++)
            fails[row] = beyond_integer(values[row], rule, limit) && gy_column_has(column, row);
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        gy_cell cell;
        if (!gy_quality_has(column, row))
            continue;
        read_cell(&cell, column, row, cells);
        fails[row] = has_type(&cell, rule->type) && beyond_cell(&cell, rule);
    }
}

// ---- text

static size_t count_characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

// Values of a text column against a pattern, four at a time.
static void match_pattern(uint8_t *fails, gy_rule *rule, const gy_column *column, size_t rows)
{
    const char *values[GY_PATTERN_LANES];
    size_t lengths[GY_PATTERN_LANES], places[GY_PATTERN_LANES], waiting = 0;
    for (size_t row = 0; row < rows; row++) {
        if (!has_text(column, row))
            continue;
        places[waiting] = row;
        values[waiting] = gy_column_text(column, row, &lengths[waiting]);
        if (++waiting < GY_PATTERN_LANES)
            continue;
        bool matches[GY_PATTERN_LANES];
        gy_pattern_matches_four(matches, rule->pattern, values, lengths);
        for (size_t lane = 0; lane < GY_PATTERN_LANES; lane++)
            fails[places[lane]] = !matches[lane];
        waiting = 0;
    }
    for (size_t lane = 0; lane < waiting; lane++)
        fails[places[lane]] = !gy_pattern_matches(rule->pattern, values[lane], lengths[lane]);
}

static bool breaks_text(gy_rule *rule, const char *text, size_t length)
{
    switch (rule->kind) {
    case GY_RULE_LONGEST: // as many bytes as characters, or more
        return length > rule->length && count_characters(text, length) > rule->length;
    case GY_RULE_SHORTEST:
        return length < rule->length || count_characters(text, length) < rule->length;
    case GY_RULE_PATTERN:
        return !gy_pattern_matches(rule->pattern, text, length);
    default:
        return false;
    }
}

static void check_text(uint8_t *fails, gy_rule *rule, const gy_column *column, size_t rows)
{
    if (column->type == GY_COLUMN_TEXT && rule->kind == GY_RULE_PATTERN) {
        match_pattern(fails, rule, column, rows);
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        char small[GY_CELL_BYTES_MAX];
        const char *text = small;
        size_t length;
        if (column->type == GY_COLUMN_TEXT ? !has_text(column, row) : !gy_quality_has(column, row))
            continue;
        if (column->type == GY_COLUMN_TEXT) {
            text = gy_column_text(column, row, &length);
        } else {
            gy_cell cell;
            gy_cell_of(&cell, column, row);
            length = gy_cell_spell(small, &cell);
        }
        fails[row] = breaks_text(rule, text, length);
    }
}

// ---- lists

static bool same_value(const gy_cell *a, const gy_cell *b)
{
    bool numbers = (a->kind == GY_CELL_INTEGER || a->kind == GY_CELL_NUMBER) &&
                   (b->kind == GY_CELL_INTEGER || b->kind == GY_CELL_NUMBER);
    if (numbers && a->kind != b->kind)
        return (a->kind == GY_CELL_NUMBER ? a->as.number : (double)a->as.integer) ==
               (b->kind == GY_CELL_NUMBER ? b->as.number : (double)b->as.integer);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case GY_CELL_NULL:
        return true;
    case GY_CELL_BOOL:
        return a->as.boolean == b->as.boolean;
    case GY_CELL_NUMBER:
        return a->as.number == b->as.number;
    case GY_CELL_INTEGER:
    case GY_CELL_DATE:
    case GY_CELL_TIME:
        return a->as.integer == b->as.integer;
    case GY_CELL_BIG:
    case GY_CELL_TEXT:
        break;
    }
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

// By the spelling, which is fast, else by the value: 1.0 is in a list that holds 1.
static bool is_listed(const gy_rule *rule, const gy_column *column, size_t row)
{
    if (column->type == GY_COLUMN_TEXT) {
        size_t length;
        const char *text = gy_column_text(column, row, &length);
        if (gy_text_map_find(&rule->values, text, length) != NULL)
            return true;
    }
    gy_cell cell;
    gy_cell_of(&cell, column, row);
    for (size_t i = 0; i < rule->cell_count; i++)
        if (same_value(&cell, &rule->cells[i]))
            return true;
    return false;
}

void gy_rule_evaluate(uint8_t *fails, gy_rule *rule, const gy_column *column, size_t rows,
                      const gy_cell *cells)
{
    memset(fails, 0, rows);
    switch (rule->kind) {
    case GY_RULE_REQUIRED:
        check_required(fails, column, rows);
        break;
    case GY_RULE_TYPE:
        check_type(fails, rule, column, rows, cells);
        break;
    case GY_RULE_LEAST:
    case GY_RULE_MOST:
        check_bound(fails, rule, column, rows, cells);
        break;
    case GY_RULE_SHORTEST:
    case GY_RULE_LONGEST:
    case GY_RULE_PATTERN:
        check_text(fails, rule, column, rows);
        break;
    case GY_RULE_VALUES:
    case GY_RULE_MISSING:
        for (size_t row = 0; row < rows; row++)
            fails[row] = (column->type == GY_COLUMN_TEXT ? has_text(column, row)
                                                         : gy_quality_has(column, row)) &&
                         is_listed(rule, column, row) == (rule->kind == GY_RULE_MISSING);
        break;
    default:
        break;
    }
}
