// SPDX-License-Identifier: Apache-2.0
//
// Versions of data: packs under .gyre, pointer files in git.
#ifndef GYRE_STORE_H
#define GYRE_STORE_H

#include "gyre/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The store of one project. Not thread-safe: one a thread. */
typedef struct gy_store gy_store;

/**
 * Make a project of a folder: .gyre with an empty store. A project stays as it is.
 * @param fresh [out] whether it was made now; may be NULL.
 * @return GY_OK; GY_INVALID: inside another project; GY_UNSUPPORTED: of a newer gyre; GY_IO.
 */
GY_API gy_status gy_store_init(bool *fresh, const char *folder, gy_error *err) GY_CHECKED;

/** Open the store of the project at or above path. GY_NOT_FOUND: no project (see gyre init). */
GY_API gy_status gy_store_open(gy_store **store, const char *path, gy_error *err) GY_CHECKED;
GY_API void gy_store_close(gy_store *store);

/** The project's folder (that holds .gyre), absolute, no final slash. */
GY_API const char *gy_store_project(const gy_store *store);

/** What a pointer file (NAME.gyre) says (docs/formats/pointer.md). */
typedef struct gy_pointer {
    gy_id root;       // of the tree, or of the single file's content
    uint64_t samples; // files in a folder; rows of a table
    uint64_t bytes;
    bool is_folder;
    bool executable; // of a single file, where it is known: pointer files do not say
} gy_pointer;

/**
 * Read a pointer from a path, or from `git show REV:PATH` when revision is not NULL.
 * @return GY_OK; GY_NOT_FOUND: no such file or revision; GY_FORMAT, GY_UNSUPPORTED: as
 * gy_pointer_parse; GY_IO.
 */
GY_API gy_status gy_pointer_read(gy_pointer *pointer, const char *path, const char *revision,
                                 gy_error *err) GY_CHECKED;

/**
 * Read a pointer from its text. name is what messages call it.
 * @return GY_OK; GY_FORMAT: no pointer, err names line and column; GY_UNSUPPORTED: of a newer gyre.
 */
GY_API gy_status gy_pointer_parse(gy_pointer *pointer, const char *bytes, size_t length,
                                  const char *name, gy_error *err) GY_CHECKED;

/** One file of a version. path is relative to the folder; "" for a single file. */
typedef struct gy_entry {
    const char *path;
    gy_id id;
    uint64_t size_bytes;
    bool executable;
} gy_entry;

/** All files of a version, sorted by path (as bytes). @return as gy_store_read. */
GY_API gy_status gy_store_list(gy_entry **entries, size_t *count, gy_store *store,
                               const gy_pointer *pointer, gy_arena *arena,
                               gy_error *err) GY_CHECKED;

/**
 * The bytes of one object, NUL-terminated, verified against its id.
 * @return GY_OK; GY_NOT_FOUND: the store lacks it; GY_FORMAT: it is damaged, err names the pack;
 * GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_store_read(char **bytes, size_t *size_bytes, gy_store *store, const gy_id *id,
                               gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Write one object to a new file, in bounded memory; verified before path gets its name.
 * @return as gy_store_read.
 */
GY_API gy_status gy_store_write_to(gy_store *store, const gy_id *id, const char *path,
                                   gy_error *err) GY_CHECKED;

/** Whether the store holds an object of this id (says nothing of its bytes: see gy_store_read). */
GY_API bool gy_store_has(gy_store *store, const gy_id *id);

/** Called now and then during long work, from the calling thread. */
typedef void gy_store_progress(void *context, const char *what, size_t done, size_t total);

// ---- add

struct gy_added;

typedef struct gy_add_options {
    size_t threads;              // 0: all
    bool no_git;                 // do not stage in git
    gy_store_progress *progress; // NULL: none
    void *context;               // for progress and stored
    // The samples of a file that is no CSV or JSONL (gy_table_count); NULL, or of another format
    // than it knows: one.
    gy_status (*count)(uint64_t *samples, const char *path, gy_error *err);
    // Called when all objects are on the disk and no pointer file has changed yet, if one will: who
    // keeps a record of versions has it before the version counts. Not GY_OK: none changes.
    gy_status (*stored)(void *context, const struct gy_added *added, size_t count, gy_error *err);
} gy_add_options;

/** What became of one path. */
typedef struct gy_added {
    const char *path; // of the data, relative to the project
    gy_pointer pointer;
    bool changed;         // the pointer file says something else than before
    bool has_before;      // there was a pointer file that could be read
    gy_id before;         // the version that it named
    size_t files_read;    // the others were known by their stat
    uint64_t bytes_added; // to the store, with its index; all paths of one call share one sum
} gy_added;

/**
 * Store files and folders as they are now: packs under .gyre, a pointer file NAME.gyre beside each
 * path, a line in .gitignore, both staged in git where there is a work tree. Durable when it
 * returns GY_OK; before, the old pointers hold. Waits for another writer.
 *
 * @param added   [out] gy_added[count].
 * @param paths   relative to the process's folder or absolute, inside the project.
 * @return GY_NOT_FOUND, GY_INVALID, GY_UNSUPPORTED: err names the path; GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_store_add(gy_added *added, gy_store *store, const char *const *paths,
                              size_t count, const gy_add_options *options, gy_arena *arena,
                              gy_error *err) GY_CHECKED;

/**
 * What git knows of the present: whom it would name as author, and the commit that is checked out.
 * @param author, commit [out] in arena; NULL: git knows none, or there is no git.
 */
GY_API gy_status gy_store_git_state(const char **author, const char **commit, const gy_store *store,
                                    gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- status and differences

typedef enum gy_change_kind {
    GY_CHANGE_ADDED,
    GY_CHANGE_REMOVED,
    GY_CHANGE_MODIFIED
} gy_change_kind;

/** One file that differs between two states of a dataset. */
typedef struct gy_change {
    gy_change_kind kind;
    const char *path;    // relative to the folder; "" for a single file
    gy_id before, after; // of what there is
    uint64_t before_bytes, after_bytes;
} gy_change;

typedef enum gy_dataset_state {
    GY_DATASET_CLEAN,   // the work tree holds what the pointer names
    GY_DATASET_CHANGED, // it holds something else: see changes
    GY_DATASET_ABSENT   // nothing is there: gyre checkout brings it
} gy_dataset_state;

typedef struct gy_dataset {
    const char *path; // of the data, relative to the project
    gy_pointer pointer;
    gy_dataset_state state;
    gy_change *changes; // sorted by path
    size_t change_count;
    bool is_output;   // of a stage, named by gyre.lock; pointer says what its last run made
    const char *lock; // of an output: that gyre.lock, relative to the project
} gy_dataset;

/**
 * Compare the work tree with its pointer files, and with what gyre.lock says is stored. Files whose
 * stat is as it was when they were last stored are not read.
 * @param datasets [out] in the order of paths, else by path; in arena.
 * @param paths    data or pointer paths; count 0: every pointer file and every
 * stored output of the project.
 * @return GY_OK, also where data changed; GY_NOT_FOUND: no pointer of a path; as gy_store_read.
 */
GY_API gy_status gy_store_status(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                                 const char *const *paths, size_t count, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

/** The datasets that paths name, or all of the project, with their pointers; nothing compared. */
GY_API gy_status gy_store_datasets(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                                   const char *const *paths, size_t count, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

/** gy_store_datasets, and the outputs of stages that a gyre.lock says are stored. */
GY_API gy_status gy_store_contents(gy_dataset **datasets, size_t *dataset_count, gy_store *store,
                                   const char *const *paths, size_t count, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

/**
 * The version of a dataset or output at a git revision; NULL: as its pointer file or gyre.lock says
 * now. @return GY_NOT_FOUND: it had none then; GY_INVALID: no such revision.
 */
GY_API gy_status gy_store_version(gy_pointer *pointer, gy_store *store, const gy_dataset *dataset,
                                  const char *revision, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Files that differ between two versions, sorted by path. NULL: an empty folder. */
GY_API gy_status gy_store_compare(gy_change **changes, size_t *count, gy_store *store,
                                  const gy_pointer *before, const gy_pointer *after,
                                  gy_arena *arena, gy_error *err) GY_CHECKED;

/** Files that differ between a version and the dataset as the work tree holds it now. */
GY_API gy_status gy_store_compare_work(gy_change **changes, size_t *count, gy_store *store,
                                       const gy_pointer *before, const char *path, gy_arena *arena,
                                       gy_error *err) GY_CHECKED;

// ---- checkout

typedef struct gy_checkout_options {
    size_t threads; // 0: all
    bool force;     // also over data that is not stored
    gy_store_progress *progress;
    void *context;
} gy_checkout_options;

typedef struct gy_checked_out {
    const char *path;
    gy_pointer pointer;
    size_t written, removed; // files
} gy_checked_out;

/**
 * Make the work tree hold what its pointer files and gyre.lock name. What is to be written of all
 * datasets is written beside the work tree and verified first: when that fails, nothing has
 * changed. Then files get their names, each in one step; a failure or a kill in between leaves each
 * file old or new, err names how many datasets are restored, and the next call goes on. Files that
 * are not stored are not touched unless options->force. Needs room for all that changes.
 * @return GY_REFUSED: unsaved data is in the way, err lists it; GY_FORMAT: an object is damaged,
 * err names it; GY_NOT_FOUND: the store lacks an object.
 */
GY_API gy_status gy_store_checkout(gy_checked_out **done, size_t *done_count, gy_store *store,
                                   const char *const *paths, size_t count,
                                   const gy_checkout_options *options, gy_arena *arena,
                                   gy_error *err) GY_CHECKED;

/**
 * Have git ignore a path in the project, whether or not there is something.
 * @return GY_INVALID: outside of the project; GY_NOT_FOUND: no such folder.
 */
GY_API gy_status gy_store_ignore(gy_store *store, const char *path, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

// ---- history

/** One version of a dataset in git's history. Strings live in the arena. */
typedef struct gy_version_info {
    const char *commit, *author, *subject;
    int64_t time_s; // UTC, when it was authored
    const char *path;
    bool is_output; // of a stage
    gy_pointer pointer;
    // Against the version before it in the list; counted only when both trees are in the store.
    bool counted;
    size_t added, removed, modified;
} gy_version_info;

/**
 * gy_store_log, and the versions of outputs: the commits in which the gyre.lock named another
 * content. Of an output pointer.samples is 0: a lock does not count them.
 */
GY_API gy_status gy_store_history(gy_version_info **versions, size_t *version_count,
                                  gy_store *store, const char *const *paths, size_t count,
                                  size_t limit, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Versions of the datasets that paths name (count 0: all), newest first. limit 0: all. */
GY_API gy_status gy_store_log(gy_version_info **versions, size_t *version_count, gy_store *store,
                              const char *const *paths, size_t count, size_t limit, gy_arena *arena,
                              gy_error *err) GY_CHECKED;

// ---- care

/** A damaged or absent object, or a pack that cannot be read. */
typedef struct gy_damage {
    gy_id id;         // of the object; zeros: a whole pack
    const char *what; // what is wrong, for a person
    const char *pack; // file name under .gyre/packs; "": in none
    const char *need; // a file and version that needs it: "images/3/a.png (images.gyre)"; "": none
} gy_damage;

typedef struct gy_verify_options {
    bool deep; // read and hash everything
    size_t threads;
    gy_store_progress *progress;
    void *context;
} gy_verify_options;

typedef struct gy_verified {
    size_t packs, objects;
    uint64_t bytes;    // of packs
    gy_damage *damage; // sorted by id
    size_t damage_count;
} gy_verified;

/**
 * Check the packs and that everything that pointers and locks of work tree and git history name is
 * there.
 * GY_OK also when damage is found: see verified->damage.
 */
GY_API gy_status gy_store_verify(gy_verified *verified, gy_store *store,
                                 const gy_verify_options *options, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

typedef struct gy_gc_options {
    bool dry_run;
    uint64_t grace_s; // how long an object must have been unreferenced
} gy_gc_options;

enum { GY_GC_GRACE_S = 14 * 24 * 3600 };

typedef struct gy_gc_result {
    size_t objects_live, objects_waiting, objects_dropped;
    size_t packs_before, packs_after;
    uint64_t bytes_before, bytes_after;
} gy_gc_result;

/**
 * Drop what no pointer and no gyre.lock of the work tree, the git index, any ref, reflog or stash
 * names. Two phases: an object is noted when it is first found unreferenced, and dropped by a later
 * run when it has stayed so for the grace period.
 */
GY_API gy_status gy_store_gc(gy_gc_result *result, gy_store *store, const gy_gc_options *options,
                             gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
