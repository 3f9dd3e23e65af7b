// SPDX-License-Identifier: Apache-2.0
//
// Stages in gyre.yaml: what is out of date runs, and what ran is known.
#ifndef GYRE_PIPELINE_H
#define GYRE_PIPELINE_H

#include "gyre/base.h"

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

/** The folder of gyre.yaml, absolute. */
GY_API const char *gy_pipeline_folder(const gy_pipeline *pipeline);
/** The project's folder (that holds .gyre), absolute: the same or one above. */
GY_API const char *gy_pipeline_project(const gy_pipeline *pipeline);

// ---- running

typedef enum gy_stage_state {
    GY_STAGE_FRESH,     // nothing to do
    GY_STAGE_FROZEN,    // stays as it is
    GY_STAGE_WOULD_RUN, // dry run: why is in reason
    GY_STAGE_STARTS,    // its command starts now
    GY_STAGE_RAN,       // and has ended well
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
 * another parameter or input, an output that is missing or not what the last run made. Each run is
 * a record in the ledger, then an entry in gyre.lock: both or neither, when a run is cut short. Two
 * calls in one project wait for each other for 10 s.
 *
 * @return GY_OK; GY_IO: a command failed or was stopped, err tells its exit status or signal;
 * GY_NOT_FOUND: a stage or an input is not there, or a command did not make an output; GY_REFUSED:
 * twice and different, or another run goes on; else as the ledger's.
 * SIGINT, SIGTERM and SIGHUP end the command and all its children, and the call with GY_IO.
 */
GY_API gy_status gy_pipeline_run(gy_pipeline *pipeline, const gy_run_options *options,
                                 gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
