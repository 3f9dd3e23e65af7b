// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_QUALITY_KINDS_H
#define GYRE_QUALITY_KINDS_H

#include "table/cell.h"

enum { GY_RARE_OF = 100 };

/** Whether so few of so many are rare: under one in a hundred; below a hundred nothing is. */
static inline bool gy_is_rare(uint64_t count, uint64_t of)
{
    return count == 0 || count * GY_RARE_OF < of;
}

/**
 * The narrowest type of a contract that all values but rare ones have; "" if there is no value.
 * @param kinds [GY_CELL_TEXT + 1] how many cells of each gy_cell_kind.
 * @param odd [out] how many values do not have it.
 */
const char *gy_kinds_type(const size_t *kinds, uint64_t *odd);

#endif
