// SPDX-License-Identifier: Apache-2.0
//
// Outputs that may be wanted again: when a parameter is set back, when a gate asks for the
// predictions of the last version. A copy each under .gyre/cache/outs, named by id, and under
// .gyre/cache/runs which outputs a command made of which inputs. A cache: nothing is synced, every
// byte is checked against its id before it is used, and the oldest go when there are over 4 GiB.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/pipeline.h"

#define CACHE_BYTES_MAX ((uint64_t)4 << 30)

static const char *cache_path(const gy_pipeline *pipeline, const char *kind, const gy_id *id)
{
    return gy_arena_format(pipeline->arena, "%s/.gyre/cache/%s/%s", pipeline->project, kind,
                           gy_id_text(id).text);
}

void gy_run_key(gy_id *key, const gy_stage *stage, const gy_json *params, const gy_content *deps)
{
    gy_sha256 hash;
    gy_text text = {0};
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, stage->command, strlen(stage->command) + 1);
    gy_sha256_add(&hash, stage->wdir, strlen(stage->wdir) + 1);
    for (size_t i = 0; i < stage->dep_count; i++) {
        gy_sha256_add(&hash, stage->deps[i].path, strlen(stage->deps[i].path) + 1);
        gy_sha256_add(&hash, deps[i].id.bytes, sizeof(deps[i].id.bytes));
    }
    for (size_t i = 0; i < stage->out_count; i++)
        gy_sha256_add(&hash, stage->outs[i].path, strlen(stage->outs[i].path) + 1);
    gy_json_write(&text, params);
    if (text.status == GY_OK)
        gy_sha256_add(&hash, text.bytes, text.length);
    gy_text_release(&text);
    gy_sha256_end(&hash, key->bytes);
}

// Copy a file and tell the id of what was copied. The draft has its name last.
static gy_status copy_file(gy_id *id, const char *from, const char *to, gy_arena *arena,
                           gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(arena);
    enum { BUFFER_BYTES = 1 << 18 };
    struct stat found;
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    char *draft = gy_arena_format(arena, "%s.%ld.new", to, (long)getpid());
    char *buffer = gy_arena_take(arena, BUFFER_BYTES, 1);
    if (draft == NULL || buffer == NULL) {
        gy_arena_rewind(arena, mark);
        return gy_pipeline_no_memory(err);
    }
    ssize_t got = 0;
    int in = gy_io_open(from, O_RDONLY, 0);
    int out = in < 0 || fstat(in, &found) != 0
                  ? -1
                  : gy_io_open(draft, O_WRONLY | O_CREAT | O_TRUNC, found.st_mode & 0777);
    bool failed = out < 0;
    while (!failed && (got = gy_io_read(in, buffer, BUFFER_BYTES)) > 0) {
        gy_sha256_add(&hash, buffer, (size_t)got);
        failed = gy_io_write_all(out, buffer, (size_t)got) != 0;
    }
    failed = failed || got < 0 || gy_io_rename(draft, to) != 0;
    gy_status status = GY_OK;
    if (failed) {
        status = gy_fail(err, errno == ENOENT ? GY_NOT_FOUND : GY_IO,
                         "cannot copy '%s' to '%s': %s", from, to, strerror(errno));
        unlink(draft);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    gy_sha256_end(&hash, id->bytes);
    gy_arena_rewind(arena, mark);
    return status;
}

// ---- keeping

typedef struct kept {
    char name[65];
    uint64_t bytes;
    int64_t time_s;
} kept;

static int compare_age(const void *left, const void *right)
{
    const kept *a = left, *b = right;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    return strcmp(a->name, b->name);
}

// Remove the oldest copies beyond the bound. What cannot be removed stays: it is a cache.
static void prune(const gy_pipeline *pipeline, const char *folder)
{
    enum { FILES_MAX = 4096 };
    gy_arena_mark mark = gy_arena_here(pipeline->arena);
    kept *files = GY_NEW(pipeline->arena, kept, FILES_MAX);
    DIR *entries = files == NULL ? NULL : opendir(folder);
    size_t count = 0;
    uint64_t bytes = 0;
    for (const struct dirent *entry;
         entries != NULL && count < FILES_MAX && (entry = readdir(entries)) != NULL;) {
        struct stat found;
        if (fstatat(dirfd(entries), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(found.st_mode) || strlen(entry->d_name) != 64)
            continue;
        memcpy(files[count].name, entry->d_name, 65);
        files[count].bytes = (uint64_t)found.st_size;
        files[count++].time_s = found.st_mtim.tv_sec;
        bytes += (uint64_t)found.st_size;
    }
    if (files != NULL)
        qsort(files, count, sizeof(*files), compare_age);
    for (size_t i = 0; i < count && bytes > CACHE_BYTES_MAX; i++)
        if (unlinkat(dirfd(entries), files[i].name, 0) == 0)
            bytes -= files[i].bytes;
    if (entries != NULL)
        closedir(entries);
    gy_arena_rewind(pipeline->arena, mark);
}

static gy_status keep_file(const gy_pipeline *pipeline, const char *at, const gy_content *content,
                           gy_error *err)
{
    gy_id copied;
    const char *from = gy_pipeline_join(pipeline->arena, pipeline->folder, at);
    const char *to = cache_path(pipeline, "outs", &content->id);
    if (from == NULL || to == NULL)
        return gy_pipeline_no_memory(err);
    struct stat found;
    if (stat(to, &found) == 0 && (uint64_t)found.st_size == content->bytes) {
        (void)!utimensat(AT_FDCWD, to, NULL, 0); // young again; what it holds is checked on use
        return GY_OK;
    }
    return copy_file(&copied, from, to, pipeline->arena, err);
}

gy_status gy_outs_keep(const gy_pipeline *pipeline, const gy_stage *stage, const gy_id *key,
                       const gy_content *outs, gy_error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < stage->out_count; i++) {
        if (outs[i].kind != GY_CONTENT_FILE || stage->outs[i].persist)
            return GY_OK;
        bytes += outs[i].bytes;
    }
    if (bytes > CACHE_BYTES_MAX / 4 || stage->out_count == 0)
        return GY_OK;
    const char *folder = gy_arena_format(pipeline->arena, "%s/.gyre/cache/outs", pipeline->project);
    const char *runs = gy_arena_format(pipeline->arena, "%s/.gyre/cache/runs", pipeline->project);
    const char *path = cache_path(pipeline, "runs", key);
    gy_text text = {0};
    if (folder == NULL || runs == NULL || path == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_file_make_folders(folder, err));
    GY_TRY(gy_file_make_folders(runs, err));
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < stage->out_count; i++) {
        gy_text_add(&text, "%s\n", gy_id_text(&outs[i].id).text);
        if (!stage->outs[i].uncached)
            status = keep_file(pipeline, stage->outs[i].at, &outs[i], err);
    }
    if (status == GY_OK)
        status = text.status == GY_OK ? gy_file_replace(path, text.bytes, text.length, err)
                                      : gy_pipeline_no_memory(err);
    gy_text_release(&text);
    prune(pipeline, folder);
    return status;
}

// ---- bringing back

// The ids that the run of this key made, one for each output of the stage.
static gy_status read_run(bool *known, gy_content *outs, const gy_pipeline *pipeline,
                          const gy_stage *stage, const gy_id *key, gy_error *err)
{
    char *bytes;
    size_t length;
    gy_error problem;
    const char *path = cache_path(pipeline, "runs", key);
    *known = false;
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status =
        gy_file_read(&bytes, &length, path, 65 * (stage->out_count + 1), pipeline->arena, &problem);
    if (status == GY_NO_MEMORY)
        return gy_pipeline_no_memory(err);
    if (status != GY_OK || length != 65 * stage->out_count)
        return GY_OK;
    for (size_t i = 0; i < stage->out_count; i++) {
        bytes[65 * i + 64] = '\0';
        outs[i] = (gy_content){.kind = GY_CONTENT_FILE, .files = 1};
        if (gy_id_parse(&outs[i].id, bytes + 65 * i, NULL) != GY_OK)
            return GY_OK;
    }
    *known = true;
    return GY_OK;
}

gy_status gy_outs_restore(bool *done, gy_content *outs, const gy_pipeline *pipeline,
                          const gy_stage *stage, const gy_id *key, gy_error *err)
{
    gy_arena *arena = pipeline->arena;
    bool known;
    *done = false;
    GY_TRY(read_run(&known, outs, pipeline, stage, key, err));
    if (!known)
        return GY_OK;
    bool *there = GY_NEW(arena, bool, stage->out_count); // in place already
    if (there == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < stage->out_count; i++) {
        gy_content now;
        struct stat found;
        const char *copy = cache_path(pipeline, "outs", &outs[i].id);
        if (copy == NULL)
            return gy_pipeline_no_memory(err);
        GY_TRY(gy_content_read(&now, pipeline, stage->outs[i].at, err));
        there[i] = gy_content_same(&now, &outs[i]);
        if (!there[i] && stat(copy, &found) != 0)
            return GY_OK;
        outs[i].bytes = there[i] ? now.bytes : (uint64_t)found.st_size;
    }
    for (size_t i = 0; i < stage->out_count; i++) {
        gy_id copied;
        struct stat found;
        const char *copy = cache_path(pipeline, "outs", &outs[i].id);
        char *path = gy_arena_format(arena, "%s/%s", pipeline->folder, stage->outs[i].at);
        char *folder = path == NULL ? NULL : gy_arena_copy(arena, path, strlen(path));
        if (copy == NULL || folder == NULL)
            return gy_pipeline_no_memory(err);
        if (there[i])
            continue;
        if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
            return GY_OK; // what a failed command left: to be cleared away, and made again
        *strrchr(folder, '/') = '\0';
        GY_TRY(gy_file_make_folders(folder, err));
        GY_TRY(copy_file(&copied, copy, path, arena, err));
        if (gy_id_compare(&copied, &outs[i].id) != 0) { // a damaged copy: make it again
            unlink(copy);
            return GY_OK;
        }
    }
    *done = true;
    return GY_OK;
}

gy_status gy_outs_read(char **bytes, size_t *length, const gy_pipeline *pipeline, const gy_id *id,
                       gy_arena *arena, gy_error *err)
{
    gy_id found;
    const char *path = cache_path(pipeline, "outs", id);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_file_read(bytes, length, path, CACHE_BYTES_MAX, arena, err));
    gy_id_of_bytes(&found, *bytes, *length);
    return gy_id_compare(&found, id) == 0
               ? GY_OK
               : gy_fail(err, GY_NOT_FOUND, "the kept copy '%s' is damaged", path);
}
