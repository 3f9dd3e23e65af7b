// SPDX-License-Identifier: Apache-2.0
//
// A file as it was at a git revision, whether git holds its bytes or only gyre.lock its id.

#include <string.h>

#include "gyre/store.h"
#include "pipeline/pipeline.h"
#include "store/git.h"

// `git show REVISION:./at`. GY_NOT_FOUND: git does not have it.
static gy_status show(char **bytes, size_t *length, const gy_pipeline *pipeline,
                      const char *revision, const char *at, gy_arena *arena, gy_error *err)
{
    gy_text out = {0};
    const char *name = gy_arena_format(arena, "%s:./%s", revision, at);
    const char *const arguments[] = {"show", name, NULL};
    if (name == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status = gy_git_run(&out, pipeline->folder, arguments, NULL, err);
    if (status == GY_REFUSED)
        status = gy_fail(err, GY_NOT_FOUND, "git has no '%s' at '%s'", at, revision);
    if (status == GY_OK) {
        *bytes = gy_arena_copy(arena, out.bytes == NULL ? "" : out.bytes, out.length);
        *length = out.length;
        if (*bytes == NULL)
            status = gy_pipeline_no_memory(err);
    }
    gy_text_release(&out);
    return status;
}

static gy_status check_revision(const gy_pipeline *pipeline, const char *revision, gy_arena *arena,
                                gy_error *err)
{
    gy_text out = {0};
    const char *name = gy_arena_format(arena, "%s^{commit}", revision);
    const char *const arguments[] = {"rev-parse", "--verify", "-q", name, NULL};
    if (name == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status =
        revision[0] == '-' ? GY_REFUSED : gy_git_run(&out, pipeline->folder, arguments, NULL, err);
    gy_text_release(&out);
    return status == GY_REFUSED ? gy_fail(err, GY_NOT_FOUND, "git knows no revision '%s'", revision)
                                : status;
}

// The id under which the gyre.lock of a revision has the output at a path.
static gy_status locked_id(gy_id *id, bool *found, const gy_pipeline *pipeline,
                           const char *revision, const char *at, gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t length;
    const gy_json *stages;
    *found = false;
    gy_status status = show(&bytes, &length, pipeline, revision, "gyre.lock", arena, err);
    if (status != GY_OK)
        return status == GY_NOT_FOUND ? GY_OK : status;
    GY_TRY(gy_lock_parse(&stages, bytes, length, "gyre.lock", arena, err));
    for (size_t i = 0; i < pipeline->stage_count && !*found; i++) {
        const gy_stage *stage = &pipeline->stages[i];
        const gy_json *entry = gy_json_get(stages, stage->name);
        gy_stage_lock lock;
        if (entry == NULL)
            continue;
        GY_TRY(gy_lock_stage(&lock, entry, arena, err));
        for (size_t j = 0; j < lock.out_count; j++) {
            const char *joined = gy_pipeline_join(arena, stage->wdir, lock.outs[j].path);
            const char *clean = joined == NULL ? NULL : gy_pipeline_clean(arena, joined);
            if (clean == NULL)
                return gy_pipeline_no_memory(err);
            if (strcmp(clean, at) != 0)
                continue;
            *id = lock.outs[j].content.id;
            *found = true;
        }
    }
    return GY_OK;
}

static gy_status read_store(char **bytes, size_t *length, const gy_pipeline *pipeline,
                            const gy_id *id, gy_arena *arena, gy_error *err)
{
    gy_store *store;
    gy_status status = gy_store_open(&store, pipeline->project, err);
    if (status == GY_OK) {
        status = gy_store_has(store, id)
                     ? gy_store_read(bytes, length, store, id, arena, err)
                     : gy_fail(err, GY_NOT_FOUND, "the store has no %s", gy_id_text(id).text);
        gy_store_close(store);
    }
    return status;
}

gy_status gy_revision_read(char **bytes, size_t *length, gy_id *id, const gy_pipeline *pipeline,
                           const char *revision, const char *at, gy_arena *arena, gy_error *err)
{
    bool found;
    GY_TRY(check_revision(pipeline, revision, arena, err));
    gy_status status = show(bytes, length, pipeline, revision, at, arena, err);
    if (status == GY_OK)
        gy_id_of_bytes(id, *bytes, *length);
    if (status != GY_NOT_FOUND)
        return status;
    GY_TRY(locked_id(id, &found, pipeline, revision, at, arena, err));
    if (!found)
        return gy_fail(err, GY_NOT_FOUND,
                       "'%s' at revision '%s' is neither in git nor an output in its gyre.lock (a "
                       "first model has none to compare with: commit it with its gyre.lock)",
                       at, revision);
    gy_error why = {0};
    status = gy_outs_read(bytes, length, pipeline, id, arena, &why);
    if (status != GY_OK && status != GY_NO_MEMORY)
        status = read_store(bytes, length, pipeline, id, arena, &why);
    if (status == GY_OK)
        return GY_OK;
    // A failing disk is not taken for a loss.
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", why.message);
    return gy_fail(
        err, GY_NOT_FOUND,
        "'%s' of revision '%s' (%.12s) is not in git, nor kept here any more: check that "
        "revision out and run it",
        at, revision, gy_id_text(id).text);
}
