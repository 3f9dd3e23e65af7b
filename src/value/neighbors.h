// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_NEIGHBORS_H
#define GYRE_VALUE_NEIGHBORS_H

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

/** GY_INVALID if there are none, or a feature is not finite or over 1e15. role names the samples in
 * the message. */
gy_status gy_samples_check(const gy_samples *samples, const char *role, gy_error *err) GY_CHECKED;

#endif
