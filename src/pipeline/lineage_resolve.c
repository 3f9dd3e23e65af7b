// SPDX-License-Identifier: Apache-2.0
//
// Ids by what a person types: a path, or the first digits of an id.

#define _GNU_SOURCE
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "gyre/table.h"
#include "pipeline/lineage.h"

// Ids of data that begin with the digits.
static gy_status match(gy_id *id, size_t *found, const gy_id *candidate, const char *prefix,
                       gy_error *err)
{
    gy_id_hex hex = gy_id_text(candidate);
    if (strncmp(hex.text, prefix, strlen(prefix)) != 0)
        return GY_OK;
    if (*found > 0 && gy_id_compare(id, candidate) != 0)
        return gy_fail(err, GY_INVALID,
                       "'%s' is the start of several ids: %.16s, %.16s: give more digits", prefix,
                       gy_id_text(id).text, hex.text);
    *id = *candidate;
    *found = 1;
    return GY_OK;
}

// A failing disk or memory is not taken for a version that the store lost.
static bool is_machine(gy_status status)
{
    return status == GY_IO || status == GY_NO_MEMORY;
}

static gy_status resolve_in_data(gy_id *id, size_t *found, gy_lineage *lineage, const char *prefix,
                                 gy_error *err)
{
    GY_TRY(gy_lineage_load_versions(lineage, err));
    for (size_t i = 0; i < lineage->version_count; i++) {
        const gy_version_info *version = &lineage->versions[i];
        gy_entry *entries = NULL;
        size_t count = 0;
        gy_members members = {0};
        gy_error lost = {0};
        gy_status status = gy_store_list(&entries, &count, lineage->store, &version->pointer,
                                         lineage->arena, &lost);
        if (status != GY_OK)
            count = 0;
        if (gy_table_is_rows(version->path) && !is_machine(status))
            status = gy_members_read(&members, lineage, version, &lost);
        if (is_machine(status))
            return gy_fail(err, status, "%s", lost.message);
        if (status != GY_OK) // the store lost the version: its samples are not known
            members.count = 0;
        GY_TRY(match(id, found, &version->pointer.root, prefix, err));
        for (size_t j = 0; j < count; j++)
            GY_TRY(match(id, found, &entries[j].id, prefix, err));
        for (size_t j = 0; j < members.count; j++)
            GY_TRY(match(id, found, &members.items[j].id, prefix, err));
    }
    return GY_OK;
}

static gy_status resolve_prefix(gy_id *id, gy_lineage *lineage, const char *thing, gy_error *err)
{
    char prefix[65] = "";
    size_t length = strlen(thing), found = 0;
    for (size_t i = 0; i < length && i < 64; i++)
        prefix[i] = (char)tolower((unsigned char)thing[i]);
    gy_error problem;
    gy_status status = gy_ledger_resolve(id, lineage->ledger, thing, &problem);
    if (status != GY_OK && status != GY_NOT_FOUND)
        return gy_fail(err, status, "%s", problem.message);
    found = status == GY_OK;
    if (found && length == 64)
        return GY_OK;
    GY_TRY(resolve_in_data(id, &found, lineage, prefix, err));
    if (found == 0)
        return gy_fail(err, GY_NOT_FOUND,
                       "'%s' is no file here, and neither the ledger nor a version of the data "
                       "knows an id that starts so",
                       thing);
    return GY_OK;
}

// A dataset or a stage's file that is not here now, but that a pointer file or gyre.lock names.
static gy_status resolve_absent(gy_id *id, bool *is_known, gy_lineage *lineage, const char *thing,
                                gy_error *err)
{
    gy_dataset *named;
    size_t count = 0;
    gy_error none = {0};
    gy_status status =
        gy_store_contents(&named, &count, lineage->store, &thing, 1, lineage->arena, &none);
    *is_known = status == GY_OK && !(named->is_output && named->pointer.is_folder);
    if (*is_known)
        *id = named->pointer.root;
    return is_machine(status) ? gy_fail(err, status, "%s", none.message) : GY_OK;
}

gy_status gy_lineage_resolve(gy_id *id, bool *is_path, gy_lineage *lineage, const char *thing,
                             gy_error *err)
{
    struct stat found;
    bool path = stat(thing, &found) == 0;
    size_t digits = strspn(thing, "0123456789abcdefABCDEF");
    if (is_path != NULL)
        *is_path = path;
    if (path && S_ISDIR(found.st_mode)) {
        gy_pointer pointer;
        const char *name = gy_arena_format(lineage->arena, "%s.gyre", thing);
        if (name == NULL)
            return gy_lineage_no_memory(err);
        if (!gy_file_exists(name))
            return gy_fail(err, GY_INVALID,
                           "'%s' is a folder that no version holds: ask for a file in it", thing);
        GY_TRY(gy_pointer_read(&pointer, name, NULL, err));
        *id = pointer.root;
        return GY_OK;
    }
    if (path) {
        size_t length = strlen(thing);
        if (length > 5 && strcmp(thing + length - 5, ".gyre") == 0) {
            gy_pointer pointer;
            GY_TRY(gy_pointer_read(&pointer, thing, NULL, err));
            *id = pointer.root;
            return GY_OK;
        }
        return gy_id_of_file(id, thing, err);
    }
    bool is_known;
    GY_TRY(resolve_absent(id, &is_known, lineage, thing, err));
    if (is_path != NULL)
        *is_path = is_known;
    if (is_known)
        return GY_OK;
    if (thing[digits] == '\0' && digits >= 4 && digits <= 64)
        return resolve_prefix(id, lineage, thing, err);
    return gy_fail(err, GY_NOT_FOUND, "'%s' is neither a file here nor an id", thing);
}
