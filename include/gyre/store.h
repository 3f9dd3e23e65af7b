// SPDX-License-Identifier: Apache-2.0
//
// Versions of data: packs under .gyre, pointer files in git.
#ifndef GYRE_STORE_H
#define GYRE_STORE_H

#include "gyre/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The store of one project. */
typedef struct gy_store gy_store;

/** Open the store of the project at or above path. GY_NOT_FOUND: no project (see gyre init). */
GY_API gy_status gy_store_open(gy_store **store, const char *path, gy_error *err) GY_CHECKED;
GY_API void gy_store_close(gy_store *store);

/** The project's folder (that holds .gyre), absolute, no final slash. */
GY_API const char *gy_store_project(const gy_store *store);

/** What a pointer file (NAME.gyre) says. */
typedef struct gy_pointer {
    gy_id root;       // of the tree, or of the single file's content
    uint64_t samples; // files in a folder; rows of a table
    uint64_t bytes;
    bool is_folder;
} gy_pointer;

/** Read a pointer from a path, or from `git show REV:PATH` when revision is not NULL. */
GY_API gy_status gy_pointer_read(gy_pointer *pointer, const char *path, const char *revision,
                                 gy_error *err) GY_CHECKED;

/** One file of a version. path is relative to the folder; "" for a single file. */
typedef struct gy_entry {
    const char *path;
    gy_id id;
    uint64_t size_bytes;
    bool executable;
} gy_entry;

/** All files of a version, sorted by path (as bytes). */
GY_API gy_status gy_store_list(gy_entry **entries, size_t *count, gy_store *store,
                               const gy_pointer *pointer, gy_arena *arena,
                               gy_error *err) GY_CHECKED;

/** The bytes of one object, verified against its id. */
GY_API gy_status gy_store_read(char **bytes, size_t *size_bytes, gy_store *store, const gy_id *id,
                               gy_arena *arena, gy_error *err) GY_CHECKED;

/** Whether the store holds an object of this id (says nothing of its bytes: see gy_store_read). */
GY_API bool gy_store_has(gy_store *store, const gy_id *id);

#ifdef __cplusplus
}
#endif

#endif
