// SPDX-License-Identifier: Apache-2.0
//
// A table with some cells changed: what is not changed keeps its bytes, so that a diff of the file
// shows what was done and nothing else.

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/json.h"
#include "table/build.h"
#include "table/csv.h"
#include "table/read.h"
#include "table/write.h"

typedef struct rewriting {
    const char *path;
    const gy_edit *edits;
    size_t edit_count, next; // edits before next are done
    const uint8_t *dropped;
    const char **added; // columns that the table lacks
    size_t added_count;
    gy_text out;
    gy_arena *arena;
} rewriting;

static bool is_dropped(const rewriting *all, size_t row)
{
    return all->dropped != NULL && (all->dropped[row / 8] >> row % 8 & 1) != 0;
}

static gy_status find_added(rewriting *all, const char *const *names, size_t count, gy_error *err)
{
    all->added = GY_NEW(all->arena, const char *, all->edit_count + 1);
    if (all->added == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu edits", all->edit_count);
    for (size_t i = 0; i < all->edit_count; i++) {
        const char *name = all->edits[i].column;
        bool known = false;
        if (i > 0 && all->edits[i].row < all->edits[i - 1].row)
            return gy_fail(err, GY_INVALID, "edits of '%s' are not in the order of its rows",
                           all->path);
        for (size_t c = 0; c < count && !known; c++)
            known = strcmp(names[c], name) == 0;
        for (size_t c = 0; c < all->added_count && !known; c++)
            known = strcmp(all->added[c], name) == 0;
        if (!known)
            all->added[all->added_count++] = name;
    }
    return GY_OK;
}

// The edit of a column in row, the last if there are several; NULL: none.
static const gy_edit *edit_of(const rewriting *all, size_t row, const char *column)
{
    const gy_edit *found = NULL;
    for (size_t i = all->next; i < all->edit_count && all->edits[i].row == row; i++)
        if (strcmp(all->edits[i].column, column) == 0)
            found = &all->edits[i];
    return found;
}

static bool has_edits(const rewriting *all, size_t row)
{
    return all->next < all->edit_count && all->edits[all->next].row == row;
}

static void skip_edits(rewriting *all, size_t row)
{
    while (has_edits(all, row))
        all->next++;
}

static gy_status refuse_edit(const rewriting *all, size_t row, const char *why, gy_error *err)
{
    return gy_fail(err, GY_INVALID, "cannot change row %zu of '%s': %s", row + 1, all->path, why);
}

static const char *text_of(const gy_edit *edit)
{
    return edit == NULL || edit->text == NULL ? "" : edit->text;
}

// ---- CSV

static void write_record(rewriting *all, const gy_csv *csv, size_t row)
{
    for (size_t c = 0; c < csv->columns; c++) {
        const gy_csv_field *field = &csv->fields[c];
        const gy_edit *edit = edit_of(all, row, csv->names[c]);
        if (c > 0)
            gy_text_append(&all->out, &csv->separator, 1);
        if (edit != NULL)
            gy_csv_write(&all->out, text_of(edit), strlen(text_of(edit)), csv->separator);
        else
            gy_text_append(&all->out, field->text - field->quoted,
                           field->length + 2u * field->quoted);
    }
    for (size_t c = 0; c < all->added_count; c++) {
        const char *text = text_of(edit_of(all, row, all->added[c]));
        gy_text_append(&all->out, &csv->separator, 1);
        gy_csv_write(&all->out, text, strlen(text), csv->separator);
    }
}

// The header, from the file's first byte on, with the new names behind it.
static void write_header(rewriting *all, const gy_csv *csv, const char *bytes)
{
    gy_text_append(&all->out, bytes, (size_t)(csv->record_end - bytes));
    for (size_t c = 0; c < all->added_count; c++) {
        gy_text_append(&all->out, &csv->separator, 1);
        gy_csv_write(&all->out, all->added[c], strlen(all->added[c]), csv->separator);
    }
    gy_text_append(&all->out, csv->record_end, (size_t)(csv->at - csv->record_end));
}

static gy_status rewrite_csv(rewriting *all, const gy_table_bytes *file, gy_error *err)
{
    gy_csv csv;
    GY_TRY(gy_csv_open(&csv, file->bytes, file->size_bytes, all->path, all->arena, err));
    GY_TRY(find_added(all, csv.names, csv.columns, err));
    write_header(all, &csv, file->bytes);
    const char *done = csv.at;
    size_t row = 0;
    for (gy_csv_state state; (state = gy_csv_next(&csv)) != GY_CSV_END; row++) {
        if (state == GY_CSV_FAULT && has_edits(all, row))
            return refuse_edit(all, row, csv.fault, err);
        gy_text_append(&all->out, done, (size_t)(csv.record - done)); // blank lines
        if (is_dropped(all, row)) {
            skip_edits(all, row);
        } else {
            if (state == GY_CSV_FAULT || (!has_edits(all, row) && all->added_count == 0))
                gy_text_append(&all->out, csv.record, (size_t)(csv.record_end - csv.record));
            else
                write_record(all, &csv, row);
            gy_text_append(&all->out, csv.record_end, (size_t)(csv.at - csv.record_end));
        }
        skip_edits(all, row);
        done = csv.at;
    }
    gy_text_append(&all->out, done, (size_t)(csv.end - done));
    return GY_OK;
}

// ---- JSONL

// An edited value keeps the JSON kind of what it replaces: a string stays one.
static void write_value(gy_text *out, const char *text, bool as_string)
{
    gy_cell cell;
    gy_cell_read(&cell, text, strlen(text));
    char first = text[0];
    if (!as_string && (first == '{' || first == '['))
        gy_text_append(out, text, strlen(text));
    else if (!as_string && (cell.kind == GY_CELL_BOOL || cell.kind == GY_CELL_INTEGER ||
                            (cell.kind == GY_CELL_NUMBER && first >= '-' && first <= '9'))) {
        char small[GY_CELL_BYTES_MAX];
        gy_text_append(out, small, gy_cell_spell(small, &cell));
    } else if (cell.kind == GY_CELL_NULL)
        gy_text_append(out, "null", 4);
    else
        gy_text_json_string(out, text, strlen(text));
}

static void write_object(rewriting *all, const gy_json *object, size_t row)
{
    const char *before = "{";
    for (size_t i = 0; i < object->count; i++) {
        const gy_json *value = &object->items[i];
        const gy_edit *edit = edit_of(all, row, value->key);
        gy_text_add(&all->out, "%s", before);
        gy_text_json_string(&all->out, value->key, strlen(value->key));
        gy_text_append(&all->out, ":", 1);
        if (edit == NULL)
            gy_json_write(&all->out, value);
        else
            write_value(&all->out, text_of(edit), value->kind == GY_JSON_STRING);
        before = ",";
    }
    for (size_t i = all->next; i < all->edit_count && all->edits[i].row == row; i++) {
        const gy_edit *edit = &all->edits[i];
        if (gy_json_get(object, edit->column) != NULL || edit_of(all, row, edit->column) != edit ||
            text_of(edit)[0] == '\0')
            continue;
        gy_text_add(&all->out, "%s", before);
        gy_text_json_string(&all->out, edit->column, strlen(edit->column));
        gy_text_append(&all->out, ":", 1);
        write_value(&all->out, text_of(edit), false);
        before = ",";
    }
    gy_text_add(&all->out, "%s}", before[0] == '{' ? "{" : "");
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n')
            return false;
    return true;
}

static gy_status rewrite_jsonl(rewriting *all, const gy_table_bytes *file, gy_error *err)
{
    const char *at = file->bytes, *end = at + file->size_bytes;
    for (size_t row = 0; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop + 1;
        size_t length = (size_t)(stop - at);
        bool blank = is_blank(at, length);
        if (!blank && has_edits(all, row) && !is_dropped(all, row)) {
            gy_json *object;
            gy_arena_mark mark = gy_arena_here(all->arena);
            gy_error why = {0};
            gy_status status = gy_json_parse(&object, at, length, all->path, all->arena, &why);
            if (status == GY_NO_MEMORY)
                return gy_fail(err, status, "%s", why.message);
            if (status != GY_OK || object->kind != GY_JSON_OBJECT)
                return refuse_edit(all, row, "it cannot be read", err);
            write_object(all, object, row);
            gy_text_append(&all->out, "\n", 1);
            gy_arena_rewind(all->arena, mark);
        } else if (blank || !is_dropped(all, row)) {
            gy_text_append(&all->out, at, length);
        }
        if (!blank)
            skip_edits(all, row++);
        at = stop;
    }
    return GY_OK;
}

// ---- Parquet: through a table

static gy_status edit_column(gy_column *column, rewriting *all, const gy_column *from,
                             const char *name, size_t rows, size_t kept, gy_error *err)
{
    gy_column_plan plan = {0};
    bool touched = from == NULL;
    for (int pass = 0; pass < 2; pass++) {
        char small[GY_CELL_BYTES_MAX];
        size_t to = 0;
        for (size_t i = 0; i < all->edit_count && pass == 0 && !touched; i++)
            touched = strcmp(all->edits[i].column, name) == 0;
        if (pass == 1) {
            gy_column_type type = touched ? gy_plan_type(&plan) : from->type;
            GY_TRY(gy_column_take(column, &plan, name, type, kept, all->arena, err));
        }
        all->next = 0;
        for (size_t row = 0; row < rows; row++) {
            const gy_edit *edit = edit_of(all, row, name);
            const char *text = "";
            size_t length = from == NULL ? 0 : gy_column_spell(small, &text, from, row);
            if (edit != NULL) {
                text = text_of(edit);
                length = strlen(text);
            }
            skip_edits(all, row);
            if (is_dropped(all, row))
                continue;
            if (pass == 0)
                gy_plan_note(&plan, text, length);
            else
                gy_column_set(column, to++, text, length);
        }
    }
    return GY_OK;
}

static gy_status rewrite_parquet(rewriting *all, const char *out, gy_error *err)
{
    gy_table table, edited;
    GY_TRY(gy_table_read(&table, all->path, NULL, all->arena, err));
    const char **names = GY_NEW(all->arena, const char *, table.column_count + 1);
    for (size_t c = 0; c < table.column_count && names != NULL; c++)
        names[c] = table.columns[c].name;
    if (names == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to change '%s'", all->path);
    GY_TRY(find_added(all, names, table.column_count, err));
    if (all->edit_count > 0 && all->edits[all->edit_count - 1].row >= table.rows)
        return refuse_edit(all, all->edits[all->edit_count - 1].row, "there is none", err);
    edited = table;
    edited.column_count = table.column_count + all->added_count;
    edited.columns = GY_NEW(all->arena, gy_column, edited.column_count + 1);
    if (edited.columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to change '%s'", all->path);
    edited.rows = 0;
    for (size_t row = 0; row < table.rows; row++)
        edited.rows += !is_dropped(all, row);
    for (size_t c = 0; c < edited.column_count; c++) {
        bool old = c < table.column_count;
        GY_TRY(edit_column(&edited.columns[c], all, old ? &table.columns[c] : NULL,
                           old ? names[c] : all->added[c - table.column_count], table.rows,
                           edited.rows, err));
    }
    return gy_table_write(&edited, out, err);
}

// ----

static gy_status rewrite_text(rewriting *all, gy_table_format format, const char *out,
                              gy_error *err)
{
    gy_table_bytes file;
    GY_TRY(gy_table_bytes_open(&file, all->path, (size_t)4 << 30, err));
    gy_status status =
        file.arena != NULL
            ? gy_fail(err, GY_UNSUPPORTED,
                      "cannot rewrite '%s' while it is packed (gunzip it first)", all->path)
        : format == GY_TABLE_CSV ? rewrite_csv(all, &file, err)
                                 : rewrite_jsonl(all, &file, err);
    if (status == GY_OK && all->next < all->edit_count)
        status = refuse_edit(all, all->edits[all->next].row, "there is none", err);
    if (status == GY_OK && all->out.status != GY_OK)
        status = gy_fail(err, GY_NO_MEMORY, "no memory to write '%s'", out);
    if (status == GY_OK)
        status = gy_file_replace(out, all->out.bytes == NULL ? "" : all->out.bytes, all->out.length,
                                 err);
    gy_text_release(&all->out);
    gy_table_bytes_close(&file);
    return status;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), wanted = strlen(ending);
    return length > wanted && strcasecmp(path + length - wanted, ending) == 0;
}

gy_status gy_table_rewrite_check(const char *path, const char *out, gy_error *err)
{
    gy_table_format format, made = gy_table_format_of_name(out);
    bool is_table = made == GY_TABLE_CSV || made == GY_TABLE_JSONL || made == GY_TABLE_PARQUET;
    GY_TRY(gy_table_format_of(&format, path, err));
    if (!is_table || ends_in(out, ".gz"))
        return gy_fail(err, GY_UNSUPPORTED,
                       "cannot write '%s': a table's name ends in .csv, .tsv, .jsonl or .parquet",
                       out);
    if (format == GY_TABLE_FOLDER)
        return GY_OK;
    if (format == GY_TABLE_ARRAYS || format == GY_TABLE_IDX)
        return gy_fail(err, GY_UNSUPPORTED,
                       "cannot rewrite '%s': only CSV, TSV, JSONL and Parquet tables can be", path);
    if (format != made || ends_in(path, ".tsv") != ends_in(out, ".tsv"))
        return gy_fail(err, GY_INVALID, "'%s' and '%s' are of different formats", path, out);
    return GY_OK;
}

gy_status gy_table_rewrite(const char *path, const char *out, const gy_edit *edits,
                           size_t edit_count, const uint8_t *dropped, gy_error *err)
{
    gy_table_format format;
    GY_TRY(gy_table_format_of(&format, path, err));
    GY_TRY(gy_table_rewrite_check(path, out, err));
    if (format == GY_TABLE_FOLDER)
        return gy_fail(err, GY_UNSUPPORTED, "cannot rewrite '%s': it is a folder", path);
    rewriting all = {.path = path,
                     .edits = edits,
                     .edit_count = edit_count,
                     .dropped = dropped,
                     .arena = gy_arena_new(0)};
    if (all.arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to rewrite '%s'", path);
    gy_status status = format == GY_TABLE_PARQUET ? rewrite_parquet(&all, out, err)
                                                  : rewrite_text(&all, format, out, err);
    gy_arena_free(all.arena);
    return status;
}
