// SPDX-License-Identifier: Apache-2.0
//
// A folder of images as a table: a row a file, in the order of their paths' bytes; where the files
// lie in sub-folders, the name of the first is the label.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "table/build.h"
#include "table/read.h"

enum { DEPTH_MAX = 32, PATH_BYTES_MAX = 4096, FILES_MAX = 100000000 };

typedef struct listing {
    const char **paths; // relative to the folder
    size_t count, room;
    gy_arena *arena;
    const char *folder; // with its final slash
} listing;

static bool is_image_name(const char *name)
{
    const char *point = strrchr(name, '.');
    return point != NULL && (strcasecmp(point, ".png") == 0 || strcasecmp(point, ".jpg") == 0 ||
                             strcasecmp(point, ".jpeg") == 0);
}

static gy_status add_path(listing *list, const char *path, gy_error *err)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 1024 : 2 * list->room;
        const char **paths = room > FILES_MAX ? NULL : GY_NEW(list->arena, const char *, room);
        if (paths == NULL)
            return gy_fail(err, room > FILES_MAX ? GY_LIMIT : GY_NO_MEMORY,
                           "no room for %zu files of '%s'", room, list->folder);
        if (list->count > 0)
            memcpy(paths, list->paths, list->count * sizeof(*paths));
        list->paths = paths;
        list->room = room;
    }
    list->paths[list->count] = gy_arena_copy(list->arena, path, strlen(path));
    if (list->paths[list->count++] == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to list '%s'", list->folder);
    return GY_OK;
}

// `inner` is the part below the folder, "" or with a final slash.
static gy_status list_folder(listing *list, const char *inner, int depth, gy_error *err)
{
    char path[PATH_BYTES_MAX];
    if (depth > DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "'%s%s' is over %d folders deep", list->folder, inner,
                       DEPTH_MAX);
    int length = snprintf(path, sizeof(path), "%s%s", list->folder, inner);
    if (length < 0 || (size_t)length >= sizeof(path))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(path),
                       list->folder);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return gy_fail(err, GY_IO, "cannot list '%s': %s", path, strerror(errno));
    gy_status status = GY_OK;
    for (struct dirent *entry; status == GY_OK && (entry = readdir(folder)) != NULL;) {
        struct stat about;
        if (entry->d_name[0] == '.' ||
            fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bool deeper = S_ISDIR(about.st_mode);
        if (!deeper && !(S_ISREG(about.st_mode) && is_image_name(entry->d_name)))
            continue;
        length = snprintf(path, sizeof(path), "%s%s%s", inner, entry->d_name, deeper ? "/" : "");
        if (length < 0 || (size_t)length >= sizeof(path))
            status = gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(path), inner);
        else if (deeper)
            status = list_folder(list, path, depth + 1, err);
        else
            status = add_path(list, path, err);
    }
    closedir(folder);
    return status;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t label_length(const char *path)
{
    const char *slash = strchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

gy_status gy_folder_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                         gy_error *err)
{
    (void)options;
    listing list = {.arena = gy_arena_new(0), .folder = table->folder};
    if (list.arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to list '%s'", table->path);
    gy_status status = list_folder(&list, "", 0, err);
    if (status == GY_OK && list.count == 0)
        status = gy_fail(err, GY_FORMAT, "no PNG or JPEG image in the folder '%s'", table->path);
    if (status == GY_OK)
        qsort(list.paths, list.count, sizeof(*list.paths), compare_paths);

    gy_column_plan path_plan = {0}, label_plan = {0};
    for (size_t i = 0; i < list.count && status == GY_OK; i++) {
        size_t length = label_length(list.paths[i]);
        path_plan.text_bytes += strlen(list.paths[i]);
        label_plan.text_bytes += length;
        label_plan.null_count += length == 0;
    }
    table->rows = list.count;
    table->columns = GY_NEW(arena, gy_column, 2);
    table->column_count = label_plan.text_bytes == 0 ? 1 : 2;
    if (status == GY_OK && table->columns == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory to list '%s'", table->path);
    if (status == GY_OK)
        status = gy_column_take(&table->columns[0], &path_plan, "path", GY_COLUMN_TEXT, list.count,
                                arena, err);
    if (status == GY_OK)
        status = gy_column_take(&table->columns[1], &label_plan, "label", GY_COLUMN_TEXT,
                                list.count, arena, err);
    for (size_t i = 0; i < list.count && status == GY_OK; i++) {
        gy_column_set(&table->columns[0], i, list.paths[i], strlen(list.paths[i]));
        gy_column_set(&table->columns[1], i, list.paths[i], label_length(list.paths[i]));
    }
    gy_arena_free(list.arena);
    return status;
}
