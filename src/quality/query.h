// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_QUALITY_QUERY_H
#define GYRE_QUALITY_QUERY_H

#include "quality/rule.h"

/**
 * Settle the rules that are SQL queries: ${table} is the table, with a column gyre_row (from 1).
 * A query whose result has a column gyre_row finds failing rows; one of a single number is that.
 */
gy_status gy_query_rules(gy_rules *rules, const char *path, const gy_marks *marks, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

#endif
