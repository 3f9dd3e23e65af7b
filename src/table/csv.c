// SPDX-License-Identifier: Apache-2.0
//
// CSV, record by record. A broken record costs its line and no more: what follows is read as if it
// had not been there, so that one stray quote does not swallow the rest of the file.

#include "table/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"

static const char *column_name(const gy_csv *csv, size_t column)
{
    return csv->names != NULL && column < csv->columns ? csv->names[column] : "";
}

static bool is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at < end) {
        size_t size = *at < 0x80 ? 1 : gy_utf8_length(at, (size_t)(end - at));
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

// The end of an unquoted field. *seen collects its bytes' bits, to know whether all are ASCII.
static const char *plain_end(const gy_csv *csv, const char *at, unsigned char *seen)
{
    const char *end = csv->end;
    char separator = csv->separator;
    unsigned char bits = 0;
    while (at < end && *at != separator && *at != '\n' && *at != '\0') {
        // A carriage return counts only as part of a line break.
        if (*at == '\r' && (at + 1 == end || at[1] == '\n'))
            break;
        bits |= (unsigned char)*at++;
    }
    *seen = bits;
    return at;
}

static const char *quoted_end(const gy_csv *csv, const char *at, gy_csv_field *field,
                              unsigned char *seen)
{
    for (;;) {
        while (at < csv->end && *at != '"' && *at != '\0')
            *seen |= (unsigned char)*at++;
        if (at == csv->end || *at == '\0')
            return NULL;
        if (at + 1 == csv->end || at[1] != '"')
            return at;
        field->escaped = true;
        at += 2;
    }
}

static bool at_field_end(const gy_csv *csv, const char *at)
{
    return at == csv->end || *at == csv->separator || *at == '\n' ||
           (*at == '\r' && (at + 1 == csv->end || at[1] == '\n'));
}

// Read one field. NULL: csv->fault says why not.
static const char *read_field(gy_csv *csv, gy_csv_field *field, const char *at, size_t column)
{
    unsigned char seen = 0;
    *field = (gy_csv_field){.text = at};
    if (at < csv->end && *at == '"') {
        field->quoted = true;
        field->text = at + 1;
        at = quoted_end(csv, at + 1, field, &seen);
        if (at == NULL) {
            snprintf(csv->fault, sizeof(csv->fault),
                     "column '%.60s': a quote is opened and never closed",
                     column_name(csv, column));
            return NULL;
        }
        field->length = (size_t)(at - field->text);
        at++;
    } else {
        at = plain_end(csv, at, &seen);
        field->length = (size_t)(at - field->text);
    }
    if (!at_field_end(csv, at)) {
        snprintf(csv->fault, sizeof(csv->fault), "column '%.60s': %s", column_name(csv, column),
                 *at == '\0' ? "a NUL byte" : "text after a closing quote");
        return NULL;
    }
    if (seen >= 0x80 && !is_utf8(field->text, field->length)) {
        snprintf(csv->fault, sizeof(csv->fault),
                 "column '%.60s': not UTF-8 (iconv -f LATIN1 -t UTF-8 would make it so)",
                 column_name(csv, column));
        return NULL;
    }
    return at;
}

static const char *skip_break(const gy_csv *csv, const char *at)
{
    if (at < csv->end && *at == '\r')
        at++;
    return at < csv->end ? at + 1 : at;
}

static size_t count_lines(const char *from, const char *to)
{
    size_t count = 0;
    while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
        count++;
        if (++from == to)
            break;
    }
    return count;
}

static gy_csv_state broken(gy_csv *csv)
{
    const char *line_end = memchr(csv->record, '\n', (size_t)(csv->end - csv->record));
    csv->record_end = line_end == NULL ? csv->end : line_end;
    csv->at = line_end == NULL ? csv->end : line_end + 1;
    csv->line = csv->record_line + 1;
    return GY_CSV_FAULT;
}

gy_csv_state gy_csv_next(gy_csv *csv)
{
    const char *at = csv->at;
    while (csv->columns > 1 && at < csv->end && (*at == '\n' || *at == '\r') &&
           at_field_end(csv, at)) {
        at = skip_break(csv, at);
        csv->line++;
    }
    if (at == csv->end) {
        csv->at = at;
        return GY_CSV_END;
    }
    csv->record = at;
    csv->record_line = csv->line;
    bool breaks = false; // a quoted field may hold line breaks
    for (size_t column = 0;; column++) {
        gy_csv_field spare;
        gy_csv_field *field = column < csv->columns ? &csv->fields[column] : &spare;
        at = read_field(csv, field, at, column);
        if (at == NULL)
            return broken(csv);
        breaks = breaks || field->quoted;
        if (at < csv->end && *at == csv->separator) {
            at++;
            continue;
        }
        csv->record_end = at;
        csv->at = skip_break(csv, at);
        csv->line += (breaks ? count_lines(csv->record, at) : 0) + 1;
        if (column + 1 == csv->columns)
            return GY_CSV_RECORD;
        snprintf(csv->fault, sizeof(csv->fault), "%zu field%s, the header has %zu", column + 1,
                 column == 0 ? "" : "s", csv->columns);
        return GY_CSV_FAULT;
    }
}

void gy_csv_rewind(gy_csv *csv, const char *first, size_t line)
{
    csv->at = first;
    csv->line = line;
}

size_t gy_csv_text(char *out, const gy_csv_field *field)
{
    if (!field->escaped) {
        if (field->length > 0)
            memcpy(out, field->text, field->length);
        return field->length;
    }
    size_t length = 0;
    for (size_t i = 0; i < field->length; i++) {
        out[length++] = field->text[i];
        i += field->text[i] == '"';
    }
    return length;
}

void gy_csv_write(gy_text *out, const char *text, size_t length, char separator)
{
    bool quote = length > 0 && (text[0] == ' ' || text[length - 1] == ' ' || text[0] == '"');
    for (size_t i = 0; i < length && !quote; i++)
        quote = text[i] == separator || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quote) {
        gy_text_append(out, text, length);
        return;
    }
    gy_text_append(out, "\"", 1);
    for (size_t from = 0; from < length;) {
        const char *mark = memchr(text + from, '"', length - from);
        size_t to = mark == NULL ? length : (size_t)(mark - text) + 1;
        gy_text_append(out, text + from, to - from);
        if (mark != NULL)
            gy_text_append(out, "\"", 1);
        from = to;
    }
    gy_text_append(out, "\"", 1);
}

// ---- the header

static char choose_separator(const char *at, const char *end)
{
    size_t counts[4] = {0};
    const char *choices = ",\t;|";
    bool quoted = false;
    for (; at < end && (quoted || *at != '\n'); at++) {
        const char *found = *at == '\0' ? NULL : strchr(choices, *at);
        if (*at == '"')
            quoted = !quoted;
        else if (!quoted && found != NULL)
            counts[found - choices]++;
    }
    for (size_t i = 0; i < 4; i++)
        if (counts[i] > 0)
            return choices[i];
    return ',';
}

static gy_status count_columns(gy_csv *csv, gy_error *err)
{
    const char *at = csv->at;
    for (csv->columns = 0;;) {
        gy_csv_field field;
        at = read_field(csv, &field, at, csv->columns);
        if (at == NULL)
            return gy_fail(err, GY_FORMAT, "cannot read '%s': line 1: %s", csv->path, csv->fault);
        if (++csv->columns > GY_CSV_COLUMNS_MAX)
            return gy_fail(err, GY_LIMIT, "'%s' has over %d columns", csv->path,
                           GY_CSV_COLUMNS_MAX);
        if (at == csv->end || *at != csv->separator)
            return GY_OK;
        at++;
    }
}

static gy_status name_columns(gy_csv *csv, gy_arena *arena, gy_error *err)
{
    gy_text_map seen = {.arena = arena};
    const char **names = GY_NEW(arena, const char *, csv->columns);
    if (names == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", csv->path);
    for (size_t i = 0; i < csv->columns; i++) {
        const gy_csv_field *field = &csv->fields[i];
        if (!field->quoted && memchr(field->text, '\r', field->length) != NULL)
            return gy_fail(err, GY_FORMAT,
                           "cannot read '%s': line 1: a CR that no LF follows (if its lines end "
                           "with CR: tr '\\r' '\\n')",
                           csv->path);
        char *name = GY_NEW(arena, char, field->length + 1);
        size_t length = name == NULL ? 0 : gy_csv_text(name, field);
        if (name != NULL && length == 0)
            name = gy_arena_format(arena, "column_%zu", i + 1);
        if (name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", csv->path);
        names[i] = name;
        uint64_t *first;
        bool fresh;
        GY_TRY(gy_text_map_at(&first, &fresh, &seen, name, strlen(name), err));
        if (!fresh)
            return gy_fail(err, GY_FORMAT,
                           "cannot read '%s': line 1: the name '%s' stands over column %zu and %zu "
                           "(is line 1 a header?)",
                           csv->path, name, (size_t)*first + 1, i + 1);
        *first = i;
    }
    csv->names = names;
    return GY_OK;
}

gy_status gy_csv_open(gy_csv *csv, const char *bytes, size_t size_bytes, const char *path,
                      gy_arena *arena, gy_error *err)
{
    *csv = (gy_csv){.path = path, .bytes = bytes, .end = bytes + size_bytes, .line = 1};
    if (size_bytes >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return gy_fail(err, GY_FORMAT,
                       "'%s' is UTF-16, a CSV must be UTF-8 (iconv -f UTF-16 -t UTF-8)", path);
    bool mark = size_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    csv->at = bytes + (mark ? 3 : 0);
    if (csv->at == csv->end || *csv->at == '\n' || *csv->at == '\r')
        return gy_fail(err, GY_FORMAT, "'%s' has no header: %s", path,
                       csv->at == csv->end ? "it is empty" : "line 1 is blank");
    csv->separator = choose_separator(csv->at, csv->end);
    GY_TRY(count_columns(csv, err));
    csv->fields = GY_NEW(arena, gy_csv_field, csv->columns);
    if (csv->fields == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    if (gy_csv_next(csv) != GY_CSV_RECORD)
        return gy_fail(err, GY_FORMAT, "cannot read '%s': line 1: %s", path, csv->fault);
    return name_columns(csv, arena, err);
}
