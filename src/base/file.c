// SPDX-License-Identifier: Apache-2.0
//
// Files as a system that may be killed at any moment needs them. Every call asks the fault switch.

#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/hash.h"

enum { PATH_BYTES_MAX = 4096 };

int gy_io_open(const char *path, int flags, mode_t mode)
{
    return gy_fault_io() ? -1 : open(path, flags | O_CLOEXEC, mode);
}

int gy_io_open_at(int folder, const char *name, int flags, mode_t mode)
{
    return gy_fault_io() ? -1 : openat(folder, name, flags | O_CLOEXEC, mode);
}

ssize_t gy_io_read(int file, void *bytes, size_t size_bytes)
{
    if (gy_fault_io())
        return -1;
    ssize_t got;
    do
        got = read(file, bytes, size_bytes);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t gy_io_read_at(int file, void *bytes, size_t size_bytes, off_t at)
{
    if (gy_fault_io())
        return -1;
    ssize_t got;
    do
        got = pread(file, bytes, size_bytes, at);
    while (got < 0 && errno == EINTR);
    return got;
}

int gy_io_write_all(int file, const void *bytes, size_t size_bytes)
{
    for (size_t at = 0; at < size_bytes;) {
        if (gy_fault_io())
            return -1;
        ssize_t written = write(file, (const char *)bytes + at, size_bytes - at);
        if (written < 0 && errno != EINTR)
            return -1;
        at += written < 0 ? 0 : (size_t)written;
    }
    return 0;
}

int gy_io_sync(int file)
{
    return gy_fault_io() ? -1 : fsync(file);
}

void gy_io_start_sync(int file)
{
    (void)sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int gy_io_rename(const char *from, const char *to)
{
    return gy_fault_io() ? -1 : rename(from, to);
}

int gy_io_rename_new(const char *from, const char *to)
{
    if (gy_fault_io())
        return -1;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    // Some file systems cannot: a link fails where `to` exists just as well, in two steps.
    return link(from, to) == 0 ? unlink(from) : -1;
}

int gy_io_exchange(const char *one, const char *other)
{
    return gy_fault_io() ? -1 : renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int gy_io_unlink(const char *path)
{
    return gy_fault_io() ? -1 : unlink(path);
}

int gy_io_make_folder(const char *path)
{
    if (gy_fault_io())
        return -1;
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : -1;
}

gy_status gy_file_sync_folder(const char *path, gy_error *err)
{
    char folder[PATH_BYTES_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL
                     ? snprintf(folder, sizeof(folder), ".")
                     : snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
    if (length < 0 || (size_t)length >= sizeof(folder))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(folder), path);
    int file = gy_io_open(folder, O_RDONLY | O_DIRECTORY, 0);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_sync(file) != 0)
        status = gy_fail(err, GY_IO, "cannot sync the folder '%s': %s", folder, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}

// Whether the open file is still what stands at path.
static bool is_named(int file, const char *path)
{
    struct stat open_file, named;
    return fstat(file, &open_file) == 0 && lstat(path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

// Wait for the writer of a draft, and remove it if a dead one left it behind.
static void clear_draft(const char *draft)
{
    int file = open(draft, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return;
    if (flock(file, LOCK_EX) == 0 && is_named(file, draft))
        unlink(draft);
    close(file);
}

// A new file at draft, locked: it is ours until it is closed. -1 and errno: none.
static int open_draft(const char *draft, mode_t mode)
{
    for (int tries = 0; tries < 1000; tries++) {
        int file = gy_io_open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
        if (file < 0 && errno != EEXIST)
            return -1;
        if (file < 0) {
            clear_draft(draft);
            continue;
        }
        // Between these two calls another may have taken it for a dead one's.
        if (flock(file, LOCK_EX) == 0 && is_named(file, draft))
            return file;
        close(file);
    }
    errno = EBUSY;
    return -1;
}

// The draft's name for a file, and the file behind a symbolic link. The target must be writable
// memory of PATH_BYTES_MAX.
static gy_status name_draft(char *draft, char *target, const char *path, gy_error *err)
{
    struct stat found;
    char *real = lstat(path, &found) == 0 && S_ISLNK(found.st_mode) ? realpath(path, NULL) : NULL;
    int length = snprintf(target, PATH_BYTES_MAX, "%s", real == NULL ? path : real);
    free(real);
    const char *slash = strrchr(target, '/');
    const char *name = slash == NULL ? target : slash + 1;
    int draft_length =
        snprintf(draft, PATH_BYTES_MAX, "%.*s.%s.gyre-draft", (int)(name - target), target, name);
    if (length >= PATH_BYTES_MAX || draft_length >= PATH_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "path over %d bytes: '%.40s...'", PATH_BYTES_MAX, path);
    return GY_OK;
}

// How a draft becomes the file.
typedef int rename_call(const char *from, const char *to);

static int rename_unsynced(const char *from, const char *to)
{
    return gy_io_rename(from, to);
}

static gy_status write_file(const char *path, const void *bytes, size_t size_bytes, mode_t mode,
                            rename_call *rename_draft, gy_error *err)
{
    char draft[PATH_BYTES_MAX], target[PATH_BYTES_MAX];
    struct stat found;
    bool durable = rename_draft != rename_unsynced;
    GY_TRY(name_draft(draft, target, path, err));
    bool exists = stat(target, &found) == 0;
    if (exists && S_ISDIR(found.st_mode))
        return gy_fail(err, GY_IO, "cannot replace '%s': it is a folder", path);
    int file = open_draft(draft, mode);
    if (file < 0)
        return gy_fail(err, GY_IO, "cannot create '%s': %s", draft, strerror(errno));
    gy_status status = GY_OK;
    if ((exists && fchmod(file, found.st_mode & 0777) != 0) ||
        gy_io_write_all(file, bytes, size_bytes) != 0 || (durable && gy_io_sync(file) != 0)) {
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", draft, strerror(errno));
        unlink(draft);
    } else if (rename_draft(draft, target) != 0) {
        // Contents first, name second: after a crash the name holds the old bytes or the new ones.
        status = errno == EEXIST
                     ? gy_fail(err, GY_REFUSED, "'%s' is there already, and stays as it is", path)
                     : gy_fail(err, GY_IO, "cannot replace '%s': %s", path, strerror(errno));
        unlink(draft);
    }
    close(file);
    return status == GY_OK && durable ? gy_file_sync_folder(target, err) : status;
}

gy_status gy_file_replace(const char *path, const void *bytes, size_t size_bytes, gy_error *err)
{
    return write_file(path, bytes, size_bytes, 0666, gy_io_rename, err);
}

gy_status gy_file_replace_cache(const char *path, const void *bytes, size_t size_bytes,
                                gy_error *err)
{
    return write_file(path, bytes, size_bytes, 0666, rename_unsynced, err);
}

gy_status gy_file_create(const char *path, const void *bytes, size_t size_bytes, mode_t mode,
                         gy_error *err)
{
    return write_file(path, bytes, size_bytes, mode, gy_io_rename_new, err);
}

// Open a regular file for reading and tell its size.
static gy_status open_regular(int *file, size_t *size_bytes, const char *path, gy_error *err)
{
    struct stat found;
    *file = gy_io_open(path, O_RDONLY, 0);
    if (*file < 0)
        return gy_fail(err, errno == ENOENT || errno == ENOTDIR ? GY_NOT_FOUND : GY_IO,
                       "cannot open '%s': %s", path, strerror(errno));
    if (fstat(*file, &found) != 0 || !S_ISREG(found.st_mode)) {
        close(*file);
        return gy_fail(err, GY_IO, "cannot read '%s': it is not a regular file", path);
    }
    *size_bytes = (size_t)found.st_size;
    return GY_OK;
}

gy_status gy_file_read(char **bytes, size_t *size_bytes, const char *path, size_t limit_bytes,
                       gy_arena *arena, gy_error *err)
{
    int file;
    size_t size, at = 0;
    GY_TRY(open_regular(&file, &size, path, err));
    gy_status status = GY_OK;
    char *contents = size > limit_bytes ? NULL : gy_arena_take(arena, size + 1, 1);
    if (size > limit_bytes)
        status = gy_fail(err, GY_LIMIT, "'%s' has %zu bytes, over the limit of %zu", path, size,
                         limit_bytes);
    else if (contents == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for the %zu bytes of '%s'", size, path);
    while (status == GY_OK && at < size) {
        ssize_t got = gy_io_read(file, contents + at, size - at);
        if (got < 0)
            status = gy_fail(err, GY_IO, "cannot read '%s': %s", path, strerror(errno));
        else if (got == 0)
            size = at; // it shrank meanwhile
        else
            at += (size_t)got;
    }
    close(file);
    if (status == GY_OK) {
        contents[at] = '\0';
        *bytes = contents;
        *size_bytes = at;
    }
    return status;
}

gy_status gy_file_map_open(gy_file_map *map, const char *path, gy_error *err)
{
    int file;
    size_t size;
    GY_TRY(open_regular(&file, &size, path, err));
    void *bytes = size == 0 ? NULL : mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    int reason = errno;
    close(file);
    if (size > 0 && (bytes == MAP_FAILED || gy_fault_io())) {
        if (bytes != MAP_FAILED)
            munmap(bytes, size);
        return gy_fail(err, GY_IO, "cannot map '%s': %s", path, strerror(reason));
    }
    map->bytes = size == 0 ? (const unsigned char *)"" : bytes;
    map->size_bytes = size;
    return GY_OK;
}

void gy_file_map_close(gy_file_map *map)
{
    if (map->size_bytes > 0)
        munmap((void *)(uintptr_t)map->bytes, map->size_bytes);
    *map = (gy_file_map){0};
}

gy_status gy_file_make_folders(const char *path, gy_error *err)
{
    char prefix[PATH_BYTES_MAX];
    size_t length = strlen(path);
    if (length >= sizeof(prefix))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(prefix), path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        if (gy_io_make_folder(prefix) != 0)
            return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", prefix, strerror(errno));
    }
    return GY_OK;
}

bool gy_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

// The process that holds a lock on the open file, as /proc/locks tells; 0: not told.
static long lock_holder(int lock)
{
    struct stat wanted;
    FILE *locks = fstat(lock, &wanted) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL)
        return 0;
    char line[256];
    long holder = 0, found = 0;
    unsigned long inode;
    while (found == 0 && fgets(line, sizeof(line), locks) != NULL)
        if (sscanf(line, "%*d: FLOCK %*s %*s %ld %*x:%*x:%lu", &holder, &inode) == 2 &&
            inode == (unsigned long)wanted.st_ino)
            found = holder;
    fclose(locks);
    return found;
}

// Try until the time is up. @return 0; -1 and errno: not locked, EWOULDBLOCK where another has it.
static int wait_for_lock(int lock, int kind, unsigned wait_ms_max)
{
    for (unsigned waited_ms = 0;; waited_ms += 5) {
        if (flock(lock, kind | LOCK_NB) == 0)
            return 0;
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= wait_ms_max)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

gy_status gy_file_lock(int *lock, const char *path, bool shared, unsigned wait_ms_max,
                       gy_error *err)
{
    *lock = -1;
    int file = gy_io_open(path, O_RDWR | O_CREAT, 0666);
    if (file < 0 && shared && (errno == EROFS || errno == EACCES)) // a reader's medium is enough
        file = gy_io_open(path, O_RDONLY, 0);
    if (file < 0)
        return gy_fail(err, GY_IO, "cannot open the lock '%s': %s", path, strerror(errno));
    if (wait_for_lock(file, shared ? LOCK_SH : LOCK_EX, wait_ms_max) == 0) {
        *lock = file;
        return GY_OK;
    }
    gy_status status;
    int reason = errno;
    long holder = lock_holder(file);
    if (reason != EWOULDBLOCK && reason != EINTR)
        status = gy_fail(err, GY_IO, "cannot lock '%s': %s", path, strerror(reason));
    else if (holder > 0)
        status = gy_fail(err, GY_REFUSED,
                         "process %ld has held the lock '%s' for over %u ms; it is free when that "
                         "process ends",
                         holder, path, wait_ms_max);
    else
        status = gy_fail(err, GY_REFUSED,
                         "another process has held the lock '%s' for over %u ms; it is free when "
                         "that process ends",
                         path, wait_ms_max);
    close(file);
    return status;
}

void gy_file_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

gy_status gy_file_find_upward(char **folder, const char *start, const char *name, gy_arena *arena,
                              gy_error *err)
{
    char *at = realpath(start, NULL);
    if (at == NULL)
        return gy_fail(err, GY_NOT_FOUND, "cannot open '%s': %s", start, strerror(errno));
    for (;;) {
        char candidate[PATH_BYTES_MAX + 256];
        snprintf(candidate, sizeof(candidate), "%s/%s", at[1] == '\0' ? "" : at, name);
        if (gy_file_exists(candidate))
            break;
        char *slash = strrchr(at, '/');
        if (at[1] == '\0') {
            free(at);
            return gy_fail(err, GY_NOT_FOUND, "no '%s' in '%s' or a folder above it", name, start);
        }
        at[slash == at ? 1 : slash - at] = '\0';
    }
    *folder = gy_arena_copy(arena, at, strlen(at));
    free(at);
    return *folder == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path") : GY_OK;
}

gy_status gy_id_of_file(gy_id *id, const char *path, gy_error *err)
{
    int file;
    size_t size;
    GY_TRY(open_regular(&file, &size, path, err));
    unsigned char buffer[64 * 1024];
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    ssize_t got;
    while ((got = gy_io_read(file, buffer, sizeof(buffer))) > 0)
        gy_sha256_add(&hash, buffer, (size_t)got);
    gy_status status =
        got < 0 ? gy_fail(err, GY_IO, "cannot read '%s': %s", path, strerror(errno)) : GY_OK;
    close(file);
    if (status == GY_OK)
        gy_sha256_end(&hash, id->bytes);
    return status;
}
