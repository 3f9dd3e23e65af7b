// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_PANELS_H
#define GYRE_VALUE_PANELS_H

#include "gyre/value.h"
#include "value/kernel.h"

/** Points laid out for the distance kernel: panels of GY_PANEL rows, [panel][cols][GY_PANEL]. */
typedef struct gy_panels {
    const float *values;
    size_t rows, cols, count;
    const gy_value_kernels *kernels;
} gy_panels;

/**
 * Lay rows out as the kernels read them, in arena.
 * @param order [rows] which row comes where; NULL: as they are.
 */
gy_status gy_panels_make(gy_panels *panels, const float *features, const uint32_t *order,
                         size_t rows, size_t cols, gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
