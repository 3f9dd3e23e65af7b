// SPDX-License-Identifier: Apache-2.0
//
// Temporary folders that do not outlive their process by much: each is locked while it is in use,
// and whoever makes one removes those that nobody holds.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/folder.h"

enum { TRIES_MAX = 100 };

static const char start[] = "gyre-scratch-";

// Remove a folder of ours, if the one who made it is dead.
static void remove_dead(int above, const char *name)
{
    struct stat found;
    int folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return;
    gy_status removed = GY_OK; // best effort: the next one comes by here, too
    if (fstat(folder, &found) == 0 && found.st_uid == geteuid() &&
        flock(folder, LOCK_EX | LOCK_NB) == 0)
        removed = gy_folder_remove_all(above, name, NULL);
    (void)removed;
    close(folder);
}

static void remove_all_dead(const char *above)
{
    DIR *folder = opendir(above);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, start, strlen(start)) == 0)
            remove_dead(dirfd(folder), entry->d_name);
    if (folder != NULL)
        closedir(folder);
}

// Lock a folder that was made just now. false: another took it for a dead one's.
static bool hold(int *lock, const char *path)
{
    struct stat open_folder, named;
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    // A file system without locks has none for those who sweep, either.
    if (*lock >= 0 && (flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
        fstat(*lock, &open_folder) == 0 && stat(path, &named) == 0 &&
        open_folder.st_ino == named.st_ino)
        return true;
    if (*lock >= 0)
        close(*lock);
    *lock = -1;
    return false;
}

gy_status gy_scratch_open(gy_scratch *scratch, gy_arena *arena, gy_error *err)
{
    const char *above = getenv("TMPDIR");
    *scratch = (gy_scratch){.lock = -1};
    if (above == NULL || above[0] == '\0')
        above = "/tmp";
    remove_all_dead(above);
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        char *path = gy_arena_format(arena, "%s/%sXXXXXX", above, start);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a folder's name");
        if (mkdtemp(path) == NULL)
            return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", path, strerror(errno));
        if (hold(&scratch->lock, path)) {
            scratch->path = path;
            return GY_OK;
        }
        rmdir(path);
    }
    return gy_fail(err, GY_IO, "cannot hold a folder in '%s'", above);
}

void gy_scratch_close(gy_scratch *scratch)
{
    if (scratch->path == NULL)
        return;
    gy_status removed = gy_folder_remove_all(AT_FDCWD, scratch->path, NULL);
    (void)removed; // what stays goes with the next one's start
    close(scratch->lock);
    *scratch = (gy_scratch){.lock = -1};
}
