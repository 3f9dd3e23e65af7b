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

// What the gyre.lock of a revision says of the output at a path; NULL: nothing.
static gy_status find_locked(const gy_locked_path **found, const gy_pipeline *pipeline,
                             const char *revision, const char *at, gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t length, count;
    gy_locked_path *outs;
    gy_error missing;
    *found = NULL;
    gy_status status = show(&bytes, &length, pipeline, revision, GY_LOCK_NAME, arena, &missing);
    if (status != GY_OK)
        return status == GY_NOT_FOUND ? GY_OK : gy_fail(err, status, "%s", missing.message);
    GY_TRY(gy_lock_outs(&outs, &count, bytes, length, GY_LOCK_NAME, arena, err));
    *found = gy_locked_find(outs, count, at);
    return GY_OK;
}

// A dataset that a stage made is stored, too, where `gyre add` kept it.
static gy_status read_store(char **bytes, size_t *length, const gy_pipeline *pipeline,
                            const gy_locked_path *locked, gy_arena *arena, gy_error *err)
{
    gy_store *store;
    const gy_id *id = &locked->content.id;
    if (locked->content.kind != GY_CONTENT_FILE)
        return gy_fail(err, GY_NOT_FOUND, "it is no file");
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
    const gy_locked_path *locked;
    gy_error lost = {0}, why = {0};
    GY_TRY(check_revision(pipeline, revision, arena, err));
    GY_TRY(find_locked(&locked, pipeline, revision, at, arena, err));
    if (locked != NULL) {
        *id = locked->content.id;
        gy_status status = read_store(bytes, length, pipeline, locked, arena, &lost);
        if (status == GY_OK)
            return GY_OK;
        // A failing disk is not taken for a loss.
        if (status == GY_NO_MEMORY || status == GY_IO)
            return gy_fail(err, status, "%s", lost.message);
    }
    gy_status status = show(bytes, length, pipeline, revision, at, arena, &why);
    if (status == GY_OK)
        gy_id_of_bytes(id, *bytes, *length);
    if (status != GY_NOT_FOUND)
        return status == GY_OK ? GY_OK : gy_fail(err, status, "%s", why.message);
    if (locked == NULL)
        return gy_fail(err, GY_NOT_FOUND,
                       "'%s' at revision '%s' is neither in git nor an output in its gyre.lock (a "
                       "first model has none to compare with: commit its gyre.lock)",
                       at, revision);
    return gy_fail(err, GY_NOT_FOUND,
                   "'%s' of revision '%s' (%.12s) is neither in git nor in the store here: check "
                   "that revision out and run it; %.200s",
                   at, revision, gy_id_text(id).text, lost.message);
}
