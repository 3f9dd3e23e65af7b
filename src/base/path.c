// SPDX-License-Identifier: Apache-2.0

#include "base/path.h"

#include <string.h>

#include "base/arena.h"

const char *gy_path_join(gy_arena *arena, const char *folder, const char *path)
{
    if (path[0] == '/' || folder[0] == '\0')
        return gy_arena_copy(arena, path, strlen(path));
    return gy_arena_format(arena, path[0] == '\0' ? "%s" : "%s/%s", folder, path);
}

// Take the last part off a clean path of `length` bytes that is not only "..".
static bool drop_last(const char *clean, size_t *length)
{
    size_t start = *length;
    while (start > 0 && clean[start - 1] != '/')
        start--;
    if (*length == start || (*length - start == 2 && memcmp(clean + start, "..", 2) == 0))
        return false;
    *length = start > 1 ? start - 1 : start; // keeps the slash of an absolute path
    return true;
}

const char *gy_path_clean(gy_arena *arena, const char *path)
{
    char *clean = gy_arena_take(arena, strlen(path) + 2, 1);
    if (clean == NULL)
        return NULL;
    size_t length = 0;
    if (path[0] == '/')
        clean[length++] = '/';
    for (const char *at = path; *at != '\0';) {
        size_t size = strcspn(at, "/");
        bool up = size == 2 && memcmp(at, "..", 2) == 0;
        if (size > 0 && !(size == 1 && *at == '.') && !(up && drop_last(clean, &length))) {
            if (length > 0 && clean[length - 1] != '/')
                clean[length++] = '/';
            memcpy(clean + length, at, size);
            length += size;
        }
        at += size;
        at += *at == '/';
    }
    clean[length] = '\0';
    return clean;
}

bool gy_path_overlaps(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t shorter = a_length < b_length ? a_length : b_length;
    const char *longer = a_length < b_length ? b : a;
    return strncmp(a, b, shorter) == 0 &&
           (longer[shorter] == '\0' || longer[shorter] == '/' || shorter == 0);
}
