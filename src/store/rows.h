// SPDX-License-Identifier: Apache-2.0
//
// How many samples a file holds.
#ifndef GYRE_STORE_ROWS_H
#define GYRE_STORE_ROWS_H

#include "gyre/base.h"

typedef enum gy_rows_kind {
    GY_ROWS_NONE,  // one sample: the file
    GY_ROWS_CSV,   // records behind the header (RFC 4180: a quoted cell may hold newlines)
    GY_ROWS_LINES, // JSONL: lines that are not blank
} gy_rows_kind;

/** Counting over the pieces of a file. Zero-initialise but kind. */
typedef struct gy_rows {
    gy_rows_kind kind;
    uint64_t records;
    bool in_quotes, in_record;
} gy_rows;

/** By the file's name. */
gy_rows_kind gy_rows_kind_of(const char *name);
void gy_rows_add(gy_rows *rows, const uint8_t *bytes, size_t size_bytes);
/** The samples of all that was added. */
uint64_t gy_rows_end(const gy_rows *rows);

#endif
