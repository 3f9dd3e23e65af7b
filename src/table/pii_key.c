// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "table/pii_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"

enum { KEY_BYTES = 32 };

// Under the lock. The draft is nobody else's to read from its first byte on.
static gy_status make_key(const char *path, const char *draft, gy_error *err)
{
    uint8_t key[KEY_BYTES];
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return gy_fail(err, GY_IO, "no random bytes for '%s': %s", path, strerror(errno));
    int file = gy_io_open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_write_all(file, key, sizeof(key)) != 0 || gy_io_sync(file) != 0 ||
        gy_io_rename(draft, path) != 0)
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    if (status != GY_OK) {
        unlink(draft);
        return status;
    }
    return gy_file_sync_folder(path, err);
}

gy_status gy_pii_key(const uint8_t **key, const char *folder, gy_arena *arena, gy_error *err)
{
    char *project, *bytes;
    size_t size_bytes;
    gy_status status =
        gy_file_find_upward(&project, folder[0] == '\0' ? "." : folder, ".gyre", arena, err);
    if (status == GY_NOT_FOUND)
        return gy_fail(err, GY_NOT_FOUND,
                       "a contract marks columns as gyre.pii, but there is no "
                       "project to hold their key (gyre init makes one)");
    GY_TRY(status);
    const char *path = gy_arena_format(arena, "%s/.gyre/pii.key", project);
    const char *lock_path = gy_arena_format(arena, "%s/.gyre/pii.lock", project);
    const char *draft = gy_arena_format(arena, "%s/.gyre/pii.new", project);
    if (path == NULL || lock_path == NULL || draft == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (!gy_file_exists(path)) {
        int lock;
        GY_TRY(gy_file_lock(&lock, lock_path, false, 10000, err));
        status = gy_file_exists(path) ? GY_OK : make_key(path, draft, err);
        gy_file_unlock(lock);
        GY_TRY(status);
    }
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, KEY_BYTES, arena, err));
    if (size_bytes != KEY_BYTES)
        return gy_fail(err, GY_FORMAT, "'%s' is no key: %zu bytes, must be %d", path, size_bytes,
                       KEY_BYTES);
    *key = (const uint8_t *)bytes;
    return GY_OK;
}
