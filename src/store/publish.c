// SPDX-License-Identifier: Apache-2.0
//
// Pointers and .gitignore. A version counts from the moment its pointer has its name: all that it
// needs is durable by then.

#define _GNU_SOURCE
#include "store/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "store/paths.h"

enum { SYNCS_MAX = 4, IGNORE_BYTES_MAX = 16 * 1024 * 1024 };

// ---- publishing

// The folder of a path, without a final slash; "." for the project itself.
static char *folder_of(const char *path, gy_arena *arena)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? gy_arena_copy(arena, ".", 1)
                         : gy_arena_copy(arena, path, (size_t)(slash - path));
}

// Where a draft of path stands: in .gyre/tmp, or beside path if that is another file system.
static char *draft_of(const gy_store *store, const char *path, size_t number, gy_arena *arena)
{
    struct stat ours, theirs;
    char *folder = folder_of(path, arena);
    if (folder == NULL)
        return NULL;
    if (fstatat(store->project_folder, ".gyre/tmp", &ours, 0) == 0 &&
        fstatat(store->project_folder, folder, &theirs, 0) == 0 && ours.st_dev != theirs.st_dev)
        return gy_arena_format(arena, "%s.%ld.new", path, (long)getpid());
    return gy_arena_format(arena, ".gyre/tmp/note-%zu", number);
}

static gy_status write_draft(const gy_store *store, const char *draft, const gy_note *note,
                             bool sync, gy_error *err)
{
    int file = gy_io_open_at(store->project_folder, draft, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_write_all(file, note->bytes, note->length) != 0 ||
        (sync && gy_io_sync(file) != 0))
        status = gy_fail(err, GY_IO, "cannot write '%s': %s", note->path, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}

static gy_status sync_all(const gy_store *store, gy_error *err)
{
    return gy_io_sync_all(store->project_folder) == 0
               ? GY_OK
               : gy_fail(err, GY_IO, "cannot sync '%s': %s", store->project, strerror(errno));
}

static gy_status sync_folder(const gy_store *store, const char *folder, gy_error *err)
{
    int file = gy_io_open_at(store->project_folder, folder, O_RDONLY | O_DIRECTORY, 0);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_sync(file) != 0)
        status = gy_fail(err, GY_IO, "cannot sync the folder '%s': %s", folder, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}

// The folders of all notes, each once; of more than SYNCS_MAX no more are listed.
static gy_status list_folders(const char **folders, size_t *known, const gy_note *notes,
                              size_t count, gy_arena *arena, gy_error *err)
{
    *known = 0;
    for (size_t i = 0; i < count && *known < SYNCS_MAX; i++) {
        const char *folder = folder_of(notes[i].path, arena);
        if (folder == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        size_t at = 0;
        while (at < *known && strcmp(folders[at], folder) != 0)
            at++;
        folders[at] = folder;
        *known += at == *known;
    }
    return GY_OK;
}

static gy_status publish(const gy_store *store, const gy_note *notes, size_t count, char **drafts,
                         gy_arena *arena, gy_error *err)
{
    const char *folders[SYNCS_MAX];
    size_t folder_count;
    GY_TRY(list_folders(folders, &folder_count, notes, count, arena, err));
    bool together = count + folder_count > SYNCS_MAX;
    for (size_t i = 0; i < count; i++) {
        drafts[i] = draft_of(store, notes[i].path, i, arena);
        if (drafts[i] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        GY_TRY(write_draft(store, drafts[i], &notes[i], !together, err));
    }
    if (together)
        GY_TRY(sync_all(store, err));
    for (size_t i = 0; i < count; i++) {
        if (gy_io_rename_at(store->project_folder, drafts[i], store->project_folder,
                            notes[i].path) != 0)
            return gy_fail(err, GY_IO, "cannot replace '%s': %s", notes[i].path, strerror(errno));
        drafts[i] = NULL;
    }
    if (folder_count == SYNCS_MAX)
        return sync_all(store, err);
    for (size_t i = 0; i < folder_count; i++)
        GY_TRY(sync_folder(store, folders[i], err));
    return GY_OK;
}

gy_status gy_publish(const gy_store *store, const gy_note *notes, size_t count, gy_error *err)
{
    if (count == 0)
        return GY_OK;
    gy_arena arena = GY_ARENA_INIT;
    char **drafts = GY_NEW(&arena, char *, count);
    gy_status status = drafts == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for %zu pointer files", count)
                           : publish(store, notes, count, drafts, &arena, err);
    for (size_t i = 0; drafts != NULL && i < count; i++)
        if (drafts[i] != NULL)
            unlinkat(store->project_folder, drafts[i], 0);
    gy_arena_release(&arena);
    return status;
}

gy_status gy_publish_lock(const gy_store *store, gy_note *notes, size_t count,
                          const gy_naming *naming, gy_arena *arena, gy_error *err)
{
    gy_note alone;
    gy_text text = {0};
    char *path;
    notes = notes == NULL ? &alone : notes;
    GY_TRY(gy_path_resolve(&path, store, naming->lock_path, arena, err));
    gy_status status = naming->write(&text, naming->context, err);
    if (status == GY_OK && text.status != GY_OK)
        status = gy_fail(err, text.status, "no memory for '%s'", path);
    notes[count] = (gy_note){path, text.bytes, text.length};
    if (status == GY_OK)
        status = gy_publish(store, notes, count + 1, err);
    gy_text_release(&text);
    return status;
}

// ---- .gitignore

// The line that ignores name in its folder and nothing else (gitignore(5)).
static void ignore_line(gy_text *line, const char *name)
{
    gy_text_append(line, "/", 1);
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        // A line's end cannot be written in a line; '?' is any one byte.
        if (name[i] == '\n' || name[i] == '\r') {
            gy_text_append(line, "?", 1);
            continue;
        }
        bool escaped = strchr("*?[\\", name[i]) != NULL || (name[i] == ' ' && i + 1 == length);
        gy_text_add(line, "%s%c", escaped ? "\\" : "", name[i]);
    }
}

static bool has_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        if ((at == text || at[-1] == '\n') &&
            (at[length] == '\0' || at[length] == '\n' || at[length] == '\r'))
            return true;
    return false;
}

static gy_status read_ignore(char **text, const gy_store *store, const char *path, gy_arena *arena,
                             gy_error *err)
{
    size_t size_bytes;
    gy_error missing = {0};
    char *full = gy_store_path(store, path, arena);
    *text = gy_arena_copy(arena, "", 0);
    if (full == NULL || *text == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status = gy_file_read(text, &size_bytes, full, IGNORE_BYTES_MAX, arena, &missing);
    return status == GY_OK || status == GY_NOT_FOUND ? GY_OK
                                                     : gy_fail(err, status, "%s", missing.message);
}

gy_status gy_ignore_path(gy_note *notes, size_t *count, const gy_store *store, const char *path,
                         gy_arena *arena, gy_error *err)
{
    const char *slash = strrchr(path, '/');
    char *ignore =
        gy_arena_format(arena, "%.*s.gitignore", slash == NULL ? 0 : (int)(slash - path) + 1, path);
    if (ignore == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    size_t at = 0;
    while (at < *count && strcmp(notes[at].path, ignore) != 0)
        at++;
    char *text;
    if (at < *count)
        text = (char *)(uintptr_t)notes[at].bytes;
    else
        GY_TRY(read_ignore(&text, store, ignore, arena, err));
    gy_text line = {0};
    ignore_line(&line, slash == NULL ? path : slash + 1);
    gy_status status = line.status;
    if (status == GY_OK && !has_line(text, line.bytes)) {
        size_t length = strlen(text);
        bool ends = length == 0 || text[length - 1] == '\n';
        text = gy_arena_format(arena, "%s%s%s\n", text, ends ? "" : "\n", line.bytes);
        if (text == NULL)
            status = GY_NO_MEMORY;
        else
            notes[at] = (gy_note){ignore, text, strlen(text)};
        *count += status == GY_OK && at == *count;
    }
    gy_text_release(&line);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for '%s'", ignore);
}

gy_status gy_store_ignore(gy_store *store, const char *path, gy_arena *arena, gy_error *err)
{
    char *relative;
    gy_note note;
    size_t count = 0;
    int lock;
    GY_TRY(gy_path_resolve(&relative, store, path, arena, err));
    GY_TRY(gy_store_lock(&lock, store, err));
    gy_status status = gy_ignore_path(&note, &count, store, relative, arena, err);
    if (status == GY_OK)
        status = gy_publish(store, &note, count, err);
    gy_file_unlock(lock);
    return status;
}
