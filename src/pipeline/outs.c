// SPDX-License-Identifier: Apache-2.0
//
// Outputs of stages in the store, named by gyre.lock. What git keeps (`cache: false`) is not named,
// but stored too while it is small: so that a run whose metrics are in git can be had again.

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "pipeline/pipeline.h"
#include "store/outs.h"

enum { UNNAMED_BYTES_MAX = 1 << 20 };

// What replaces gyre.lock.
typedef struct naming {
    const gy_outs_place *place;
    gy_stage_lock lock; // of the stage
    gy_stage_lock *kept;
    const gy_out *outs; // that are stored now; numbers: which of the stage's each is
    const size_t *numbers;
    size_t count;
} naming;

// The lock's entries are copied: those of a lock that is not written stay as they were.
static gy_status copy_outs(gy_stage_lock *lock, gy_arena *arena, gy_error *err)
{
    gy_locked_path *copy = GY_NEW(arena, gy_locked_path, lock->out_count);
    if (copy == NULL)
        return gy_pipeline_no_memory(err);
    if (lock->out_count > 0)
        memcpy(copy, lock->outs, lock->out_count * sizeof(*copy));
    lock->outs = copy;
    return GY_OK;
}

static gy_status write_lock(gy_text *text, void *context, gy_error *err)
{
    naming *self = context;
    const gy_outs_place *place = self->place;
    const gy_pipeline *pipeline = place->pipeline;
    for (size_t i = 0; i < self->count; i++) {
        size_t at = self->numbers[i];
        const gy_content *content = &self->kept->outs[at].content;
        if (content->kind == GY_CONTENT_FILE &&
            gy_id_compare(&content->id, &self->outs[i].pointer.root) != 0)
            return gy_fail(err, GY_IO,
                           "stage '%s': its output '%s' changed while it was stored; nothing of it "
                           "is recorded: run it again",
                           place->stage->name, self->kept->outs[at].path);
        self->kept->outs[at].is_stored = true;
        self->kept->outs[at].stored = self->outs[i].pointer;
    }
    for (size_t i = 0; i < self->lock.out_count; i++)
        if (!place->stage->outs[i].uncached)
            self->lock.outs[i] = self->kept->outs[i];
    if (place->record != NULL)
        GY_TRY(place->record(place->context, err));
    place->stage->lock = self->lock;
    gy_lock_write_head(text, true);
    for (size_t i = 0; i < pipeline->stage_count; i++)
        if (pipeline->stages[i].lock.found)
            gy_lock_write_stage(text, pipeline->stages[i].name, &pipeline->stages[i].lock);
    return GY_OK;
}

// ---- keeping

// What `gyre add` keeps has its pointer file beside it; what git keeps and is large stays with git.
static gy_status is_kept(bool *kept, const gy_pipeline *pipeline, const gy_stage_path *out,
                         const gy_content *content, gy_error *err)
{
    const char *pointer = gy_arena_format(pipeline->arena, "%s/%s.gyre", pipeline->folder, out->at);
    if (pointer == NULL)
        return gy_pipeline_no_memory(err);
    *kept = content->kind != GY_CONTENT_DATASET && !gy_file_exists(pointer) &&
            (!out->uncached || content->bytes <= UNNAMED_BYTES_MAX);
    return GY_OK;
}

static gy_status list_kept(naming *self, gy_out *outs, size_t *numbers, gy_error *err)
{
    const gy_outs_place *place = self->place;
    const gy_stage_lock *before = &place->stage->lock;
    for (size_t i = 0; i < self->lock.out_count; i++) {
        const gy_stage_path *out = &place->stage->outs[i];
        bool kept = false;
        GY_TRY(is_kept(&kept, place->pipeline, out, &self->lock.outs[i].content, err));
        if (!kept)
            continue;
        const gy_locked_path *older = gy_locked_find(before->outs, before->out_count, out->path);
        gy_out *item = &outs[self->count];
        *item =
            (gy_out){.path = gy_path_join(place->pipeline->arena, place->pipeline->folder, out->at),
                     .is_ignored = !out->uncached};
        if (item->path == NULL)
            return gy_pipeline_no_memory(err);
        if (older != NULL && older->is_stored) {
            item->has_older = true;
            item->older = older->stored;
        }
        numbers[self->count++] = i;
    }
    return GY_OK;
}

gy_status gy_stage_keep(gy_stage_lock *kept, const char **unstored, const gy_outs_place *place,
                        const gy_stage_lock *lock, gy_error *err)
{
    gy_arena *arena = place->pipeline->arena;
    gy_out *outs = GY_NEW(arena, gy_out, lock->out_count);
    size_t *numbers = GY_NEW(arena, size_t, lock->out_count);
    naming self = {.place = place, .lock = *lock, .kept = kept, .outs = outs, .numbers = numbers};
    const gy_naming how = {place->pipeline->lock_path, write_lock, &self};
    *kept = *lock;
    *unstored = NULL;
    if (outs == NULL || numbers == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(copy_outs(&self.lock, arena, err));
    GY_TRY(copy_outs(kept, arena, err));
    GY_TRY(list_kept(&self, outs, numbers, err));
    gy_error problem = {0};
    gy_status status = gy_outs_keep(outs, self.count, place->store, &how, arena, &problem);
    if (status != GY_UNSUPPORTED && status != GY_INVALID && status != GY_LIMIT)
        return status == GY_OK ? GY_OK : gy_fail(err, status, "%s", problem.message);
    // What was made is not lost for that it cannot be stored.
    *unstored = gy_arena_copy(arena, problem.message, strlen(problem.message));
    self.count = 0;
    return *unstored == NULL ? gy_pipeline_no_memory(err)
                             : gy_outs_keep(outs, 0, place->store, &how, arena, err);
}

// ---- bringing back

static gy_status list_missing(bool *can, gy_dataset *missing, size_t *count,
                              const gy_outs_place *place, const gy_stage_lock *from, gy_error *err)
{
    const gy_pipeline *pipeline = place->pipeline;
    const gy_stage *stage = place->stage;
    const char *inside = pipeline->folder + strlen(pipeline->project);
    inside += *inside == '/';
    *can = true;
    for (size_t i = 0; *can && i < stage->out_count; i++) {
        gy_content now;
        const gy_stage_path *out = &stage->outs[i];
        const gy_locked_path *made = gy_locked_find(from->outs, from->out_count, out->path);
        GY_TRY(gy_content_read(&now, pipeline, out->at, err));
        *can = made != NULL && !out->persist;
        if (!*can || gy_content_same(&now, &made->content))
            continue;
        *can = made->is_stored && now.kind != GY_CONTENT_DATASET &&
               gy_store_has(place->store, &made->stored.root);
        gy_dataset *item = &missing[(*count)++];
        *item = (gy_dataset){.path = gy_path_join(pipeline->arena, inside, out->at),
                             .pointer = made->stored,
                             .is_output = true};
        if (item->path == NULL)
            return gy_pipeline_no_memory(err);
    }
    return GY_OK;
}

gy_status gy_stage_bring(bool *done, const gy_outs_place *place, const gy_stage_lock *lock,
                         const gy_stage_lock *from, gy_error *err)
{
    gy_arena *arena = place->pipeline->arena;
    const gy_stage *stage = place->stage;
    gy_stage_lock kept = *lock;
    gy_dataset *missing = GY_NEW(arena, gy_dataset, stage->out_count);
    naming self = {.place = place, .lock = *lock, .kept = &kept};
    const gy_naming how = {place->pipeline->lock_path, write_lock, &self};
    size_t count = 0;
    *done = false;
    if (missing == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(list_missing(done, missing, &count, place, from, err));
    if (!*done)
        return GY_OK;
    GY_TRY(copy_outs(&self.lock, arena, err));
    GY_TRY(copy_outs(&kept, arena, err));
    for (size_t i = 0; i < stage->out_count; i++) {
        const char *path = stage->outs[i].path;
        kept.outs[i] = *gy_locked_find(from->outs, from->out_count, path);
        self.lock.outs[i].content = kept.outs[i].content;
    }
    gy_error problem = {0};
    gy_status status = gy_outs_bring(missing, count, place->store, &how, arena, &problem);
    *done = status == GY_OK;
    // What is lost, damaged or in the way is made again.
    return status == GY_IO || status == GY_NO_MEMORY ? gy_fail(err, status, "%s", problem.message)
                                                     : GY_OK;
}
