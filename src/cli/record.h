// SPDX-License-Identifier: Apache-2.0
//
// What commands about the ledger print alike.
#ifndef GYRE_CLI_RECORD_H
#define GYRE_CLI_RECORD_H

#include "gyre/gyre.h"

/** A time as "2026-01-31 23:59 UTC", by value. */
typedef struct gy_time_words {
    char text[32];
} gy_time_words;
gy_time_words gy_time_text(int64_t time_us);

/** A JSON string, or null for NULL. */
void gy_json_text(gy_text *out, const char *text);

/**
 * Append a record in words as a line. A line from `from` on that says the same goes: of what was
 * said again, the newest is told.
 */
gy_status gy_record_line(gy_text *out, size_t from, const char *prefix, const gy_record *record,
                         gy_arena *scratch, gy_error *err) GY_CHECKED;

#endif
