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

int gy_io_rename(const char *from, const char *to)
{
    return gy_fault_io() ? -1 : rename(from, to);
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

gy_status gy_file_replace(const char *path, const void *bytes, size_t size_bytes, gy_error *err)
{
    char draft[PATH_BYTES_MAX];
    int length = snprintf(draft, sizeof(draft), "%s.%ld.new", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof(draft))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(draft), path);

    gy_status status = GY_OK;
    bool renamed = false;
    int file = gy_io_open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0) {
        status = gy_fail(err, GY_IO, "cannot create '%s': %s", draft, strerror(errno));
        goto done;
    }
    if (gy_io_write_all(file, bytes, size_bytes) != 0) {
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", draft, strerror(errno));
        goto done;
    }
    // Contents first, name second: after a crash the name holds the old bytes or the new ones.
    if (gy_io_sync(file) != 0 || gy_io_rename(draft, path) != 0) {
        status = gy_fail(err, GY_IO, "cannot replace '%s': %s", path, strerror(errno));
        goto done;
    }
    renamed = true;
    status = gy_file_sync_folder(path, err);
done:
    if (file >= 0)
        close(file);
    if (!renamed)
        unlink(draft);
    return status;
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

gy_status gy_file_lock(int *lock, const char *path, bool shared, unsigned wait_ms_max,
                       gy_error *err)
{
    *lock = gy_io_open(path, O_RDWR | O_CREAT, 0666);
    if (*lock < 0)
        return gy_fail(err, GY_IO, "cannot open the lock '%s': %s", path, strerror(errno));
    for (unsigned waited_ms = 0;; waited_ms += 5) {
        if (flock(*lock, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
            return GY_OK;
        if (errno != EWOULDBLOCK && errno != EINTR) {
            gy_status status = gy_fail(err, GY_IO, "cannot lock '%s': %s", path, strerror(errno));
            close(*lock);
            return status;
        }
        if (waited_ms >= wait_ms_max)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    close(*lock);
    return gy_fail(
        err, GY_REFUSED,
        "another gyre process has held the lock '%s' for %u s; it ends with that process", path,
        wait_ms_max / 1000);
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
