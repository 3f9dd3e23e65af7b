// SPDX-License-Identifier: Apache-2.0
//
// JSON Lines: an object a line. Its values are cells like any other: a string "5" and a number 5
// are the same; a list or an object in a cell is its compact JSON text.

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "table/build.h"
#include "table/csv.h"
#include "table/read.h"

typedef struct lines {
    gy_table *table;
    const char *at, *end;
    size_t number; // of the line last read, from 1
    gy_text_map columns;
    const char **names;
    gy_column_plan *plans;
    size_t count, room;
    gy_arena *scratch; // one line's tree
    gy_text text;      // one cell
    bool tolerant;
    gy_arena *arena;
} lines;

// The next line that is not blank, a byte order mark skipped; false: the end.
static bool next_line(const char **line, size_t *length, lines *in)
{
    if (in->number == 0 && in->end - in->at >= 3 && memcmp(in->at, "\xef\xbb\xbf", 3) == 0)
        in->at += 3;
    while (in->at < in->end) {
        const char *stop = memchr(in->at, '\n', (size_t)(in->end - in->at));
        stop = stop == NULL ? in->end : stop;
        *line = in->at;
        *length = (size_t)(stop - in->at);
        in->at = stop < in->end ? stop + 1 : stop;
        in->number++;
        for (size_t i = 0; i < *length; i++)
            if ((*line)[i] != ' ' && (*line)[i] != '\t' && (*line)[i] != '\r')
                return true;
    }
    return false;
}

static gy_status cell_text(const char **text, size_t *length, lines *in, const gy_json *value,
                           gy_error *err)
{
    *text = value->text;
    *length = value->text_length;
    switch (value->kind) {
    case GY_JSON_NULL:
        *text = "";
        *length = 0;
        break;
    case GY_JSON_BOOL:
        *text = value->boolean ? "true" : "false";
        *length = strlen(*text);
        break;
    case GY_JSON_NUMBER:
        *length = strlen(value->text);
        break;
    case GY_JSON_STRING:
        break;
    case GY_JSON_ARRAY:
    case GY_JSON_OBJECT:
        in->text.length = 0;
        gy_json_write(&in->text, value);
        if (in->text.status != GY_OK)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a cell of '%s'", in->table->path);
        *text = in->text.bytes;
        *length = in->text.length;
        break;
    }
    return GY_OK;
}

static gy_status parse_line(gy_json **object, const char *line, size_t length, lines *in,
                            gy_error *err)
{
    gy_status status = gy_json_parse(object, line, length, in->table->path, in->scratch, err);
    if (status == GY_OK && (*object)->kind != GY_JSON_OBJECT)
        status = gy_fail(err, GY_FORMAT, "column 1: not an object");
    return status;
}

static gy_status column_of(size_t *column, lines *in, const char *key, gy_error *err)
{
    uint64_t *at;
    bool fresh;
    GY_TRY(gy_text_map_at(&at, &fresh, &in->columns, key, strlen(key), err));
    if (fresh) {
        if (in->count == GY_CSV_COLUMNS_MAX)
            return gy_fail(err, GY_LIMIT, "'%s' has over %d columns", in->table->path,
                           GY_CSV_COLUMNS_MAX);
        if (in->count == in->room) {
            size_t room = in->room == 0 ? 16 : 2 * in->room;
            const char **names = GY_NEW(in->arena, const char *, room);
            gy_column_plan *plans = GY_NEW(in->arena, gy_column_plan, room);
            if (names == NULL || plans == NULL)
                return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", room);
            if (in->count > 0) {
                memcpy(names, in->names, in->count * sizeof(*names));
                memcpy(plans, in->plans, in->count * sizeof(*plans));
            }
            in->names = names;
            in->plans = plans;
            in->room = room;
        }
        in->names[in->count] = gy_arena_copy(in->arena, key, strlen(key));
        if (in->names[in->count] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a column's name");
        *at = in->count++;
    }
    *column = (size_t)*at;
    return GY_OK;
}

static gy_status note_line(lines *in, const gy_json *object, gy_error *err)
{
    for (size_t i = 0; i < object->count; i++) {
        const char *text;
        size_t column = 0, length = 0;
        GY_TRY(column_of(&column, in, object->items[i].key, err));
        GY_TRY(cell_text(&text, &length, in, &object->items[i], err));
        if (length > 0) // absent and null are the same: counted at the end
            gy_plan_note(&in->plans[column], text, length);
        in->plans[column].null_count += length > 0; // values, for now
    }
    return GY_OK;
}

static gy_status note_fault(lines *in, const gy_error *why, gy_error *err)
{
    // The JSON reader counts lines of its own: this one is its first.
    static const char place[] = ": line 1, ";
    const char *said = strstr(why->message, place);
    said = said == NULL ? why->message : said + strlen(place);
    if (!in->tolerant)
        return gy_fail(err, GY_FORMAT, "cannot read '%s': line %zu, %s", in->table->path,
                       in->number, said);
    return gy_table_add_fault(in->table, in->table->rows, in->number, said, in->arena, err);
}

static gy_status note_lines(lines *in, gy_error *err)
{
    const char *line;
    size_t length;
    for (; next_line(&line, &length, in); in->table->rows++) {
        gy_arena_mark mark = gy_arena_here(in->scratch);
        gy_json *object;
        gy_error why = {0};
        gy_status status = parse_line(&object, line, length, in, &why);
        if (status == GY_NO_MEMORY)
            return gy_fail(err, status, "%s", why.message);
        if (status == GY_OK)
            GY_TRY(note_line(in, object, err));
        else
            GY_TRY(note_fault(in, &why, err));
        gy_arena_rewind(in->scratch, mark);
    }
    for (size_t c = 0; c < in->count; c++)
        in->plans[c].null_count = in->table->rows - in->plans[c].null_count;
    return GY_OK;
}

static gy_status take_columns(lines *in, size_t limit_bytes, gy_error *err)
{
    gy_table *table = in->table;
    size_t needed = 0;
    table->column_count = in->count;
    table->columns = GY_NEW(in->arena, gy_column, in->count + 1);
    if (table->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", in->count);
    if (in->count == 0)
        return gy_fail(err, GY_FORMAT, "'%s' holds no object", table->path);
    for (size_t c = 0; c < in->count; c++) {
        needed += 8 * table->rows + in->plans[c].text_bytes;
        if (needed > limit_bytes)
            return gy_fail(err, GY_LIMIT, "'%s' takes over %zu bytes of memory", table->path,
                           limit_bytes);
        GY_TRY(gy_column_take(&table->columns[c], &in->plans[c], in->names[c],
                              gy_plan_type(&in->plans[c]), table->rows, in->arena, err));
    }
    return GY_OK;
}

static gy_status fill_row(lines *in, const gy_json *object, size_t row, gy_error *err)
{
    const gy_json **values = GY_NEW(in->scratch, const gy_json *, in->count);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", in->table->path);
    for (size_t i = 0; object != NULL && i < object->count; i++) {
        const char *key = object->items[i].key;
        const uint64_t *column = gy_text_map_find(&in->columns, key, strlen(key));
        if (column != NULL) // it is; the file may have changed since the first pass
            values[*column] = &object->items[i];
    }
    for (size_t c = 0; c < in->count; c++) {
        const char *text = "";
        size_t length = 0;
        if (values[c] != NULL)
            GY_TRY(cell_text(&text, &length, in, values[c], err));
        gy_column_set(&in->table->columns[c], row, text, length);
    }
    return GY_OK;
}

static gy_status fill_lines(lines *in, gy_error *err)
{
    const char *line;
    size_t length;
    for (size_t row = 0; next_line(&line, &length, in); row++) {
        gy_arena_mark mark = gy_arena_here(in->scratch);
        gy_json *object;
        gy_error why = {0};
        gy_status status = parse_line(&object, line, length, in, &why);
        if (status == GY_NO_MEMORY)
            return gy_fail(err, status, "%s", why.message);
        GY_TRY(fill_row(in, status == GY_OK ? object : NULL, row, err));
        gy_arena_rewind(in->scratch, mark);
    }
    return GY_OK;
}

gy_status gy_jsonl_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                        gy_error *err)
{
    gy_table_bytes file;
    size_t limit_bytes = gy_table_limit(options);
    GY_TRY(gy_table_bytes_open(&file, table->path, limit_bytes, err));
    lines in = {.table = table,
                .at = file.bytes,
                .end = file.bytes + file.size_bytes,
                .columns = {.arena = arena},
                .scratch = gy_arena_new(limit_bytes),
                .tolerant = options->tolerant,
                .arena = arena};
    gy_status status = in.scratch == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", table->path)
                           : note_lines(&in, err);
    if (status == GY_OK)
        status = take_columns(&in, limit_bytes, err);
    in.at = file.bytes;
    in.number = 0;
    if (status == GY_OK)
        status = fill_lines(&in, err);
    gy_text_release(&in.text);
    gy_arena_free(in.scratch);
    gy_table_bytes_close(&file);
    return status;
}
