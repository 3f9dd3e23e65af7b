// SPDX-License-Identifier: Apache-2.0
//
// The canonical form of a row (docs/formats/id.md).
#ifndef GYRE_TABLE_ROW_ID_H
#define GYRE_TABLE_ROW_ID_H

#include "gyre/table.h"

/** The columns that make the id of a table's rows, in canonical order. */
typedef struct gy_identity {
    const char *const *names;
    size_t *columns;  // [count] index into the table's, sorted by name
    gy_text *headers; // [count] what stands before each value: its name
    bool *keyed;      // [count] pii
    size_t count;
    const uint8_t *key; // of pii columns, GY_IDENTITY_KEY_BYTES
    bool single_tensor; // the only identity column: its bytes are the sample
} gy_identity;

enum { GY_IDENTITY_KEY_BYTES = 32 };

/** Which columns make the ids of such a table. Release with gy_identity_release. */
gy_status gy_identity_init(gy_identity *identity, const gy_table *table, const gy_marks *marks,
                           gy_arena *arena, gy_error *err) GY_CHECKED;
void gy_identity_release(gy_identity *identity);

/** The canonical form of one row in place of what `form` holds. */
void gy_identity_form(gy_text *form, const gy_identity *identity, const gy_table *table,
                      size_t row);

/** The id of one row. form: scratch. @return GY_OK or GY_NO_MEMORY. */
gy_status gy_identity_id(gy_id *id, gy_text *form, const gy_identity *identity,
                         const gy_table *table, size_t row, gy_error *err) GY_CHECKED;

/** The id of the file that a row names. @return as gy_named_open, and GY_IO for a failing read. */
gy_status gy_identity_file(gy_id *id, const gy_table *table, const gy_column *paths, size_t row,
                           gy_error *err) GY_CHECKED;

#endif
