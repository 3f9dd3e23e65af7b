// SPDX-License-Identifier: Apache-2.0
//
// The key of a project for personal data: made once, under a lock, and never replaced.

#define _GNU_SOURCE
#include "table/pii_key.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/file.h"

enum { KEY_BYTES = 32 };

// Of two who make it at once one wins, and both use the winner's.
static gy_status make_key(const char *path, gy_error *err)
{
    uint8_t key[KEY_BYTES];
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return gy_fail(err, GY_IO, "no random bytes for '%s': %s", path, strerror(errno));
    gy_status status = gy_file_create(path, key, sizeof(key), 0600, err);
    return status == GY_REFUSED ? GY_OK : status;
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
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (!gy_file_exists(path))
        GY_TRY(make_key(path, err));
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, KEY_BYTES, arena, err));
    if (size_bytes != KEY_BYTES)
        return gy_fail(err, GY_FORMAT, "'%s' is no key: %zu bytes, must be %d", path, size_bytes,
                       KEY_BYTES);
    *key = (const uint8_t *)bytes;
    return GY_OK;
}
