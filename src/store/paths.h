// SPDX-License-Identifier: Apache-2.0
//
// Paths as users give them, and the datasets of a project.
#ifndef GYRE_STORE_PATHS_H
#define GYRE_STORE_PATHS_H

#include "store/store.h"

/**
 * A path of the process's folder as one of the project's: "images", "a/labels.csv". The ending
 * .gyre of a pointer file is taken off.
 * @return GY_INVALID: outside the project, or the project itself; GY_NOT_FOUND: no such folder.
 */
gy_status gy_path_resolve(char **relative, const gy_store *store, const char *path, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

typedef struct gy_path_list {
    char **items;
    size_t count, capacity;
} gy_path_list;

/**
 * All datasets of the project: the paths that have a pointer file, sorted.
 * @param locks [out] paths of its gyre.lock files, sorted; may be NULL.
 */
gy_status gy_path_datasets(gy_path_list *datasets, gy_path_list *locks, const gy_store *store,
                           gy_arena *arena, gy_error *err) GY_CHECKED;

/** Resolve paths; count 0: all datasets of the project. */
gy_status gy_path_choose(char ***chosen, size_t *chosen_count, const gy_store *store,
                         const char *const *paths, size_t count, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

/** Read the pointer file of a dataset. GY_NOT_FOUND: it has none. */
gy_status gy_path_pointer(gy_pointer *pointer, const gy_store *store, const char *path,
                          gy_error *err) GY_CHECKED;

#endif
