// SPDX-License-Identifier: Apache-2.0
//
// Whether a stage must run, and the first reason in words: what changed, and from what to what.

#include <string.h>

#include "pipeline/pipeline.h"

static gy_status say(const char **reason, const char *text, gy_error *err)
{
    *reason = text;
    return text == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

const gy_locked_path *gy_locked_find(const gy_locked_path *entries, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].path, path) == 0)
            return &entries[i];
    return NULL;
}

static gy_status param_reason(const char **reason, const char *key, const gy_json *old,
                              const gy_json *now, gy_arena *arena, gy_error *err)
{
    gy_text text = {0};
    gy_text_add(&text, "parameter '%s' changed: ", key);
    if (old == NULL)
        gy_text_add(&text, "none");
    else
        gy_json_write(&text, old);
    gy_text_add(&text, " -> ");
    if (now == NULL)
        gy_text_add(&text, "none");
    else
        gy_json_write(&text, now);
    gy_status status = say(
        reason, text.status == GY_OK ? gy_arena_copy(arena, text.bytes, text.length) : NULL, err);
    gy_text_release(&text);
    return status;
}

static gy_status check_params(const char **reason, const gy_stage *stage, const gy_json *params,
                              gy_arena *arena, gy_error *err)
{
    const gy_json *locked = stage->lock.params;
    size_t files = locked == NULL ? 0 : locked->count;
    for (size_t i = 0; i < params->count; i++) {
        const gy_json *now = &params->items[i], *old = gy_json_get(locked, now->key);
        for (size_t j = 0; j < now->count; j++) {
            const gy_json *value = &now->items[j], *before = gy_json_get(old, value->key);
            if (!gy_json_same(value, before))
                return param_reason(reason, value->key, before, value, arena, err);
        }
        for (size_t j = 0; old != NULL && j < old->count; j++)
            if (gy_json_get(now, old->items[j].key) == NULL)
                return param_reason(reason, old->items[j].key, &old->items[j], NULL, arena, err);
    }
    for (size_t i = 0; i < files; i++)
        if (gy_json_get(params, locked->items[i].key) == NULL)
            return say(reason,
                       gy_arena_format(arena, "no parameter of '%s' counts any more",
                                       locked->items[i].key),
                       err);
    return GY_OK;
}

static gy_status check_deps(const char **reason, const gy_pipeline *pipeline, const gy_stage *stage,
                            gy_arena *arena, gy_error *err)
{
    const gy_stage_lock *lock = &stage->lock;
    for (size_t i = 0; i < stage->dep_count && *reason == NULL; i++) {
        const gy_stage_path *dep = &stage->deps[i];
        const gy_locked_path *locked = gy_locked_find(lock->deps, lock->dep_count, dep->path);
        gy_content now;
        GY_TRY(gy_content_read(&now, pipeline, dep->at, err));
        if (locked == NULL)
            return say(reason, gy_arena_format(arena, "'%s' is a new input", dep->path), err);
        if (now.kind == GY_CONTENT_ABSENT)
            return say(reason, gy_arena_format(arena, "'%s' is missing", dep->path), err);
        if (!gy_content_same(&now, &locked->content))
            return say(reason, gy_arena_format(arena, "'%s' changed", dep->path), err);
    }
    for (size_t i = 0; i < lock->dep_count && *reason == NULL; i++) {
        size_t at = 0;
        while (at < stage->dep_count && strcmp(stage->deps[at].path, lock->deps[i].path) != 0)
            at++;
        if (at == stage->dep_count)
            return say(reason,
                       gy_arena_format(arena, "'%s' is no input any more", lock->deps[i].path),
                       err);
    }
    return GY_OK;
}

static gy_status check_outs(const char **reason, const gy_pipeline *pipeline, const gy_stage *stage,
                            gy_arena *arena, gy_error *err)
{
    const gy_stage_lock *lock = &stage->lock;
    for (size_t i = 0; i < stage->out_count; i++) {
        const gy_stage_path *out = &stage->outs[i];
        const gy_locked_path *locked = gy_locked_find(lock->outs, lock->out_count, out->path);
        gy_content now;
        GY_TRY(gy_content_read(&now, pipeline, out->at, err));
        if (now.kind == GY_CONTENT_ABSENT)
            return say(reason, gy_arena_format(arena, "'%s' is missing", out->path), err);
        if (locked == NULL)
            return say(reason, gy_arena_format(arena, "'%s' is a new output", out->path), err);
        if (!gy_content_same(&now, &locked->content))
            return say(reason,
                       gy_arena_format(arena, "'%s' is not what the last run made", out->path),
                       err);
    }
    return GY_OK;
}

gy_status gy_stage_stale(gy_staleness *stale, const gy_pipeline *pipeline, const gy_stage *stage,
                         const gy_json *params, gy_arena *arena, gy_error *err)
{
    const char **reason = &stale->reason;
    *stale = (gy_staleness){0};
    if (!stage->lock.found)
        return say(reason, "it never ran", err);
    if (stage->always_changed)
        return say(reason, "it always runs", err);
    if (strcmp(stage->lock.command, stage->command) != 0)
        return say(reason, "its command changed", err);
    GY_TRY(check_params(reason, stage, params, arena, err));
    if (*reason == NULL)
        GY_TRY(check_deps(reason, pipeline, stage, arena, err));
    if (*reason != NULL)
        return GY_OK;
    GY_TRY(check_outs(reason, pipeline, stage, arena, err));
    stale->outs_alone = *reason != NULL;
    return GY_OK;
}
