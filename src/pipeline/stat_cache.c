// SPDX-License-Identifier: Apache-2.0
//
// Ids of files by their stat, so that a second run reads nothing. An entry counts while device,
// inode, size, mtime and ctime are the same: an edit that puts the mtime back still moves the
// ctime. A file that changed in the same tick of the clock in which it was read could change again
// unseen (git's racy entries): it is not kept.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/map.h"
#include "pipeline/pipeline.h"

// Entries are written as they are: a cache is of one machine, and its digest tells a foreign one.
typedef struct file_entry {
    gy_id id;
    int64_t mtime_ns, ctime_ns;
    uint64_t inode, device, size_bytes;
    uint32_t path_length, unused;
} file_entry;

typedef struct header {
    char magic[8];
    uint64_t count;
    gy_id digest; // of all behind the header
} header;

static const char magic[8] = "gystat1";

struct gy_stat_cache {
    gy_arena *arena;
    const char *folder, *path;
    gy_text_map places; // path to entry's number
    struct cached {
        file_entry entry;
        const char *path;
        bool dropped;
    } *files;
    size_t count, capacity;
    bool changed;
};

static gy_status grow(gy_stat_cache *cache, gy_error *err)
{
    if (cache->count < cache->capacity)
        return GY_OK;
    size_t capacity = cache->capacity == 0 ? 256 : 2 * cache->capacity;
    struct cached *grown = GY_NEW(cache->arena, struct cached, capacity);
    if (grown == NULL)
        return gy_pipeline_no_memory(err);
    if (cache->count > 0)
        memcpy(grown, cache->files, cache->count * sizeof(*grown));
    cache->files = grown;
    cache->capacity = capacity;
    return GY_OK;
}

// The place of a path, made if it is new.
static gy_status place_of(struct cached **cached, gy_stat_cache *cache, const char *path,
                          size_t length, gy_error *err)
{
    uint64_t *value;
    bool fresh;
    GY_TRY(grow(cache, err));
    GY_TRY(gy_text_map_at(&value, &fresh, &cache->places, path, length, err));
    if (fresh) {
        char *copy = gy_arena_copy(cache->arena, path, length);
        if (copy == NULL)
            return gy_pipeline_no_memory(err);
        *value = cache->count;
        cache->files[cache->count++] = (struct cached){.path = copy, .dropped = true};
    }
    *cached = &cache->files[*value];
    return GY_OK;
}

static gy_status load(gy_stat_cache *cache, const char *bytes, size_t size_bytes, gy_error *err)
{
    header head;
    if (size_bytes < sizeof(head))
        return GY_OK;
    memcpy(&head, bytes, sizeof(head));
    gy_id digest;
    gy_id_of_bytes(&digest, bytes + sizeof(head), size_bytes - sizeof(head));
    if (memcmp(head.magic, magic, sizeof(magic)) != 0 || gy_id_compare(&digest, &head.digest) != 0)
        return GY_OK;
    for (size_t i = 0, at = sizeof(head); i < head.count; i++) {
        file_entry entry;
        if (size_bytes - at < sizeof(entry))
            return GY_OK;
        memcpy(&entry, bytes + at, sizeof(entry));
        at += sizeof(entry);
        if (size_bytes - at < entry.path_length)
            return GY_OK;
        struct cached *cached;
        GY_TRY(place_of(&cached, cache, bytes + at, entry.path_length, err));
        cached->entry = entry;
        cached->dropped = false;
        at += entry.path_length;
    }
    return GY_OK;
}

gy_status gy_stat_cache_open(gy_stat_cache **opened, const char *project, gy_arena *arena,
                             gy_error *err)
{
    gy_stat_cache *cache = GY_NEW(arena, gy_stat_cache, 1);
    if (cache == NULL)
        return gy_pipeline_no_memory(err);
    cache->arena = arena;
    cache->places.arena = arena;
    cache->folder = gy_arena_format(arena, "%s/.gyre/cache", project);
    cache->path = gy_arena_format(arena, "%s/.gyre/cache/files", project);
    if (cache->folder == NULL || cache->path == NULL)
        return gy_pipeline_no_memory(err);
    *opened = cache;
    char *bytes;
    size_t size_bytes;
    gy_error ignored;
    gy_status status = gy_file_read(&bytes, &size_bytes, cache->path, SIZE_MAX, arena, &ignored);
    if (status == GY_NO_MEMORY)
        return gy_fail(err, status, "%s", ignored.message);
    return status == GY_OK ? load(cache, bytes, size_bytes, err) : GY_OK; // else it is made anew
}

static file_entry entry_of(const struct stat *found, size_t path_length)
{
    return (file_entry){
        .mtime_ns = (int64_t)found->st_mtim.tv_sec * 1000000000 + found->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)found->st_ctim.tv_sec * 1000000000 + found->st_ctim.tv_nsec,
        .inode = found->st_ino,
        .device = found->st_dev,
        .size_bytes = (uint64_t)found->st_size,
        .path_length = (uint32_t)path_length,
    };
}

static bool same_stat(const file_entry *a, const file_entry *b)
{
    return a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns && a->inode == b->inode &&
           a->device == b->device && a->size_bytes == b->size_bytes;
}

// The clock that the kernel stamps files with.
static int64_t tick_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

gy_status gy_stat_cache_id(gy_id *id, uint64_t *size_bytes, gy_stat_cache *cache, const char *path,
                           gy_error *err)
{
    struct stat found;
    struct cached *cached;
    size_t length = strlen(path);
    GY_TRY(place_of(&cached, cache, path, length, err));
    int64_t began_ns = tick_ns();
    if (stat(path, &found) != 0)
        return gy_fail(err, errno == ENOENT ? GY_NOT_FOUND : GY_IO, "cannot read '%s': %s", path,
                       strerror(errno));
    file_entry now = entry_of(&found, length);
    *size_bytes = now.size_bytes;
    if (!cached->dropped && same_stat(&now, &cached->entry)) {
        *id = cached->entry.id;
        return GY_OK;
    }
    GY_TRY(gy_id_of_file(&now.id, path, err));
    *id = now.id;
    cache->changed = true;
    cached->entry = now;
    cached->dropped = now.ctime_ns >= began_ns || now.mtime_ns >= began_ns;
    return GY_OK;
}

gy_status gy_stat_cache_save(gy_stat_cache *cache, gy_error *err)
{
    if (!cache->changed)
        return GY_OK;
    gy_text out = {0};
    header head = {.count = 0};
    memcpy(head.magic, magic, sizeof(magic));
    gy_text_append(&out, &head, sizeof(head));
    for (size_t i = 0; i < cache->count; i++) {
        const struct cached *cached = &cache->files[i];
        if (cached->dropped)
            continue;
        gy_text_append(&out, &cached->entry, sizeof(cached->entry));
        gy_text_append(&out, cached->path, cached->entry.path_length);
        head.count++;
    }
    gy_status status =
        out.status == GY_OK ? gy_file_make_folders(cache->folder, err) : gy_pipeline_no_memory(err);
    if (status == GY_OK) {
        gy_id_of_bytes(&head.digest, out.bytes + sizeof(head), out.length - sizeof(head));
        memcpy(out.bytes, &head, sizeof(head));
        status = gy_file_replace_cache(cache->path, out.bytes, out.length, err);
    }
    gy_text_release(&out);
    if (status == GY_OK)
        cache->changed = false;
    return status;
}
