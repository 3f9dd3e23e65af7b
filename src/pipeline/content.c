// SPDX-License-Identifier: Apache-2.0
//
// What a path holds now, as an id. A file: its own. A dataset that `gyre add` has stored: the root
// that its pointer file names, however many files it has. Any other folder: the id of the list of
// its files, in the form that sha256sum prints.

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "gyre/store.h"
#include "pipeline/pipeline.h"

enum { FOLDER_DEPTH_MAX = 64 };

bool gy_content_same(const gy_content *a, const gy_content *b)
{
    if (a->kind != b->kind || a->kind == GY_CONTENT_ABSENT)
        return a->kind == b->kind;
    return gy_id_compare(&a->id, &b->id) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names in a folder, sorted, without what git and gyre keep there: a .gitignore changes as
// outputs in the folder are stored.
static gy_status list_names(const char ***names, size_t *count, const char *path, gy_arena *arena,
                            gy_error *err)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return gy_fail(err, GY_IO, "cannot open the folder '%s': %s", path, strerror(errno));
    size_t capacity = 0;
    gy_status status = GY_OK;
    *names = NULL;
    *count = 0;
    for (const struct dirent *entry; status == GY_OK && (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
            strcmp(name, ".gitignore") == 0 || strcmp(name, ".gyre") == 0)
            continue;
        const char **grown = gy_arena_grow(arena, *names, *count, &capacity, sizeof(*grown));
        const char *copy = gy_arena_copy(arena, name, strlen(name));
        if (grown == NULL || copy == NULL) {
            status = gy_pipeline_no_memory(err);
            continue;
        }
        *names = grown;
        (*names)[(*count)++] = copy;
    }
    closedir(folder);
    if (status == GY_OK && *count > 0)
        qsort(*names, *count, sizeof(**names), compare_names);
    return status;
}

// Appends "id  path\n" for each file below a folder, sorted by path part by part.
static gy_status list_folder(gy_text *list, gy_content *content, const gy_pipeline *pipeline,
                             const char *path, const char *inside, size_t depth, gy_error *err)
{
    gy_arena *arena = pipeline->arena;
    const char **names = NULL;
    size_t count = 0;
    if (depth > FOLDER_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "'%s' is over %d folders deep", path, FOLDER_DEPTH_MAX);
    GY_TRY(list_names(&names, &count, path, arena, err));
    for (size_t i = 0; i < count; i++) {
        const char *child = gy_path_join(arena, path, names[i]);
        const char *name = gy_path_join(arena, inside, names[i]);
        struct stat found;
        if (child == NULL || name == NULL)
            return gy_pipeline_no_memory(err);
        if (stat(child, &found) != 0)
            return gy_fail(err, GY_IO, "cannot read '%s': %s", child, strerror(errno));
        if (S_ISDIR(found.st_mode)) {
            GY_TRY(list_folder(list, content, pipeline, child, name, depth + 1, err));
            continue;
        }
        gy_id id;
        uint64_t bytes;
        GY_TRY(gy_stat_cache_id(&id, &bytes, pipeline->stats, child, err));
        gy_text_add(list, "%s  %s\n", gy_id_text(&id).text, name);
        content->bytes += bytes;
        content->files++;
    }
    return GY_OK;
}

static gy_status read_folder(gy_content *content, const gy_pipeline *pipeline, const char *path,
                             gy_error *err)
{
    gy_text list = {0};
    gy_arena_mark mark = gy_arena_here(pipeline->arena);
    content->kind = GY_CONTENT_FOLDER;
    gy_status status = list_folder(&list, content, pipeline, path, "", 0, err);
    if (status == GY_OK && list.status != GY_OK)
        status = gy_pipeline_no_memory(err);
    if (status == GY_OK)
        gy_id_of_bytes(&content->id, list.bytes == NULL ? "" : list.bytes, list.length);
    gy_text_release(&list);
    // The cache keeps its paths elsewhere: names of a folder are scratch.
    gy_arena_rewind(pipeline->arena, mark);
    return status;
}

static gy_status read_pointer(gy_content *content, const char *path, gy_error *err)
{
    gy_pointer pointer;
    GY_TRY(gy_pointer_read(&pointer, path, NULL, err));
    *content = (gy_content){.kind = GY_CONTENT_DATASET,
                            .id = pointer.root,
                            .bytes = pointer.bytes,
                            .files = pointer.samples};
    return GY_OK;
}

static bool is_pointer(const char *path)
{
    size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".gyre") == 0 && path[length - 6] != '/';
}

gy_status gy_content_read(gy_content *content, const gy_pipeline *pipeline, const char *at,
                          gy_error *err)
{
    struct stat found;
    *content = (gy_content){.kind = GY_CONTENT_ABSENT};
    const char *path = gy_path_join(pipeline->arena, pipeline->folder, at);
    const char *pointer = path == NULL ? NULL : gy_arena_format(pipeline->arena, "%s.gyre", path);
    if (pointer == NULL)
        return gy_pipeline_no_memory(err);
    if (stat(path, &found) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? GY_OK
                   : gy_fail(err, GY_IO, "cannot read '%s': %s", at, strerror(errno));
    if (S_ISDIR(found.st_mode))
        return gy_file_exists(pointer) ? read_pointer(content, pointer, err)
                                       : read_folder(content, pipeline, path, err);
    if (is_pointer(path))
        return read_pointer(content, path, err);
    if (!S_ISREG(found.st_mode))
        return gy_fail(err, GY_INVALID, "'%s' is neither a file nor a folder", at);
    content->kind = GY_CONTENT_FILE;
    content->files = 1;
    return gy_stat_cache_id(&content->id, &content->bytes, pipeline->stats, path, err);
}
