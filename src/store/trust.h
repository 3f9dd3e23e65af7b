// SPDX-License-Identifier: Apache-2.0
//
// Which packs are known to be good. An object is never trusted because it exists: before `add`
// leaves a file out since the store has it, the pack that holds it must be one that this project
// has written and synced, or read through and found whole, and whose inode, size and ctime are as
// they were then. Others are read through first; what is damaged in them counts as absent, so that
// adding the same file again heals it.
#ifndef GYRE_STORE_TRUST_H
#define GYRE_STORE_TRUST_H

#include "store/store.h"

/** Set trusted and damaged of every pack. Reads the packs that are not known. */
gy_status gy_trust_check(gy_store *store, size_t threads, gy_error *err) GY_CHECKED;

/** Remember the packs that are trusted, and those numbered above last_checked: just written. */
void gy_trust_save(gy_store *store, uint64_t last_checked);

/** Forget what is known of all packs: one was found damaged. */
void gy_trust_drop(gy_store *store);

#endif
