// SPDX-License-Identifier: Apache-2.0
//
// Files of a version written out, verified, by all threads.
#ifndef GYRE_STORE_RESTORE_H
#define GYRE_STORE_RESTORE_H

#include "store/tree.h"

enum { GY_RESTORE_NAME_BYTES = 16 };

typedef struct gy_restore_item {
    uint32_t file; // number in the version
    bool is_known; // place is set: one block holds it
    size_t pack;
    gy_place place;
} gy_restore_item;

typedef struct gy_restore {
    gy_store *store;
    gy_listing *version; // marks of the files are set as they are written
    const char *path;    // of the dataset, for messages
    size_t threads;
    gy_arena *arena;
    gy_store_progress *progress;
    void *context;
    gy_restore_item *items;
    size_t count, capacity;
    // Of a run:
    int folder;
    bool by_number;
    gy_reader *readers;
    size_t *runs; // where the items of one block start; one more at the end
    size_t run_count;
} gy_restore;

/** Add a file of the version. */
gy_status gy_restore_add(gy_restore *restore, uint32_t file, gy_error *err) GY_CHECKED;

/** Add the files that changes add or modify. */
gy_status gy_restore_add_changes(gy_restore *restore, const gy_change *changes, size_t count,
                                 gy_error *err) GY_CHECKED;

typedef enum gy_restore_names {
    GY_RESTORE_PATHS,  // each file under its path in the version; folders must be there
    GY_RESTORE_NUMBERS // each file under its number: gy_restore_name
} gy_restore_names;

/** Write all items into folder. After a failure, some are there and some are not. */
gy_status gy_restore_run(gy_restore *restore, int folder, gy_restore_names names,
                         gy_error *err) GY_CHECKED;

/** The name that a file has before it gets its own. */
void gy_restore_name(char name[GY_RESTORE_NAME_BYTES], uint32_t file);

#endif
