// SPDX-License-Identifier: Apache-2.0
//
// The versions of the data that hold a sample.

#include <string.h>

#include "base/arena.h"
#include "gyre/table.h"
#include "pipeline/lineage.h"

static bool is_current(const gy_lineage *lineage, const gy_version_info *version)
{
    for (size_t i = 0; i < lineage->dataset_count; i++)
        if (strcmp(lineage->datasets[i].path, version->path) == 0)
            return gy_id_compare(&lineage->datasets[i].pointer.root, &version->pointer.root) == 0;
    return false;
}

// Versions that hold a sample, as they are found.
typedef struct holder {
    gy_sample_version *items;
    size_t count, capacity;
} holder;

static gy_status hold(holder *into, gy_lineage *lineage, const gy_version_info *version,
                      const char *path, size_t row, const char *label, gy_error *err)
{
    gy_sample_version *grown =
        gy_arena_grow(lineage->arena, into->items, into->count, &into->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_lineage_no_memory(err);
    into->items = grown;
    into->items[into->count++] = (gy_sample_version){.dataset = version->path,
                                                     .root = version->pointer.root,
                                                     .commit = version->commit,
                                                     .subject = version->subject,
                                                     .author = version->author,
                                                     .time_s = version->time_s,
                                                     .path = path,
                                                     .row = row,
                                                     .label = label,
                                                     .is_current = is_current(lineage, version)};
    return GY_OK;
}

static gy_status search_table(holder *into, gy_lineage *lineage, const gy_version_info *version,
                              const gy_id *sample, gy_error *err)
{
    gy_members members;
    gy_error problem;
    gy_status status = gy_members_read(&members, lineage, version, &problem);
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", problem.message);
    if (status != GY_OK) // a version that is damaged or gone: gyre verify tells of it
        return GY_OK;
    size_t low = 0, high = members.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gy_id_compare(&members.items[middle].id, sample) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < members.count && gy_id_compare(&members.items[low].id, sample) == 0; low++) {
        const gy_member *member = &members.items[low];
        GY_TRY(hold(into, lineage, version, NULL, member->row,
                    member->label == UINT32_MAX ? NULL : members.labels[member->label], err));
    }
    return GY_OK;
}

static gy_status search_files(holder *into, gy_lineage *lineage, const gy_version_info *version,
                              const gy_id *sample, gy_error *err)
{
    gy_entry *entries;
    size_t count;
    gy_error problem;
    gy_status status = gy_store_list(&entries, &count, lineage->store, &version->pointer,
                                     lineage->arena, &problem);
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", problem.message);
    for (size_t i = 0; status == GY_OK && i < count; i++)
        if (gy_id_compare(&entries[i].id, sample) == 0)
            GY_TRY(hold(into, lineage, version, entries[i].path, 0, NULL, err));
    return GY_OK;
}

gy_status gy_lineage_versions(gy_sample_version **versions, size_t *count, gy_lineage *lineage,
                              const gy_id *sample, gy_error *err)
{
    holder into = {0};
    GY_TRY(gy_lineage_load_versions(lineage, err));
    for (size_t i = 0; i < lineage->version_count; i++) {
        const gy_version_info *version = &lineage->versions[i];
        if (gy_table_is_rows(version->path))
            GY_TRY(search_table(&into, lineage, version, sample, err));
        GY_TRY(search_files(&into, lineage, version, sample, err));
    }
    *versions = into.items;
    *count = into.count;
    return GY_OK;
}
