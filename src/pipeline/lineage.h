// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PIPELINE_LINEAGE_H
#define GYRE_PIPELINE_LINEAGE_H

#include "gyre/pipeline.h"
#include "gyre/store.h"

struct gy_lineage {
    gy_arena *arena;
    gy_store *store;
    gy_ledger *ledger;
    const char *project;
    gy_dataset *datasets; // of the work tree
    size_t dataset_count;
    // Each pair of path and root once: of git's history, oldest first, then those that are known to
    // the ledger or the work tree alone; of these time and author are those of the add.
    gy_version_info *versions;
    size_t version_count, version_capacity;
    bool is_loaded;
};

/** GY_NO_MEMORY, with the room's message. */
gy_status gy_lineage_no_memory(gy_error *err);

/** Read datasets and versions, once. */
gy_status gy_lineage_load_versions(gy_lineage *lineage, gy_error *err) GY_CHECKED;

/** A sample of a table's version. */
typedef struct gy_member {
    gy_id id;
    uint32_t row;   // from 1
    uint32_t label; // its number among the labels; UINT32_MAX: none
} gy_member;

typedef struct gy_members {
    const gy_member *items; // sorted by id, then row
    size_t count;
    const char **labels;
    size_t label_count;
} gy_members;

/** The samples of a version of a table. GY_NOT_FOUND: the store lacks the version. */
gy_status gy_members_read(gy_members *members, gy_lineage *lineage, const gy_version_info *version,
                          gy_error *err) GY_CHECKED;

#endif
