// SPDX-License-Identifier: Apache-2.0
//
// One cell, read alone. Most cells are decided by their first byte.

#include "table/cell.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

enum { MICROSECONDS = 1000000, DAY_SECONDS = 86400 };

// ---- dates

int32_t gy_days_of_date(int32_t year, uint32_t month, uint32_t day)
{
    // Years that begin in March put the leap day last (Hinnant, "chrono-compatible low-level date
    // algorithms").
    int32_t y = month <= 2 ? year - 1 : year;
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    uint32_t year_of_era = (uint32_t)(y - era * 400);
    uint32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    uint32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int32_t)day_of_era - 719468;
}

void gy_date_of_days(int32_t *year, uint32_t *month, uint32_t *day, int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    uint32_t day_of_era = (uint32_t)(z - era * 146097);
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int32_t)(year_of_era + era * 400) + (*month <= 2);
}

// Exactly `digits` digits at *at.
static bool take_digits(uint32_t *value, const char **at, const char *end, int digits)
{
    if (end - *at < digits)
        return false;
    *value = 0;
    for (; digits > 0; digits--, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (uint32_t)(**at - '0');
    }
    return true;
}

static bool take_byte(const char **at, const char *end, char wanted)
{
    if (*at == end || **at != wanted)
        return false;
    (*at)++;
    return true;
}

static bool take_date(int32_t *days, const char **at, const char *end)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year, month, day;
    if (!take_digits(&year, at, end, 4) || !take_byte(at, end, '-') ||
        !take_digits(&month, at, end, 2) || !take_byte(at, end, '-') ||
        !take_digits(&day, at, end, 2) || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (uint32_t)(leap && month == 2))
        return false;
    *days = gy_days_of_date((int32_t)year, month, day);
    return true;
}

static bool take_zone(int64_t *seconds, const char **at, const char *end)
{
    *seconds = 0;
    if (*at == end || take_byte(at, end, 'Z'))
        return true;
    bool west = **at == '-';
    uint32_t hours, minutes = 0;
    if (**at != '-' && **at != '+')
        return false;
    (*at)++;
    if (!take_digits(&hours, at, end, 2))
        return false;
    if ((take_byte(at, end, ':') || *at < end) && !take_digits(&minutes, at, end, 2))
        return false;
    *seconds = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    if (west)
        *seconds = -*seconds;
    return hours <= 18 && minutes < 60;
}

// hh:mm[:ss[.fraction]][zone], in microseconds; what is finer is cut off.
static bool take_clock(int64_t *microseconds, const char **at, const char *end)
{
    uint32_t hours, minutes, seconds = 0, fraction = 0;
    if (!take_digits(&hours, at, end, 2) || !take_byte(at, end, ':') ||
        !take_digits(&minutes, at, end, 2))
        return false;
    if (take_byte(at, end, ':')) {
        if (!take_digits(&seconds, at, end, 2))
            return false;
        if (take_byte(at, end, '.')) {
            const char *start = *at;
            uint32_t scale = MICROSECONDS / 10;
            for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
                fraction += (uint32_t)(**at - '0') * scale;
            if (*at == start)
                return false;
        }
    }
    int64_t zone;
    if (hours > 23 || minutes > 59 || seconds > 59 || !take_zone(&zone, at, end))
        return false;
    *microseconds =
        ((int64_t)hours * 3600 + (int64_t)minutes * 60 + seconds - zone) * MICROSECONDS + fraction;
    return true;
}

static bool read_time(gy_cell *cell, const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    int32_t days;
    int64_t clock;
    if (length < 10 || text[4] != '-' || !take_date(&days, &at, end))
        return false;
    if (at == end) {
        cell->kind = GY_CELL_DATE;
        cell->as.integer = days;
        return true;
    }
    if ((*at != 'T' && *at != ' ') || (at++, !take_clock(&clock, &at, end)) || at != end)
        return false;
    cell->kind = GY_CELL_TIME;
    cell->as.integer = (int64_t)days * DAY_SECONDS * MICROSECONDS + clock;
    return true;
}

// ---- numbers and words

static bool read_integer(gy_cell *cell, const char *text, size_t length)
{
    bool negative = text[0] == '-';
    const char *digits = text + negative;
    size_t count = length - negative;
    if (count == 0 || (digits[0] == '0' && count > 1))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)digits[i] - '0';
        if (digit > 9)
            return false;
        if (i < 19)
            value = value * 10 + digit;
    }
    if (count > 19 || value > (uint64_t)INT64_MAX + negative) {
        cell->kind = GY_CELL_BIG;
        return true;
    }
    cell->kind = GY_CELL_INTEGER;
    cell->as.integer = (int64_t)(negative ? 0 - value : value);
    return true;
}

// `00.5` and `007e1` stay text, as `007` does.
static bool read_number(gy_cell *cell, const char *text, size_t length)
{
    const char *digits = text + (text[0] == '-');
    size_t left = length - (size_t)(digits - text);
    if (left >= 2 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
        return false;
    if (!gy_decimal_parse(&cell->as.number, text, length))
        return false;
    cell->kind = GY_CELL_NUMBER;
    return true;
}

static bool equals(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool read_word(gy_cell *cell, const char *text, size_t length)
{
    static const struct {
        const char *word;
        gy_cell_kind kind;
        double number;
    } words[] = {
        {"true", GY_CELL_BOOL, 1},
        {"True", GY_CELL_BOOL, 1},
        {"TRUE", GY_CELL_BOOL, 1},
        {"false", GY_CELL_BOOL, 0},
        {"False", GY_CELL_BOOL, 0},
        {"FALSE", GY_CELL_BOOL, 0},
        {"nan", GY_CELL_NUMBER, NAN},
        {"NaN", GY_CELL_NUMBER, NAN},
        {"inf", GY_CELL_NUMBER, INFINITY},
        {"-inf", GY_CELL_NUMBER, -INFINITY},
        {"Inf", GY_CELL_NUMBER, INFINITY},
        {"-Inf", GY_CELL_NUMBER, -INFINITY},
        {"Infinity", GY_CELL_NUMBER, INFINITY},
        {"-Infinity", GY_CELL_NUMBER, -INFINITY},
    };
    if (length < 3 || length > 9)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (equals(text, length, words[i].word)) {
            cell->kind = words[i].kind;
            if (cell->kind == GY_CELL_BOOL)
                cell->as.boolean = words[i].number != 0.0;
            else
                cell->as.number = words[i].number;
            return true;
        }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void gy_cell_read(gy_cell *cell, const char *text, size_t length)
{
    *cell = (gy_cell){.kind = GY_CELL_NULL, .text = text, .length = length};
    if (length == 0)
        return;
    const char *at = text;
    size_t left = length;
    if (is_blank(at[0]) || is_blank(at[left - 1])) {
        while (left > 0 && is_blank(at[0])) {
            at++;
            left--;
        }
        while (left > 0 && is_blank(at[left - 1]))
            left--;
    }
    cell->kind = GY_CELL_TEXT;
    if (left == 0)
        return;
    char first = at[0];
    bool found = false;
    if ((first >= '0' && first <= '9') || first == '-' || first == '.')
        found = read_integer(cell, at, left) || read_number(cell, at, left) ||
                read_time(cell, at, left) || (first == '-' && read_word(cell, at, left));
    else if (first == 't' || first == 'T' || first == 'f' || first == 'F' || first == 'n' ||
             first == 'N' || first == 'i' || first == 'I')
        found = read_word(cell, at, left);
    if (!found) {
        cell->kind = GY_CELL_TEXT;
    } else if (cell->kind == GY_CELL_BIG) {
        cell->text = at;
        cell->length = left;
    }
}

void gy_cell_of(gy_cell *cell, const gy_column *column, size_t row)
{
    *cell = (gy_cell){.kind = GY_CELL_NULL};
    if (!gy_column_has(column, row))
        return;
    switch (column->type) {
    case GY_COLUMN_BOOL:
        cell->kind = GY_CELL_BOOL;
        cell->as.boolean = ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1;
        break;
    case GY_COLUMN_INT64:
        cell->kind = GY_CELL_INTEGER;
        cell->as.integer = ((const int64_t *)column->values)[row];
        break;
    case GY_COLUMN_FLOAT:
        cell->kind = GY_CELL_NUMBER;
        cell->as.number = (double)((const float *)column->values)[row];
        break;
    case GY_COLUMN_DOUBLE:
        cell->kind = GY_CELL_NUMBER;
        cell->as.number = ((const double *)column->values)[row];
        break;
    case GY_COLUMN_DATE:
        cell->kind = GY_CELL_DATE;
        cell->as.integer = ((const int32_t *)column->values)[row];
        break;
    case GY_COLUMN_TIME:
        cell->kind = GY_CELL_TIME;
        cell->as.integer = ((const int64_t *)column->values)[row];
        break;
    case GY_COLUMN_TEXT: {
        size_t length;
        const char *text = gy_column_text(column, row, &length);
        gy_cell_read(cell, text, length);
        break;
    }
    case GY_COLUMN_NULL:
    case GY_COLUMN_TENSOR:
        break;
    }
}

bool gy_cell_integer_is_double(int64_t integer)
{
    // Up to 15 digits a decimal is the shortest of its own double.
    if (integer > -1000000000000000 && integer < 1000000000000000)
        return true;
    gy_decimal exact = gy_decimal_of_integer(integer);
    gy_decimal rounded = gy_decimal_of_double((double)integer);
    return exact.digits == rounded.digits && exact.exponent == rounded.exponent;
}

// ---- spelling

// Exactly `digits` digits and a NUL. By hand: every date of a table is spelled for its row's id.
static size_t put_digits(char *out, uint32_t value, size_t digits)
{
    out[digits] = '\0';
    for (size_t i = digits; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
    return digits;
}

static size_t put_after(char *out, char mark, uint32_t value, size_t digits)
{
    out[0] = mark;
    return 1 + put_digits(out + 1, value, digits);
}

static size_t spell_date(char out[GY_CELL_BYTES_MAX], int64_t days)
{
    int32_t year;
    uint32_t month, day;
    gy_date_of_days(&year, &month, &day, days);
    size_t length = year >= 0 && year <= 9999
                        ? put_digits(out, (uint32_t)year, 4)
                        : (size_t)snprintf(out, GY_CELL_BYTES_MAX - 24, "%04d", year);
    length += put_after(out + length, '-', month, 2);
    return length + put_after(out + length, '-', day, 2);
}

static size_t spell_time(char out[GY_CELL_BYTES_MAX], int64_t microseconds)
{
    const int64_t day = (int64_t)DAY_SECONDS * MICROSECONDS;
    int64_t days = microseconds / day - (microseconds % day < 0);
    int64_t rest = microseconds - days * day;
    size_t length = spell_date(out, days);
    uint32_t seconds = (uint32_t)(rest / MICROSECONDS), fraction = (uint32_t)(rest % MICROSECONDS);
    length += put_after(out + length, 'T', seconds / 3600, 2);
    length += put_after(out + length, ':', seconds / 60 % 60, 2);
    length += put_after(out + length, ':', seconds % 60, 2);
    if (fraction == 0)
        return length;
    length += put_after(out + length, '.', fraction, 6);
    while (out[length - 1] == '0')
        out[--length] = '\0';
    return length;
}

static size_t spell_integer(char out[GY_CELL_BYTES_MAX], int64_t integer)
{
    char digits[24], *end = digits + sizeof(digits), *at = end;
    uint64_t left = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (integer < 0)
        *--at = '-';
    size_t length = (size_t)(end - at);
    memcpy(out, at, length);
    out[length] = '\0';
    return length;
}

size_t gy_cell_spell(char out[GY_CELL_BYTES_MAX], const gy_cell *cell)
{
    switch (cell->kind) {
    case GY_CELL_BOOL:
        strcpy(out, cell->as.boolean ? "true" : "false");
        return strlen(out);
    case GY_CELL_INTEGER:
        return spell_integer(out, cell->as.integer);
    case GY_CELL_NUMBER:
        return gy_decimal_spell(out, cell->as.number);
    case GY_CELL_DATE:
        return spell_date(out, cell->as.integer);
    case GY_CELL_TIME:
        return spell_time(out, cell->as.integer);
    case GY_CELL_NULL:
    case GY_CELL_BIG:
    case GY_CELL_TEXT:
        break;
    }
    out[0] = '\0';
    return 0;
}
