// SPDX-License-Identifier: Apache-2.0
//
// gyre checkout: what is to be written of all datasets is written and verified in staging folders
// first; only then the work tree changes, by renames. A folder that is not there comes by one
// rename.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "store/compare.h"
#include "store/outs.h"
#include "store/publish.h"
#include "store/restore.h"
#include "store/status.h"
#include "store/trust.h"

enum { LISTED_MAX = 5, LISTED_DATASETS_MAX = 12 };

// Files of all datasets that would be lost: once there is one, nothing more is written.
typedef struct unsaved {
    gy_text list;
    size_t count, listed;
    bool has_data; // not outputs alone, which gyre run stores
} unsaved;

typedef enum checkout_plan {
    PLAN_NOTHING, // all files are as they should be
    PLAN_CHANGES,
    PLAN_NEW_FOLDER // nothing is there yet
} checkout_plan;

// One dataset being checked out.
typedef struct checkout {
    gy_store *store;
    size_t number;
    checkout_plan plan;
    const char *path;
    const gy_pointer *pointer;
    bool is_output;
    const gy_checkout_options *options;
    gy_arena *arena;
    gy_work work;
    gy_listing version;
    gy_change *changes; // from the work tree to the version
    size_t change_count;
    gy_restore restore;
    unsaved *unsaved;
    char *stage;      // folder, relative to the project; NULL: none made
    char *new_folder; // in it, of PLAN_NEW_FOLDER
} checkout;

// Whether content that is to go away can be had again.
static bool is_saved(const checkout *it, const gy_id *id)
{
    gy_object object;
    return gy_reader_get(&object, &it->store->reader, it->store, id, NULL) == GY_OK;
}

// Each dataset names its first one, and more while few are named.
static void note_unsaved(const checkout *it)
{
    unsaved *found = it->unsaved;
    bool first = true;
    for (size_t i = 0; i < it->change_count; i++) {
        const gy_change *change = &it->changes[i];
        if (change->kind == GY_CHANGE_ADDED || is_saved(it, &change->before))
            continue;
        found->count++;
        found->has_data = found->has_data || !it->is_output;
        if (found->listed < LISTED_MAX || (first && found->listed < LISTED_DATASETS_MAX))
            gy_text_add(&found->list, "%s%s%s%.60s", found->listed++ > 0 ? ", " : "", it->path,
                        *change->path == '\0' ? "" : "/", change->path);
        first = false;
    }
}

static gy_status refuse_unsaved(const unsaved *found, gy_error *err)
{
    if (found->count == 0)
        return GY_OK;
    return gy_fail(
        err, GY_REFUSED, "%zu file%s would be lost that %s not stored: %s%s (%s--force overwrites)",
        found->count, found->count == 1 ? "" : "s", found->count == 1 ? "is" : "are",
        found->list.bytes == NULL ? "" : found->list.bytes,
        found->count > found->listed ? ", ..." : "", found->has_data ? "gyre add stores, " : "");
}

// The folders above an output, which git does not keep. A lock comes from anywhere: a link among
// them would lead out of the project.
static gy_status make_way(const checkout *it, gy_error *err)
{
    int project = it->store->project_folder;
    for (const char *slash = strchr(it->path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        struct stat found;
        char *folder = gy_arena_copy(it->arena, it->path, (size_t)(slash - it->path));
        if (folder == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_io_make_folder_at(project, folder) != 0 ||
            gy_io_stat_at(project, folder, &found) != 0)
            return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", folder, strerror(errno));
        if (!S_ISDIR(found.st_mode))
            return gy_fail(err, GY_INVALID, "'%s' cannot be placed: '%s' is no folder", it->path,
                           folder);
    }
    return GY_OK;
}

// The staging folder: in .gyre/tmp, or beside the dataset if that is another file system.
static gy_status make_stage(checkout *it, gy_error *err)
{
    struct stat ours, theirs;
    const char *slash = strrchr(it->path, '/');
    int above = slash == NULL ? 0 : (int)(slash - it->path) + 1;
    char *folder = gy_arena_format(it->arena, "%.*s.", above, it->path);
    if (folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    bool is_near = fstatat(it->store->store_folder, "tmp", &ours, 0) == 0 &&
                   fstatat(it->store->project_folder, folder, &theirs, 0) == 0 &&
                   ours.st_dev == theirs.st_dev;
    it->stage =
        is_near ? gy_arena_format(it->arena, ".gyre/tmp/checkout-%zu", it->number)
                : gy_arena_format(it->arena, "%.*s.%s.gyre-new", above, it->path, it->path + above);
    if (it->stage == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_folder_remove_all(it->store->project_folder, it->stage, err));
    if (gy_io_make_folder_at(it->store->project_folder, it->stage) != 0)
        return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", it->stage, strerror(errno));
    return GY_OK;
}

// Make the version's folders below a folder: parents stand before their children.
static gy_status make_folders(const checkout *it, int root, gy_error *err)
{
    for (size_t i = 1; i < it->version.folder_count; i++) {
        char *path = gy_listing_folder_path(&it->version, (uint32_t)i, it->arena);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_io_make_folder_at(root, path) != 0)
            return gy_fail(err, GY_IO, "cannot make the folder '%s/%s': %s", it->path, path,
                           strerror(errno));
    }
    return GY_OK;
}

static gy_status open_folder(int *folder, const checkout *it, const char *path, gy_error *err)
{
    *folder =
        gy_io_open_at(it->store->project_folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    return *folder >= 0 ? GY_OK
                        : gy_fail(err, GY_IO, "cannot open '%s': %s", path, strerror(errno));
}

// ---- a folder that is not there yet

static gy_status fill_new_folder(checkout *it, int root, gy_error *err)
{
    for (uint32_t i = 0; i < it->version.file_count; i++)
        GY_TRY(gy_restore_add(&it->restore, i, err));
    GY_TRY(make_folders(it, root, err));
    GY_TRY(gy_restore_run(&it->restore, root, GY_RESTORE_PATHS, err));
    // Nobody else has been here yet: what the folders hold is what the version holds.
    for (size_t i = 1; i < it->version.folder_count; i++) {
        struct stat found;
        char *path = gy_listing_folder_path(&it->version, (uint32_t)i, it->arena);
        if (path != NULL && gy_io_stat_at(root, path, &found) == 0) {
            gy_stat_mark_set(&it->version.folders[i].mark, &found);
            it->version.folders[i].mark.size_bytes = 0;
        }
    }
    return GY_OK;
}

static gy_status stage_new_folder(checkout *it, gy_error *err)
{
    int root;
    it->new_folder = gy_arena_format(it->arena, "%s/data", it->stage);
    if (it->new_folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (gy_io_make_folder_at(it->store->project_folder, it->new_folder) != 0)
        return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", it->new_folder,
                       strerror(errno));
    GY_TRY(open_folder(&root, it, it->new_folder, err));
    gy_status status = fill_new_folder(it, root, err);
    close(root);
    return status;
}

static gy_status place_new_folder(const checkout *it, gy_error *err)
{
    int project = it->store->project_folder;
    return gy_io_rename_at(project, it->new_folder, project, it->path) == 0
               ? GY_OK
               : gy_fail(err, GY_IO, "cannot place '%s': %s", it->path, strerror(errno));
}

// ---- changes of what is there

// The full path of a file of the dataset, relative to the project.
static char *full_path(const checkout *it, const char *path)
{
    return *path == '\0' ? gy_arena_copy(it->arena, it->path, strlen(it->path))
                         : gy_arena_format(it->arena, "%s/%s", it->path, path);
}

static gy_status remove_files(const checkout *it, gy_error *err)
{
    for (size_t i = 0; i < it->change_count; i++) {
        const gy_change *change = &it->changes[i];
        char *path = full_path(it, change->path);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (change->kind == GY_CHANGE_REMOVED &&
            gy_io_unlink_at(it->store->project_folder, path) != 0 && errno != ENOENT)
            return gy_fail(err, GY_IO, "cannot remove '%s': %s", path, strerror(errno));
    }
    return GY_OK;
}

// Folders that are empty now; make_folders brings back those that the version has.
static gy_status remove_folders(const checkout *it, gy_error *err)
{
    if (!it->work.is_there || !it->work.data.is_folder)
        return GY_OK;
    size_t last = it->version.is_folder ? 1 : 0;
    for (size_t i = it->work.listing.folder_count; i > last; i--) {
        char *below = gy_listing_folder_path(&it->work.listing, (uint32_t)i - 1, it->arena);
        char *path = below == NULL ? NULL : full_path(it, below);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_io_remove_folder_at(it->store->project_folder, path) != 0 && errno != ENOTEMPTY &&
            errno != EEXIST && errno != ENOENT)
            return gy_fail(err, GY_IO, "cannot remove the folder '%s': %s", path, strerror(errno));
    }
    return GY_OK;
}

static gy_status place_files(const checkout *it, int stage, gy_error *err)
{
    for (size_t i = 0; i < it->restore.count; i++) {
        gy_list_file *file = &it->version.files[it->restore.items[i].file];
        char name[GY_RESTORE_NAME_BYTES];
        struct stat found;
        gy_restore_name(name, it->restore.items[i].file);
        char *inside = gy_listing_path(&it->version, file, it->arena);
        char *path = inside == NULL ? NULL : full_path(it, inside);
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (gy_io_rename_at(stage, name, it->store->project_folder, path) != 0)
            return gy_fail(err, GY_IO, "cannot place '%s': %s", path, strerror(errno));
        // The rename has changed its ctime.
        if (gy_io_stat_at(it->store->project_folder, path, &found) == 0)
            gy_stat_mark_set(&file->mark, &found);
    }
    return GY_OK;
}

// Make the dataset's folder and those in it that are missing.
static gy_status complete_folders(const checkout *it, gy_error *err)
{
    int root;
    if (gy_io_make_folder_at(it->store->project_folder, it->path) != 0)
        return gy_fail(err, GY_IO, "cannot make the folder '%s': %s", it->path, strerror(errno));
    GY_TRY(open_folder(&root, it, it->path, err));
    gy_status status = make_folders(it, root, err);
    close(root);
    return status;
}

static gy_status stage_changes(checkout *it, gy_error *err)
{
    int stage;
    GY_TRY(gy_restore_add_changes(&it->restore, it->changes, it->change_count, err));
    GY_TRY(open_folder(&stage, it, it->stage, err));
    gy_status status = gy_restore_run(&it->restore, stage, GY_RESTORE_NUMBERS, err);
    close(stage);
    return status;
}

static gy_status place_changes(const checkout *it, gy_error *err)
{
    int stage;
    GY_TRY(remove_files(it, err));
    GY_TRY(remove_folders(it, err));
    if (it->version.is_folder)
        GY_TRY(complete_folders(it, err));
    GY_TRY(open_folder(&stage, it, it->stage, err));
    gy_status status = place_files(it, stage, err);
    close(stage);
    return status;
}

// ---- one dataset

// What differs, and whether something would be lost.
static gy_status plan(checkout *it, gy_error *err)
{
    GY_TRY(gy_work_open(&it->work, it->store, it->path, it->options->threads, it->arena, err));
    gy_data_close(&it->work.data); // there may be more datasets than a process may have files open
    GY_TRY(gy_listing_of_version(&it->version, it->store, it->pointer, it->arena, err));
    const gy_listing *now = it->work.is_there ? &it->work.listing : NULL;
    GY_TRY(gy_listing_compare(&it->changes, &it->change_count, now, &it->version, it->arena, err));
    if (it->work.is_there && it->change_count == 0 &&
        it->work.data.is_folder == it->pointer->is_folder)
        return GY_OK;
    it->plan = it->work.is_there || !it->pointer->is_folder ? PLAN_CHANGES : PLAN_NEW_FOLDER;
    GY_TRY(gy_store_open_packs(it->store, err));
    if (!it->options->force)
        note_unsaved(it);
    return GY_OK;
}

static gy_status stage(checkout *it, gy_error *err)
{
    if (it->plan == PLAN_NOTHING)
        return GY_OK;
    gy_listing_copy_marks(&it->version, it->work.is_there ? &it->work.listing : NULL);
    if (it->is_output)
        GY_TRY(make_way(it, err));
    GY_TRY(make_stage(it, err));
    it->restore = (gy_restore){.store = it->store,
                               .version = &it->version,
                               .path = it->path,
                               .threads = it->options->threads,
                               .arena = it->arena,
                               .progress = it->options->progress,
                               .context = it->options->context};
    return it->plan == PLAN_NEW_FOLDER ? stage_new_folder(it, err) : stage_changes(it, err);
}

static gy_status place(checkout *it, gy_checked_out *done, gy_error *err)
{
    if (it->plan == PLAN_NOTHING) // an empty folder may still be missing
        return it->version.folder_count > it->work.listing.folder_count ? complete_folders(it, err)
                                                                        : GY_OK;
    GY_TRY(it->plan == PLAN_NEW_FOLDER ? place_new_folder(it, err) : place_changes(it, err));
    gy_cache_save(it->store, it->path, it->pointer, &it->version, gy_cache_clock_ns(it->store));
    done->written = it->restore.count;
    for (size_t i = 0; i < it->change_count; i++)
        done->removed += it->changes[i].kind == GY_CHANGE_REMOVED;
    return GY_OK;
}

static gy_status place_all(gy_checked_out *done, checkout *items, size_t count, gy_error *err)
{
    gy_error reason = {0};
    for (size_t i = 0; i < count; i++) {
        gy_status status = place(&items[i], &done[i], &reason);
        if (status != GY_OK && i > 0)
            return gy_fail(err, status,
                           "%.300s; of %zu datasets the first %zu are restored, run it "
                           "again for the others",
                           reason.message, count, i);
        if (status != GY_OK)
            return gy_fail(err, status, "%s", reason.message);
    }
    return GY_OK;
}

static gy_status checkout_all(gy_checked_out *done, checkout *items, size_t count, gy_error *err)
{
    unsaved found = {0};
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < count; i++) {
        items[i].unsaved = &found;
        status = plan(&items[i], err);
    }
    if (status == GY_OK)
        status = refuse_unsaved(&found, err);
    for (size_t i = 0; status == GY_OK && i < count; i++)
        status = stage(&items[i], err);
    if (status == GY_OK)
        status = place_all(done, items, count, err);
    for (size_t i = 0; i < count; i++) {
        gy_work_close(&items[i].work);
        // Best effort: what stays here is removed with the next writer's lock.
        gy_status removed =
            items[i].stage == NULL
                ? GY_OK
                : gy_folder_remove_all(items[i].store->project_folder, items[i].stage, NULL);
        (void)removed;
    }
    gy_text_release(&found.list);
    return status;
}

// With the store locked: see gy_store_checkout.
static gy_status checkout_chosen(gy_checked_out **done, gy_dataset *datasets, size_t count,
                                 gy_store *store, const gy_checkout_options *options,
                                 gy_arena *arena, gy_error *err)
{
    checkout *items = GY_NEW(arena, checkout, count);
    *done = GY_NEW(arena, gy_checked_out, count);
    if (*done == NULL || items == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu datasets", count);
    for (size_t i = 0; i < count; i++) {
        (*done)[i] = (gy_checked_out){.path = datasets[i].path, .pointer = datasets[i].pointer};
        items[i] = (checkout){.store = store,
                              .number = i,
                              .path = datasets[i].path,
                              .pointer = &datasets[i].pointer,
                              .is_output = datasets[i].is_output,
                              .options = options,
                              .arena = arena,
                              .work.data.folder = -1};
    }
    gy_store_close_packs(store); // another writer may have been here since they were opened
    gy_status status = checkout_all(*done, items, count, err);
    if (status == GY_FORMAT)
        gy_trust_drop(store); // so that the next add finds what is damaged
    return status;
}

gy_status gy_store_checkout(gy_checked_out **done, size_t *done_count, gy_store *store,
                            const char *const *paths, size_t count,
                            const gy_checkout_options *options, gy_arena *arena, gy_error *err)
{
    static const gy_checkout_options plain = {0};
    gy_dataset *datasets;
    int lock;
    GY_TRY(gy_store_lock(&lock, store, err));
    gy_status status = gy_outs_choose(&datasets, done_count, store, paths, count, arena, err);
    if (status == GY_OK)
        status = checkout_chosen(done, datasets, *done_count, store,
                                 options == NULL ? &plain : options, arena, err);
    gy_file_unlock(lock);
    return status;
}

gy_status gy_outs_bring(gy_dataset *outs, size_t count, gy_store *store, const gy_naming *naming,
                        gy_arena *arena, gy_error *err)
{
    static const gy_checkout_options force = {.force = true};
    gy_checked_out *done;
    int lock;
    GY_TRY(gy_store_lock(&lock, store, err));
    gy_status status = checkout_chosen(&done, outs, count, store, &force, arena, err);
    if (status == GY_OK)
        status = gy_publish_lock(store, NULL, 0, naming, arena, err);
    gy_file_unlock(lock);
    return status;
}
