// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_WRITE_H
#define GYRE_TABLE_WRITE_H

#include "table/cell.h"

/** The spelling of a cell: text as it stands, anything else into small. @return its length. */
size_t gy_column_spell(char small[GY_CELL_BYTES_MAX], const char **text, const gy_column *column,
                       size_t row);

/** Append a cell that has a value as JSON. */
void gy_json_cell_write(gy_text *out, const gy_column *column, size_t row);

#endif
