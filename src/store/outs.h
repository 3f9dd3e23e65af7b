// SPDX-License-Identifier: Apache-2.0
//
// Outputs of stages: versions of files and folders that gyre.lock names in place of pointer files.
#ifndef GYRE_STORE_OUTS_H
#define GYRE_STORE_OUTS_H

#include "store/lock.h"

/**
 * The datasets and outputs that paths name, or all of the project: what has a pointer file, and
 * what a gyre.lock says is stored. Sorted by path if count is 0. GY_NOT_FOUND: a path is neither.
 */
gy_status gy_outs_choose(gy_dataset **chosen, size_t *chosen_count, gy_store *store,
                         const char *const *paths, size_t count, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

/**
 * All outputs that a lock (from the project) names at a git revision. @return GY_NOT_FOUND,
 * GY_INVALID: as gy_git_show; GY_FORMAT, GY_UNSUPPORTED: as gy_lock_parse.
 */
gy_status gy_outs_at(gy_locked_path **outs, size_t *count, const gy_store *store, const char *lock,
                     const char *revision, gy_arena *arena, gy_error *err) GY_CHECKED;

/** The version of an output among those that its lock named; NULL: it was none, or not stored. */
const gy_pointer *gy_outs_find(const gy_locked_path *outs, size_t count, const gy_dataset *output);

/** Write the new lock: called when all that it will name is durable, with the store locked. */
typedef gy_status gy_outs_name(gy_text *lock, void *context, gy_error *err);

/** The gyre.lock that names outputs. */
typedef struct gy_naming {
    const char *lock_path; // absolute, or from the process's folder
    gy_outs_name *write;
    void *context;
} gy_naming;

/** An output to be stored. */
typedef struct gy_out {
    const char *path; // absolute, or from the process's folder
    bool is_ignored;  // git is to ignore it
    bool has_older;
    gy_pointer older;   // the version before
    gy_pointer pointer; // [out]
} gy_out;

/**
 * Store outputs as they are now, have git ignore them, then replace gyre.lock: all of it durable
 * when it returns GY_OK; else the old lock is there. Waits for another writer.
 * @return GY_UNSUPPORTED, GY_INVALID: something that cannot be stored (a link), nothing was named.
 */
gy_status gy_outs_keep(gy_out *outs, size_t count, gy_store *store, const gy_naming *naming,
                       gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Put stored versions in place, over whatever is there, then replace gyre.lock. path of outs: from
 * the project. @return GY_NOT_FOUND, GY_FORMAT: an object is lost or damaged; some outputs may be
 * in place, the old lock is there.
 */
gy_status gy_outs_bring(gy_dataset *outs, size_t count, gy_store *store, const gy_naming *naming,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
