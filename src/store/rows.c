// SPDX-License-Identifier: Apache-2.0
//
// Counting records without reading cells: quotes and newlines decide.

#include "store/rows.h"

#include <string.h>
#include <strings.h>

gy_rows_kind gy_rows_kind_of(const char *name)
{
    static const struct {
        const char *ending;
        gy_rows_kind kind;
    } kinds[] = {{".csv", GY_ROWS_CSV},
                 {".tsv", GY_ROWS_CSV},
                 {".jsonl", GY_ROWS_LINES},
                 {".ndjson", GY_ROWS_LINES}};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t ending = strlen(kinds[i].ending);
        if (length >= ending && strcasecmp(name + length - ending, kinds[i].ending) == 0)
            return kinds[i].kind;
    }
    return GY_ROWS_NONE;
}

void gy_rows_add(gy_rows *rows, const uint8_t *bytes, size_t size_bytes)
{
    if (rows->kind == GY_ROWS_NONE)
        return;
    bool quotes = rows->kind == GY_ROWS_CSV, in_quotes = rows->in_quotes,
         in_record = rows->in_record;
    for (size_t i = 0; i < size_bytes; i++) {
        uint8_t byte = bytes[i];
        if (byte > '"') // most bytes: neither a quote, nor a newline, nor blank
            in_record = true;
        else if (byte == '"' && quotes)
            in_quotes = !in_quotes, in_record = true; // a doubled quote leaves and enters again
        else if (byte == '\n' && !in_quotes) {
            rows->records += in_record; // an empty line is no record
            in_record = false;
        } else if (byte != '\r')
            in_record |= quotes || (byte != ' ' && byte != '\t');
    }
    rows->in_quotes = in_quotes;
    rows->in_record = in_record;
}

uint64_t gy_rows_end(const gy_rows *rows)
{
    uint64_t records = rows->records + (rows->in_record ? 1 : 0); // no newline at the end
    switch (rows->kind) {
    case GY_ROWS_CSV:
        return records == 0 ? 0 : records - 1;
    case GY_ROWS_LINES:
        return records;
    default:
        return 1;
    }
}
