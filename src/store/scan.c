// SPDX-License-Identifier: Apache-2.0
//
// Scanning: folders first, then the stat of every file, by all threads. A folder whose own stat is
// unchanged has the names it had: its list is taken from the cache and only its files are asked.

#define _GNU_SOURCE
#include "store/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/hash.h"
#include "base/thread.h"
#include "store/pointer.h"

enum { STAT_GRAIN = 1024, HASH_GRAIN = 64, BUFFER_BYTES = 64 * 1024, NO_FOLDER = -1 };

// ---- opening

gy_status gy_data_open(gy_data *data, const gy_store *store, const char *path, gy_arena *arena,
                       gy_error *err)
{
    struct stat found;
    *data = (gy_data){.path = path, .folder = -1};
    if (gy_io_stat_at(store->project_folder, path, &found) != 0)
        return gy_fail(err, errno == ENOENT || errno == ENOTDIR ? GY_NOT_FOUND : GY_IO,
                       "cannot open '%s': %s", path, strerror(errno));
    if (S_ISLNK(found.st_mode))
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s' is a symbolic link; a dataset is a file or a folder itself", path);
    if (!S_ISDIR(found.st_mode) && !S_ISREG(found.st_mode))
        return gy_fail(err, GY_UNSUPPORTED, "'%s' is neither a file nor a folder", path);
    data->is_folder = S_ISDIR(found.st_mode);
    const char *opened = path;
    if (!data->is_folder) {
        const char *slash = strrchr(path, '/');
        data->single = slash == NULL ? path : slash + 1;
        opened = slash == NULL ? "." : gy_arena_copy(arena, path, (size_t)(slash - path));
        if (opened == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    }
    data->folder = gy_io_open_at(store->project_folder, opened, O_RDONLY | O_DIRECTORY, 0);
    if (data->folder < 0)
        return gy_fail(err, GY_IO, "cannot open '%s': %s", opened, strerror(errno));
    return GY_OK;
}

void gy_data_close(gy_data *data)
{
    if (data->folder >= 0)
        close(data->folder);
    data->folder = -1;
}

gy_status gy_folder_walk_to(int *file, gy_folder_walk *walk, uint32_t folder, gy_error *err)
{
    if (folder == 0) {
        *file = walk->data->folder;
        return GY_OK;
    }
    if (walk->folder != folder || walk->file < 0) {
        gy_folder_walk_end(walk);
        gy_arena arena = GY_ARENA_INIT;
        char *path = gy_listing_folder_path(walk->listing, folder, &arena);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        gy_status status = GY_OK;
        walk->file =
            gy_io_open_at(walk->data->folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        if (walk->file < 0)
            status = gy_fail(err, GY_IO, "cannot open the folder '%s/%s': %s", walk->data->path,
                             path, strerror(errno));
        gy_arena_release(&arena);
        GY_TRY(status);
        walk->folder = folder;
    }
    *file = walk->file;
    return GY_OK;
}

void gy_folder_walk_end(gy_folder_walk *walk)
{
    if (walk->file >= 0)
        close(walk->file);
    walk->file = -1;
}

// ---- folders

typedef struct scan {
    gy_listing *listing;
    const gy_data *data;
    const gy_listing *cache;
    bool relisted;           // a folder was
    int64_t *cached_folders; // number in the cache of each folder of the listing; NO_FOLDER
    size_t cached_capacity;
    gy_arena *arena, scratch;
    size_t threads;
} scan;

// Note which folder of the cache the folder added last is.
static gy_status note_cached(scan *work, int64_t cached, gy_error *err)
{
    size_t count = work->listing->folder_count;
    if (count > work->cached_capacity) {
        size_t grown = 2 * count + 64;
        int64_t *more = GY_NEW(work->arena, int64_t, grown);
        if (more == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu folders", grown);
        if (count > 1)
            memcpy(more, work->cached_folders, (count - 1) * sizeof(*more));
        work->cached_folders = more;
        work->cached_capacity = grown;
    }
    work->cached_folders[count - 1] = cached;
    return GY_OK;
}

static gy_status add_folder(scan *work, uint32_t parent, const char *name, int64_t cached,
                            gy_error *err)
{
    gy_list_folder *above = &work->listing->folders[parent];
    if (above->depth + 1 > GY_TREE_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "'%s' is over %d folders deep, at '%s'", work->data->path,
                       GY_TREE_DEPTH_MAX, name);
    above->folder_count++;
    gy_list_folder folder = {.name = name, .parent = parent, .depth = above->depth + 1};
    GY_TRY(gy_listing_add_folder(work->listing, &folder, err));
    return note_cached(work, cached, err);
}

static gy_status add_file(scan *work, uint32_t folder, const char *name, const gy_list_file *known,
                          gy_error *err)
{
    gy_list_file file = {0};
    if (known != NULL)
        file = *known;
    file.name = name;
    file.folder = folder;
    work->listing->folders[folder].file_count++;
    return gy_listing_add_file(work->listing, &file, err);
}

// The folder is as the cache has it.
static gy_status take_cached(scan *work, uint32_t number, const gy_list_folder *cached,
                             gy_error *err)
{
    for (uint32_t i = 0; i < cached->file_count; i++) {
        const gy_list_file *file = &work->cache->files[cached->file_first + i];
        GY_TRY(add_file(work, number, file->name, file, err));
    }
    for (uint32_t i = 0; i < cached->folder_count; i++) {
        uint32_t below = cached->folder_first + i;
        GY_TRY(add_folder(work, number, work->cache->folders[below].name, below, err));
    }
    return GY_OK;
}

static int file_by_name(const void *name, const void *file)
{
    return strcmp(name, ((const gy_list_file *)file)->name);
}

static int folder_by_name(const void *name, const void *folder)
{
    return strcmp(name, ((const gy_list_folder *)folder)->name);
}

static const gy_list_file *find_file(const scan *work, const gy_list_folder *cached,
                                     const char *name)
{
    if (cached == NULL || cached->file_count == 0)
        return NULL;
    return bsearch(name, work->cache->files + cached->file_first, cached->file_count,
                   sizeof(gy_list_file), file_by_name);
}

static int64_t find_folder(const scan *work, const gy_list_folder *cached, const char *name)
{
    if (cached == NULL || cached->folder_count == 0)
        return NO_FOLDER;
    const gy_list_folder *found =
        bsearch(name, work->cache->folders + cached->folder_first, cached->folder_count,
                sizeof(gy_list_folder), folder_by_name);
    return found == NULL ? NO_FOLDER : found - work->cache->folders;
}

static gy_status check_name(const scan *work, const gy_folder_name *name, gy_error *err)
{
    if (name->type == GY_TYPE_LINK || name->type == GY_TYPE_OTHER)
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s' holds '%s', which is %s; a dataset holds files and folders",
                       work->data->path, name->name,
                       name->type == GY_TYPE_LINK ? "a symbolic link" : "no regular file");
    size_t ending = strlen(GY_POINTER_ENDING);
    if (name->length > ending && strcmp(name->name + name->length - ending, GY_POINTER_ENDING) == 0)
        return gy_fail(err, GY_INVALID,
                       "'%s' holds the pointer file '%s': a dataset cannot hold another one",
                       work->data->path, name->name);
    if (strcmp(name->name, ".git") == 0 || strcmp(name->name, ".gyre") == 0)
        return gy_fail(err, GY_UNSUPPORTED, "'%s' holds '%s': a project is not a dataset",
                       work->data->path, name->name);
    return GY_OK;
}

static gy_status take_names(scan *work, uint32_t number, const gy_list_folder *cached, int file,
                            gy_error *err)
{
    gy_folder_name *names;
    size_t count;
    GY_TRY(gy_folder_list(&names, &count, file, work->data->path, work->arena, err));
    for (size_t i = 0; i < count; i++) {
        GY_TRY(check_name(work, &names[i], err));
        if (names[i].type == GY_TYPE_FILE)
            GY_TRY(
                add_file(work, number, names[i].name, find_file(work, cached, names[i].name), err));
    }
    for (size_t i = 0; i < count; i++)
        if (names[i].type == GY_TYPE_FOLDER)
            GY_TRY(add_folder(work, number, names[i].name, find_folder(work, cached, names[i].name),
                              err));
    return GY_OK;
}

static gy_status scan_folder(scan *work, uint32_t number, int file, gy_error *err)
{
    struct stat found;
    gy_list_folder *folder = &work->listing->folders[number];
    int64_t known = work->cached_folders[number];
    const gy_list_folder *cached = known == NO_FOLDER ? NULL : &work->cache->folders[known];
    if (fstat(file, &found) != 0)
        return gy_fail(err, GY_IO, "cannot stat '%s': %s", work->data->path, strerror(errno));
    gy_stat_mark_set(&folder->mark, &found);
    folder->mark.size_bytes = 0; // of no meaning for a folder
    folder->file_first = (uint32_t)work->listing->file_count;
    folder->folder_first = (uint32_t)work->listing->folder_count;
    if (cached != NULL && gy_stat_mark_equal(&folder->mark, &cached->mark))
        return take_cached(work, number, cached, err);
    work->relisted = true;
    return take_names(work, number, cached, file, err);
}

static gy_status scan_folders(scan *work, gy_error *err)
{
    gy_listing *listing = work->listing;
    gy_list_folder root = {.name = ""};
    GY_TRY(gy_listing_add_folder(listing, &root, err));
    GY_TRY(note_cached(work, work->cache == NULL ? NO_FOLDER : 0, err));
    gy_folder_walk walk = {work->data, listing, UINT32_MAX, -1};
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < listing->folder_count; i++) {
        int file = -1;
        status = gy_folder_walk_to(&file, &walk, (uint32_t)i, err);
        if (status == GY_OK)
            status = scan_folder(work, (uint32_t)i, file, err);
    }
    gy_folder_walk_end(&walk);
    return status;
}

// ---- files

static gy_status stat_file(gy_list_file *entry, const scan *work, int folder, gy_error *err)
{
    struct stat found;
    gy_stat_mark mark;
    const char *name = gy_data_name(work->data, entry);
    if (gy_io_stat_at(folder, name, &found) != 0)
        return gy_fail(err, GY_IO, "cannot stat '%s' in '%s': %s", name, work->data->path,
                       strerror(errno));
    if (!S_ISREG(found.st_mode))
        return gy_fail(err, GY_IO, "'%s' in '%s' was replaced while it was listed; run it again",
                       name, work->data->path);
    gy_stat_mark_set(&mark, &found);
    entry->is_new = !entry->has_id || !gy_stat_mark_equal(&mark, &entry->mark);
    entry->has_id = !entry->is_new;
    entry->mark = mark;
    entry->executable = (found.st_mode & S_IXUSR) != 0;
    return GY_OK;
}

static gy_status stat_files(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const scan *work = context;
    gy_folder_walk walk = {work->data, work->listing, UINT32_MAX, -1};
    gy_status status = GY_OK;
    (void)worker;
    for (size_t i = begin; status == GY_OK && i < end; i++) {
        int folder = -1;
        gy_list_file *entry = &work->listing->files[i];
        status = gy_folder_walk_to(&folder, &walk, entry->folder, err);
        if (status == GY_OK)
            status = stat_file(entry, work, folder, err);
    }
    gy_folder_walk_end(&walk);
    return status;
}

gy_status gy_data_scan(gy_listing *listing, const gy_data *data, const gy_listing *cache,
                       size_t threads, gy_arena *arena, gy_error *err)
{
    *listing = (gy_listing){.arena = arena, .is_folder = data->is_folder};
    if (cache != NULL && cache->is_folder != data->is_folder)
        cache = NULL;
    scan work = {.listing = listing, .data = data, .cache = cache, .arena = arena};
    if (data->is_folder) {
        GY_TRY(scan_folders(&work, err));
    } else {
        gy_list_folder root = {.name = ""};
        GY_TRY(gy_listing_add_folder(listing, &root, err));
        GY_TRY(add_file(&work, 0, "", cache == NULL ? NULL : &cache->files[0], err));
    }
    GY_TRY(gy_thread_loop(listing->file_count, STAT_GRAIN, threads, stat_files, &work, err));
    listing->is_known = cache != NULL && !work.relisted;
    for (size_t i = 0; listing->is_known && i < listing->file_count; i++)
        listing->is_known = listing->files[i].has_id;
    return GY_OK;
}

// ---- hashing

static gy_status hash_file(gy_list_file *entry, const scan *work, int folder, gy_error *err)
{
    uint8_t buffer[BUFFER_BYTES];
    const char *name = gy_data_name(work->data, entry);
    int file = gy_io_open_at(folder, name, O_RDONLY | O_NOFOLLOW, 0);
    if (file < 0)
        return gy_fail(err, GY_IO, "cannot open '%s' in '%s': %s", name, work->data->path,
                       strerror(errno));
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    ssize_t got;
    while ((got = gy_io_read(file, buffer, sizeof(buffer))) > 0)
        gy_sha256_add(&hash, buffer, (size_t)got);
    gy_status status = got < 0 ? gy_fail(err, GY_IO, "cannot read '%s' in '%s': %s", name,
                                         work->data->path, strerror(errno))
                               : GY_OK;
    close(file);
    gy_sha256_end(&hash, entry->id.bytes);
    entry->has_id = status == GY_OK;
    return status;
}

static gy_status hash_files(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const scan *work = context;
    gy_folder_walk walk = {work->data, work->listing, UINT32_MAX, -1};
    gy_status status = GY_OK;
    (void)worker;
    for (size_t i = begin; status == GY_OK && i < end; i++) {
        int folder = -1;
        gy_list_file *entry = &work->listing->files[i];
        if (entry->has_id)
            continue;
        status = gy_folder_walk_to(&folder, &walk, entry->folder, err);
        if (status == GY_OK)
            status = hash_file(entry, work, folder, err);
    }
    gy_folder_walk_end(&walk);
    return status;
}

gy_status gy_data_hash(size_t *hashed, gy_listing *listing, const gy_data *data, size_t threads,
                       gy_error *err)
{
    scan work = {.listing = listing, .data = data};
    *hashed = 0;
    for (size_t i = 0; i < listing->file_count; i++)
        *hashed += !listing->files[i].has_id;
    if (*hashed == 0)
        return GY_OK;
    return gy_thread_loop(listing->file_count, HASH_GRAIN, threads, hash_files, &work, err);
}
