// SPDX-License-Identifier: Apache-2.0
//
// Which outputs a command made of which inputs, when a parameter is set back or another branch is
// checked out: a file each under .gyre/cache/runs, named by all that decides the outputs, that says
// in the form of gyre.lock what was made. The store has the bytes. A cache: what it says is checked
// before it is used, and the oldest go when there are over 4096.

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/pipeline.h"

enum { RUNS_MAX = 4096, RUN_BYTES_MAX = 1 << 20 };

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

static const char *run_path(const gy_pipeline *pipeline, const gy_id *key)
{
    return gy_arena_format(pipeline->arena, "%s/.gyre/cache/runs/%s", pipeline->project,
                           gy_id_text(key).text);
}

typedef struct old_run {
    char name[65];
    int64_t time_s;
} old_run;

static int compare_age(const void *left, const void *right)
{
    const old_run *a = left, *b = right;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    return strcmp(a->name, b->name);
}

// Remove the older half when there are too many. What cannot be removed stays: it is a cache.
static void prune(const gy_pipeline *pipeline, const char *folder)
{
    gy_arena_mark mark = gy_arena_here(pipeline->arena);
    DIR *entries = opendir(folder);
    old_run *runs = entries == NULL ? NULL : GY_NEW(pipeline->arena, old_run, RUNS_MAX);
    size_t count = 0;
    for (const struct dirent *entry;
         runs != NULL && count < RUNS_MAX && (entry = readdir(entries)) != NULL;) {
        struct stat found;
        if (strlen(entry->d_name) != 64 ||
            fstatat(dirfd(entries), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        memcpy(runs[count].name, entry->d_name, 65);
        runs[count++].time_s = found.st_mtim.tv_sec;
    }
    if (count == RUNS_MAX) {
        qsort(runs, count, sizeof(*runs), compare_age);
        for (size_t i = 0; i < count / 2; i++)
            unlinkat(dirfd(entries), runs[i].name, 0);
    }
    if (entries != NULL)
        closedir(entries);
    gy_arena_rewind(pipeline->arena, mark);
}

gy_status gy_run_cache_save(const gy_pipeline *pipeline, const gy_stage *stage, const gy_id *key,
                            const gy_stage_lock *kept, gy_error *err)
{
    for (size_t i = 0; i < stage->out_count; i++)
        if (stage->outs[i].persist || !kept->outs[i].is_stored)
            return GY_OK;
    if (stage->out_count == 0 || stage->always_changed)
        return GY_OK;
    const char *path = run_path(pipeline, key);
    char *folder = path == NULL ? NULL : gy_arena_copy(pipeline->arena, path, strlen(path) - 65);
    if (folder == NULL)
        return gy_pipeline_no_memory(err);
    gy_text text = {0};
    gy_lock_write_head(&text, true);
    gy_lock_write_stage(&text, stage->name, kept);
    gy_status status =
        text.status == GY_OK ? gy_file_make_folders(folder, err) : gy_pipeline_no_memory(err);
    if (status == GY_OK)
        status = gy_file_replace_cache(path, text.bytes, text.length, err);
    gy_text_release(&text);
    prune(pipeline, folder);
    return status;
}

gy_status gy_run_cache_find(gy_stage_lock *found, const gy_pipeline *pipeline, const gy_id *key,
                            gy_error *err)
{
    char *bytes;
    size_t length;
    const gy_json *stages;
    gy_error problem;
    const char *path = run_path(pipeline, key);
    *found = (gy_stage_lock){0};
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status =
        gy_file_read(&bytes, &length, path, RUN_BYTES_MAX, pipeline->arena, &problem);
    if (status == GY_OK)
        status = gy_lock_parse(&stages, bytes, length, path, pipeline->arena, &problem);
    if (status == GY_OK && stages != NULL && stages->count == 1)
        status = gy_lock_stage(found, &stages->items[0], pipeline->arena, &problem);
    if (status == GY_NO_MEMORY)
        return gy_pipeline_no_memory(err);
    if (status != GY_OK) // damaged: nothing is known
        *found = (gy_stage_lock){0};
    return GY_OK;
}
