// SPDX-License-Identifier: Apache-2.0
//
// What is known of a sample: the versions that hold it, the models that were trained with it.

#define _GNU_SOURCE
#include "pipeline/lineage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"

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

const char *gy_lineage_project(const gy_lineage *lineage)
{
    return lineage->project;
}

// ---- versions

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
    if (into->count == into->capacity) {
        into->capacity = into->capacity == 0 ? 16 : 2 * into->capacity;
        gy_sample_version *grown = GY_NEW(lineage->arena, gy_sample_version, into->capacity);
        if (grown == NULL)
            return gy_lineage_no_memory(err);
        if (into->count > 0)
            memcpy(grown, into->items, into->count * sizeof(*grown));
        into->items = grown;
    }
    into->items[into->count++] = (gy_sample_version){.dataset = version->path,
                                                     .root = version->pointer.root,
                                                     .commit = version->commit,
                                                     .subject = version->subject,
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
    if (status == GY_NO_MEMORY)
        return gy_lineage_no_memory(err);
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
    if (status == GY_NO_MEMORY)
        return gy_lineage_no_memory(err);
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
        if (gy_members_is_table(version->path))
            GY_TRY(search_table(&into, lineage, version, sample, err));
        GY_TRY(search_files(&into, lineage, version, sample, err));
    }
    *versions = into.items;
    *count = into.count;
    return GY_OK;
}

// ---- ids by what a person types

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

static gy_status resolve_in_data(gy_id *id, size_t *found, gy_lineage *lineage, const char *prefix,
                                 gy_error *err)
{
    GY_TRY(gy_lineage_load_versions(lineage, err));
    for (size_t i = 0; i < lineage->version_count; i++) {
        const gy_version_info *version = &lineage->versions[i];
        gy_entry *entries = NULL;
        size_t count = 0;
        gy_members members = {0};
        if (gy_store_list(&entries, &count, lineage->store, &version->pointer, lineage->arena,
                          NULL) != GY_OK)
            count = 0;
        if (gy_members_is_table(version->path) &&
            gy_members_read(&members, lineage, version, NULL) != GY_OK)
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
    if (thing[digits] == '\0' && digits >= 4 && digits <= 64)
        return resolve_prefix(id, lineage, thing, err);
    return gy_fail(err, GY_NOT_FOUND, "'%s' is neither a file here nor an id", thing);
}

// ---- models

typedef struct model_list {
    gy_lineage *lineage;
    gy_sample_model *items;
    size_t count, capacity;
} model_list;

static gy_status add_model(model_list *list, const gy_sample_model *model, gy_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (gy_id_compare(&list->items[i].model, &model->model) == 0) {
            list->items[i].is_exact = list->items[i].is_exact || model->is_exact;
            if (list->items[i].run == NULL)
                list->items[i].run = model->run;
            return GY_OK;
        }
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        gy_sample_model *grown = GY_NEW(list->lineage->arena, gy_sample_model, list->capacity);
        if (grown == NULL)
            return gy_lineage_no_memory(err);
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof(*grown));
        list->items = grown;
    }
    list->items[list->count++] = *model;
    return GY_OK;
}

static const char *member_text(const gy_json *object, const char *key)
{
    const gy_json *value = gy_json_get(object, key);
    return value == NULL || value->kind != GY_JSON_STRING ? NULL : value->text;
}

static gy_status parse_body(const gy_json **body, const gy_record *record, gy_arena *arena,
                            gy_error *err)
{
    gy_json *root;
    GY_TRY(gy_json_parse(&root, record->body, strlen(record->body), "a record", arena, err));
    *body = root;
    return GY_OK;
}

// A training that named its samples: the model's id stands first.
static gy_status take_training(void *context, const gy_record *record, gy_error *err)
{
    model_list *list = context;
    gy_arena *arena = list->lineage->arena;
    const gy_json *body;
    GY_TRY(parse_body(&body, record, arena, err));
    const char *what = member_text(body, "what"), *path = member_text(body, "path");
    if (what == NULL || strcmp(what, "trained") != 0 || record->id_count == 0)
        return GY_OK;
    gy_sample_model model = {
        .model = record->ids[0], .path = path, .time_us = record->time_us, .is_exact = true};
    if (record->run != NULL) {
        model.run = gy_arena_copy(arena, record->run, strlen(record->run));
        if (model.run == NULL)
            return gy_lineage_no_memory(err);
    }
    return add_model(list, &model, err);
}

// Runs that read an id, and through what they made, on to the models.
typedef struct forward {
    model_list *models;
    const gy_id *input;
    gy_id_map seen;
    gy_id *queue;
    size_t queued, capacity;
} forward;

static gy_status enqueue(forward *self, const gy_id *id, gy_error *err)
{
    bool fresh;
    uint64_t *value;
    GY_TRY(gy_id_map_at(&value, &fresh, &self->seen, id, err));
    if (!fresh)
        return GY_OK;
    if (self->queued == self->capacity) {
        self->capacity = self->capacity == 0 ? 64 : 2 * self->capacity;
        gy_id *grown = GY_NEW(self->seen.arena, gy_id, self->capacity);
        if (grown == NULL)
            return gy_lineage_no_memory(err);
        if (self->queued > 0)
            memcpy(grown, self->queue, self->queued * sizeof(*grown));
        self->queue = grown;
    }
    self->queue[self->queued++] = *id;
    return GY_OK;
}

static bool is_listed(const gy_json *paths, const gy_id *id)
{
    gy_id_hex hex = gy_id_text(id);
    for (size_t i = 0; paths != NULL && i < paths->count; i++) {
        const char *text = member_text(&paths->items[i], "id");
        if (text != NULL && strcmp(text, hex.text) == 0)
            return true;
    }
    return false;
}

static gy_status follow_run(void *context, const gy_record *record, gy_error *err)
{
    forward *self = context;
    const gy_json *body;
    GY_TRY(parse_body(&body, record, self->seen.arena, err));
    const gy_json *outs = gy_json_get(body, "outs");
    if (!is_listed(gy_json_get(body, "deps"), self->input))
        return GY_OK;
    for (size_t i = 0; outs != NULL && i < outs->count; i++) {
        gy_id id;
        const char *text = member_text(&outs->items[i], "id");
        if (text != NULL && gy_id_parse(&id, text, NULL) == GY_OK)
            GY_TRY(enqueue(self, &id, err));
    }
    return GY_OK;
}

static gy_status take_model(void *context, const gy_record *record, gy_error *err)
{
    forward *self = context;
    const gy_json *body;
    gy_arena *arena = self->seen.arena;
    GY_TRY(parse_body(&body, record, arena, err));
    gy_sample_model model = {
        .model = *self->input, .path = member_text(body, "path"), .time_us = record->time_us};
    if (record->run != NULL)
        model.run = gy_arena_copy(arena, record->run, strlen(record->run));
    return add_model(self->models, &model, err);
}

static int compare_models(const void *left, const void *right)
{
    const gy_sample_model *a = left, *b = right;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return gy_id_compare(&a->model, &b->model);
}

gy_status gy_lineage_models(gy_sample_model **models, size_t *count, gy_lineage *lineage,
                            const gy_id *sample, gy_error *err)
{
    gy_sample_version *versions;
    size_t version_count;
    model_list list = {.lineage = lineage};
    forward walk = {.models = &list, .seen.arena = lineage->arena};
    GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "lineage", .id = sample},
                          take_training, &list, err));
    GY_TRY(gy_lineage_versions(&versions, &version_count, lineage, sample, err));
    GY_TRY(enqueue(&walk, sample, err)); // a file that a run read is known by its own id
    for (size_t i = 0; i < version_count; i++)
        GY_TRY(enqueue(&walk, &versions[i].root, err));
    for (size_t at = 0; at < walk.queued; at++) {
        gy_id input = walk.queue[at];
        walk.input = &input;
        GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "model", .id = &input},
                              take_model, &walk, err));
        GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "run", .id = &input},
                              follow_run, &walk, err));
    }
    if (list.count > 0)
        qsort(list.items, list.count, sizeof(*list.items), compare_models);
    *models = list.items;
    *count = list.count;
    return GY_OK;
}
