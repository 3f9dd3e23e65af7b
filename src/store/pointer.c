// SPDX-License-Identifier: Apache-2.0
//
// Pointer files as text. Strict: a merge conflict left in one must not pass for a version.

#define _GNU_SOURCE
#include "store/pointer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/git.h"

enum { VERSION = 1 };

void gy_pointer_write(gy_text *out, const gy_pointer *pointer)
{
    gy_text_add(out, "gyre pointer %d\nkind %s\nroot %s\nsamples %llu\nbytes %llu\n", VERSION,
                pointer->is_folder ? "folder" : "file", gy_id_text(&pointer->root).text,
                (unsigned long long)pointer->samples, (unsigned long long)pointer->bytes);
}

bool gy_pointer_equal(const gy_pointer *a, const gy_pointer *b)
{
    return gy_id_compare(&a->root, &b->root) == 0 && a->samples == b->samples &&
           a->bytes == b->bytes && a->is_folder == b->is_folder;
}

// A text being read line by line.
typedef struct lines {
    const char *at, *end, *name;
    size_t line;
} lines;

// Take the line "KEY VALUE\n"; the value's length is in *length. A line may end in CR LF, as git
// leaves it where core.autocrlf is on.
static gy_status take_line(const char **value, size_t *length, lines *text, const char *key,
                           gy_error *err)
{
    size_t key_length = strlen(key);
    const char *newline = memchr(text->at, '\n', (size_t)(text->end - text->at));
    text->line++;
    if (newline == NULL || (size_t)(newline - text->at) <= key_length ||
        memcmp(text->at, key, key_length) != 0 || text->at[key_length] != ' ')
        return gy_fail(err, GY_FORMAT, "'%s' is not a pointer file: line %zu must be '%s ...'",
                       text->name, text->line, key);
    *value = text->at + key_length + 1;
    *length = (size_t)(newline - *value);
    if (*length > 0 && newline[-1] == '\r')
        (*length)--;
    text->at = newline + 1;
    return GY_OK;
}

static gy_status take_number(uint64_t *number, lines *text, const char *key, gy_error *err)
{
    const char *value;
    size_t length;
    GY_TRY(take_line(&value, &length, text, key, err));
    bool sound = length > 0 && length < 20 && (length == 1 || value[0] != '0');
    *number = 0;
    for (size_t i = 0; sound && i < length; i++) {
        sound = value[i] >= '0' && value[i] <= '9';
        *number = *number * 10 + (uint64_t)(value[i] - '0');
    }
    if (!sound)
        return gy_fail(err, GY_FORMAT, "pointer file '%s', line %zu: '%.*s' is not a number",
                       text->name, text->line, (int)(length > 40 ? 40 : length), value);
    return GY_OK;
}

static gy_status take_id(gy_id *id, lines *text, gy_error *err)
{
    const char *value;
    char hex[65] = "";
    size_t length;
    GY_TRY(take_line(&value, &length, text, "root", err));
    if (length == 64)
        memcpy(hex, value, 64);
    if (gy_id_parse(id, hex, NULL) != GY_OK)
        return gy_fail(err, GY_FORMAT, "pointer file '%s', line %zu: the root is not an id",
                       text->name, text->line);
    return GY_OK;
}

gy_status gy_pointer_parse(gy_pointer *pointer, const char *bytes, size_t length, const char *name,
                           gy_error *err)
{
    lines text = {.at = bytes, .end = bytes + length, .name = name};
    gy_pointer read = {0};
    uint64_t version;
    const char *kind;
    size_t kind_length;
    GY_TRY(take_number(&version, &text, "gyre pointer", err));
    if (version == 0)
        return gy_fail(err, GY_FORMAT,
                       "pointer file '%s' says format 0, the first is 1; restore it from git",
                       name);
    if (version != VERSION)
        return gy_fail(err, GY_UNSUPPORTED,
                       "pointer file '%s' has format %llu, this gyre reads %d (get a newer gyre)",
                       name, (unsigned long long)version, VERSION);
    GY_TRY(take_line(&kind, &kind_length, &text, "kind", err));
    read.is_folder = kind_length == 6 && memcmp(kind, "folder", 6) == 0;
    if (!read.is_folder && (kind_length != 4 || memcmp(kind, "file", 4) != 0))
        return gy_fail(err, GY_FORMAT, "pointer file '%s', line 2: kind is not file or folder",
                       name);
    GY_TRY(take_id(&read.root, &text, err));
    GY_TRY(take_number(&read.samples, &text, "samples", err));
    GY_TRY(take_number(&read.bytes, &text, "bytes", err));
    if (text.at != text.end)
        return gy_fail(err, GY_FORMAT, "pointer file '%s' goes on behind line %zu", name,
                       text.line);
    *pointer = read;
    return GY_OK;
}

static gy_status read_revision(gy_pointer *pointer, const char *path, const char *revision,
                               gy_arena *arena, gy_error *err)
{
    gy_text shown = {0};
    gy_status status = gy_git_show(&shown, path, revision, arena, err);
    char *name = gy_arena_format(arena, "%s:%s", revision, path);
    if (status == GY_OK && name == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (status == GY_OK)
        status = gy_pointer_parse(pointer, shown.bytes == NULL ? "" : shown.bytes, shown.length,
                                  name, err);
    gy_text_release(&shown);
    return status;
}

gy_status gy_pointer_read(gy_pointer *pointer, const char *path, const char *revision,
                          gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    char *bytes;
    size_t size_bytes;
    gy_status status;
    if (revision != NULL) {
        status = read_revision(pointer, path, revision, &arena, err);
    } else {
        status = gy_file_read(&bytes, &size_bytes, path, GY_POINTER_BYTES_MAX, &arena, err);
        if (status == GY_OK)
            status = gy_pointer_parse(pointer, bytes, size_bytes, path, err);
    }
    gy_arena_release(&arena);
    return status;
}
