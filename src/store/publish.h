// SPDX-License-Identifier: Apache-2.0
//
// Small files of the user's work tree, replaced together: pointers and .gitignore.
#ifndef GYRE_STORE_PUBLISH_H
#define GYRE_STORE_PUBLISH_H

#include "store/outs.h"
#include "store/store.h"

/** A file to write. */
typedef struct gy_note {
    const char *path; // relative to the project
    const char *bytes;
    size_t length;
} gy_note;

/**
 * Replace files, each in one step: all contents are synced, then all get their names, in order,
 * then the folders are synced; at most 4 sync calls.
 */
gy_status gy_publish(const gy_store *store, const gy_note *notes, size_t count,
                     gy_error *err) GY_CHECKED;

/**
 * What the .gitignore beside path says when it ignores path; *changed: it did not before.
 * @param notes those made so far: two paths of one folder share a .gitignore.
 */
gy_status gy_ignore_path(gy_note *notes, size_t *count, const gy_store *store, const char *path,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Publish notes (room for one more) and the new gyre.lock, in this order.
 * @param notes NULL: none.
 */
gy_status gy_publish_lock(const gy_store *store, gy_note *notes, size_t count,
                          const gy_naming *naming, gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
