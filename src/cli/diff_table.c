// SPDX-License-Identifier: Apache-2.0
//
// Rows of two versions of a table, matched by id and occurrence. A row that names a file has the
// file's id; what id that was in an older version, the version of the folder tells.

#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"

// One version of the table, its rows sorted by id.
typedef struct key {
    gy_id id;
    uint32_t occurrence, row;
} key;

typedef struct side {
    gy_table table;
    gy_marks marks;
    key *keys;
    size_t count;        // of rows that have an id
    uint32_t *row_keys;  // of each row: its place in keys, plus one; 0: no id
    bool is_predictions; // what a model said of samples: scores beside it are no change
} side;

// All files of all folders of a version.
typedef struct file_list {
    gy_entry *entries; // paths relative to the project, sorted
    size_t count, capacity;
} file_list;

// ---- ids of files, as a version has them

static gy_status add_folder(file_list *files, gy_cli *cli, gy_store *store, const char *path,
                            const gy_pointer *pointer, gy_error *err)
{
    gy_entry *entries;
    size_t count;
    GY_TRY(gy_store_list(&entries, &count, store, pointer, cli->arena, err));
    if (files->count + count > files->capacity) {
        size_t grown = 2 * (files->count + count);
        gy_entry *more = GY_NEW(cli->arena, gy_entry, grown);
        if (more == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu files", grown);
        if (files->count > 0)
            memcpy(more, files->entries, files->count * sizeof(*more));
        files->entries = more;
        files->capacity = grown;
    }
    for (size_t i = 0; i < count; i++) {
        gy_entry *entry = &files->entries[files->count++];
        *entry = entries[i];
        entry->path = gy_arena_format(cli->arena, "%s%s%s", path, *entry->path == '\0' ? "" : "/",
                                      entry->path);
        if (entry->path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", count);
    }
    return GY_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const gy_entry *)a)->path, ((const gy_entry *)b)->path);
}

static gy_status list_files(file_list *files, gy_cli *cli, gy_store *store, const char *revision,
                            gy_error *err)
{
    gy_dataset *datasets;
    size_t count;
    GY_TRY(gy_store_datasets(&datasets, &count, store, NULL, 0, cli->arena, err));
    for (size_t i = 0; i < count; i++) {
        gy_pointer pointer;
        gy_error reason = {0};
        char *full =
            gy_arena_format(cli->arena, "%s/%s.gyre", gy_store_project(store), datasets[i].path);
        if (full == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        gy_status status = gy_pointer_read(&pointer, full, revision, &reason);
        if (status == GY_NOT_FOUND)
            continue;
        if (status != GY_OK)
            return gy_fail(err, status, "%s", reason.message);
        GY_TRY(add_folder(files, cli, store, datasets[i].path, &pointer, err));
    }
    if (files->count > 1)
        qsort(files->entries, files->count, sizeof(*files->entries), by_path);
    return GY_OK;
}

// Give each row the id that the file it names had in the version.
static gy_status ids_of_version(side *it, gy_cli *cli, gy_store *store, const char *path,
                                const char *revision, gy_error *err)
{
    file_list files = {0};
    gy_table *table = &it->table;
    const gy_column *column = gy_table_column(table, it->marks.file_column);
    gy_id *ids = GY_NEW(cli->arena, gy_id, table->rows);
    uint8_t *has_id = GY_NEW(cli->arena, uint8_t, table->rows / 8 + 1);
    const char *slash = strrchr(path, '/');
    if (ids == NULL || has_id == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the ids of %zu rows", table->rows);
    GY_TRY(list_files(&files, cli, store, revision, err));
    for (size_t row = 0; row < table->rows; row++) {
        size_t length;
        if (column->type != GY_COLUMN_TEXT || !gy_column_has(column, row))
            continue;
        const char *cell = gy_column_text(column, row, &length);
        gy_entry wanted = {0};
        wanted.path =
            gy_arena_format(cli->arena, "%.*s%.*s", slash == NULL ? 0 : (int)(slash - path) + 1,
                            path, (int)length, cell);
        if (wanted.path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        const gy_entry *found = files.count == 0 ? NULL
                                                 : bsearch(&wanted, files.entries, files.count,
                                                           sizeof(wanted), by_path);
        if (found == NULL)
            continue;
        ids[row] = found->id;
        has_id[row / 8] |= (uint8_t)(1u << row % 8);
    }
    table->ids = ids;
    table->has_id = has_id;
    return GY_OK;
}

// Of predictions: the ids of the samples that they are about. *are: every row has one.
static gy_status ids_of_column(bool *are, side *it, gy_cli *cli, gy_error *err)
{
    gy_table *table = &it->table;
    const gy_column *column = gy_table_column(table, "id");
    gy_id *ids = GY_NEW(cli->arena, gy_id, table->rows);
    uint8_t *has_id = GY_NEW(cli->arena, uint8_t, table->rows / 8 + 1);
    *are = column != NULL && column->type == GY_COLUMN_TEXT;
    if (ids == NULL || has_id == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the ids of %zu rows", table->rows);
    for (size_t row = 0; *are && row < table->rows; row++) {
        char hex[65] = "";
        size_t length = 0;
        const char *cell = gy_column_has(column, row) ? gy_column_text(column, row, &length) : "";
        if (length == 64)
            memcpy(hex, cell, 64);
        *are = gy_id_parse(&ids[row], hex, NULL) == GY_OK;
    }
    if (*are) {
        memset(has_id, 0xff, table->rows / 8 + 1);
        table->ids = ids;
        table->has_id = has_id;
    }
    return GY_OK;
}

// ---- reading

static int by_id(const void *a, const void *b)
{
    const key *left = a, *right = b;
    int order = gy_id_compare(&left->id, &right->id);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

// Sort the rows that have an id; equal ones are numbered as they stand.
static gy_status sort_rows(side *it, gy_cli *cli, gy_error *err)
{
    const gy_table *table = &it->table;
    it->keys = GY_NEW(cli->arena, key, table->rows);
    it->row_keys = GY_NEW(cli->arena, uint32_t, table->rows);
    if (it->keys == NULL || it->row_keys == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to match %zu rows", table->rows);
    if (table->rows > UINT32_MAX - 1)
        return gy_fail(err, GY_LIMIT, "'%s' has over %u rows", table->path, UINT32_MAX - 1);
    for (size_t row = 0; row < table->rows; row++)
        if (table->has_id[row / 8] >> row % 8 & 1)
            it->keys[it->count++] = (key){table->ids[row], 0, (uint32_t)row};
    if (it->count > 1)
        qsort(it->keys, it->count, sizeof(*it->keys), by_id);
    for (size_t i = 0; i < it->count; i++) {
        if (i > 0 && gy_id_compare(&it->keys[i].id, &it->keys[i - 1].id) == 0)
            it->keys[i].occurrence = it->keys[i - 1].occurrence + 1;
        it->row_keys[it->keys[i].row] = (uint32_t)i + 1;
    }
    return GY_OK;
}

static gy_status read_side(side *it, gy_cli *cli, gy_store *store, const char *path,
                           const gy_diff_side *from, gy_error *err)
{
    *it = (side){0};
    if (from->table == NULL)
        return GY_OK; // not there: no rows
    char *contract = gy_arena_format(cli->arena, "%s/%s", gy_store_project(store), path);
    if (contract == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    char *dot = strrchr(contract, '.');
    if (dot != NULL)
        *dot = '\0';
    contract = gy_arena_format(cli->arena, "%s.contract.yaml", contract);
    FILE *there = contract == NULL ? NULL : fopen(contract, "r");
    gy_table_options options = {.contract = there == NULL ? NULL : contract, .tolerant = true};
    if (there != NULL)
        fclose(there);
    GY_TRY(gy_table_read(&it->table, from->table, &options, cli->arena, err));
    it->table.folder = from->folder;
    GY_TRY(gy_table_marks(&it->marks, &it->table, &options, cli->arena, err));
    bool has_ids = false;
    if (from->is_output)
        GY_TRY(ids_of_column(&has_ids, it, cli, err));
    it->is_predictions = has_ids && gy_table_column(&it->table, "prediction") != NULL;
    if (has_ids)
        return sort_rows(it, cli, err);
    if (from->revision != NULL && it->marks.file_column != NULL &&
        gy_table_column(&it->table, it->marks.file_column) != NULL)
        GY_TRY(ids_of_version(it, cli, store, path, from->revision, err));
    else
        GY_TRY(gy_table_ids(&it->table, &it->marks, cli->arena, err));
    return sort_rows(it, cli, err);
}

// ---- cells

static void add_date(gy_text *out, int64_t days)
{
    // Days to a date of the proleptic Gregorian calendar (Hinnant, "chrono-compatible algorithms").
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t in_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    int64_t month_of_year = month < 10 ? month + 3 : month - 9;
    gy_text_add(out, "%04lld-%02lld-%02lld", (long long)(year + era * 400 + (month_of_year <= 2)),
                (long long)month_of_year, (long long)(in_year - (153 * month + 2) / 5 + 1));
}

static void add_time(gy_text *out, int64_t time_us)
{
    int64_t day_us = 86400000000, days = time_us / day_us, rest = time_us % day_us;
    if (rest < 0) {
        rest += day_us;
        days--;
    }
    add_date(out, days);
    gy_text_add(out, "T%02lld:%02lld:%02lld", (long long)(rest / 3600000000),
                (long long)(rest / 60000000 % 60), (long long)(rest / 1000000 % 60));
    if (rest % 1000000 != 0)
        gy_text_add(out, ".%06lld", (long long)(rest % 1000000));
    gy_text_add(out, "Z");
}

// Append a cell as text; nothing where there is no value.
static void add_cell(gy_text *out, const gy_column *column, size_t row)
{
    size_t length;
    const char *text;
    if (!gy_column_has(column, row))
        return;
    switch (column->type) {
    case GY_COLUMN_BOOL:
        gy_text_add(out, "%s",
                    ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1 ? "true" : "false");
        break;
    case GY_COLUMN_INT64:
        gy_text_add(out, "%lld", (long long)((const int64_t *)column->values)[row]);
        break;
    case GY_COLUMN_FLOAT:
        gy_text_json_number(out, (double)((const float *)column->values)[row]);
        break;
    case GY_COLUMN_DOUBLE:
        gy_text_json_number(out, ((const double *)column->values)[row]);
        break;
    case GY_COLUMN_DATE:
        add_date(out, ((const int32_t *)column->values)[row]);
        break;
    case GY_COLUMN_TIME:
        add_time(out, ((const int64_t *)column->values)[row]);
        break;
    default:
        text = gy_column_text(column, row, &length);
        gy_text_append(out, text, length);
        break;
    }
}

// One number may be spelled in two ways where one version's column holds text.
static bool same_cell(const gy_text *before, const gy_text *after)
{
    if (before->length == after->length &&
        (before->length == 0 || memcmp(before->bytes, after->bytes, before->length) == 0))
        return true;
    char *left_end, *right_end;
    if (before->length == 0 || after->length == 0)
        return false;
    double left = strtod(before->bytes, &left_end), right = strtod(after->bytes, &right_end);
    return *left_end == '\0' && *right_end == '\0' && left == right;
}

// ---- comparing

typedef struct report {
    gy_text *out;
    gy_diff_counts *counts;
    const side *before, *after;
    const char *path;
    bool json;
    size_t lines, shown_max;
    gy_text left, right; // cells
} report;

static bool may_show(report *work)
{
    work->lines++;
    return work->shown_max == 0 || work->lines <= work->shown_max;
}

static void show_head(report *work, const char *kind, const gy_id *id, size_t row)
{
    if (!work->json) {
        gy_text_add(work->out, "  %-8s %.16s row %zu", kind, gy_id_text(id).text, row + 1);
        return;
    }
    gy_text_add(work->out, "{\"dataset\":");
    gy_text_json_string(work->out, work->path, strlen(work->path));
    gy_text_add(work->out, ",\"kind\":\"%s\",\"id\":\"%s\",\"row\":%zu", kind, gy_id_text(id).text,
                row + 1);
}

// A row that only one side has, with its label.
static void show_row(report *work, const char *kind, const side *from, const key *at)
{
    const gy_column *label = from->marks.label_column == NULL
                                 ? NULL
                                 : gy_table_column(&from->table, from->marks.label_column);
    if (!may_show(work))
        return;
    show_head(work, kind, &at->id, at->row);
    work->left.length = 0;
    if (label != NULL)
        add_cell(&work->left, label, at->row);
    if (work->json && label != NULL) {
        gy_text_add(work->out, ",\"label\":");
        gy_text_json_string(work->out, work->left.length == 0 ? "" : work->left.bytes,
                            work->left.length);
    } else if (label != NULL) {
        gy_text_add(work->out, "  %s %.*s", label->name, (int)work->left.length,
                    work->left.length == 0 ? "" : work->left.bytes);
    }
    gy_text_add(work->out, work->json ? "}\n" : "\n");
}

static void show_cell(report *work, const char *column, const key *at)
{
    const gy_text *left = &work->left, *right = &work->right;
    if (!may_show(work))
        return;
    show_head(work, "changed", &at->id, at->row);
    if (work->json) {
        gy_text_add(work->out, ",\"column\":");
        gy_text_json_string(work->out, column, strlen(column));
        gy_text_add(work->out, ",\"before\":");
        gy_text_json_string(work->out, left->length == 0 ? "" : left->bytes, left->length);
        gy_text_add(work->out, ",\"after\":");
        gy_text_json_string(work->out, right->length == 0 ? "" : right->bytes, right->length);
        gy_text_add(work->out, "}\n");
    } else {
        gy_text_add(work->out, "  %s '%.*s' -> '%.*s'\n", column, (int)left->length,
                    left->length == 0 ? "" : left->bytes, (int)right->length,
                    right->length == 0 ? "" : right->bytes);
    }
}

// A row of both sides: columns that are no part of its id may differ.
static void compare_row(report *work, const key *before, const key *after)
{
    bool changed = false;
    const gy_table *table = &work->after->table;
    for (size_t i = 0; i < table->column_count; i++) {
        const gy_column *column = &table->columns[i];
        const gy_column *old = gy_table_column(&work->before->table, column->name);
        if (work->after->is_predictions && strcmp(column->name, "label") != 0 &&
            strcmp(column->name, "prediction") != 0)
            continue;
        work->left.length = work->right.length = 0;
        if (old != NULL)
            add_cell(&work->left, old, before->row);
        add_cell(&work->right, column, after->row);
        if (same_cell(&work->left, &work->right))
            continue;
        changed = true;
        const char *label = work->after->marks.label_column;
        work->counts->labels += label != NULL && strcmp(column->name, label) == 0;
        show_cell(work, column->name, after);
    }
    work->counts->changed += changed;
}

static const key *find_key(const side *in, const key *wanted)
{
    size_t low = 0, high = in->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = gy_id_compare(&in->keys[middle].id, &wanted->id);
        if (order == 0 && in->keys[middle].occurrence != wanted->occurrence)
            order = in->keys[middle].occurrence < wanted->occurrence ? -1 : 1;
        if (order == 0)
            return &in->keys[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void compare(report *work)
{
    for (size_t row = 0; row < work->before->table.rows; row++) {
        uint32_t place = work->before->row_keys[row];
        if (place == 0)
            work->counts->without_id++;
        else if (find_key(work->after, &work->before->keys[place - 1]) == NULL) {
            work->counts->removed++;
            show_row(work, "removed", work->before, &work->before->keys[place - 1]);
        }
    }
    for (size_t row = 0; row < work->after->table.rows; row++) {
        uint32_t place = work->after->row_keys[row];
        const key *at = place == 0 ? NULL : &work->after->keys[place - 1];
        const key *old = at == NULL ? NULL : find_key(work->before, at);
        if (at == NULL)
            work->counts->without_id++;
        else if (old != NULL)
            compare_row(work, old, at);
        else {
            work->counts->added++;
            show_row(work, "added", work->after, at);
        }
    }
}

gy_status gy_diff_tables(gy_text *out, gy_diff_counts *counts, gy_cli *cli, gy_store *store,
                         const char *path, const gy_diff_side *before, const gy_diff_side *after,
                         size_t shown_max, gy_error *err)
{
    side left, right;
    *counts = (gy_diff_counts){0};
    GY_TRY(read_side(&left, cli, store, path, before, err));
    GY_TRY(read_side(&right, cli, store, path, after, err));
    report work = {.out = out,
                   .counts = counts,
                   .before = &left,
                   .after = &right,
                   .path = path,
                   .json = cli->json,
                   .shown_max = shown_max};
    counts->has_labels = right.marks.label_column != NULL && !right.is_predictions;
    compare(&work);
    if (shown_max > 0 && work.lines > shown_max && !cli->json)
        gy_text_add(out, "  ... and %zu more (--all shows them)\n", work.lines - shown_max);
    gy_status status = work.left.status != GY_OK ? work.left.status : work.right.status;
    gy_text_release(&work.left);
    gy_text_release(&work.right);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for a cell");
}
