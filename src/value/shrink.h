// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_SHRINK_H
#define GYRE_VALUE_SHRINK_H

#include "gyre/value.h"

enum { GY_SHRINK_SIDE_MAX = 32 };

/**
 * Images of at most GY_SHRINK_SIDE_MAX a side: means of whole blocks; what is left over at the
 * right and lower border is dropped. Images that are small enough, and tables (width 0), stay as
 * they are.
 */
gy_status gy_shrink(gy_samples *small, const gy_samples *samples, gy_arena *arena,
                    gy_error *err) GY_CHECKED;

#endif
