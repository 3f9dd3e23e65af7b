// SPDX-License-Identifier: Apache-2.0
//
// The stat cache. git's rule for races, on ctime (which no one can set back): a file that changed
// in the same clock tick in which it was read could change once more and keep its stat; such a stat
// is not kept, and the file is read again next time.

#define _GNU_SOURCE
#include "store/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "store/bytes.h"

enum {
    VERSION = 1,
    HEAD_BYTES = 112,
    FOLDER_BYTES = 56,
    FILE_BYTES = 80,
    NAME_BYTES_MAX = 40,
    IS_EXECUTABLE = 1,
    // Clocks of file systems tick every 4 to 10 ms; those that store whole seconds tell by zeros.
    TICK_NS = 20000000
};
static const uint8_t magic[8] = {'g', 'y', 'r', 'e', 's', 't', 'a', 't'};

void gy_stat_mark_set(gy_stat_mark *mark, const struct stat *found)
{
    mark->inode = found->st_ino;
    mark->size_bytes = (uint64_t)found->st_size;
    mark->changed_ns = found->st_ctim.tv_sec * 1000000000 + found->st_ctim.tv_nsec;
    mark->modified_ns = found->st_mtim.tv_sec * 1000000000 + found->st_mtim.tv_nsec;
}

static void cache_name(char name[NAME_BYTES_MAX], const char *path)
{
    gy_id id;
    gy_id_of_bytes(&id, path, strlen(path));
    snprintf(name, NAME_BYTES_MAX, "cache/%016llx", (unsigned long long)gy_get64(id.bytes));
}

int64_t gy_cache_clock_ns(const gy_store *store)
{
    char name[NAME_BYTES_MAX];
    struct stat found;
    snprintf(name, sizeof(name), "tmp/clock-%ld", (long)getpid());
    int file = gy_io_open_at(store->store_folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0)
        return 0;
    bool known = fstat(file, &found) == 0;
    close(file);
    gy_io_unlink_at(store->store_folder, name);
    return known ? found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec : 0;
}

// ---- saving

static void put_mark(uint8_t *at, const gy_stat_mark *mark, int64_t stamp_ns)
{
    int64_t tick_ns = mark->changed_ns % 1000000000 == 0 ? 2000000000 : TICK_NS;
    bool keep = mark->changed_ns < stamp_ns - tick_ns;
    gy_put64(at, keep ? mark->inode : 0);
    gy_put64(at + 8, mark->size_bytes);
    gy_put64(at + 16, keep ? (uint64_t)mark->changed_ns : 0);
    gy_put64(at + 24, keep ? (uint64_t)mark->modified_ns : 0);
}

static void add_folder(gy_text *out, gy_text *names, const gy_list_folder *folder, int64_t stamp_ns)
{
    uint8_t record[FOLDER_BYTES] = {0};
    put_mark(record, &folder->mark, stamp_ns);
    gy_put32(record + 32, (uint32_t)names->length);
    gy_put32(record + 36, folder->parent);
    gy_put32(record + 40, folder->file_count);
    gy_put32(record + 44, folder->folder_count);
    gy_put32(record + 48, folder->depth);
    gy_text_append(out, record, sizeof(record));
    gy_text_append(names, folder->name, strlen(folder->name) + 1);
}

static void add_file(gy_text *out, gy_text *names, const gy_list_file *file, int64_t stamp_ns)
{
    uint8_t record[FILE_BYTES] = {0};
    put_mark(record, &file->mark, stamp_ns);
    memcpy(record + 32, file->id.bytes, sizeof(file->id.bytes));
    gy_put32(record + 64, (uint32_t)names->length);
    gy_put32(record + 68, file->folder);
    gy_put32(record + 72, file->executable ? IS_EXECUTABLE : 0);
    gy_text_append(out, record, sizeof(record));
    gy_text_append(names, file->name, strlen(file->name) + 1);
}

static void make_cache(gy_text *out, const gy_pointer *pointer, const gy_listing *listing,
                       int64_t stamp_ns)
{
    uint8_t head[HEAD_BYTES] = {0};
    gy_text names = {0};
    gy_id digest;
    memcpy(head, magic, sizeof(magic));
    gy_put32(head + 8, VERSION);
    gy_put32(head + 12, pointer->is_folder);
    gy_put64(head + 16, listing->folder_count);
    gy_put64(head + 24, listing->file_count);
    memcpy(head + 32, pointer->root.bytes, sizeof(pointer->root.bytes));
    gy_put64(head + 64, pointer->samples);
    gy_put64(head + 72, pointer->bytes);
    gy_text_append(out, head, sizeof(head));
    for (size_t i = 0; i < listing->folder_count; i++)
        add_folder(out, &names, &listing->folders[i], stamp_ns);
    for (size_t i = 0; i < listing->file_count; i++)
        add_file(out, &names, &listing->files[i], stamp_ns);
    gy_text_append(out, names.bytes, names.length);
    if (out->status == GY_OK)
        out->status = names.status;
    gy_text_release(&names);
    if (out->status != GY_OK)
        return;
    gy_id_of_bytes(&digest, out->bytes, out->length);
    gy_text_append(out, digest.bytes, sizeof(digest.bytes));
}

void gy_cache_save(const gy_store *store, const char *path, const gy_pointer *pointer,
                   const gy_listing *listing, int64_t stamp_ns)
{
    char name[NAME_BYTES_MAX], draft[NAME_BYTES_MAX + 20];
    gy_text out = {0};
    cache_name(name, path);
    snprintf(draft, sizeof(draft), "tmp/stat-%ld", (long)getpid());
    make_cache(&out, pointer, listing, stamp_ns);
    int file = out.status != GY_OK
                   ? -1
                   : gy_io_open_at(store->store_folder, draft, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file >= 0) {
        bool whole = gy_io_write_all(file, out.bytes, out.length) == 0;
        whole &= close(file) == 0;
        if (!whole || gy_io_rename_at(store->store_folder, draft, store->store_folder, name) != 0)
            unlinkat(store->store_folder, draft, 0);
    }
    gy_text_release(&out);
}

// ---- loading

static void get_mark(gy_stat_mark *mark, const uint8_t *at)
{
    mark->inode = gy_get64(at);
    mark->size_bytes = gy_get64(at + 8);
    mark->changed_ns = (int64_t)gy_get64(at + 16);
    mark->modified_ns = (int64_t)gy_get64(at + 24);
}

// The counts of all folders must add up to what is there.
static bool load_folders(gy_listing *listing, const uint8_t *at, const char *names,
                         size_t names_bytes)
{
    uint64_t files = 0, folders = 1;
    for (size_t i = 0; i < listing->folder_count; i++, at += FOLDER_BYTES) {
        gy_list_folder *folder = &listing->folders[i];
        uint32_t name = gy_get32(at + 32);
        if (name >= names_bytes || (i > 0 && gy_get32(at + 36) >= i))
            return false;
        folder->name = names + name;
        get_mark(&folder->mark, at);
        folder->parent = gy_get32(at + 36);
        folder->file_first = (uint32_t)files;
        folder->file_count = gy_get32(at + 40);
        folder->folder_first = (uint32_t)folders;
        folder->folder_count = gy_get32(at + 44);
        folder->depth = gy_get32(at + 48);
        files += folder->file_count;
        folders += folder->folder_count;
        if (files > listing->file_count || folders > listing->folder_count)
            return false;
    }
    return files == listing->file_count && folders == listing->folder_count;
}

static bool load_files(gy_listing *listing, const uint8_t *at, const char *names,
                       size_t names_bytes)
{
    for (size_t i = 0; i < listing->file_count; i++, at += FILE_BYTES) {
        gy_list_file *file = &listing->files[i];
        uint32_t name = gy_get32(at + 64);
        file->folder = gy_get32(at + 68);
        if (name >= names_bytes || file->folder >= listing->folder_count)
            return false;
        file->name = names + name;
        get_mark(&file->mark, at);
        memcpy(file->id.bytes, at + 32, sizeof(file->id.bytes));
        file->has_id = true;
        file->executable = gy_get32(at + 72) == IS_EXECUTABLE;
    }
    return true;
}

static bool load(gy_cache *cache, gy_arena *arena)
{
    const uint8_t *bytes = cache->map.bytes;
    size_t size_bytes = cache->map.size_bytes;
    gy_id digest;
    if (size_bytes < HEAD_BYTES + 32 || memcmp(bytes, magic, sizeof(magic)) != 0 ||
        gy_get32(bytes + 8) != VERSION)
        return false;
    gy_id_of_bytes(&digest, bytes, size_bytes - 32);
    if (memcmp(digest.bytes, bytes + size_bytes - 32, 32) != 0)
        return false;
    uint64_t folders = gy_get64(bytes + 16), files = gy_get64(bytes + 24);
    uint64_t room = size_bytes - HEAD_BYTES - 32;
    if (folders == 0 || folders > room / FOLDER_BYTES ||
        files > (room - folders * FOLDER_BYTES) / FILE_BYTES)
        return false;
    const char *names =
        (const char *)bytes + HEAD_BYTES + folders * FOLDER_BYTES + files * FILE_BYTES;
    size_t names_bytes = (size_t)(room - folders * FOLDER_BYTES - files * FILE_BYTES);
    if (names_bytes == 0 || names[names_bytes - 1] != '\0')
        return false;
    cache->pointer.is_folder = gy_get32(bytes + 12) != 0;
    memcpy(cache->pointer.root.bytes, bytes + 32, 32);
    cache->pointer.samples = gy_get64(bytes + 64);
    cache->pointer.bytes = gy_get64(bytes + 72);
    gy_listing *listing = &cache->listing;
    *listing = (gy_listing){.arena = arena, .is_folder = cache->pointer.is_folder};
    listing->folders = GY_NEW(arena, gy_list_folder, folders);
    listing->files = GY_NEW(arena, gy_list_file, files);
    listing->folder_count = listing->folder_capacity = (size_t)folders;
    listing->file_count = listing->file_capacity = (size_t)files;
    return listing->folders != NULL && listing->files != NULL &&
           load_folders(listing, bytes + HEAD_BYTES, names, names_bytes) &&
           load_files(listing, bytes + HEAD_BYTES + folders * FOLDER_BYTES, names, names_bytes);
}

bool gy_cache_load(gy_cache *cache, const gy_store *store, const char *path, gy_arena *arena)
{
    char name[NAME_BYTES_MAX];
    *cache = (gy_cache){0};
    cache_name(name, path);
    char *full = gy_arena_format(arena, "%s/.gyre/%s", store->project, name);
    if (full == NULL || gy_file_map_open(&cache->map, full, NULL) != GY_OK)
        return false;
    if (load(cache, arena))
        return true;
    gy_cache_close(cache);
    return false;
}

void gy_cache_close(gy_cache *cache)
{
    gy_file_map_close(&cache->map);
    *cache = (gy_cache){0};
}
