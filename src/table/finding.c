// SPDX-License-Identifier: Apache-2.0
//
// Findings as JSON lines, and what a table adds to them.

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "table/finding.h"
#include "table/named.h"

enum { FINDINGS_BYTES_MAX = 1 << 30, ROWS_MAX = INT32_MAX };

static const char *const kind_names[] = {"label", "outlier", "duplicate", "broken"};
enum { KINDS = sizeof(kind_names) / sizeof(kind_names[0]) };

const char *gy_finding_kind_name(gy_finding_kind kind)
{
    return kind_names[kind];
}

void gy_finding_add_json(gy_text *out, const gy_finding *finding)
{
    gy_text_add(out, "{");
    gy_text_json_member(out, "id", finding->has_id ? gy_id_text(&finding->id).text : NULL);
    gy_text_add(out, ",\"row\":%zu", finding->row + 1);
    if (finding->path != NULL)
        gy_text_json_member(out, "path", finding->path);
    gy_text_add(out,
                ",\"kind\":\"%s\",\"flagged\":%s,\"score\":", gy_finding_kind_name(finding->kind),
                finding->is_flagged ? "true" : "false");
    gy_text_json_number(out, round(finding->score * 1e6) / 1e6);
    gy_text_json_member(out, "given", finding->given);
    gy_text_json_member(out, "suggested", finding->suggested);
    gy_text_json_member(out, "reason", finding->reason);
    if (finding->rule != NULL)
        gy_text_json_member(out, "rule", finding->rule);
    if (finding->soft != NULL)
        gy_text_add(out, ",\"soft\":%s", finding->soft);
    gy_text_add(out, "}\n");
}

gy_status gy_findings_write(const gy_finding *findings, size_t count, const char *path,
                            gy_error *err)
{
    gy_text out = {0};
    for (size_t i = 0; i < count; i++)
        gy_finding_add_json(&out, &findings[i]);
    gy_status status =
        out.status != GY_OK
            ? gy_fail(err, out.status, "no memory to write %zu findings", count)
            : gy_file_replace(path, out.bytes == NULL ? "" : out.bytes, out.length, err);
    gy_text_release(&out);
    return status;
}

// ---- reading

static const char *text_of(const gy_json *object, const char *key)
{
    const gy_json *member = gy_json_get(object, key);
    return member != NULL && member->kind == GY_JSON_STRING ? member->text : NULL;
}

static gy_status soft_of(const char **soft, const gy_json *object, gy_arena *arena, gy_error *err)
{
    const gy_json *member = gy_json_get(object, "soft");
    *soft = NULL;
    if (member == NULL || member->kind != GY_JSON_OBJECT)
        return GY_OK;
    gy_text text = {0};
    gy_json_write(&text, member);
    *soft = text.status == GY_OK ? gy_arena_copy(arena, text.bytes, text.length) : NULL;
    gy_text_release(&text);
    return *soft != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a soft label");
}

// Lines of version 1 do not say so: a member `version` is for those to come.
static gy_status check_version(const gy_json *version, const char *path, size_t line, gy_error *err)
{
    if (version == NULL || (version->kind == GY_JSON_NUMBER && version->number == 1.0))
        return GY_OK;
    if (version->kind != GY_JSON_NUMBER || !(version->number > 1.0))
        return gy_fail(err, GY_FORMAT, "'%s' line %zu: 'version' must be a number from 1", path,
                       line);
    return gy_fail(
        err, GY_UNSUPPORTED,
        "'%s' line %zu has version %.17g, this gyre reads 1: it was made by a newer gyre", path,
        line, version->number);
}

static gy_status take_finding(gy_finding *finding, const gy_json *object, const char *path,
                              size_t line, gy_arena *arena, gy_error *err)
{
    const gy_json *row = gy_json_get(object, "row"), *score = gy_json_get(object, "score");
    const gy_json *flagged = gy_json_get(object, "flagged");
    GY_TRY(check_version(gy_json_get(object, "version"), path, line, err));
    const char *kind = text_of(object, "kind"), *id = text_of(object, "id");
    *finding = (gy_finding){.is_flagged = flagged == NULL || flagged->kind != GY_JSON_BOOL ||
                                          flagged->boolean,
                            .path = text_of(object, "path"),
                            .given = text_of(object, "given"),
                            .suggested = text_of(object, "suggested"),
                            .reason = text_of(object, "reason"),
                            .rule = text_of(object, "rule")};
    if (finding->reason == NULL) // as a failed rule says it
        finding->reason = text_of(object, "why");
    size_t known = 0;
    while (known < KINDS && (kind == NULL || strcmp(kind, kind_names[known]) != 0))
        known++;
    if (known == KINDS)
        return gy_fail(err, GY_FORMAT,
                       "'%s' line %zu: 'kind' must be label, outlier, duplicate or broken", path,
                       line);
    finding->kind = (gy_finding_kind)known;
    if (row == NULL || row->kind != GY_JSON_NUMBER || !(row->number >= 1.0) ||
        row->number > ROWS_MAX || row->number != floor(row->number))
        return gy_fail(err, GY_FORMAT, "'%s' line %zu: 'row' must be a whole number from 1", path,
                       line);
    finding->row = (size_t)row->number - 1;
    if (score != NULL && score->kind == GY_JSON_NUMBER)
        finding->score = score->number;
    if (id != NULL && gy_id_parse(&finding->id, id, NULL) != GY_OK)
        return gy_fail(err, GY_FORMAT, "'%s' line %zu: 'id' must be 64 hex digits", path, line);
    finding->has_id = id != NULL;
    return soft_of(&finding->soft, object, arena, err);
}

gy_status gy_findings_parse(gy_finding **findings, size_t *count, const char *bytes,
                            size_t size_bytes, const char *name, gy_arena *arena, gy_error *err)
{
    size_t lines = 1, line = 0;
    for (size_t i = 0; i < size_bytes; i++)
        lines += bytes[i] == '\n';
    gy_finding *made = GY_NEW(arena, gy_finding, lines);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu findings", lines);
    *count = 0;
    for (const char *at = bytes, *end = bytes + size_bytes; at < end; at++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop == NULL ? end : stop) - at), blank = 0;
        gy_json *object;
        gy_error why = {0};
        line++;
        while (blank < length && (at[blank] == ' ' || at[blank] == '\t' || at[blank] == '\r'))
            blank++;
        if (blank < length) {
            gy_status status = gy_json_parse(&object, at, length, name, arena, &why);
            if (status != GY_OK)
                return gy_fail(err, status, "line %zu of %s", line, why.message);
            const gy_json *row = gy_json_get(object, "row");
            bool whole =
                row != NULL && row->kind == GY_JSON_NULL && text_of(object, "rule") != NULL;
            if (!whole) {
                GY_TRY(take_finding(&made[*count], object, name, line, arena, err));
                (*count)++;
            }
        }
        at += length;
    }
    *findings = made;
    return GY_OK;
}

gy_status gy_findings_read(gy_finding **findings, size_t *count, const char *path, gy_arena *arena,
                           gy_error *err)
{
    char *bytes;
    size_t size_bytes;
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, FINDINGS_BYTES_MAX, arena, err));
    return gy_findings_parse(findings, count, bytes, size_bytes, path, arena, err);
}

// ---- what the table adds

static gy_status path_of(const char **path, const gy_table *table, const gy_column *files,
                         size_t row, gy_arena *arena, gy_error *err)
{
    *path = NULL;
    if (files == NULL || files->type != GY_COLUMN_TEXT || row >= table->rows ||
        !gy_column_has(files, row))
        return GY_OK;
    size_t length;
    const char *text = gy_column_text(files, row, &length);
    *path = gy_arena_copy(arena, text, length);
    return *path != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a path");
}

// A person looks for files, not for rows.
static gy_status name_files(gy_finding *finding, const gy_table *table, const gy_column *files,
                            gy_arena *arena, gy_error *err)
{
    const char *partner = NULL;
    GY_TRY(path_of(&finding->path, table, files, finding->row, arena, err));
    if (finding->partner_row > 0)
        GY_TRY(path_of(&partner, table, files, finding->partner_row - 1, arena, err));
    if (partner == NULL)
        return GY_OK;
    finding->reason = gy_arena_format(arena, "%s: %s", finding->reason, partner);
    return finding->reason != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a reason");
}

static void add_broken(gy_finding *finding, const gy_table *table, size_t row, const char *reason)
{
    *finding = (gy_finding){.kind = GY_FINDING_BROKEN,
                            .row = row,
                            .is_flagged = true,
                            .score = 1.0,
                            .reason = reason,
                            .has_id = (table->has_id[row / 8] >> row % 8 & 1) != 0};
    if (finding->has_id)
        finding->id = table->ids[row];
}

static bool names_outside(const gy_table *table, const gy_column *files, size_t row)
{
    gy_named named;
    size_t length;
    if (files->type != GY_COLUMN_TEXT || !gy_column_has(files, row))
        return false;
    const char *name = gy_column_text(files, row, &length);
    gy_status status = gy_named_open(&named, table->folder, name, length, NULL);
    if (status == GY_OK)
        close(named.file);
    return status == GY_REFUSED;
}

gy_status gy_findings_complete(gy_finding **findings, size_t *count, const gy_table *table,
                               const gy_marks *marks, const gy_samples *samples, gy_arena *arena,
                               gy_error *err)
{
    const gy_column *files =
        marks->file_column != NULL ? gy_table_column(table, marks->file_column) : NULL;
    size_t broken = table->rows - samples->rows;
    for (size_t i = 0; samples->class_count > 0 && i < samples->rows; i++)
        broken += samples->labels[i] < 0;
    gy_finding *made = GY_NEW(arena, gy_finding, *count + broken + 1);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the findings of %zu rows", table->rows);
    if (*count > 0)
        memcpy(made, *findings, sizeof(*made) * *count);
    size_t total = *count, next = 0;
    for (size_t row = 0; row < table->rows; row++) {
        bool is_sample = next < samples->rows && samples->row_of[next] == row;
        bool has_label = is_sample && (samples->class_count == 0 || samples->labels[next] >= 0);
        next += is_sample;
        if (has_label)
            continue;
        const char *reason = is_sample                          ? "it has no label"
                             : files == NULL                    ? "it cannot be read"
                             : names_outside(table, files, row) ? "its file is outside of the "
                                                                  "table's folder and project "
                                                                  "(--outside reads it)"
                                                                : "its file cannot be read or "
                                                                  "decoded";
        add_broken(&made[total++], table, row, reason);
    }
    for (size_t i = 0; i < total; i++)
        GY_TRY(name_files(&made[i], table, files, arena, err));
    *findings = made;
    *count = total;
    return GY_OK;
}

// ---- kept in a project

// The table's bytes; of a folder, the ids of its files.
static gy_status content_of(gy_id *content, const gy_table *table, gy_error *err)
{
    struct stat about;
    if (stat(table->path, &about) == 0 && !S_ISDIR(about.st_mode))
        return gy_id_of_file(content, table->path, err);
    gy_id_of_bytes(content, table->ids, sizeof(gy_id) * table->rows);
    return GY_OK;
}

static gy_status kept_path(char path[4096], const char *deed, const char *project,
                           const gy_table *table, gy_error *err)
{
    gy_id content;
    GY_TRY(content_of(&content, table, err));
    int used =
        snprintf(path, 4096, "%s/.gyre/%s/%s.jsonl", project, deed, gy_id_text(&content).text);
    return used > 0 && used < 4096 ? GY_OK
                                   : gy_fail(err, GY_LIMIT, "'%s': path over 4096 bytes", project);
}

static bool is_same(const char *path, const gy_text *lines)
{
    gy_file_map map;
    if (!gy_file_exists(path) || gy_file_map_open(&map, path, NULL) != GY_OK)
        return false;
    bool same = map.size_bytes == lines->length &&
                (lines->length == 0 || memcmp(map.bytes, lines->bytes, lines->length) == 0);
    gy_file_map_close(&map);
    return same;
}

gy_status gy_findings_keep(bool *fresh, const gy_text *lines, const char *deed, const char *project,
                           const gy_table *table, gy_error *err)
{
    char path[4096];
    if (lines->status != GY_OK)
        return gy_fail(err, lines->status, "no memory to keep the findings of '%s'", table->path);
    GY_TRY(kept_path(path, deed, project, table, err));
    bool same = is_same(path, lines);
    if (fresh != NULL)
        *fresh = !same;
    if (same)
        return GY_OK;
    char *name = strrchr(path, '/');
    *name = '\0';
    GY_TRY(gy_file_make_folders(path, err));
    *name = '/';
    return gy_file_replace(path, lines->bytes == NULL ? "" : lines->bytes, lines->length, err);
}

gy_status gy_findings_kept(gy_finding **findings, size_t *count, const char *deed,
                           const char *project, const gy_table *table, gy_arena *arena,
                           gy_error *err)
{
    char path[4096];
    GY_TRY(kept_path(path, deed, project, table, err));
    if (!gy_file_exists(path))
        return gy_fail(err, GY_NOT_FOUND, "no %s of the present content of '%s': run gyre %s %s",
                       deed, table->path, deed, table->path);
    return gy_findings_read(findings, count, path, arena, err);
}
