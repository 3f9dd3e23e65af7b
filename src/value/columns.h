// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_COLUMNS_H
#define GYRE_VALUE_COLUMNS_H

#include "gyre/value.h"

/** Variance below which no column of gy_columns_level is taken to spread. */
#define GY_COLUMN_SPREAD_MIN 0.25

/**
 * The columns of a table on one footing, for distances in units of their spread. Each counts from
 * its median, in units of the median deviation of the rows that deviate at all: a category that few
 * rows have is as far from the others as one that half of them have. A tail heavier than a normal
 * distribution's is bent until it is as heavy.
 *
 * @param level [out] the same samples with other features, in arena.
 */
gy_status gy_columns_level(gy_samples *level, const gy_samples *samples, gy_arena *arena,
                           gy_error *err) GY_CHECKED;

#endif
