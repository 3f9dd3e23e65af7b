// SPDX-License-Identifier: Apache-2.0
//
// Differences between listings, folder by folder: names are sorted on both sides, so that one walk
// over both finds what is new, gone or other.

#include "store/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/scan.h"

enum { NONE = -1 };

typedef struct comparison {
    const gy_listing *before, *after;
    gy_change *changes;
    size_t count, capacity;
    gy_arena *arena;
} comparison;

static gy_status note(comparison *work, const gy_list_file *before, const gy_list_file *after,
                      gy_error *err)
{
    gy_change *more =
        gy_arena_grow(work->arena, work->changes, work->count, &work->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu changes", work->count + 1);
    work->changes = more;
    gy_change *change = &work->changes[work->count++];
    change->kind = before == NULL  ? GY_CHANGE_ADDED
                   : after == NULL ? GY_CHANGE_REMOVED
                                   : GY_CHANGE_MODIFIED;
    change->path = after != NULL ? gy_listing_path(work->after, after, work->arena)
                                 : gy_listing_path(work->before, before, work->arena);
    if (before != NULL) {
        change->before = before->id;
        change->before_bytes = before->mark.size_bytes;
    }
    if (after != NULL) {
        change->after = after->id;
        change->after_bytes = after->mark.size_bytes;
    }
    return change->path == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a path") : GY_OK;
}

static bool is_equal(const gy_list_file *before, const gy_list_file *after)
{
    return gy_id_compare(&before->id, &after->id) == 0 && before->executable == after->executable;
}

// The order of two entries, of which one may be absent: that one comes last.
static int order_of(const char *before, const char *after)
{
    return before == NULL ? 1 : after == NULL ? -1 : strcmp(before, after);
}

static gy_status compare_files(comparison *work, const gy_list_folder *before,
                               const gy_list_folder *after, gy_error *err)
{
    uint32_t left_count = before == NULL ? 0 : before->file_count;
    uint32_t right_count = after == NULL ? 0 : after->file_count;
    for (uint32_t i = 0, k = 0; i < left_count || k < right_count;) {
        const gy_list_file *left =
            i < left_count ? &work->before->files[before->file_first + i] : NULL;
        const gy_list_file *right =
            k < right_count ? &work->after->files[after->file_first + k] : NULL;
        int order = order_of(left == NULL ? NULL : left->name, right == NULL ? NULL : right->name);
        if (order < 0)
            GY_TRY(note(work, left, NULL, err));
        else if (order > 0)
            GY_TRY(note(work, NULL, right, err));
        else if (!is_equal(left, right))
            GY_TRY(note(work, left, right, err));
        i += order <= 0;
        k += order >= 0;
    }
    return GY_OK;
}

// Folders by number; NONE: not on this side. As deep as folders may be: GY_TREE_DEPTH_MAX.
static gy_status compare_folders(comparison *work, int64_t left, int64_t right, gy_error *err)
{
    const gy_list_folder *before = left == NONE ? NULL : &work->before->folders[left];
    const gy_list_folder *after = right == NONE ? NULL : &work->after->folders[right];
    GY_TRY(compare_files(work, before, after, err));
    uint32_t left_count = before == NULL ? 0 : before->folder_count;
    uint32_t right_count = after == NULL ? 0 : after->folder_count;
    for (uint32_t i = 0, k = 0; i < left_count || k < right_count;) {
        int64_t below_left = i < left_count ? (int64_t)before->folder_first + i : NONE;
        int64_t below_right = k < right_count ? (int64_t)after->folder_first + k : NONE;
        int order = order_of(below_left == NONE ? NULL : work->before->folders[below_left].name,
                             below_right == NONE ? NULL : work->after->folders[below_right].name);
        GY_TRY(compare_folders(work, order <= 0 ? below_left : NONE,
                               order >= 0 ? below_right : NONE, err));
        i += order <= 0;
        k += order >= 0;
    }
    return GY_OK;
}

// Copy marks between two folders of the same path, and all below.
static void copy_marks(gy_listing *to, const gy_listing *from, uint32_t to_folder,
                       uint32_t from_folder)
{
    const gy_list_folder *left = &to->folders[to_folder], *right = &from->folders[from_folder];
    for (uint32_t i = 0, k = 0; i < left->file_count && k < right->file_count;) {
        gy_list_file *target = &to->files[left->file_first + i];
        const gy_list_file *source = &from->files[right->file_first + k];
        int order = strcmp(target->name, source->name);
        if (order == 0 && is_equal(target, source))
            target->mark = source->mark;
        i += order <= 0;
        k += order >= 0;
    }
    for (uint32_t i = 0, k = 0; i < left->folder_count && k < right->folder_count;) {
        uint32_t below = left->folder_first + i, other = right->folder_first + k;
        int order = strcmp(to->folders[below].name, from->folders[other].name);
        if (order == 0)
            copy_marks(to, from, below, other);
        i += order <= 0;
        k += order >= 0;
    }
}

void gy_listing_copy_marks(gy_listing *to, const gy_listing *from)
{
    if (from != NULL && from->is_folder == to->is_folder)
        copy_marks(to, from, 0, 0);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const gy_change *)a)->path, ((const gy_change *)b)->path);
}

gy_status gy_listing_compare(gy_change **changes, size_t *count, const gy_listing *before,
                             const gy_listing *after, gy_arena *arena, gy_error *err)
{
    comparison work = {.before = before, .after = after, .arena = arena};
    GY_TRY(compare_folders(&work, before == NULL ? NONE : 0, after == NULL ? NONE : 0, err));
    if (work.count > 1)
        qsort(work.changes, work.count, sizeof(*work.changes), by_path);
    *changes = work.changes;
    *count = work.count;
    return GY_OK;
}

gy_status gy_store_compare(gy_change **changes, size_t *count, gy_store *store,
                           const gy_pointer *before, const gy_pointer *after, gy_arena *arena,
                           gy_error *err)
{
    gy_listing left, right;
    if (before != NULL)
        GY_TRY(gy_listing_of_version(&left, store, before, arena, err));
    if (after != NULL)
        GY_TRY(gy_listing_of_version(&right, store, after, arena, err));
    return gy_listing_compare(changes, count, before == NULL ? NULL : &left,
                              after == NULL ? NULL : &right, arena, err);
}

static int entry_by_path(const void *a, const void *b)
{
    return strcmp(((const gy_entry *)a)->path, ((const gy_entry *)b)->path);
}

gy_status gy_store_list(gy_entry **entries, size_t *count, gy_store *store,
                        const gy_pointer *pointer, gy_arena *arena, gy_error *err)
{
    gy_listing listing;
    GY_TRY(gy_listing_of_version(&listing, store, pointer, arena, err));
    *entries = GY_NEW(arena, gy_entry, listing.file_count);
    if (*entries == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu files", listing.file_count);
    for (size_t i = 0; i < listing.file_count; i++) {
        const gy_list_file *file = &listing.files[i];
        (*entries)[i] = (gy_entry){.path = gy_listing_path(&listing, file, arena),
                                   .id = file->id,
                                   .size_bytes = file->mark.size_bytes,
                                   .executable = file->executable};
        if ((*entries)[i].path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", listing.file_count);
    }
    *count = listing.file_count;
    if (*count > 1)
        qsort(*entries, *count, sizeof(**entries), entry_by_path);
    return GY_OK;
}
