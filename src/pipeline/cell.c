// SPDX-License-Identifier: Apache-2.0
//
// Cells as text, whatever their column's type.

#include "pipeline/cell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool gy_cell_text(const char **text, size_t *length, gy_number_text *room, const gy_column *column,
                  size_t row)
{
    *length = 0;
    if (!gy_column_has(column, row))
        return false;
    switch (column->type) {
    case GY_COLUMN_TEXT:
        *text = gy_column_text(column, row, length);
        return *length > 0;
    case GY_COLUMN_INT64:
        snprintf(room->bytes, sizeof(room->bytes), "%" PRId64,
                 ((const int64_t *)column->values)[row]);
        break;
    case GY_COLUMN_FLOAT:
        *room = gy_number_shortest((double)((const float *)column->values)[row]);
        break;
    case GY_COLUMN_DOUBLE:
        *room = gy_number_shortest(((const double *)column->values)[row]);
        break;
    case GY_COLUMN_BOOL:
        snprintf(room->bytes, sizeof(room->bytes), "%s",
                 ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1 ? "true" : "false");
        break;
    default:
        return false;
    }
    *text = room->bytes;
    *length = strlen(room->bytes);
    return true;
}
