// SPDX-License-Identifier: Apache-2.0
//
// The history of the data: store and ledger opened, the versions of every dataset.

#include "pipeline/lineage.h"

#include <string.h>

gy_status gy_lineage_no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for the history of the data");
}

gy_status gy_lineage_open(gy_lineage **opened, const char *folder, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    gy_lineage *lineage = arena == NULL ? NULL : GY_NEW(arena, gy_lineage, 1);
    if (lineage == NULL) {
        gy_arena_free(arena);
        return gy_lineage_no_memory(err);
    }
    lineage->arena = arena;
    gy_status status = gy_store_open(&lineage->store, folder, err);
    if (status == GY_OK) {
        lineage->project = gy_store_project(lineage->store);
        status = gy_ledger_open(&lineage->ledger, lineage->project, err);
    }
    if (status != GY_OK) {
        gy_lineage_close(lineage);
        return status;
    }
    *opened = lineage;
    return GY_OK;
}

void gy_lineage_close(gy_lineage *lineage)
{
    if (lineage == NULL)
        return;
    gy_ledger_close(lineage->ledger);
    if (lineage->store != NULL)
        gy_store_close(lineage->store);
    gy_arena_free(lineage->arena);
}

gy_ledger *gy_lineage_ledger(gy_lineage *lineage)
{
    return lineage->ledger;
}

static bool known_version(const gy_lineage *lineage, const char *path, const gy_id *root)
{
    for (size_t i = 0; i < lineage->version_count; i++)
        if (strcmp(lineage->versions[i].path, path) == 0 &&
            gy_id_compare(&lineage->versions[i].pointer.root, root) == 0)
            return true;
    return false;
}

gy_status gy_lineage_load_versions(gy_lineage *lineage, gy_error *err)
{
    gy_version_info *log = NULL;
    size_t count = 0;
    gy_error problem;
    if (lineage->versions != NULL)
        return GY_OK;
    GY_TRY(gy_store_datasets(&lineage->datasets, &lineage->dataset_count, lineage->store, NULL, 0,
                             lineage->arena, err));
    gy_status status =
        gy_store_log(&log, &count, lineage->store, NULL, 0, 0, lineage->arena, &problem);
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", problem.message);
    if (status != GY_OK)
        count = 0; // no git, or nothing committed: the work tree is all there is
    lineage->versions = GY_NEW(lineage->arena, gy_version_info, count + lineage->dataset_count + 1);
    if (lineage->versions == NULL)
        return gy_lineage_no_memory(err);
    for (size_t i = count; i > 0; i--) // the log is newest first
        if (!known_version(lineage, log[i - 1].path, &log[i - 1].pointer.root))
            lineage->versions[lineage->version_count++] = log[i - 1];
    for (size_t i = 0; i < lineage->dataset_count; i++) {
        const gy_dataset *dataset = &lineage->datasets[i];
        if (!known_version(lineage, dataset->path, &dataset->pointer.root))
            lineage->versions[lineage->version_count++] =
                (gy_version_info){.path = dataset->path, .pointer = dataset->pointer};
    }
    return GY_OK;
}
