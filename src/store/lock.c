// SPDX-License-Identifier: Apache-2.0
//
// The text of gyre.lock, read and written.

#include "store/lock.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"

static const char *const kind_names[] = {"absent", "file", "folder", "dataset"};

// Outputs of all stages of a lock, as it is read.
typedef struct outs_list {
    gy_locked_path *items;
    size_t count, capacity;
    gy_arena *arena;
} outs_list;

static gy_status no_memory(gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for gyre.lock");
}

static gy_status damaged(const gy_json *at, const char *what, gy_error *err)
{
    return gy_fail(err, GY_FORMAT,
                   "gyre.lock: line %zu: %s; restore the file from git, or remove it and run all "
                   "stages again",
                   at->line, what);
}

static bool read_count(uint64_t *count, const gy_json *value)
{
    if (value == NULL || value->kind != GY_JSON_NUMBER || value->number < 0 ||
        value->number > 9e15 || value->number != (double)(uint64_t)value->number)
        return false;
    *count = (uint64_t)value->number;
    return true;
}

// "stored: ID", and "executable: true" of a file.
static gy_status read_stored(gy_locked_path *locked, const gy_json *item, gy_error *err)
{
    const gy_json *stored = gy_json_get(item, "stored"), *mode = gy_json_get(item, "executable");
    const gy_content *content = &locked->content;
    if (stored == NULL)
        return GY_OK;
    locked->stored = (gy_pointer){.samples = content->files,
                                  .bytes = content->bytes,
                                  .is_folder = content->kind == GY_CONTENT_FOLDER};
    if (stored->kind != GY_JSON_STRING ||
        gy_id_parse(&locked->stored.root, stored->text, NULL) != GY_OK ||
        content->kind == GY_CONTENT_DATASET ||
        (mode != NULL && (mode->kind != GY_JSON_BOOL || locked->stored.is_folder)))
        return damaged(item, "'stored' must be an id, of a file or a folder", err);
    locked->is_stored = true;
    locked->stored.executable = mode != NULL && mode->boolean;
    return GY_OK;
}

static gy_status read_entry(gy_locked_path *locked, const gy_json *item, gy_error *err)
{
    const gy_json *path = gy_json_get(item, "path"), *id = gy_json_get(item, "id");
    const gy_json *kind = gy_json_get(item, "kind");
    if (path == NULL || path->kind != GY_JSON_STRING || id == NULL || id->kind != GY_JSON_STRING ||
        gy_id_parse(&locked->content.id, id->text, NULL) != GY_OK ||
        !read_count(&locked->content.bytes, gy_json_get(item, "bytes")))
        return damaged(item, "an entry must have path, id and bytes", err);
    locked->path = path->text;
    locked->content.kind = GY_CONTENT_FILE;
    locked->content.files = 1;
    if (kind == NULL)
        return read_stored(locked, item, err);
    bool folder = kind->kind == GY_JSON_STRING && strcmp(kind->text, "folder") == 0;
    bool dataset = kind->kind == GY_JSON_STRING && strcmp(kind->text, "dataset") == 0;
    if ((!folder && !dataset) || !read_count(&locked->content.files, gy_json_get(item, "files")))
        return damaged(item, "kind must be folder or dataset, with files", err);
    locked->content.kind = folder ? GY_CONTENT_FOLDER : GY_CONTENT_DATASET;
    return read_stored(locked, item, err);
}

static gy_status read_entries(gy_locked_path **entries, size_t *count, const gy_json *stage,
                              const char *key, gy_arena *arena, gy_error *err)
{
    const gy_json *list = gy_json_get(stage, key);
    if (list == NULL)
        return GY_OK;
    if (list->kind != GY_JSON_ARRAY)
        return damaged(list, "deps and outs must be lists", err);
    *entries = GY_NEW(arena, gy_locked_path, list->count);
    if (*entries == NULL)
        return no_memory(err);
    *count = list->count;
    for (size_t i = 0; i < list->count; i++)
        GY_TRY(read_entry(&(*entries)[i], &list->items[i], err));
    return GY_OK;
}

gy_status gy_lock_stage(gy_stage_lock *lock, const gy_json *stage, gy_arena *arena, gy_error *err)
{
    const gy_json *command = gy_json_get(stage, "cmd"), *params = gy_json_get(stage, "params");
    const gy_json *wdir = gy_json_get(stage, "wdir");
    if (command == NULL || command->kind != GY_JSON_STRING ||
        (params != NULL && params->kind != GY_JSON_OBJECT))
        return damaged(stage, "a stage must have cmd, and params as names with values", err);
    if (wdir != NULL && wdir->kind != GY_JSON_STRING)
        return damaged(wdir, "wdir must be a folder", err);
    *lock = (gy_stage_lock){.found = true,
                            .command = command->text,
                            .wdir = wdir == NULL ? "" : wdir->text,
                            .params = params};
    GY_TRY(read_entries(&lock->deps, &lock->dep_count, stage, "deps", arena, err));
    return read_entries(&lock->outs, &lock->out_count, stage, "outs", arena, err);
}

gy_status gy_lock_parse(const gy_json **stages, char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err)
{
    gy_json *root;
    *stages = NULL;
    GY_TRY(gy_yaml_parse(&root, bytes, length, name, arena, err));
    const gy_json *format = gy_json_get(root, "format");
    uint64_t number = 0;
    if (!read_count(&number, format) || number == 0)
        return damaged(root, "'format' is missing", err);
    if (number > GY_LOCK_FORMAT)
        return gy_fail(err, GY_UNSUPPORTED,
                       "%s has format %" PRIu64 ", this gyre reads up to %d: use a newer gyre",
                       name, number, GY_LOCK_FORMAT);
    *stages = gy_json_get(root, "stages");
    if (*stages != NULL && (*stages)->kind != GY_JSON_OBJECT)
        return damaged(*stages, "'stages' must hold names", err);
    return GY_OK;
}

static gy_status take_outs(outs_list *list, const gy_stage_lock *lock, gy_error *err)
{
    for (size_t i = 0; i < lock->out_count; i++) {
        gy_locked_path *more =
            gy_arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof(*more));
        if (more == NULL)
            return no_memory(err);
        list->items = more;
        const char *joined = gy_path_join(list->arena, lock->wdir, lock->outs[i].path);
        more[list->count] = lock->outs[i];
        more[list->count].path = joined == NULL ? NULL : gy_path_clean(list->arena, joined);
        if (more[list->count++].path == NULL)
            return no_memory(err);
    }
    return GY_OK;
}

gy_status gy_lock_outs(gy_locked_path **outs, size_t *count, char *bytes, size_t length,
                       const char *name, gy_arena *arena, gy_error *err)
{
    const gy_json *stages;
    outs_list list = {.arena = arena};
    GY_TRY(gy_lock_parse(&stages, bytes, length, name, arena, err));
    for (size_t i = 0; stages != NULL && i < stages->count; i++) {
        gy_stage_lock lock;
        GY_TRY(gy_lock_stage(&lock, &stages->items[i], arena, err));
        GY_TRY(take_outs(&list, &lock, err));
    }
    *outs = list.items;
    *count = list.count;
    return GY_OK;
}

// ---- writing

static void write_text(gy_text *out, const char *text)
{
    gy_text_json_string(out, text, strlen(text)); // JSON's strings are YAML's
}

static void write_entries(gy_text *out, const char *key, const gy_locked_path *entries,
                          size_t count)
{
    if (count > 0)
        gy_text_add(out, "    %s:\n", key);
    for (size_t i = 0; i < count; i++) {
        const gy_content *content = &entries[i].content;
        gy_text_add(out, "    - path: ");
        write_text(out, entries[i].path);
        gy_text_add(out, "\n      id: \"%s\"\n      bytes: %" PRIu64 "\n",
                    gy_id_text(&content->id).text, content->bytes);
        if (content->kind != GY_CONTENT_FILE)
            gy_text_add(out, "      kind: %s\n      files: %" PRIu64 "\n",
                        kind_names[content->kind], content->files);
        if (entries[i].is_stored)
            gy_text_add(out, "      stored: \"%s\"\n%s", gy_id_text(&entries[i].stored.root).text,
                        entries[i].stored.executable ? "      executable: true\n" : "");
    }
}

static void write_params(gy_text *out, const gy_json *params)
{
    if (params == NULL || params->count == 0)
        return;
    gy_text_add(out, "    params:\n");
    for (size_t i = 0; i < params->count; i++) {
        const gy_json *file = &params->items[i];
        gy_text_add(out, "      ");
        write_text(out, file->key);
        gy_text_add(out, file->count == 0 ? ": {}\n" : ":\n");
        for (size_t j = 0; j < file->count; j++) {
            gy_text_add(out, "        ");
            write_text(out, file->items[j].key);
            gy_text_add(out, ": ");
            gy_json_write(out, &file->items[j]);
            gy_text_add(out, "\n");
        }
    }
}

void gy_lock_write_head(gy_text *out, bool any)
{
    gy_text_add(out,
                "# What each stage last ran with and made: written by gyre run, kept in git.\n"
                "format: %d\nstages:%s\n",
                GY_LOCK_FORMAT, any ? "" : " {}");
}

void gy_lock_write_stage(gy_text *out, const char *name, const gy_stage_lock *lock)
{
    gy_text_add(out, "  ");
    write_text(out, name);
    gy_text_add(out, ":\n    cmd: ");
    write_text(out, lock->command);
    if (lock->wdir[0] != '\0') {
        gy_text_add(out, "\n    wdir: ");
        write_text(out, lock->wdir);
    }
    gy_text_add(out, "\n");
    write_entries(out, "deps", lock->deps, lock->dep_count);
    write_params(out, lock->params);
    write_entries(out, "outs", lock->outs, lock->out_count);
}
