// SPDX-License-Identifier: Apache-2.0
//
// Files that rows name. Whether a failure is the row's or the machine's is decided here, by the
// system's reason.

#define _GNU_SOURCE
#include "table/named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "table/image.h"

// Sides stand in the first bytes of nearly every image.
enum { HEAD_BYTES = 1 << 16 };

// What is wrong with the path, not with the machine.
static bool is_own_fault(int reason)
{
    static const int reasons[] = {EACCES, EPERM, ELOOP, ENAMETOOLONG, EINVAL, ENXIO, ENODEV};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reason == reasons[i])
            return true;
    return false;
}

static int open_below(const char *folder, const char *path, bool links)
{
    int root = gy_io_open(folder[0] == '\0' ? "." : folder, O_PATH | O_DIRECTORY, 0);
    int file = root < 0 ? -1 : gy_io_open_beneath(root, path, links);
    int reason = errno;
    if (root >= 0)
        close(root);
    errno = reason;
    return file;
}

// Open what is not below the table's folder by its name, but perhaps in its project: by '..', by an
// absolute path, through an absolute link. EXDEV: it is outside.
static int open_in_project(const char *folder, const char *path)
{
    gy_arena *arena = gy_arena_new(0);
    char *target = realpath(path, NULL), *root = NULL;
    const char *start = folder[0] == '\0' ? "." : folder;
    int file = -1, reason = errno;
    if (arena == NULL)
        reason = ENOMEM;
    else if (target != NULL &&
             gy_file_find_upward(&root, start, ".gyre/config", arena, NULL) != GY_OK) {
        char *real = realpath(start, NULL);
        root = real == NULL ? NULL : gy_arena_copy(arena, real, strlen(real));
        free(real);
    }
    size_t length = root == NULL ? 0 : strlen(root);
    if (root != NULL && strncmp(target, root, length) == 0 && target[length] == '/') {
        file = open_below(root, target + length + 1, false);
        reason = errno;
    } else if (target != NULL && arena != NULL)
        reason = EXDEV;
    free(target);
    gy_arena_free(arena);
    errno = reason;
    return file;
}

static int open_named(const char *folder, const char *path, size_t folder_bytes)
{
    const char *outside = getenv("GYRE_OUTSIDE");
    if (outside != NULL && outside[0] != '\0')
        return gy_io_open(path, O_RDONLY | O_NONBLOCK, 0);
    int file = -1;
    errno = EXDEV;
    if (path[0] != '/' || folder_bytes > 0)
        file = open_below(folder, path + folder_bytes, true);
    return file < 0 && errno == EXDEV ? open_in_project(folder, path) : file;
}

gy_status gy_named_open(gy_named *named, const char *folder, const char *name, size_t length,
                        gy_error *err)
{
    size_t folder_bytes = length > 0 && name[0] == '/' ? 0 : strlen(folder);
    if (length == 0 || memchr(name, '\0', length) != NULL)
        return gy_fail(err, GY_FORMAT, "it names no file");
    if (folder_bytes + length >= sizeof(named->path))
        return gy_fail(err, GY_FORMAT, "path of %zu bytes, over the %d that a path may have",
                       folder_bytes + length, GY_NAMED_PATH_BYTES - 1);
    memcpy(named->path, folder, folder_bytes);
    memcpy(named->path + folder_bytes, name, length);
    named->path[folder_bytes + length] = '\0';
    // O_NONBLOCK: a pipe in the place of a file must not stop us.
    named->file = open_named(folder, named->path, folder_bytes);
    if (named->file < 0 && errno == EXDEV)
        return gy_fail(err, GY_REFUSED,
                       "'%s' is outside of the table's folder and project"
                       " (--outside reads it)",
                       named->path);
    if (named->file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return gy_fail(err, GY_NOT_FOUND, "no such file: '%s'", named->path);
    if (named->file < 0)
        return gy_fail(err, is_own_fault(errno) ? GY_FORMAT : GY_IO, "cannot open '%s': %s",
                       named->path, strerror(errno));
    struct stat about;
    if (fstat(named->file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(named->file);
        return gy_fail(err, GY_FORMAT, "'%s' is no regular file", named->path);
    }
    named->size_bytes = (size_t)about.st_size;
    return GY_OK;
}

// Up to limit_bytes of the file. It may have shrunk since it was opened.
static gy_status read_bytes(uint8_t **bytes, size_t *size_bytes, const gy_named *named,
                            size_t limit_bytes, gy_arena *arena, gy_error *err)
{
    size_t wanted = named->size_bytes < limit_bytes ? named->size_bytes : limit_bytes;
    *size_bytes = 0;
    *bytes = gy_arena_take(arena, wanted + 1, 1);
    if (*bytes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the %zu bytes of '%s'", wanted,
                       named->path);
    while (*size_bytes < wanted) {
        ssize_t got = gy_io_read_at(named->file, *bytes + *size_bytes, wanted - *size_bytes,
                                    (off_t)*size_bytes);
        if (got < 0)
            return gy_fail(err, GY_IO, "cannot read '%s': %s", named->path, strerror(errno));
        if (got == 0)
            break;
        *size_bytes += (size_t)got;
    }
    return GY_OK;
}

gy_status gy_named_image(gy_image *image, const char *folder, const char *name, size_t length,
                         gy_arena *arena, gy_error *err)
{
    gy_named named;
    uint8_t *bytes;
    size_t size_bytes;
    GY_TRY(gy_named_open(&named, folder, name, length, err));
    gy_status status = GY_OK;
    if (named.size_bytes > GY_IMAGE_BYTES_MAX)
        status = gy_fail(err, GY_LIMIT, "'%s' has %zu bytes, an image may have %d", named.path,
                         named.size_bytes, GY_IMAGE_BYTES_MAX);
    if (status == GY_OK)
        status = read_bytes(&bytes, &size_bytes, &named, GY_IMAGE_BYTES_MAX, arena, err);
    close(named.file);
    return status == GY_OK ? gy_image_decode(image, bytes, size_bytes, named.path, arena, err)
                           : status;
}

gy_status gy_named_measure(gy_image *image, const char *folder, const char *name, size_t length,
                           gy_arena *arena, gy_error *err)
{
    gy_named named;
    uint8_t *bytes;
    size_t size_bytes;
    GY_TRY(gy_named_open(&named, folder, name, length, err));
    gy_arena_mark mark = gy_arena_here(arena);
    gy_status status = read_bytes(&bytes, &size_bytes, &named, HEAD_BYTES, arena, err);
    if (status == GY_OK) {
        status = gy_image_measure(image, bytes, size_bytes, named.path, err);
        // A JPEG may begin with more than that of other things.
        if (status != GY_OK && !gy_named_must_fail(status, err) && named.size_bytes > HEAD_BYTES) {
            status = read_bytes(&bytes, &size_bytes, &named, GY_IMAGE_BYTES_MAX, arena, err);
            if (status == GY_OK)
                status = gy_image_measure(image, bytes, size_bytes, named.path, err);
        }
    }
    gy_arena_rewind(arena, mark);
    close(named.file);
    return status;
}

bool gy_named_must_fail(gy_status status, const gy_error *why)
{
    return status == GY_IO || status == GY_NO_MEMORY ||
           (status == GY_UNSUPPORTED && why != NULL &&
            strstr(why->message, "cannot open the library") != NULL);
}
