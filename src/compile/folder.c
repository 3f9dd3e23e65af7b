// SPDX-License-Identifier: Apache-2.0
#include "compile/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

gy_status gy_folder_start(gy_folder *folder, const char *path, gy_arena *arena, gy_error *err)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    *folder = (gy_folder){.path = gy_arena_copy(arena, path, length)};
    char *draft = gy_arena_format(arena, "%.*s.%ld.new", (int)length, path, (long)getpid());
    if (folder->path == NULL || draft == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the folder '%s'", path);
    GY_TRY(check_place(folder->path, err));
    const char *slash = strrchr(folder->path, '/');
    if (slash != NULL && slash > folder->path) {
        char *above = gy_arena_copy(arena, folder->path, (size_t)(slash - folder->path));
        if (above == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for the folder '%s'", path);
        GY_TRY(gy_file_make_folders(above, err));
    }
    gy_folder_remove(draft); // of a process that was killed and had this number
    if (gy_io_make_folder(draft) != 0)
        return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", draft, strerror(errno));
    folder->draft = draft;
    return GY_OK;
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

gy_status gy_folder_finish(gy_folder *folder, gy_arena *arena, gy_error *err)
{
    char *old = gy_arena_format(arena, "%s.old", folder->draft);
    if (old == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the path of '%s'", folder->path);
    bool replaces = gy_file_exists(folder->path);
    if (replaces && gy_io_rename(folder->path, old) != 0)
        return gy_fail(err, GY_IO, "cannot replace '%s': %s", folder->path, strerror(errno));
    if (gy_io_rename(folder->draft, folder->path) != 0) {
        gy_status status = gy_fail(err, GY_IO, "cannot rename '%s' to '%s': %s", folder->draft,
                                   folder->path, strerror(errno));
        if (replaces)
            rename(old, folder->path);
        return status;
    }
    folder->draft = NULL;
    if (replaces)
        gy_folder_remove(old);
    return GY_OK;
}

void gy_folder_drop(gy_folder *folder)
{
    if (folder->draft != NULL)
        gy_folder_remove(folder->draft);
    folder->draft = NULL;
}
