// SPDX-License-Identifier: Apache-2.0
#include "compile/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

// What tells a folder that gyre made: it may be replaced.
static const char mark[] = "gyre_abi.h";

void gy_folder_remove(const char *path)
{
    DIR *entries = opendir(path);
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    rmdir(path);
}

// GY_OK if path is free, empty, or a folder that gyre made.
static gy_status check_place(const char *path, gy_error *err)
{
    char file[4096];
    DIR *entries = opendir(path);
    if (entries == NULL)
        return errno == ENOENT ? GY_OK
                               : gy_fail(err, GY_INVALID, "cannot put a folder at '%s': %s", path,
                                         strerror(errno));
    size_t count = 0;
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    int length = snprintf(file, sizeof(file), "%s/%s", path, mark);
    if (count <= 2 || (length > 0 && (size_t)length < sizeof(file) && gy_file_exists(file)))
        return GY_OK;
    return gy_fail(err, GY_INVALID, "'%s' holds files that gyre did not make; name another folder",
                   path);
}

// Remove what killed processes left of their drafts. A living one holds a lock on its own.
static void clear_drafts(const char *above, const char *prefix)
{
    DIR *entries = opendir(above);
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char path[4096];
        int length = snprintf(path, sizeof(path), "%s%s", above, entry->d_name);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || length < 0 ||
            (size_t)length >= sizeof(path))
            continue;
        int lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
            gy_folder_remove(path);
        if (lock >= 0)
            close(lock);
    }
    closedir(entries);
}

// A draft that is ours until the lock is closed.
static gy_status make_draft(gy_folder *folder, gy_error *err)
{
    struct stat ours, named;
    for (int tries = 0; tries < 100; tries++) {
        if (gy_io_make_folder(folder->draft) != 0)
            break;
        folder->lock = gy_io_open(folder->draft, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        if (folder->lock < 0) {
            int reason = errno;
            rmdir(folder->draft);
            errno = reason;
            break;
        }
        // Between the two calls another may have taken it for a dead one's.
        if (flock(folder->lock, LOCK_EX) == 0 && fstat(folder->lock, &ours) == 0 &&
            stat(folder->draft, &named) == 0 && ours.st_ino == named.st_ino)
            return GY_OK;
        close(folder->lock);
        folder->lock = -1;
        errno = EBUSY;
    }
    gy_status status =
        gy_fail(err, GY_IO, "cannot make the folder '%s': %s", folder->draft, strerror(errno));
    folder->draft = NULL;
    return status;
}

gy_status gy_folder_start(gy_folder *folder, const char *path, gy_arena *arena, gy_error *err)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    *folder = (gy_folder){.path = gy_arena_copy(arena, path, length), .lock = -1};
    if (folder->path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the folder '%s'", path);
    GY_TRY(check_place(folder->path, err));
    const char *slash = strrchr(folder->path, '/');
    const char *name = slash == NULL ? folder->path : slash + 1;
    size_t above_bytes = (size_t)(name - folder->path);
    char *above = above_bytes == 0 ? gy_arena_copy(arena, "./", 2)
                                   : gy_arena_copy(arena, folder->path, above_bytes);
    char *prefix = gy_arena_format(arena, ".%s.gyre-draft-", name);
    char *draft = gy_arena_format(arena, "%.*s.%s.gyre-draft-%ld", (int)above_bytes, folder->path,
                                  name, (long)getpid());
    if (above == NULL || prefix == NULL || draft == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the folder '%s'", path);
    GY_TRY(gy_file_make_folders(above, err));
    clear_drafts(above, prefix);
    folder->draft = draft;
    return make_draft(folder, err);
}

gy_status gy_folder_write(const gy_folder *folder, const char *name, const void *bytes,
                          size_t size_bytes, gy_arena *arena, gy_error *err)
{
    char *path = gy_arena_format(arena, "%s/%s", folder->draft, name);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the path of '%s'", name);
    gy_status status = GY_OK;
    int file = gy_io_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0)
        return gy_fail(err, GY_IO, "cannot create '%s': %s", path, strerror(errno));
    if (gy_io_write_all(file, bytes, size_bytes) != 0)
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", path, strerror(errno));
    close(file);
    return status;
}

// One step where the file system can: no moment without a folder.
static int swap(const char *draft, const char *path, const char *old)
{
    if (gy_io_exchange(draft, path) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (gy_io_rename(path, old) != 0)
        return -1;
    if (gy_io_rename(draft, path) == 0)
        return rename(old, draft);
    int reason = errno;
    rename(old, path);
    errno = reason;
    return -1;
}

gy_status gy_folder_finish(gy_folder *folder, gy_arena *arena, gy_error *err)
{
    char *old = gy_arena_format(arena, "%s.old", folder->draft);
    if (old == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the path of '%s'", folder->path);
    bool replaces = gy_file_exists(folder->path);
    if ((replaces ? swap(folder->draft, folder->path, old)
                  : gy_io_rename(folder->draft, folder->path)) != 0)
        return gy_fail(err, GY_IO, "cannot rename '%s' to '%s': %s", folder->draft, folder->path,
                       strerror(errno));
    if (replaces)
        gy_folder_remove(folder->draft); // the old one stands there now
    folder->draft = NULL;
    gy_file_unlock(folder->lock);
    folder->lock = -1;
    return GY_OK;
}

void gy_folder_drop(gy_folder *folder)
{
    if (folder->draft != NULL)
        gy_folder_remove(folder->draft);
    gy_file_unlock(folder->lock);
    folder->draft = NULL;
    folder->lock = -1;
}
