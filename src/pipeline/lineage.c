// SPDX-License-Identifier: Apache-2.0
//
// The history of the data: store and ledger opened, the versions of every dataset.

#include "pipeline/lineage.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"

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

static gy_status add_version(gy_lineage *lineage, const gy_version_info *version, gy_error *err)
{
    gy_version_info *grown =
        gy_arena_grow(lineage->arena, lineage->versions, lineage->version_count,
                      &lineage->version_capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_lineage_no_memory(err);
    lineage->versions = grown;
    lineage->versions[lineage->version_count++] = *version;
    return GY_OK;
}

// A version that the ledger knows and git does not: it was added, and not committed, or not yet.
static gy_status take_record(void *context, const gy_record *record, gy_error *err)
{
    gy_lineage *lineage = context;
    gy_arena *arena = lineage->arena;
    gy_json *body;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a record", arena, err));
    const gy_json *path = gy_json_get(body, "path"), *kind = gy_json_get(body, "kind"),
                  *samples = gy_json_get(body, "samples"), *bytes = gy_json_get(body, "bytes"),
                  *author = gy_json_get(body, "by");
    if (record->id_count != 1 || path == NULL || path->kind != GY_JSON_STRING || kind == NULL ||
        kind->kind != GY_JSON_STRING || known_version(lineage, path->text, &record->ids[0]))
        return GY_OK;
    gy_version_info version = {
        .path = path->text,
        .author = author == NULL || author->kind != GY_JSON_STRING ? NULL : author->text,
        .time_s = record->time_us / 1000000,
        .pointer = {.root = record->ids[0],
                    .samples = samples == NULL ? 0 : (uint64_t)samples->number,
                    .bytes = bytes == NULL ? 0 : (uint64_t)bytes->number,
                    .is_folder = strcmp(kind->text, "folder") == 0}};
    return add_version(lineage, &version, err);
}

gy_status gy_lineage_load_versions(gy_lineage *lineage, gy_error *err)
{
    gy_version_info *log = NULL;
    size_t count = 0;
    gy_error problem;
    if (lineage->is_loaded)
        return GY_OK;
    lineage->is_loaded = true;
    GY_TRY(gy_store_datasets(&lineage->datasets, &lineage->dataset_count, lineage->store, NULL, 0,
                             lineage->arena, err));
    gy_status status =
        gy_store_log(&log, &count, lineage->store, NULL, 0, 0, lineage->arena, &problem);
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", problem.message);
    if (status != GY_OK)
        count = 0; // no git, or nothing committed: the work tree is all there is
    for (size_t i = count; i > 0; i--) // the log is newest first
        if (!known_version(lineage, log[i - 1].path, &log[i - 1].pointer.root))
            GY_TRY(add_version(lineage, &log[i - 1], err));
    GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "version"}, take_record,
                          lineage, err));
    for (size_t i = 0; i < lineage->dataset_count; i++) {
        const gy_dataset *dataset = &lineage->datasets[i];
        if (!known_version(lineage, dataset->path, &dataset->pointer.root))
            GY_TRY(add_version(
                lineage, &(gy_version_info){.path = dataset->path, .pointer = dataset->pointer},
                err));
    }
    return GY_OK;
}
