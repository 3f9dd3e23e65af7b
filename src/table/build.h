// SPDX-License-Identifier: Apache-2.0
//
// Columns from cells: a first pass notes what the cells are, a second fills columns of exact size.
#ifndef GYRE_TABLE_BUILD_H
#define GYRE_TABLE_BUILD_H

#include "table/cell.h"

/** What a first pass saw of one column. Zero-initialise. */
typedef struct gy_column_plan {
    unsigned kinds; // bit 1 << gy_cell_kind
    bool inexact;   // an integer that would not keep its canonical form as a double
    size_t null_count;
    size_t text_bytes; // of all cells, as text
} gy_column_plan;

static inline bool gy_bit_at(const void *bits, size_t at)
{
    return (((const uint8_t *)bits)[at / 8] >> at % 8 & 1) != 0;
}

static inline void gy_bit_set(void *bits, size_t at)
{
    ((uint8_t *)bits)[at / 8] |= (uint8_t)(1u << at % 8);
}

/** Note one cell; text is its spelling. */
void gy_plan_note(gy_column_plan *plan, const char *text, size_t length);

/**
 * The type that all cells share: the narrowest from which their ids can still be computed, else
 * text.
 */
gy_column_type gy_plan_type(const gy_column_plan *plan);

/** Bytes of one row's value in column->values; 0: text, bits, nothing. */
size_t gy_column_value_bytes(const gy_column *column);

/** Take the column's memory from the arena. */
gy_status gy_column_take(gy_column *column, const gy_column_plan *plan, const char *name,
                         gy_column_type type, size_t rows, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

/** Set one row, rows in order; text is the cell's spelling, length 0: no value. */
void gy_column_set(gy_column *column, size_t row, const char *text, size_t length);

/**
 * Give a text column whose cells could only be spelled (integers over 64 bits, long decimals) the
 * type that they have.
 */
gy_status gy_column_narrow(gy_column *column, size_t rows, gy_arena *arena,
                           gy_error *err) GY_CHECKED;

/** Make room for one more fault at the end of the table's. */
gy_status gy_table_add_fault(gy_table *table, size_t row, size_t line, const char *message,
                             gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
