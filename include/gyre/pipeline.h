// SPDX-License-Identifier: Apache-2.0
//
// Stages in gyre.yaml: what is out of date runs, and what ran is known.
#ifndef GYRE_PIPELINE_H
#define GYRE_PIPELINE_H

#include "gyre/ledger.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The stages of one gyre.yaml, with what gyre.lock says of their last runs. */
typedef struct gy_pipeline gy_pipeline;

/**
 * Read the gyre.yaml at or above folder (docs/formats/gyre_yaml.md) and the gyre.lock beside it.
 * @return GY_OK; GY_NOT_FOUND: no gyre.yaml, or no project around it; GY_FORMAT: err names line and
 * column; GY_INVALID: stages in a circle, or with the same output, err names them; GY_UNSUPPORTED:
 * a key of dvc.yaml that is not taken, or a newer lock; GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_pipeline_open(gy_pipeline **pipeline, const char *folder,
                                  gy_error *err) GY_CHECKED;
/** NULL is fine. */
GY_API void gy_pipeline_close(gy_pipeline *pipeline);

// ---- running

typedef enum gy_stage_state {
    GY_STAGE_FRESH,     // nothing to do
    GY_STAGE_FROZEN,    // stays as it is
    GY_STAGE_WOULD_RUN, // dry run: why is in reason
    GY_STAGE_STARTS,    // its command starts now
    GY_STAGE_RAN,       // and has ended well
    GY_STAGE_RESTORED,  // out of date, but the same run was made before: its outputs are back
    GY_STAGE_UNSTORED,  // its outputs could not be stored, for the reason; the run counts
    GY_STAGE_TRACKED,   // git tracks the output in reason, which the store keeps now
    GY_STAGE_SAME,      // run twice: all outputs have the same bytes
    GY_STAGE_DIFFERS    // run twice: the output in reason has not
} gy_stage_state;

/** What a run has come to. Strings are good during the call. */
typedef struct gy_stage_event {
    const char *stage;
    gy_stage_state state;
    const char *reason;  // why it runs, or what differs; NULL
    const char *command; // of GY_STAGE_STARTS and GY_STAGE_WOULD_RUN
    const char *run;     // id of the run, of GY_STAGE_STARTS and GY_STAGE_RAN
    double seconds;      // of GY_STAGE_RAN
} gy_stage_event;

typedef void gy_stage_report(void *context, const gy_stage_event *event);

typedef struct gy_run_options {
    const char *const *stages; // these and what they need; count 0: all
    size_t count;
    bool single;  // these alone
    bool dry_run; // run nothing, tell what would
    bool force;   // also what is up to date
    bool twice;   // run each once more and compare the outputs' bytes
    int output;   // file descriptor for the commands' standard output; 0: the process's own
    gy_stage_report *report; // NULL: none
    void *context;           // for report
} gy_run_options;

/**
 * Run the stages that are out of date, in the order of what they need: never ran, another command,
 * another parameter or input, an output that is missing or not what the last run made. Outputs of
 * a run go into the store, which puts them back where the same command had the same inputs before.
 * Each run is a record in the ledger, then an entry in gyre.lock: both or neither, when a run is
 * cut short. Two calls in one project wait for each other for 10 s.
 *
 * @return GY_OK; GY_IO: a command failed or was stopped, err tells its exit status or signal;
 * GY_NOT_FOUND: a stage or an input is not there, or a command did not make an output; GY_REFUSED:
 * twice and different, or another run goes on; else as the ledger's.
 * SIGINT, SIGTERM and SIGHUP end the command and all its children, and the call with GY_IO.
 */
GY_API gy_status gy_pipeline_run(gy_pipeline *pipeline, const gy_run_options *options,
                                 gy_error *err) GY_CHECKED;

// ---- metrics

/** One number of a metrics file. */
typedef struct gy_metric {
    const char *path; // of the file, from the folder of gyre.yaml
    const char *name; // dotted: "accuracy_by_class.3"
    double value;
} gy_metric;

/**
 * Every number in the metrics files of all stages.
 * @param revision of git; NULL: the work tree. A file that is not there has no numbers.
 * @return GY_OK; GY_NOT_FOUND: no such revision; GY_FORMAT: a file that cannot be read; GY_IO, ...
 */
GY_API gy_status gy_pipeline_metrics(gy_metric **metrics, size_t *count,
                                     const gy_pipeline *pipeline, const char *revision,
                                     gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- gates

/** What one kind of error costs. */
typedef struct gy_cost {
    const char *label, *prediction;
    double cost;
} gy_cost;

/** How two sets of predictions are compared, sample by sample. */
typedef struct gy_gate_options {
    // "accuracy", "balanced_accuracy", "loss", "cost", "absolute_error" or "squared_error"; NULL:
    // accuracy.
    const char *metric;
    double margin;     // the gain must be above it, beyond noise; below 0: how much may be lost
    double confidence; // of the interval, two-sided; 0: .95
    size_t resamples;  // 0: 10,000
    uint64_t seed;
    const gy_cost *costs; // of "cost": what is not listed costs 1, what is right 0
    size_t cost_count;
} gy_gate_options;

typedef struct gy_gate_result {
    double old_value, new_value; // of the metric: a mean over the samples
    double gain;                 // how much better the new one is: above 0 is better in any metric
    double low, high;            // interval of the gain
    size_t samples;
    size_t only_old, only_new; // samples that only one of the two gets right
    bool passes;               // low is above the margin
} gy_gate_result;

/**
 * Is one set of predictions better than another beyond noise? A paired bootstrap over samples, in
 * the order of their ids: the gain's interval must lie above the margin.
 *
 * @param new_path, old_path tables (CSV, JSONL, Parquet, NPZ) with a row a sample: id, label,
 * prediction, and loss where that is the metric. Both must name the same samples; where labels
 * differ (one was corrected) the new file's count for both.
 * @return GY_OK, also when it does not pass; GY_INVALID: an option, or not the same samples;
 * GY_FORMAT: err names the row; else as gy_table_read.
 * Deterministic: the seed and the samples decide.
 */
GY_API gy_status gy_gate_compare(gy_gate_result *result, const char *new_path, const char *old_path,
                                 const gy_gate_options *options, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

/** What one gate of gyre.yaml says. */
typedef struct gy_gate_verdict {
    const char *name, *metric;
    const char *unit;  // of a cost, "" else
    const char *words; // the verdict in one line, with the figures that decide
    bool compares;     // with an older one: see result; else value against min and max
    double value;      // of a gate on a number
    double low, high;  // its bounds, infinite where there is none
    double margin, confidence;
    gy_gate_result result;
    bool passes;
    gy_status status; // not GY_OK: it could not be judged, words say why
} gy_gate_verdict;

/** gy_gate_compare with its verdict in words, as a gate of gyre.yaml has it; name: new_path. */
GY_API gy_status gy_gate_files(gy_gate_verdict *verdict, const char *new_path, const char *old_path,
                               const gy_gate_options *options, gy_arena *arena,
                               gy_error *err) GY_CHECKED;

/**
 * Judge the gates of these names (count 0: all), in their order, and put each verdict into the
 * ledger. One that cannot be judged does not keep the others from being judged.
 * @param verdicts [out] in arena; *verdict_count of them, also after a failure.
 * @return GY_OK, whatever the verdicts; else what kept the first gate from being judged:
 * GY_NOT_FOUND: no such gate (then none is judged), or what it compares is not there; GY_FORMAT:
 * err names the line.
 */
GY_API gy_status gy_pipeline_gates(gy_gate_verdict **verdicts, size_t *verdict_count,
                                   gy_pipeline *pipeline, const char *const *names, size_t count,
                                   gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- report

typedef struct gy_report_options {
    const char *path;  // of the page
    const char *title; // NULL: the folder's name
    const char *data;  // a JSON object of figures to show, too; NULL: none
} gy_report_options;

/**
 * Write a page for someone who does not code: how good the model is, what was found in the data,
 * the gates, the model's card. One HTML file that loads nothing; replaced in one step.
 * @return GY_OK; GY_FORMAT, GY_NOT_FOUND: predictions, metrics or data that cannot be read; GY_IO.
 */
GY_API gy_status gy_pipeline_report(gy_pipeline *pipeline, const gy_report_options *options,
                                    gy_error *err) GY_CHECKED;

// ---- lineage: what is known of one sample, and what a thing came from

/** A project's ledger, store and history, open for questions. Answers live as long as it. */
typedef struct gy_lineage gy_lineage;

/** Open the project at or above folder. @return as gy_store_open and gy_ledger_open. */
GY_API gy_status gy_lineage_open(gy_lineage **lineage, const char *folder,
                                 gy_error *err) GY_CHECKED;
/** NULL is fine. */
GY_API void gy_lineage_close(gy_lineage *lineage);

GY_API gy_ledger *gy_lineage_ledger(gy_lineage *lineage);

/**
 * The id that a person means by thing: a file's path, an id, or the start of one (4 digits on) that
 * the ledger or a version of the data knows. A folder that `gyre add` keeps: its root.
 * @param is_path [out] whether it is a path; may be NULL.
 * @return GY_OK; GY_NOT_FOUND: nothing of that name; GY_INVALID: several ids begin so.
 */
GY_API gy_status gy_lineage_resolve(gy_id *id, bool *is_path, gy_lineage *lineage,
                                    const char *thing, gy_error *err) GY_CHECKED;

/** A version of a dataset that holds a sample. */
typedef struct gy_sample_version {
    const char *dataset; // path of the data, from the project
    gy_id root;          // of the version
    const char *commit;  // that brought it; NULL: not committed yet
    const char *subject; // of the commit
    const char *author;  // of the commit, else who added it; NULL: not known
    int64_t time_s;      // of the commit, else when it was added, UTC; 0: not known
    const char *path;    // the sample's file in a folder; NULL
    size_t row;          // its row in a table, from 1; 0: no table
    const char *label;   // what the table says there; NULL: nothing
    bool is_current;     // what the work tree's pointer names
} gy_sample_version;

/**
 * All versions that hold a sample, oldest first: in git's history, then those that were added and
 * not committed, while the store holds them. Tables are read once a version; what they hold is kept
 * in .gyre/cache/members.
 */
GY_API gy_status gy_lineage_versions(gy_sample_version **versions, size_t *count,
                                     gy_lineage *lineage, const gy_id *sample,
                                     gy_error *err) GY_CHECKED;

/** A model that was trained with a sample. */
typedef struct gy_sample_model {
    gy_id model;
    const char *path;
    const char *run; // that made it; NULL: not by gyre run
    int64_t time_us;
    bool is_exact;    // the training named the sample; else the run's data hold it
    bool is_left_out; // the training named samples, and not this one
} gy_sample_model;

/** Models that were trained with a sample, oldest first. */
GY_API gy_status gy_lineage_models(gy_sample_model **models, size_t *count, gy_lineage *lineage,
                                   const gy_id *sample, gy_error *err) GY_CHECKED;

/** What a thing came from. */
typedef struct gy_origin {
    const char *path; // as its run names it, or NULL
    gy_id id;
    uint64_t bytes;
    bool is_dataset; // a version of data: commit and subject are those that brought it
    // The run or deed that made it; stage NULL: not known of gyre run.
    const char *run, *stage, *command, *how;
    const char *params, *seeds, *host;       // JSON objects
    const char *threads, *libraries, *notes; // likewise; NULL: the record has none
    const char *commit, *subject;
    bool is_dirty; // the work tree differed from the commit
    // Of a version of data: when it was first added, 0: not known; by whom, and which version stood
    // there before, NULL: none or not known.
    int64_t added_us;
    const char *added_by, *added_after;
    int64_t time_us;
    double seconds;
    size_t runs; // that made these bytes; the newest is told
    struct gy_origin *inputs;
    size_t input_count;
    bool is_told; // stands in the tree already: its inputs are told there
} gy_origin;

/** Walk from an id over the runs that made it to the data, code and parameters behind it. */
GY_API gy_status gy_lineage_origin(gy_origin **origin, gy_lineage *lineage, const gy_id *id,
                                   const char *path, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
