// SPDX-License-Identifier: Apache-2.0
//
// "foreach" with "do", and "matrix": one entry of 'stages' that stands for many, named as DVC does.

#include <string.h>

#include "base/map.h"
#include "pipeline/pipeline.h"

// What a group is read with.
typedef struct group_reader {
    const gy_pipeline *pipeline;
    const gy_json *entry; // of 'stages'
    gy_stage_group *group;
    gy_text_map places; // of names in group->items
} group_reader;

static size_t count_values(const gy_json *value)
{
    size_t count = 1;
    for (size_t i = 0; i < value->count; i++)
        count += count_values(&value->items[i]);
    return count;
}

// Room for the stages of a group, if it makes no more than can be.
static gy_status reserve(const group_reader *self, size_t count, gy_error *err)
{
    const gy_json *entry = self->entry;
    gy_stage_group *group = self->group;
    if (count > GY_PIPELINE_STAGES_MAX)
        return gy_pipeline_fail(err, GY_LIMIT, self->pipeline, entry->line,
                                "'%.100s' makes over %d stages", entry->key,
                                GY_PIPELINE_STAGES_MAX);
    group->items = GY_NEW(self->pipeline->arena, gy_stage_item, count);
    return group->items == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

// One stage more. key: NULL: ${key} is not there. The same item again counts once, as in DVC; where
// two that are not the same would have one name, one of them would be lost.
static gy_status add_item(group_reader *self, const char *suffix, const char *key,
                          const gy_json *item, gy_error *err)
{
    gy_arena *arena = self->pipeline->arena;
    gy_stage_group *group = self->group;
    gy_text name = {0};
    gy_text_add(&name, "%s@%s", self->entry->key, suffix);
    char *copy = name.status == GY_OK ? gy_arena_copy(arena, name.bytes, name.length) : NULL;
    size_t length = name.length;
    gy_text_release(&name);
    gy_json *values = GY_NEW(arena, gy_json, 3);
    uint64_t *place;
    bool fresh;
    if (copy == NULL || values == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_text_map_at(&place, &fresh, &self->places, copy, length, err));
    if (!fresh) {
        const gy_json *before = gy_json_get(group->items[*place].values, "item");
        if (key == NULL || gy_json_same(before, item))
            return GY_OK;
        return gy_pipeline_fail(err, GY_INVALID, self->pipeline, self->entry->line,
                                "two stages would be called '%.100s'", copy);
    }
    values[0] = (gy_json){.kind = GY_JSON_OBJECT, .count = 1 + (key != NULL), .items = values + 1};
    values[1] = *item;
    values[1].key = "item";
    values[2] = (gy_json){.kind = GY_JSON_STRING, .key = "key", .text = key};
    values[2].text_length = key == NULL ? 0 : strlen(key);
    *place = group->count;
    group->items[group->count++] = (gy_stage_item){copy, values};
    return GY_OK;
}

static bool is_container(const gy_json *value)
{
    return value->kind == GY_JSON_ARRAY || value->kind == GY_JSON_OBJECT;
}

// A value as a part of a name.
static gy_status add_part(gy_text *name, const group_reader *self, const gy_json *value,
                          gy_error *err)
{
    bool cut = value->kind == GY_JSON_STRING && strlen(value->text) != value->text_length;
    if (!cut && gy_json_scalar(name, value))
        return name->status == GY_OK ? GY_OK : gy_pipeline_no_memory(err);
    return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, self->entry->line,
                            "stage '%.100s': %s cannot be part of a name", self->entry->key,
                            cut ? "a text with a NUL" : "null");
}

static gy_status read_foreach(group_reader *self, const gy_json *values, gy_error *err)
{
    bool named = values->kind == GY_JSON_OBJECT, counted = false;
    if (!is_container(values))
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, values->line,
                                "stage '%.100s': 'foreach' must be a list, names with values, or "
                                "the '${name}' of one",
                                self->entry->key);
    GY_TRY(reserve(self, values->count, err));
    for (size_t i = 0; i < values->count; i++) // one that is no plain value, and all are numbered
        counted = counted || is_container(&values->items[i]);
    for (size_t i = 0; i < values->count; i++) {
        const gy_json *item = &values->items[i];
        gy_text suffix = {0};
        gy_status status = GY_OK;
        if (named)
            gy_text_add(&suffix, "%s", item->key);
        else if (counted)
            gy_text_add(&suffix, "%zu", i);
        else
            status = add_part(&suffix, self, item, err);
        if (status == GY_OK && suffix.status != GY_OK)
            status = gy_pipeline_no_memory(err);
        const char *name = suffix.bytes == NULL ? "" : suffix.bytes;
        if (status == GY_OK)
            status = add_item(self, name, named ? item->key : NULL, item, err);
        gy_text_release(&suffix);
        GY_TRY(status);
    }
    return GY_OK;
}

// The combination at a place, the last list going round first: its name and its values.
static gy_status add_combination(group_reader *self, const gy_json *lists, size_t at, gy_error *err)
{
    gy_arena *arena = self->pipeline->arena;
    gy_json item = {.kind = GY_JSON_OBJECT, .count = lists->count, .line = lists->line};
    gy_text name = {0};
    gy_status status = GY_OK;
    size_t round = 1;
    item.items = GY_NEW(arena, gy_json, lists->count);
    if (item.items == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < lists->count; i++)
        round *= lists->items[i].count;
    for (size_t i = 0; status == GY_OK && i < lists->count; i++) {
        const gy_json *list = &lists->items[i];
        round /= list->count;
        size_t chosen = at / round % list->count;
        item.items[i] = list->items[chosen];
        item.items[i].key = list->key;
        gy_text_add(&name, "%s", i == 0 ? "" : "-");
        if (is_container(&list->items[chosen]))
            gy_text_add(&name, "%s%zu", list->key, chosen);
        else
            status = add_part(&name, self, &list->items[chosen], err);
    }
    char *key = name.status == GY_OK ? gy_arena_copy(arena, name.bytes, name.length) : NULL;
    gy_text_release(&name);
    GY_TRY(status);
    return key == NULL ? gy_pipeline_no_memory(err) : add_item(self, key, key, &item, err);
}

static gy_status read_matrix(group_reader *self, const gy_json *lists, gy_error *err)
{
    size_t count = 1;
    bool right = lists->kind == GY_JSON_OBJECT && lists->count > 0;
    for (size_t i = 0; right && i < lists->count; i++)
        right = lists->items[i].kind == GY_JSON_ARRAY;
    if (!right)
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, lists->line,
                                "stage '%.100s': 'matrix' must hold names, each with a list or "
                                "the '${name}' of one",
                                self->entry->key);
    for (size_t i = 0; i < lists->count; i++)
        if (lists->items[i].count == 0) // no combination
            return GY_OK;
    for (size_t i = 0; i < lists->count && count <= GY_PIPELINE_STAGES_MAX; i++)
        count = lists->items[i].count > GY_PIPELINE_STAGES_MAX ? GY_PIPELINE_STAGES_MAX + 1
                                                               : count * lists->items[i].count;
    GY_TRY(reserve(self, count, err));
    for (size_t i = 0; i < count; i++)
        GY_TRY(add_combination(self, lists, i, err));
    return GY_OK;
}

// Which of the keys of a group are there, and that no others are that would mean nothing.
static gy_status check_group(const gy_pipeline *pipeline, const gy_json *entry,
                             const gy_json *matrix, gy_error *err)
{
    const gy_json *values = gy_json_get(entry, "foreach"), *body = gy_json_get(entry, "do");
    const gy_json *there = values != NULL ? values : body;
    if (there != NULL && matrix != NULL)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, matrix->line,
                                "stage '%.100s' has '%s' and 'matrix': only one can be", entry->key,
                                there->key);
    if ((values == NULL) != (body == NULL))
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, there->line,
                                "stage '%.100s' has '%s' without '%s'", entry->key, there->key,
                                values == NULL ? "foreach" : "do");
    if (body != NULL && (body->kind != GY_JSON_OBJECT || body->count == 0))
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, body->line,
                                "stage '%.100s': 'do' must have keys such as 'cmd'", entry->key);
    for (size_t i = 0; body != NULL && i < entry->count; i++)
        if (&entry->items[i] != body && &entry->items[i] != values)
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, entry->items[i].line,
                                    "stage '%.100s' has '%.100s' beside 'foreach': put it under "
                                    "'do'",
                                    entry->key, entry->items[i].key);
    return GY_OK;
}

// The entry without its "matrix".
static gy_status take_body(gy_json *body, const gy_pipeline *pipeline, const gy_json *entry,
                           const gy_json *matrix, gy_error *err)
{
    *body = *entry;
    body->items = GY_NEW(pipeline->arena, gy_json, entry->count);
    if (body->items == NULL)
        return gy_pipeline_no_memory(err);
    body->count = 0;
    for (size_t i = 0; i < entry->count; i++)
        if (&entry->items[i] != matrix)
            body->items[body->count++] = entry->items[i];
    return GY_OK;
}

gy_status gy_stage_group_read(gy_stage_group *group, const gy_pipeline *pipeline,
                              const gy_json *entry, const gy_pipeline_scope *scope, gy_error *err)
{
    const gy_json *matrix = gy_json_get(entry, "matrix"), *values = gy_json_get(entry, "foreach");
    group_reader self = {.pipeline = pipeline, .entry = entry, .group = group};
    self.places.arena = pipeline->arena;
    *group = (gy_stage_group){.body = entry};
    GY_TRY(check_group(pipeline, entry, matrix, err));
    if (matrix == NULL && values == NULL) {
        GY_TRY(reserve(&self, 1, err));
        group->items[group->count++] = (gy_stage_item){entry->key, NULL};
        return GY_OK;
    }
    gy_json *body = GY_NEW(pipeline->arena, gy_json, 1);
    if (body == NULL)
        return gy_pipeline_no_memory(err);
    group->name = entry->key;
    group->body = body;
    if (values != NULL)
        *body = *gy_json_get(entry, "do");
    else
        GY_TRY(take_body(body, pipeline, entry, matrix, err));
    const gy_json *resolved;
    group->value_count = count_values(body);
    GY_TRY(gy_scope_resolve(&resolved, scope, pipeline, values != NULL ? values : matrix, err));
    return values != NULL ? read_foreach(&self, resolved, err) : read_matrix(&self, resolved, err);
}
