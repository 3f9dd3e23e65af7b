// SPDX-License-Identifier: Apache-2.0
//
// Folders by descriptor. Names come straight from getdents64: readdir's copy of each would cost as
// much as the call itself.

#define _GNU_SOURCE
#include "base/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"

enum { DEPTH_MAX = 256 };

int gy_io_stat_at(int folder, const char *name, struct stat *found)
{
    return gy_fault_io() ? -1 : fstatat(folder, name, found, AT_SYMLINK_NOFOLLOW);
}

int gy_io_make_folder_at(int folder, const char *name)
{
    if (gy_fault_io())
        return -1;
    return mkdirat(folder, name, 0777) == 0 || errno == EEXIST ? 0 : -1;
}

int gy_io_unlink_at(int folder, const char *name)
{
    return gy_fault_io() ? -1 : unlinkat(folder, name, 0);
}

int gy_io_remove_folder_at(int folder, const char *name)
{
    return gy_fault_io() ? -1 : unlinkat(folder, name, AT_REMOVEDIR);
}

int gy_io_rename_at(int from_folder, const char *from, int to_folder, const char *to)
{
    return gy_fault_io() ? -1 : renameat(from_folder, from, to_folder, to);
}

int gy_io_sync_all(int file)
{
    return gy_fault_io() ? -1 : syncfs(file);
}

// As the kernel fills it (getdents64(2)).
typedef struct kernel_entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
} kernel_entry;

static gy_file_type type_of_mode(mode_t mode)
{
    return S_ISREG(mode)   ? GY_TYPE_FILE
           : S_ISDIR(mode) ? GY_TYPE_FOLDER
           : S_ISLNK(mode) ? GY_TYPE_LINK
                           : GY_TYPE_OTHER;
}

static gy_status type_of_entry(gy_file_type *type, int folder, const kernel_entry *entry,
                               const char *path, gy_error *err)
{
    enum { KERNEL_FOLDER = 4, KERNEL_FILE = 8, KERNEL_LINK = 10, KERNEL_UNKNOWN = 0 };
    struct stat found;
    switch (entry->type) {
    case KERNEL_FILE:
        *type = GY_TYPE_FILE;
        return GY_OK;
    case KERNEL_FOLDER:
        *type = GY_TYPE_FOLDER;
        return GY_OK;
    case KERNEL_LINK:
        *type = GY_TYPE_LINK;
        return GY_OK;
    case KERNEL_UNKNOWN: // some file systems do not tell
        if (gy_io_stat_at(folder, entry->name, &found) != 0)
            return gy_fail(err, GY_IO, "cannot stat '%s/%s': %s", path, entry->name,
                           strerror(errno));
        *type = type_of_mode(found.st_mode);
        return GY_OK;
    default:
        *type = GY_TYPE_OTHER;
        return GY_OK;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gy_folder_name *)a)->name, ((const gy_folder_name *)b)->name);
}

static gy_status add_name(gy_folder_name **names, size_t *count, size_t *capacity,
                          gy_folder_name name, gy_arena *arena, gy_error *err)
{
    gy_folder_name *more = gy_arena_grow(arena, *names, *count, capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a folder of %zu names", *count + 1);
    *names = more;
    (*names)[(*count)++] = name;
    return GY_OK;
}

// Take the names of one buffer that the kernel filled.
static gy_status take_names(gy_folder_name **names, size_t *count, size_t *capacity, int folder,
                            char *buffer, size_t filled, const char *path, gy_arena *arena,
                            gy_error *err)
{
    char *names_kept = gy_arena_copy(arena, buffer, filled);
    if (names_kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the names of '%s'", path);
    for (size_t at = 0; at < filled;) {
        const kernel_entry *entry = (const kernel_entry *)(const void *)(names_kept + at);
        at += entry->length;
        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
            continue;
        gy_folder_name name = {.name = entry->name, .length = strlen(entry->name)};
        GY_TRY(type_of_entry(&name.type, folder, entry, path, err));
        GY_TRY(add_name(names, count, capacity, name, arena, err));
    }
    return GY_OK;
}

gy_status gy_folder_list(gy_folder_name **names, size_t *count, int folder, const char *path,
                         gy_arena *arena, gy_error *err)
{
    _Alignas(8) char buffer[32 * 1024];
    size_t capacity = 0;
    *names = NULL;
    *count = 0;
    if (lseek(folder, 0, SEEK_SET) < 0)
        return gy_fail(err, GY_IO, "cannot list the folder '%s': %s", path, strerror(errno));
    for (;;) {
        long got = gy_fault_io() ? -1 : syscall(SYS_getdents64, folder, buffer, sizeof(buffer));
        if (got < 0)
            return gy_fail(err, GY_IO, "cannot list the folder '%s': %s", path, strerror(errno));
        if (got == 0)
            break;
        GY_TRY(take_names(names, count, &capacity, folder, buffer, (size_t)got, path, arena, err));
    }
    if (*count > 1)
        qsort(*names, *count, sizeof(**names), by_name);
    return GY_OK;
}

static gy_status remove_all(int folder, const char *name, size_t depth, gy_arena *arena,
                            gy_error *err)
{
    if (gy_io_unlink_at(folder, name) == 0 || errno == ENOENT)
        return GY_OK;
    if (errno != EISDIR && errno != EPERM)
        return gy_fail(err, GY_IO, "cannot remove '%s': %s", name, strerror(errno));
    if (depth == DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "cannot remove '%s': over %d folders deep", name, DEPTH_MAX);
    int below = gy_io_open_at(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (below < 0)
        return gy_fail(err, GY_IO, "cannot open the folder '%s': %s", name, strerror(errno));
    gy_arena_mark mark = gy_arena_here(arena);
    gy_folder_name *names;
    size_t count;
    gy_status status = gy_folder_list(&names, &count, below, name, arena, err);
    for (size_t i = 0; status == GY_OK && i < count; i++)
        status = remove_all(below, names[i].name, depth + 1, arena, err);
    gy_arena_rewind(arena, mark);
    close(below);
    if (status == GY_OK && gy_io_remove_folder_at(folder, name) != 0 && errno != ENOENT)
        status = gy_fail(err, GY_IO, "cannot remove the folder '%s': %s", name, strerror(errno));
    return status;
}

gy_status gy_folder_remove_all(int folder, const char *name, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_status status = remove_all(folder, name, 0, &arena, err);
    gy_arena_release(&arena);
    return status;
}
