// SPDX-License-Identifier: Apache-2.0
//
// What differs between two listings.
#ifndef GYRE_STORE_COMPARE_H
#define GYRE_STORE_COMPARE_H

#include "store/tree.h"

/** Changes from before to after, sorted by path; all files must have ids. Either may be NULL. */
gy_status gy_listing_compare(gy_change **changes, size_t *count, const gy_listing *before,
                             const gy_listing *after, gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
