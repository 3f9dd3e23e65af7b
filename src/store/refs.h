// SPDX-License-Identifier: Apache-2.0
//
// Every version that anything names: pointers of the work tree, the git index, and all of git's
// history, reflogs and stashes.
#ifndef GYRE_STORE_REFS_H
#define GYRE_STORE_REFS_H

#include "store/store.h"

typedef struct gy_ref {
    gy_pointer pointer;
    const char *name; // "images.gyre", or "images.gyre of blob 1a2b3c4d"
    bool is_guess;    // found as 64 hex digits in a file that is no pointer: file or folder unknown
} gy_ref;

typedef struct gy_refs {
    gy_ref *items;
    size_t count, capacity;
} gy_refs;

/** Collect all of them. GY_UNSUPPORTED, GY_REFUSED: git cannot tell. */
gy_status gy_refs_collect(gy_refs *refs, const gy_store *store, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#endif
