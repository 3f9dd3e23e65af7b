// SPDX-License-Identifier: Apache-2.0
//
// Pointers and locks, wherever they are. From git come the ids of all blobs that any commit,
// reachable or in a reflog, or the index has under the name *.gyre or gyre.lock, then their
// contents in one go. A file that is neither (a merge conflict that someone committed) may still
// name versions: whatever looks like an id in it counts, for gc must rather keep too much.

#define _GNU_SOURCE
#include "store/refs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/git.h"
#include "store/lock.h"
#include "store/paths.h"
#include "store/pointer.h"

enum { ID_DIGITS = 64, OBJECT_DIGITS_MAX = 64 };
#define POINTERS ":(top)*.gyre"
#define LOCKS ":(top,glob)**/" GY_LOCK_NAME

static gy_status add_ref(gy_refs *refs, const gy_ref *ref, gy_arena *arena, gy_error *err)
{
    gy_ref *more = gy_arena_grow(arena, refs->items, refs->count, &refs->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu versions", refs->count + 1);
    refs->items = more;
    refs->items[refs->count++] = *ref;
    return GY_OK;
}

static gy_status add_guesses(gy_refs *refs, const char *bytes, size_t length, const char *name,
                             gy_arena *arena, gy_error *err)
{
    for (size_t i = 0, run = 0; i <= length; i++) {
        if (i < length && isxdigit((unsigned char)bytes[i])) {
            run++;
            continue;
        }
        char hex[ID_DIGITS + 1] = "";
        gy_ref ref = {.name = name, .is_guess = true};
        if (run == ID_DIGITS)
            memcpy(hex, bytes + i - run, ID_DIGITS);
        if (run == ID_DIGITS && gy_id_parse(&ref.pointer.root, hex, NULL) == GY_OK)
            GY_TRY(add_ref(refs, &ref, arena, err));
        run = 0;
    }
    return GY_OK;
}

static bool is_lock(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash == NULL ? path : slash + 1, GY_LOCK_NAME) == 0;
}

// The versions that a lock says are stored, each under its output's path.
static gy_status add_lock(gy_refs *refs, const char *bytes, size_t length, const char *name,
                          gy_arena *arena, gy_error *err)
{
    gy_locked_path *outs;
    size_t count;
    gy_error broken;
    char *copy = gy_arena_copy(arena, bytes, length);
    if (copy == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", name);
    gy_status status = gy_lock_outs(&outs, &count, copy, length, name, arena, &broken);
    if (status == GY_UNSUPPORTED || status == GY_NO_MEMORY)
        return gy_fail(err, status, "%s", broken.message);
    if (status != GY_OK)
        return add_guesses(refs, bytes, length, name, arena, err);
    for (size_t i = 0; i < count; i++) {
        gy_ref ref = {.pointer = outs[i].stored};
        if (!outs[i].is_stored)
            continue;
        ref.name = gy_arena_format(arena, "%s of %s", outs[i].path, name);
        if (ref.name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", name);
        GY_TRY(add_ref(refs, &ref, arena, err));
    }
    return GY_OK;
}

static gy_status add_text(gy_refs *refs, const char *bytes, size_t length, const char *name,
                          gy_arena *arena, gy_error *err)
{
    gy_ref ref = {.name = name};
    gy_error broken;
    gy_status status = gy_pointer_parse(&ref.pointer, bytes, length, name, &broken);
    if (status == GY_UNSUPPORTED) // what a newer gyre refers to, we cannot know
        return gy_fail(err, status, "%s", broken.message);
    if (status != GY_OK)
        return add_guesses(refs, bytes, length, name, arena, err);
    return add_ref(refs, &ref, arena, err);
}

static gy_status collect_work_tree(gy_refs *refs, const gy_store *store, gy_arena *arena,
                                   gy_error *err)
{
    gy_path_list datasets, locks;
    GY_TRY(gy_path_datasets(&datasets, &locks, store, arena, err));
    for (size_t i = 0; i < datasets.count + locks.count; i++) {
        bool pointer = i < datasets.count;
        char *name = pointer ? gy_arena_format(arena, "%s" GY_POINTER_ENDING, datasets.items[i])
                             : locks.items[i - datasets.count];
        char *full = name == NULL ? NULL : gy_store_path(store, name, arena), *bytes;
        size_t size_bytes;
        if (full == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        GY_TRY(gy_file_read(&bytes, &size_bytes, full, 16 * 1024 * 1024, arena, err));
        GY_TRY(pointer ? add_text(refs, bytes, size_bytes, name, arena, err)
                       : add_lock(refs, bytes, size_bytes, name, arena, err));
    }
    return GY_OK;
}

// ---- git

// One blob: its id is appended to the list that cat-file is asked for; its path is kept.
typedef struct blobs {
    gy_text ids; // a line each
    struct blob {
        const char *name;
        bool is_lock;
    } *items;
    size_t count, capacity;
    gy_arena *arena;
} blobs;

static gy_status add_blob(blobs *found, const char *id, size_t digits, const char *path,
                          gy_error *err)
{
    struct blob *more =
        gy_arena_grow(found->arena, found->items, found->count, &found->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu pointers", found->count + 1);
    found->items = more;
    gy_text_append(&found->ids, id, digits);
    gy_text_append(&found->ids, "\n", 1);
    more[found->count].is_lock = is_lock(path);
    more[found->count].name = gy_arena_format(found->arena, "%s of blob %.12s", path, id);
    return more[found->count++].name == NULL || found->ids.status != GY_OK
               ? gy_fail(err, GY_NO_MEMORY, "no memory for %zu pointers", found->count)
               : GY_OK;
}

// The word number `at` of a record, as in ":100644 100644 OLD NEW M".
static const char *word_at(const char *record, size_t at, size_t *length)
{
    for (; at > 0 && record != NULL; at--) {
        record = strchr(record, ' ');
        record = record == NULL ? NULL : record + 1;
    }
    *length = record == NULL ? 0 : strcspn(record, " ");
    return record;
}

static bool is_object(const char *word, size_t length)
{
    return word != NULL && length >= 40 && length <= OBJECT_DIGITS_MAX &&
           strspn(word, "0123456789abcdef") >= length && strspn(word, "0") < length;
}

// `git log --raw -z`: ":MODE MODE OLD NEW STATUS" NUL PATH NUL; what else stands between is
// skipped.
static gy_status take_log(blobs *found, const gy_text *log, gy_error *err)
{
    for (size_t at = 0; at < log->length;) {
        const char *record = log->bytes + at;
        at += strlen(record) + 1;
        while (*record == '\n')
            record++;
        if (*record != ':' || at >= log->length)
            continue;
        const char *path = log->bytes + at;
        size_t length;
        const char *blob = word_at(record, 3, &length);
        at += strlen(path) + 1;
        if (is_object(blob, length))
            GY_TRY(add_blob(found, blob, length, path, err));
    }
    return GY_OK;
}

// `git ls-files -s -z`: "MODE BLOB STAGE" TAB PATH NUL.
static gy_status take_index(blobs *found, const gy_text *index, gy_error *err)
{
    for (size_t at = 0; at < index->length;) {
        const char *record = index->bytes + at, *tab = strchr(record, '\t');
        size_t length;
        const char *blob = word_at(record, 1, &length);
        at += strlen(record) + 1;
        if (tab != NULL && is_object(blob, length))
            GY_TRY(add_blob(found, blob, length, tab + 1, err));
    }
    return GY_OK;
}

// `git cat-file --batch`: "BLOB blob SIZE" LF, the bytes, LF; in the order asked for.
static gy_status take_contents(gy_refs *refs, const blobs *found, const gy_text *contents,
                               gy_arena *arena, gy_error *err)
{
    const char *at = contents->bytes, *end = contents->bytes + contents->length;
    for (size_t i = 0; i < found->count; i++) {
        const char *name = found->items[i].name;
        const char *newline = at >= end ? NULL : memchr(at, '\n', (size_t)(end - at));
        size_t digits;
        const char *size = newline == NULL ? NULL : word_at(at, 2, &digits);
        if (size == NULL || size > newline)
            return gy_fail(err, GY_IO, "git cannot read '%s'", name);
        size_t length = strtoull(size, NULL, 10);
        if (length > (size_t)(end - newline - 1))
            return gy_fail(err, GY_IO, "git cut off '%s'", name);
        GY_TRY(found->items[i].is_lock ? add_lock(refs, newline + 1, length, name, arena, err)
                                       : add_text(refs, newline + 1, length, name, arena, err));
        at = newline + 1 + length + 1;
    }
    return GY_OK;
}

static gy_status collect_history(gy_refs *refs, const gy_store *store, blobs *found, gy_text *text,
                                 gy_arena *arena, gy_error *err)
{
    static const char *const log[] = {"log",
                                      "--all",
                                      "--reflog",
                                      "--full-history",
                                      "-m",
                                      "--raw",
                                      "--no-abbrev",
                                      "--no-renames",
                                      "--format=",
                                      "-z",
                                      "--no-ext-diff",
                                      "--",
                                      POINTERS,
                                      LOCKS,
                                      NULL};
    static const char *const index[] = {"ls-files", "-s", "-z", "--", POINTERS, LOCKS, NULL};
    static const char *const contents[] = {"cat-file", "--batch", NULL};
    GY_TRY(gy_git_run(text, store->project, log, NULL, err));
    GY_TRY(take_log(found, text, err));
    text->length = 0;
    GY_TRY(gy_git_run(text, store->project, index, NULL, err));
    GY_TRY(take_index(found, text, err));
    text->length = 0;
    if (found->count == 0)
        return GY_OK;
    GY_TRY(gy_git_run(text, store->project, contents, &found->ids, err));
    return take_contents(refs, found, text, arena, err);
}

gy_status gy_refs_collect(gy_refs *refs, const gy_store *store, gy_arena *arena, gy_error *err)
{
    *refs = (gy_refs){0};
    GY_TRY(collect_work_tree(refs, store, arena, err));
    bool is_there;
    GY_TRY(gy_git_find(&is_there, store->project, err));
    if (!is_there)
        return GY_OK;
    blobs found = {.arena = arena};
    gy_text text = {0};
    gy_status status = collect_history(refs, store, &found, &text, arena, err);
    gy_text_release(&text);
    gy_text_release(&found.ids);
    return status;
}
