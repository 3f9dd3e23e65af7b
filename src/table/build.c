// SPDX-License-Identifier: Apache-2.0
#include "table/build.h"

#include <string.h>

enum { FAULTS_MIN = 16 };

void gy_plan_note(gy_column_plan *plan, const char *text, size_t length)
{
    gy_cell cell;
    gy_cell_read(&cell, text, length);
    plan->kinds |= 1u << cell.kind;
    plan->null_count += cell.kind == GY_CELL_NULL;
    plan->text_bytes += length;
    if (cell.kind == GY_CELL_INTEGER && !plan->inexact)
        plan->inexact = !gy_cell_integer_is_double(cell.as.integer);
}

gy_column_type gy_plan_type(const gy_column_plan *plan)
{
    enum {
        NOTHING = 1u << GY_CELL_NULL,
        BOOL = 1u << GY_CELL_BOOL,
        INTEGER = 1u << GY_CELL_INTEGER,
        NUMBER = 1u << GY_CELL_NUMBER,
        DATE = 1u << GY_CELL_DATE,
        TIME = 1u << GY_CELL_TIME
    };
    unsigned kinds = plan->kinds & ~(unsigned)NOTHING;
    if (kinds == 0)
        return GY_COLUMN_NULL;
    if (kinds == BOOL)
        return GY_COLUMN_BOOL;
    if (kinds == INTEGER)
        return GY_COLUMN_INT64;
    if ((kinds & ~(unsigned)(INTEGER | NUMBER)) == 0 && !plan->inexact)
        return GY_COLUMN_DOUBLE;
    if (kinds == DATE)
        return GY_COLUMN_DATE;
    if ((kinds & ~(unsigned)(DATE | TIME)) == 0)
        return GY_COLUMN_TIME;
    return GY_COLUMN_TEXT;
}

size_t gy_column_value_bytes(const gy_column *column)
{
    size_t bytes;
    switch (column->type) {
    case GY_COLUMN_INT64:
    case GY_COLUMN_DOUBLE:
    case GY_COLUMN_TIME:
        return 8;
    case GY_COLUMN_FLOAT:
    case GY_COLUMN_DATE:
        return 4;
    case GY_COLUMN_TENSOR:
        bytes = gy_dtype_size(column->dtype);
        for (size_t i = 0; i < column->rank; i++)
            bytes *= column->shape[i];
        return bytes;
    case GY_COLUMN_NULL:
    case GY_COLUMN_BOOL:
    case GY_COLUMN_TEXT:
        break;
    }
    return 0;
}

gy_status gy_column_take(gy_column *column, const gy_column_plan *plan, const char *name,
                         gy_column_type type, size_t rows, gy_arena *arena, gy_error *err)
{
    *column = (gy_column){.name = name, .type = type, .null_count = plan->null_count};
    if (type == GY_COLUMN_NULL)
        return GY_OK;
    size_t bits = (rows + 7) / 8, size_bytes = gy_column_value_bytes(column);
    size_t count = type == GY_COLUMN_BOOL ? bits : type == GY_COLUMN_TEXT ? plan->text_bytes : rows;
    column->values = gy_arena_take(arena, count + 1, size_bytes == 0 ? 1 : size_bytes);
    if (type == GY_COLUMN_TEXT)
        column->offsets = GY_NEW(arena, int64_t, rows + 1);
    if (plan->null_count > 0)
        column->validity = GY_NEW(arena, uint8_t, bits);
    if (column->values == NULL || (type == GY_COLUMN_TEXT && column->offsets == NULL) ||
        (plan->null_count > 0 && column->validity == NULL))
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rows of column '%s'", rows, name);
    return GY_OK;
}

// The columns are const for those who read them; they are filled here alone.
void gy_column_set(gy_column *column, size_t row, const char *text, size_t length)
{
    void *values = (void *)column->values;
    if (column->type == GY_COLUMN_NULL)
        return;
    if (column->type == GY_COLUMN_TEXT) {
        int64_t *offsets = (int64_t *)column->offsets;
        if (length > 0)
            memcpy((char *)values + offsets[row], text, length);
        offsets[row + 1] = offsets[row] + (int64_t)length;
    }
    if (length == 0)
        return;
    if (column->validity != NULL)
        gy_bit_set((void *)column->validity, row);
    if (column->type == GY_COLUMN_TEXT)
        return;
    gy_cell cell;
    gy_cell_read(&cell, text, length);
    if (column->type == GY_COLUMN_BOOL && cell.as.boolean)
        gy_bit_set(values, row);
    else if (column->type == GY_COLUMN_INT64)
        ((int64_t *)values)[row] = cell.as.integer;
    else if (column->type == GY_COLUMN_DOUBLE)
        ((double *)values)[row] =
            cell.kind == GY_CELL_INTEGER ? (double)cell.as.integer : cell.as.number;
    else if (column->type == GY_COLUMN_DATE)
        ((int32_t *)values)[row] = (int32_t)cell.as.integer;
    else if (column->type == GY_COLUMN_TIME)
        ((int64_t *)values)[row] =
            cell.kind == GY_CELL_DATE ? cell.as.integer * INT64_C(86400000000) : cell.as.integer;
}

gy_status gy_column_narrow(gy_column *column, size_t rows, gy_arena *arena, gy_error *err)
{
    gy_column_plan plan = {0};
    for (size_t row = 0; row < rows; row++) {
        size_t length;
        const char *text = gy_column_text(column, row, &length);
        gy_plan_note(&plan, text, gy_column_has(column, row) ? length : 0);
    }
    gy_column_type type = gy_plan_type(&plan);
    gy_column spelled = *column;
    if (type == GY_COLUMN_TEXT)
        return GY_OK;
    GY_TRY(gy_column_take(column, &plan, spelled.name, type, rows, arena, err));
    for (size_t row = 0; row < rows; row++) {
        size_t length;
        const char *text = gy_column_text(&spelled, row, &length);
        gy_column_set(column, row, text, gy_column_has(&spelled, row) ? length : 0);
    }
    return GY_OK;
}

gy_status gy_table_add_fault(gy_table *table, size_t row, size_t line, const char *message,
                             gy_arena *arena, gy_error *err)
{
    size_t count = table->fault_count;
    gy_row_fault *faults = (gy_row_fault *)table->faults;
    // Full at every power of two from FAULTS_MIN on.
    if (count == 0 || (count >= FAULTS_MIN && (count & (count - 1)) == 0)) {
        faults = GY_NEW(arena, gy_row_fault, count == 0 ? FAULTS_MIN : 2 * count);
        if (faults != NULL && count > 0)
            memcpy(faults, table->faults, count * sizeof(*faults));
    }
    char *copy = gy_arena_copy(arena, message, strlen(message));
    if (faults == NULL || copy == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu broken rows", count + 1);
    faults[count] = (gy_row_fault){row, line, copy};
    table->faults = faults;
    table->fault_count = count + 1;
    return GY_OK;
}
