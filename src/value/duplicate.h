// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_DUPLICATE_H
#define GYRE_VALUE_DUPLICATE_H

#include "gyre/value.h"

/** What is known of a sample's likeness to others. */
typedef struct gy_duplicates {
    uint32_t *groups;          // [rows]: near duplicates share a number, that of their first row
    uint32_t *partner;         // [rows]: the sample most like it; its own row: none is near
    float *likeness;           // [rows]: 0 to 1; 1: the same; from .5 on a near duplicate
    int8_t *shift_x, *shift_y; // [rows]: how the partner has to move to lie on it
} gy_duplicates;

/**
 * Find near duplicates. Images: candidates by their spectra, then compared pixel by pixel after the
 * best shift of up to two pixels, change of brightness and of contrast. Tables: rows much nearer to
 * each other than is usual.
 * @param nearest [rows][neighbor_count], among the samples' own features; for tables.
 */
gy_status gy_duplicates_find(gy_duplicates *found, const gy_samples *samples,
                             const gy_neighbor *nearest, size_t neighbor_count, size_t threads,
                             gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
