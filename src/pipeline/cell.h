// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PIPELINE_CELL_H
#define GYRE_PIPELINE_CELL_H

#include "base/number.h"
#include "gyre/table.h"

/**
 * One cell as text, a number as its shortest decimal.
 * @param room holds what is spelled here.
 * @return whether the cell has a value, and not an empty text.
 */
bool gy_cell_text(const char **text, size_t *length, gy_number_text *room, const gy_column *column,
                  size_t row);

#endif
