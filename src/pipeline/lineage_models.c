// SPDX-License-Identifier: Apache-2.0
//
// The models that were trained with a sample: by the samples that a training named, and by the runs
// that read what held it.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "pipeline/lineage.h"

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
    gy_sample_model *grown = gy_arena_grow(list->lineage->arena, list->items, list->count,
                                           &list->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_lineage_no_memory(err);
    list->items = grown;
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
    bool is_named; // a training said which samples made the input, a model
    gy_id_map seen;
    gy_id *queue;
    size_t queued, capacity;
} forward;

// Whether a training named the samples of a model.
static gy_status find_named(void *context, const gy_record *record, gy_error *err)
{
    forward *self = context;
    const gy_json *body;
    GY_TRY(parse_body(&body, record, self->seen.arena, err));
    const char *what = member_text(body, "what");
    self->is_named = self->is_named || (what != NULL && strcmp(what, "trained") == 0 &&
                                        gy_id_compare(&record->ids[0], self->input) == 0);
    return GY_OK;
}

static gy_status enqueue(forward *self, const gy_id *id, gy_error *err)
{
    bool fresh;
    uint64_t *value;
    GY_TRY(gy_id_map_at(&value, &fresh, &self->seen, id, err));
    if (!fresh)
        return GY_OK;
    gy_id *grown =
        gy_arena_grow(self->seen.arena, self->queue, self->queued, &self->capacity, sizeof(*grown));
    if (grown == NULL)
        return gy_lineage_no_memory(err);
    self->queue = grown;
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
    gy_sample_model model = {.model = *self->input,
                             .path = member_text(body, "path"),
                             .time_us = record->time_us,
                             .is_left_out = self->is_named};
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
        walk.is_named = false;
        GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "lineage", .id = &input},
                              find_named, &walk, err));
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
