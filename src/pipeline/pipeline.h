// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PIPELINE_PIPELINE_H
#define GYRE_PIPELINE_PIPELINE_H

#include "base/json.h"
#include "base/path.h"
#include "gyre/ledger.h"
#include "gyre/pipeline.h"
#include "store/lock.h"

enum {
    GY_PIPELINE_FILE_BYTES_MAX = 16 << 20, // of gyre.yaml, gyre.lock, a file of parameters
    GY_PIPELINE_STAGES_MAX = 10000,
    GY_PIPELINE_VALUES_MAX = 1000000,     // in all stages that 'foreach' and 'matrix' make
    GY_PIPELINE_TEXT_BYTES_MAX = 64 << 20 // of all texts of gyre.yaml in which ${...} is replaced
};

typedef enum gy_path_role { GY_ROLE_DEP, GY_ROLE_OUT, GY_ROLE_METRIC, GY_ROLE_PLOT } gy_path_role;

/** One dep or out of a stage. */
typedef struct gy_stage_path {
    const char *path; // as written
    const char *at;   // from the folder of gyre.yaml, without "." and ".."
    gy_path_role role;
    bool persist;     // not removed before a run
    bool uncached;    // "cache: false": it stays in git, and is not stored
    bool predictions; // rows of id and prediction, which the ledger takes
    size_t line;
} gy_stage_path;

/** One parameter: a key of a file; key NULL: the whole file. */
typedef struct gy_stage_param {
    const char *file; // as written
    const char *at;
    const char *key;
    size_t line;
} gy_stage_param;

typedef struct gy_stage {
    const char *name;
    const char *group;           // the name of the 'foreach' or 'matrix' that made it; NULL: none
    const char *const *commands; // run one after the other
    size_t command_count;
    const char *command; // all of them, a line each
    const char *wdir;    // from the folder of gyre.yaml; "" for it
    gy_stage_path *deps, *outs;
    size_t dep_count, out_count;
    gy_stage_param *params;
    size_t param_count;
    bool frozen, always_changed;
    size_t line;
    size_t *needs; // stages whose outputs are its inputs, sorted
    size_t need_count;
    gy_stage_lock lock;
} gy_stage;

struct gy_pipeline {
    gy_arena *arena;
    const char *folder, *project;
    const char *yaml_path, *lock_path;
    const gy_json *root; // of gyre.yaml
    gy_stage *stages;    // as in gyre.yaml
    size_t stage_count;
    size_t *order; // of running: what is needed first, else as in gyre.yaml
    struct gy_stat_cache *stats;
};

// ---- fail.c

/** A message about a line of gyre.yaml: status and where it stands, then the format. */
gy_status gy_pipeline_fail(gy_error *err, gy_status status, const gy_pipeline *pipeline,
                           size_t line, const char *format, ...) GY_PRINTF(5, 6);

/** GY_NO_MEMORY, with the room's message. */
gy_status gy_pipeline_no_memory(gy_error *err);

// ---- json_value.c

/** The value under a dotted key ("train.layers[0]"); NULL: there is none. */
const gy_json *gy_json_at(const gy_json *root, const char *key);

/** Whether two values are the same; numbers by value, members in any order. */
bool gy_json_same(const gy_json *a, const gy_json *b);

/** Append a text, number or truth value as it is written. @return whether value is one. */
bool gy_json_scalar(gy_text *out, const gy_json *value);

// ---- spec.c: gyre.yaml

/** Read gyre.yaml into pipeline->stages. GY_FORMAT: err names line and column. */
gy_status gy_pipeline_read_stages(gy_pipeline *pipeline, gy_error *err) GY_CHECKED;

// ---- interpolate.c

/** Where ${...} is looked up: the first of these objects that has the name. */
typedef struct gy_pipeline_scope {
    const gy_json *objects[32];
    size_t count;
    const gy_json *values; // the object of ${item} and ${key}, before all others; NULL: none
    size_t *left_bytes;    // how much ${...} may still make, of all texts of gyre.yaml
} gy_pipeline_scope;

/** Read "vars" (a list of files, "file:key" and objects) of a document or a stage into scope. */
gy_status gy_scope_add(gy_pipeline_scope *scope, const gy_pipeline *pipeline, const gy_json *vars,
                       const char *wdir, gy_error *err) GY_CHECKED;

/**
 * value with the ${...} in all its texts and names replaced. A text that is one ${name} alone
 * becomes what has that name, whatever it is.
 */
gy_status gy_scope_resolve(const gy_json **resolved, const gy_pipeline_scope *scope,
                           const gy_pipeline *pipeline, const gy_json *value,
                           gy_error *err) GY_CHECKED;

/** text with each ${name.key[0]} replaced by its value. @return GY_INVALID: err names it. */
gy_status gy_scope_expand(const char **expanded, const gy_pipeline_scope *scope,
                          const gy_pipeline *pipeline, const char *text, size_t line,
                          gy_error *err) GY_CHECKED;

// ---- foreach.c

/** One stage that an entry of 'stages' stands for. */
typedef struct gy_stage_item {
    const char *name;
    const gy_json *values; // of ${item} and ${key} in it; NULL: it has none
} gy_stage_item;

/** An entry of 'stages': one stage, or those of a 'foreach' or 'matrix'. */
typedef struct gy_stage_group {
    const char *name;    // of the 'foreach' or 'matrix'; NULL: it is one stage
    const gy_json *body; // the keys of each of its stages
    size_t value_count;  // in body, which is read count times; 0: it is one stage
    gy_stage_item *items;
    size_t count;
} gy_stage_group;

/** The stages of one entry, at most GY_PIPELINE_STAGES_MAX. @param scope of gyre.yaml. */
gy_status gy_stage_group_read(gy_stage_group *group, const gy_pipeline *pipeline,
                              const gy_json *entry, const gy_pipeline_scope *scope,
                              gy_error *err) GY_CHECKED;

// ---- params.c

/** Read a YAML or JSON file, by its ending. @param at from the folder of gyre.yaml, or absolute. */
gy_status gy_params_file(const gy_json **root, const gy_pipeline *pipeline, const char *at,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * The parameters of a stage as they are now: an object of files, each an object of keys. A missing
 * one is null in it.
 */
gy_status gy_params_read(const gy_json **params, const gy_pipeline *pipeline, const gy_stage *stage,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- graph.c

/** Find what each stage needs, and the order; refuse circles and outputs that overlap. */
gy_status gy_pipeline_link(gy_pipeline *pipeline, gy_error *err) GY_CHECKED;

/** Mark the stages of these names (and what they need, unless single). */
gy_status gy_pipeline_select(bool *chosen, const gy_pipeline *pipeline, const char *const *names,
                             size_t count, bool single, gy_error *err) GY_CHECKED;

// ---- content.c

/** What is at a path (from the folder of gyre.yaml) now. Files with a known stat are not read. */
gy_status gy_content_read(gy_content *content, const gy_pipeline *pipeline, const char *at,
                          gy_error *err) GY_CHECKED;

/** Whether two contents have the same bytes, whatever their stat says. */
bool gy_content_same(const gy_content *a, const gy_content *b);

// ---- stat_cache.c: ids of files by stat, in .gyre/cache/files

typedef struct gy_stat_cache gy_stat_cache;

/** Read the cache; a missing or damaged one is empty. */
gy_status gy_stat_cache_open(gy_stat_cache **cache, const char *project, gy_arena *arena,
                             gy_error *err) GY_CHECKED;

/** The id of a file, by its stat if that is known, else by reading it. path: absolute. */
gy_status gy_stat_cache_id(gy_id *id, uint64_t *size_bytes, gy_stat_cache *cache, const char *path,
                           gy_error *err) GY_CHECKED;

/** Write what was learnt; does nothing if nothing was. */
gy_status gy_stat_cache_save(gy_stat_cache *cache, gy_error *err) GY_CHECKED;

// ---- stale.c

typedef struct gy_staleness {
    const char *reason; // why a stage must run, in words; NULL: it need not
    bool outs_alone;    // all that it was made of is as its lock says
} gy_staleness;

gy_status gy_stage_stale(gy_staleness *stale, const gy_pipeline *pipeline, const gy_stage *stage,
                         const gy_json *params, gy_arena *arena, gy_error *err) GY_CHECKED;

/** What a lock says of a path; NULL: nothing. */
const gy_locked_path *gy_locked_find(const gy_locked_path *entries, size_t count, const char *path);

// ---- process.c

typedef struct gy_process_result {
    int status; // as of waitpid
    double seconds, cpu_seconds;
    uint64_t rss_bytes_max;
} gy_process_result;

/**
 * Run a command by /bin/sh in a process group of its own. A signal that asks this process to end
 * goes to the group, which is killed if it does not end within 5 s.
 * @param environment NULL-terminated "NAME=value" texts beside the process's own.
 * @return GY_OK if it could be started, whatever its status; GY_IO: not, or a signal came.
 */
gy_status gy_process_run(gy_process_result *result, const char *command, const char *folder,
                         const char *const *environment, int output, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

// ---- outputs.c

/**
 * Remove a stage's outputs and make the folders they lie in, so that an output that is there after
 * a run was made by it. What `gyre add` keeps is not removed: its last state may not be stored.
 */
gy_status gy_outputs_clear(const gy_pipeline *pipeline, const gy_stage *stage,
                           gy_error *err) GY_CHECKED;

// ---- outs.c: outputs in the store

/** Where a stage's outputs go: the store, and the gyre.lock that names them. */
typedef struct gy_outs_place {
    const gy_pipeline *pipeline;
    gy_stage *stage;
    gy_store *store;
    // Called before the lock is replaced, when the outputs are stored; NULL: nothing to do.
    gy_status (*record)(void *context, gy_error *err);
    void *context;
} gy_outs_place;

/**
 * Store the outputs of a run, then let it be recorded, then put it into gyre.lock: all or nothing.
 * @param lock  its outs not yet marked as stored. In gyre.lock those are that git does not keep.
 * @param kept  [out] the same with all outs marked that the store has.
 * @param unstored [out] why nothing could be stored (a link, no zstd), in the pipeline's arena;
 * NULL: it could.
 */
gy_status gy_stage_keep(gy_stage_lock *kept, const char **unstored, const gy_outs_place *place,
                        const gy_stage_lock *lock, gy_error *err) GY_CHECKED;

/**
 * Put the outputs that an earlier run of the same command and inputs made in place, and gyre.lock.
 * @param from what that run made. @param done [out] whether all of it could be had.
 */
gy_status gy_stage_bring(bool *done, const gy_outs_place *place, const gy_stage_lock *lock,
                         const gy_stage_lock *from, gy_error *err) GY_CHECKED;

// ---- run_cache.c: what commands made of which inputs, under .gyre/cache/runs

/** The name of all that decides what a stage makes: command, parameters, inputs. */
void gy_run_key(gy_id *key, const gy_stage *stage, const gy_json *params, const gy_content *deps);

/** Note what a run of this key made, if the store has all of it. */
gy_status gy_run_cache_save(const gy_pipeline *pipeline, const gy_stage *stage, const gy_id *key,
                            const gy_stage_lock *kept, gy_error *err) GY_CHECKED;

/** What an earlier run of this key made; found->found: false if none is known. */
gy_status gy_run_cache_find(gy_stage_lock *found, const gy_pipeline *pipeline, const gy_id *key,
                            gy_error *err) GY_CHECKED;

// ---- revision.c

/**
 * A file as it was at a git revision: the output that gyre.lock names there, from the store, else
 * from git. @param id [out] of its bytes.
 * @return GY_NOT_FOUND: the revision or the file is not there, err says which.
 */
gy_status gy_revision_read(char **bytes, size_t *length, gy_id *id, const gy_pipeline *pipeline,
                           const char *revision, const char *at, gy_arena *arena,
                           gy_error *err) GY_CHECKED;

// ---- gates.c, metrics.c

/** Mark the outputs that gates name as predictions: the ledger takes their rows. */
gy_status gy_gates_mark(gy_pipeline *pipeline, gy_error *err) GY_CHECKED;

/** The numbers in a stage's metrics files now. */
gy_status gy_run_metrics(gy_metric **metrics, size_t *count, const gy_pipeline *pipeline,
                         const gy_stage *stage, gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- record.c

/** Whether a file holds a model, by the endings that trainers give it. */
bool gy_is_model(const char *path);

/** One run of a stage, to be written down. */
typedef struct gy_stage_run {
    const char *id;
    const gy_stage *stage;
    const gy_json *params;
    const gy_content *deps, *outs; // in the stage's order
    const char *commit;            // NULL: no git
    bool dirty;
    int64_t started_us, ended_us;
    gy_process_result process;
} gy_stage_run;

/** Append the run, its metrics and its predictions to the ledger, in one transaction. */
gy_status gy_run_record(gy_ledger *ledger, const gy_pipeline *pipeline, const gy_stage_run *run,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
