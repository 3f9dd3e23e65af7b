// SPDX-License-Identifier: Apache-2.0
//
// Paths and datasets. Pointer files are looked for in the whole work tree, but not inside datasets,
// hidden folders or other projects.

#define _GNU_SOURCE
#include "store/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/folder.h"
#include "base/map.h"
#include "store/lock.h"
#include "store/pointer.h"

enum { DEPTH_MAX = 64 };

static bool has_ending(const char *name, size_t length)
{
    size_t ending = strlen(GY_POINTER_ENDING);
    return length > ending && strcmp(name + length - ending, GY_POINTER_ENDING) == 0;
}

// The folder of a path as it really is: ".", "..", links resolved.
static gy_status real_folder(char **folder, const char **name, const char *path, gy_arena *arena,
                             gy_error *err)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    char *clean = gy_arena_copy(arena, path, length);
    if (clean == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    char *slash = strrchr(clean, '/');
    *name = slash == NULL ? clean : slash + 1;
    const char *above = slash == NULL ? "." : slash == clean ? "/" : clean;
    if (slash != NULL && slash != clean)
        *slash = '\0';
    bool is_special = **name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0;
    if (is_special)
        return gy_fail(err, GY_INVALID, "'%s' names a folder by '.' or '..': give its name", path);
    char *real = realpath(above, NULL);
    if (real == NULL)
        return gy_fail(err, GY_NOT_FOUND, "cannot open '%s': %s", above, strerror(errno));
    *folder = gy_arena_copy(arena, real, strlen(real));
    free(real);
    return *folder == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path") : GY_OK;
}

gy_status gy_path_resolve(char **relative, const gy_store *store, const char *path, gy_arena *arena,
                          gy_error *err)
{
    char *folder;
    const char *name = NULL;
    GY_TRY(real_folder(&folder, &name, path, arena, err));
    size_t project_length = strlen(store->project);
    if (strncmp(folder, store->project, project_length) != 0 ||
        (folder[project_length] != '\0' && folder[project_length] != '/'))
        return gy_fail(err, GY_INVALID, "'%s' is not inside the project '%s'", path,
                       store->project);
    const char *inside = folder + project_length;
    while (*inside == '/')
        inside++;
    size_t length = strlen(name);
    if (has_ending(name, length))
        length -= strlen(GY_POINTER_ENDING);
    *relative =
        gy_arena_format(arena, "%s%s%.*s", inside, *inside == '\0' ? "" : "/", (int)length, name);
    if (*relative == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (strncmp(*relative, ".gyre/", 6) == 0 || strcmp(*relative, ".gyre") == 0 ||
        strncmp(*relative, ".git/", 5) == 0 || strcmp(*relative, ".git") == 0)
        return gy_fail(err, GY_INVALID, "'%s' belongs to the project itself", path);
    return GY_OK;
}

// ---- all datasets

typedef struct search {
    gy_path_list datasets, locks;
    gy_arena *arena;
} search;

static gy_status add_path(gy_path_list *list, char *path, gy_arena *arena, gy_error *err)
{
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    char **more = gy_arena_grow(arena, list->items, list->count, &list->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", list->count + 1);
    list->items = more;
    list->items[list->count++] = path;
    return GY_OK;
}

// What a file of the work tree tells by its name.
static gy_status look_at(search *found, const char *path, const gy_folder_name *name, gy_error *err)
{
    if (name->type != GY_TYPE_FILE)
        return GY_OK;
    if (strcmp(name->name, GY_LOCK_NAME) == 0)
        return add_path(&found->locks, gy_arena_format(found->arena, "%s%s", path, name->name),
                        found->arena, err);
    if (!has_ending(name->name, name->length))
        return GY_OK;
    int length = (int)(name->length - strlen(GY_POINTER_ENDING));
    return add_path(&found->datasets,
                    gy_arena_format(found->arena, "%s%.*s", path, length, name->name), found->arena,
                    err);
}

static int name_order(const void *name, const void *entry)
{
    return strcmp(name, ((const gy_folder_name *)entry)->name);
}

// A folder to look into: not hidden, not a dataset, not another project.
static gy_status is_searched(bool *is, const gy_folder_name *name, const gy_folder_name *names,
                             size_t count, int folder, gy_arena *arena, gy_error *err)
{
    *is = name->type == GY_TYPE_FOLDER && name->name[0] != '.';
    if (!*is)
        return GY_OK;
    char *pointer = gy_arena_format(arena, "%s" GY_POINTER_ENDING, name->name);
    char *project = gy_arena_format(arena, "%s/.gyre", name->name);
    struct stat found;
    if (pointer == NULL || project == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    *is = bsearch(pointer, names, count, sizeof(*names), name_order) == NULL &&
          gy_io_stat_at(folder, project, &found) != 0;
    return GY_OK;
}

static gy_status search_folder(search *found, int folder, const char *path, int depth,
                               gy_error *err)
{
    gy_folder_name *names;
    size_t count;
    GY_TRY(gy_folder_list(&names, &count, folder, *path == '\0' ? "." : path, found->arena, err));
    for (size_t i = 0; i < count; i++) {
        const gy_folder_name *name = &names[i];
        GY_TRY(look_at(found, path, name, err));
        bool is_below = false;
        if (depth < DEPTH_MAX)
            GY_TRY(is_searched(&is_below, name, names, count, folder, found->arena, err));
        if (!is_below)
            continue;
        char *below = gy_arena_format(found->arena, "%s%s/", path, name->name);
        if (below == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        int file = gy_io_open_at(folder, name->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        if (file < 0) // not ours to read, or gone: no dataset that we could reach
            continue;
        gy_status status = search_folder(found, file, below, depth + 1, err);
        close(file);
        GY_TRY(status);
    }
    return GY_OK;
}

static int text_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(gy_path_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), text_order);
}

gy_status gy_path_datasets(gy_path_list *datasets, gy_path_list *locks, const gy_store *store,
                           gy_arena *arena, gy_error *err)
{
    search found = {.arena = arena};
    GY_TRY(search_folder(&found, store->project_folder, "", 0, err));
    sort(&found.datasets);
    sort(&found.locks);
    *datasets = found.datasets;
    if (locks != NULL)
        *locks = found.locks;
    return GY_OK;
}

gy_status gy_path_choose(char ***chosen, size_t *chosen_count, const gy_store *store,
                         const char *const *paths, size_t count, gy_arena *arena, gy_error *err)
{
    if (count == 0) {
        gy_path_list all;
        GY_TRY(gy_path_datasets(&all, NULL, store, arena, err));
        *chosen = all.items;
        *chosen_count = all.count;
        return GY_OK;
    }
    *chosen = GY_NEW(arena, char *, count);
    if (*chosen == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", count);
    gy_text_map seen = {.arena = arena};
    *chosen_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t *value;
        bool fresh;
        char **path = &(*chosen)[*chosen_count];
        GY_TRY(gy_path_resolve(path, store, paths[i], arena, err));
        GY_TRY(gy_text_map_at(&value, &fresh, &seen, *path, strlen(*path), err));
        *chosen_count += fresh;
    }
    return GY_OK;
}

gy_status gy_path_pointer(gy_pointer *pointer, const gy_store *store, const char *path,
                          gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    char *full = gy_arena_format(&arena, "%s/%s" GY_POINTER_ENDING, store->project, path);
    gy_status status = full == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path")
                                    : gy_pointer_read(pointer, full, NULL, err);
    if (status == GY_NOT_FOUND)
        status = gy_fail(err, GY_NOT_FOUND,
                         "'%s' has no pointer file '%s" GY_POINTER_ENDING "' (see gyre add)", path,
                         path);
    gy_arena_release(&arena);
    return status;
}
