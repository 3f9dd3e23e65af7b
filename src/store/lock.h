// SPDX-License-Identifier: Apache-2.0
//
// gyre.lock: what each stage last ran with and made (docs/formats/lock.md). What it says is stored
// counts as a version that it names, as a pointer file's does.
#ifndef GYRE_STORE_LOCK_H
#define GYRE_STORE_LOCK_H

#include "base/json.h"
#include "gyre/store.h"

#define GY_LOCK_NAME "gyre.lock"
enum { GY_LOCK_FORMAT = 2, GY_LOCK_BYTES_MAX = 16 << 20 };

/** What a path holds: by which a stage sees that it changed. */
typedef struct gy_content {
    enum { GY_CONTENT_ABSENT, GY_CONTENT_FILE, GY_CONTENT_FOLDER, GY_CONTENT_DATASET } kind;
    gy_id id; // of the file; of the folder's list of files; root of the dataset
    uint64_t bytes, files;
} gy_content;

/** One dep or out of a stage. */
typedef struct gy_locked_path {
    const char *path; // as in gyre.yaml: from the stage's folder
    gy_content content;
    bool is_stored;    // as a version of its own
    gy_pointer stored; // that version
} gy_locked_path;

/** What gyre.lock says of a stage's last run. */
typedef struct gy_stage_lock {
    bool found;
    const char *command;
    const char *wdir; // the stage's folder, from the lock's; "" for it (format 1 does not say)
    gy_locked_path *deps, *outs;
    size_t dep_count, out_count;
    const gy_json *params; // object: file to object of key to value
} gy_stage_lock;

/**
 * The object of stages in the text of a lock; NULL: it has none.
 * @return GY_OK; GY_FORMAT: name, line; GY_UNSUPPORTED: of a newer gyre.
 */
gy_status gy_lock_parse(const gy_json **stages, char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/** What one member of that object says. */
gy_status gy_lock_stage(gy_stage_lock *lock, const gy_json *stage, gy_arena *arena,
                        gy_error *err) GY_CHECKED;

/** All outputs that a lock's text names, by clean path from the folder of the lock. */
gy_status gy_lock_outs(gy_locked_path **outs, size_t *count, char *bytes, size_t length,
                       const char *name, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Append the head of a lock's text, and then each stage. */
void gy_lock_write_head(gy_text *out, bool any);
void gy_lock_write_stage(gy_text *out, const char *name, const gy_stage_lock *lock);

#endif
