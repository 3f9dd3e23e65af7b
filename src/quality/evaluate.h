// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_QUALITY_EVALUATE_H
#define GYRE_QUALITY_EVALUATE_H

#include "quality/rule.h"

/**
 * Apply one rule of a column to a chunk.
 * @param fails [out] [rows] 1: the row breaks it. A row without a value breaks GY_RULE_REQUIRED
 * alone; one of the wrong type no rule of its value's size.
 * @param cells [rows] of a text column, read; NULL otherwise.
 */
void gy_rule_evaluate(uint8_t *fails, gy_rule *rule, const gy_column *column, size_t rows,
                      const gy_cell *cells);

/** Whether the rule needs a text column's cells read. */
bool gy_rule_needs_cells(const gy_rule *rule);

/** Whether a value is there: not null, not "", not NaN. */
bool gy_quality_has(const gy_column *column, size_t row);

#endif
