// SPDX-License-Identifier: Apache-2.0
//
// A project folder with stages, for a test.
#ifndef GYRE_TESTS_PIPELINE_PROJECT_H
#define GYRE_TESTS_PIPELINE_PROJECT_H

#define _GNU_SOURCE
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "gyre/pipeline.h"
#include "gyre/store.h"

typedef struct test_project {
    char folder[64];
} test_project;

static inline test_project project_new(void)
{
    test_project project = {"/tmp/gyre-pipeline-XXXXXX"};
    CHECK(mkdtemp(project.folder) != NULL);
    CHECK(gy_store_init(NULL, project.folder, NULL) == GY_OK);
    return project;
}

static inline void project_free(const test_project *project)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", project->folder);
    CHECK(system(command) == 0);
}

static inline void write_file(const test_project *project, const char *name, const char *contents)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", project->folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(contents, file) >= 0 && fclose(file) == 0);
}

static inline bool has_file(const test_project *project, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", project->folder, name);
    return access(path, F_OK) == 0;
}

// The names of the stages that started, each with a space behind it, a plus before one whose
// outputs came back; and all reasons.
typedef struct seen {
    char started[2000], reasons[4000];
    size_t fresh;
} seen;

static inline void see(void *context, const gy_stage_event *event)
{
    seen *into = context;
    size_t length = strlen(into->started), reasons = strlen(into->reasons);
    into->fresh += event->state == GY_STAGE_FRESH;
    if (event->state == GY_STAGE_STARTS || event->state == GY_STAGE_WOULD_RUN)
        snprintf(into->started + length, sizeof(into->started) - length, "%s ", event->stage);
    if (event->state == GY_STAGE_RESTORED)
        snprintf(into->started + length, sizeof(into->started) - length, "+%s ", event->stage);
    if (event->reason != NULL)
        snprintf(into->reasons + reasons, sizeof(into->reasons) - reasons, "%s: %s\n", event->stage,
                 event->reason);
}

static inline gy_status run_with(const test_project *project, gy_run_options options, seen *into,
                                 gy_error *err)
{
    gy_pipeline *pipeline = NULL;
    *into = (seen){0};
    options.report = see;
    options.context = into;
    options.output = STDERR_FILENO;
    GY_TRY(gy_pipeline_open(&pipeline, project->folder, err));
    gy_status status = gy_pipeline_run(pipeline, &options, err);
    gy_pipeline_close(pipeline);
    return status;
}

// Run all that is out of date and tell which stages that were.
static inline seen run_all(const test_project *project)
{
    seen into;
    gy_error err = {0};
    if (run_with(project, (gy_run_options){0}, &into, &err) != GY_OK)
        printf("# %s\n", err.message);
    CHECK(err.status == GY_OK);
    return into;
}

#endif
