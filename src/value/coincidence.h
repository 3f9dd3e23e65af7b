// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_COINCIDENCE_H
#define GYRE_VALUE_COINCIDENCE_H

#include "gyre/value.h"

/**
 * Rows of a few coarse columns (class, age, sex) are equal by nature, not by copying. Where rows
 * equal to one are to be expected by chance, its likeness says nothing of copying and becomes 0.
 * @param likeness [rows], from .5 on a near duplicate.
 * @param partner [rows], the row most like it.
 */
gy_status gy_coincidences_drop(float *likeness, const uint32_t *partner, const gy_samples *samples,
                               gy_arena *scratch, gy_error *err) GY_CHECKED;

#endif
