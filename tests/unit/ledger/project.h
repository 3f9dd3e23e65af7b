// SPDX-License-Identifier: Apache-2.0
//
// A project folder for a test, and records to put into its ledger.
#ifndef GYRE_TESTS_PROJECT_H
#define GYRE_TESTS_PROJECT_H

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "gyre/ledger.h"

typedef struct test_project {
    char folder[64];
} test_project;

static inline test_project project_new(void)
{
    test_project project = {"/tmp/gyre-ledger-XXXXXX"};
    char path[128];
    CHECK(mkdtemp(project.folder) != NULL);
    snprintf(path, sizeof(path), "%s/.gyre", project.folder);
    CHECK(mkdir(path, 0700) == 0);
    return project;
}

static inline void project_free(const test_project *project)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", project->folder);
    CHECK(system(command) == 0);
}

static inline gy_id id_of(const char *text)
{
    gy_id id;
    gy_id_of_bytes(&id, text, strlen(text));
    return id;
}

static inline gy_ledger *open_ledger(const test_project *project)
{
    gy_ledger *ledger = NULL;
    gy_error err = {0};
    if (gy_ledger_open(&ledger, project->folder, &err) != GY_OK)
        printf("# %s\n", err.message);
    CHECK(ledger != NULL);
    return ledger;
}

static inline void append_one(gy_ledger *ledger, const char *writer, const char *about,
                              const char *body)
{
    gy_id id = id_of(about);
    gy_error err = {0};
    gy_record record = {
        .kind = "finding", .ids = &id, .id_count = 1, .body = body, .writer = writer};
    if (gy_ledger_append(ledger, &record, 1, &err) != GY_OK) {
        printf("# %s\n", err.message);
        CHECK(!"append");
    }
}

// Counts what is found, and keeps the newest body.
typedef struct found_records {
    size_t count;
    char body[200], kinds[200];
} found_records;

static inline gy_status count_records(void *context, const gy_record *record, gy_error *err)
{
    found_records *found = context;
    (void)err;
    found->count++;
    snprintf(found->body, sizeof(found->body), "%s", record->body);
    size_t length = strlen(found->kinds);
    snprintf(found->kinds + length, sizeof(found->kinds) - length, "%s ", record->kind);
    return GY_OK;
}

static inline size_t count_all(gy_ledger *ledger)
{
    found_records all = {0};
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){0}, count_records, &all, NULL) == GY_OK);
    return all.count;
}

#endif
