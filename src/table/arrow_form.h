// SPDX-License-Identifier: Apache-2.0
//
// What an Arrow format string says, and one array of it as a column.
#ifndef GYRE_TABLE_ARROW_FORM_H
#define GYRE_TABLE_ARROW_FORM_H

#include "gyre/table.h"

typedef enum gy_arrow_kind {
    GY_ARROW_NULL,
    GY_ARROW_BOOL,
    GY_ARROW_AS_IS,      // the layout is the column's own
    GY_ARROW_WHOLE,      // an integer narrower than 64 bits, or unsigned
    GY_ARROW_HALF,       // float16
    GY_ARROW_TEXT,       // offsets of 32 bits
    GY_ARROW_LARGE_TEXT, // of 64
    GY_ARROW_VIEW,       // string_view
    GY_ARROW_SCALED,     // a date or time in another unit
    GY_ARROW_DECIMAL,
    GY_ARROW_TENSOR // a fixed-size list of numbers
} gy_arrow_kind;

typedef struct gy_arrow_form {
    gy_arrow_kind kind;
    gy_column_type type; // of the column
    size_t width_bytes;  // of a value
    bool is_signed;
    int64_t times, over; // GY_ARROW_SCALED: value * times / over, rounded down
    int scale;           // GY_ARROW_DECIMAL
    bool is_narrow;      // the text of a decimal: its column gets the type that its values have
    gy_dtype dtype;      // GY_ARROW_TENSOR
    size_t rank, shape[GY_RANK_MAX];
} gy_arrow_form;

/** Read schema's format (not its dictionary's). @param name of the column, for messages. */
gy_status gy_arrow_form_read(gy_arrow_form *form, const struct ArrowSchema *schema,
                             const char *name, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Some rows of an array. */
typedef struct gy_arrow_part {
    const struct ArrowArray *array;
    size_t first, rows; // first: in the array's buffers, its own offset included
} gy_arrow_part;

/** Whether the buffers and children are there that the form wants. */
gy_status gy_arrow_check(const gy_arrow_part *part, const gy_arrow_form *form, const char *name,
                         gy_error *err) GY_CHECKED;

/**
 * The rows as a column of the form's type, that points into the array's buffers where it can.
 * @param column name is set already.
 */
gy_status gy_arrow_take(gy_column *column, const gy_arrow_part *part, const gy_arrow_form *form,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/** Bits from `first` on, where a byte begins. NULL: no memory. */
const uint8_t *gy_arrow_bits(const uint8_t *bits, size_t first, size_t rows,
                             gy_arena *arena) GY_CHECKED;

#endif
