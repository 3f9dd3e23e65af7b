// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_DEPENDENCE_H
#define GYRE_VALUE_DEPENDENCE_H

#include "gyre/value.h"

/**
 * Set the likeness of rows to 0 that equal others by chance, as columns that foretell each other
 * let one expect (see gy_coincidences_drop, which takes them for independent).
 * @param likeness, partner [rows] as in gy_duplicates.
 */
gy_status gy_dependences_drop(float *likeness, const uint32_t *partner, const gy_samples *samples,
                              gy_arena *scratch, gy_error *err) GY_CHECKED;

#endif
