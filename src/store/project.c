// SPDX-License-Identifier: Apache-2.0
//
// A project's folder .gyre: made, found, locked.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/folder.h"
#include "store/store.h"

static const char config_text[] = "gyre project 1\n";

char *gy_store_path(const gy_store *store, const char *path, gy_arena *arena)
{
    return gy_arena_format(arena, "%s/%s", store->project, path);
}

static gy_status check_config(const char *folder, gy_arena *arena, gy_error *err)
{
    char *path = gy_arena_format(arena, "%s/.gyre/config", folder), *bytes;
    size_t size_bytes;
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, 64 * 1024, arena, err));
    const char *start = "gyre project ";
    char *end;
    if (strncmp(bytes, start, strlen(start)) != 0)
        return gy_fail(err, GY_FORMAT, "'%s' does not start with '%s1'", path, start);
    unsigned long version = strtoul(bytes + strlen(start), &end, 10);
    if (version == 0 || *end != '\n')
        return gy_fail(err, GY_FORMAT, "'%s' has no format number behind '%s'", path, start);
    if (version > GY_PROJECT_VERSION)
        return gy_fail(err, GY_UNSUPPORTED,
                       "project '%s' has format %lu, this gyre reads up to %d (get a newer gyre)",
                       folder, version, GY_PROJECT_VERSION);
    return GY_OK;
}

// Make what belongs into .gyre; config comes last: with it, the project is one.
static gy_status make_store(const char *folder, gy_arena *arena, gy_error *err)
{
    static const char *const folders[] = {".gyre", ".gyre/packs", ".gyre/cache", ".gyre/tmp"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char *path = gy_arena_format(arena, "%s/%s", folder, folders[i]);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_io_make_folder(path) != 0)
            return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", path, strerror(errno));
    }
    char *ignore = gy_arena_format(arena, "%s/.gyre/.gitignore", folder);
    char *config = gy_arena_format(arena, "%s/.gyre/config", folder);
    if (ignore == NULL || config == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_file_replace(ignore, "*\n", 2, err));
    return gy_file_replace(config, config_text, strlen(config_text), err);
}

// A folder that is git's own: there is no work tree beside it whose data could be versioned.
static gy_status check_work_tree(const char *folder, gy_arena *arena, gy_error *err)
{
    static const char *const parts[] = {"HEAD", "objects", "refs"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char *part = gy_arena_format(arena, "%s/%s", folder, parts[i]);
        if (part == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (!gy_file_exists(part))
            return GY_OK;
    }
    return gy_fail(err, GY_INVALID,
                   "'%s' is a bare git repository: it has no work tree for data (gyre init goes "
                   "into a clone of it)",
                   folder);
}

static gy_status init_in(bool *fresh, const char *folder, gy_arena *arena, gy_error *err)
{
    char *found, *config = gy_arena_format(arena, "%s/.gyre/config", folder);
    if (config == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    *fresh = !gy_file_exists(config);
    if (!*fresh)
        return check_config(folder, arena, err);
    GY_TRY(check_work_tree(folder, arena, err));
    gy_status status = gy_file_find_upward(&found, folder, ".gyre/config", arena, err);
    if (status == GY_OK)
        return gy_fail(err, GY_INVALID, "'%s' is already inside the project '%s'", folder, found);
    if (status != GY_NOT_FOUND)
        return status;
    return make_store(folder, arena, err);
}

gy_status gy_store_init(bool *fresh, const char *folder, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    bool made = false;
    char *absolute = realpath(folder, NULL);
    gy_status status = absolute == NULL ? gy_fail(err, GY_NOT_FOUND, "cannot open '%s': %s", folder,
                                                  strerror(errno))
                                        : init_in(&made, absolute, &arena, err);
    if (status == GY_OK && err != NULL)
        *err = (gy_error){0}; // of the search that found no other project
    if (status == GY_OK && fresh != NULL)
        *fresh = made;
    free(absolute);
    gy_arena_release(&arena);
    return status;
}

// A path outside of any project; in another work tree of a repository it is told where the store
// is.
static gy_status fail_outside(const char *path, gy_arena *arena, gy_error *err)
{
    static const char inside[] = "/.git/worktrees/", start[] = "gitdir: ";
    char *tree, *text = NULL;
    size_t length;
    gy_error unseen = {0};
    if (gy_file_find_upward(&tree, path, ".git", arena, &unseen) == GY_OK) {
        char *link = gy_arena_format(arena, "%s/.git", tree);
        if (link == NULL || gy_file_read(&text, &length, link, 4096, arena, &unseen) != GY_OK)
            text = NULL;
    }
    char *end =
        text != NULL && strncmp(text, start, strlen(start)) == 0 ? strstr(text, inside) : NULL;
    if (end != NULL) {
        *end = '\0';
        const char *main_tree = text + strlen(start);
        char *config = gy_arena_format(arena, "%s/.gyre/config", main_tree);
        if (config != NULL && gy_file_exists(config))
            return gy_fail(err, GY_NOT_FOUND,
                           "'%s' is another work tree of '%s', whose store it does not share: work "
                           "there, or make one here (gyre init)",
                           path, main_tree);
    }
    return gy_fail(err, GY_NOT_FOUND, "'%s' is not inside a project (see gyre init)", path);
}

gy_status gy_store_open(gy_store **store, const char *path, gy_error *err)
{
    gy_store *made = gy_fault_memory() ? NULL : malloc(sizeof(*made));
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the store");
    *made = (gy_store){.arena = GY_ARENA_INIT, .project_folder = -1, .store_folder = -1};
    made->reader.arena = (gy_arena)GY_ARENA_INIT;
    gy_status status = gy_file_find_upward(&made->project, path, ".gyre/config", &made->arena, err);
    if (status == GY_NOT_FOUND)
        status = fail_outside(path, &made->arena, err);
    if (status == GY_OK)
        status = check_config(made->project, &made->arena, err);
    if (status == GY_OK) {
        made->project_folder = gy_io_open(made->project, O_RDONLY | O_DIRECTORY, 0);
        if (made->project_folder >= 0)
            made->store_folder =
                gy_io_open_at(made->project_folder, ".gyre", O_RDONLY | O_DIRECTORY, 0);
        if (made->store_folder < 0)
            status = gy_fail(err, GY_IO, "cannot open the project '%s': %s", made->project,
                             strerror(errno));
    }
    if (status == GY_OK)
        *store = made;
    else
        gy_store_close(made);
    return status;
}

void gy_store_close(gy_store *store)
{
    if (store == NULL)
        return;
    gy_reader_release(&store->reader);
    gy_store_close_packs(store);
    if (store->store_folder >= 0)
        close(store->store_folder);
    if (store->project_folder >= 0)
        close(store->project_folder);
    gy_arena_release(&store->arena);
    free(store);
}

const char *gy_store_project(const gy_store *store)
{
    return store->project;
}

// Remove what a dead writer left. Only the holder of the lock may: all of it is then stale.
static gy_status clear_drafts(gy_store *store, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_folder_name *names;
    size_t count = 0;
    if (gy_io_make_folder_at(store->store_folder, "tmp") != 0 ||
        gy_io_make_folder_at(store->store_folder, "packs") != 0 ||
        gy_io_make_folder_at(store->store_folder, "cache") != 0)
        return gy_fail(err, GY_IO, "cannot make a folder in '%s/.gyre': %s", store->project,
                       strerror(errno));
    int folder = gy_io_open_at(store->store_folder, "tmp", O_RDONLY | O_DIRECTORY, 0);
    gy_status status = GY_OK;
    if (folder < 0)
        status =
            gy_fail(err, GY_IO, "cannot open '%s/.gyre/tmp': %s", store->project, strerror(errno));
    else
        status = gy_folder_list(&names, &count, folder, ".gyre/tmp", &arena, err);
    for (size_t i = 0; status == GY_OK && i < count; i++)
        status = gy_folder_remove_all(folder, names[i].name, err);
    if (folder >= 0)
        close(folder);
    gy_arena_release(&arena);
    return status;
}

gy_status gy_store_lock(int *lock, gy_store *store, gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(&store->arena);
    char *path = gy_store_path(store, ".gyre/lock", &store->arena);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status = gy_file_lock(lock, path, false, GY_LOCK_WAIT_MS_MAX, err);
    gy_arena_rewind(&store->arena, mark);
    if (status != GY_OK)
        return status;
    status = clear_drafts(store, err);
    if (status != GY_OK)
        gy_file_unlock(*lock);
    return status;
}
