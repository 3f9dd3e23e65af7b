// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_QUALITY_UNIQUE_H
#define GYRE_QUALITY_UNIQUE_H

#include "quality/rule.h"

/**
 * Find the rows whose values of the rule's columns stand in another row too, exactly; rows with a
 * missing value are left out. Sets rule->rows and row_count.
 */
gy_status gy_unique_find(gy_rule *rule, const char *path, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

#endif
