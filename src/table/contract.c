// SPDX-License-Identifier: Apache-2.0
//
// What a contract marks: which column names a file, which is the label, what stays out of ids, what
// is personal, how gaps and numbers are spelled.

#include "table/contract.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

enum { CONTRACT_BYTES_MAX = 4 << 20 };

char *gy_contract_path(const char *table_path, gy_arena *arena)
{
    size_t length = strlen(table_path);
    while (length > 1 && table_path[length - 1] == '/')
        length--;
    size_t name = length;
    while (name > 0 && table_path[name - 1] != '/')
        name--;
    if (length - name > 3 && memcmp(table_path + length - 3, ".gz", 3) == 0)
        length -= 3;
    size_t stem = length;
    while (stem > name && table_path[stem - 1] != '.')
        stem--;
    if (stem > name + 1)
        length = stem - 1;
    return gy_arena_format(arena, "%.*s.contract.yaml", (int)length, table_path);
}

static gy_status wrong(const char *path, const gy_json *at, const char *what, gy_error *err)
{
    return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: %s", path, at->line, what);
}

static gy_status check_properties(const gy_json *schema, const char *path, gy_error *err)
{
    const gy_json *properties = gy_json_get(schema, "properties");
    if (properties == NULL || properties->kind != GY_JSON_ARRAY)
        return wrong(path, schema, "the schema has no list of properties (its columns)", err);
    for (size_t i = 0; i < properties->count; i++) {
        const gy_json *column = &properties->items[i], *name = gy_json_get(column, "name");
        if (name == NULL || name->kind != GY_JSON_STRING || name->text_length == 0)
            return wrong(path, column, "a property (a column) without a name", err);
        for (size_t j = 0; j < i; j++)
            if (strcmp(gy_json_get(&properties->items[j], "name")->text, name->text) == 0)
                return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: column '%s' again", path,
                               column->line, name->text);
    }
    return GY_OK;
}

gy_status gy_contract_read(const gy_json **schema, const char *path, gy_arena *arena, gy_error *err)
{
    char *bytes;
    size_t size_bytes;
    gy_json *root;
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, CONTRACT_BYTES_MAX, arena, err));
    GY_TRY(gy_yaml_parse(&root, bytes, size_bytes, path, arena, err));
    const gy_json *schemas = gy_json_get(root, "schema");
    const gy_json *kind = gy_json_get(root, "kind"), *version = gy_json_get(root, "apiVersion");
    if (kind == NULL || kind->kind != GY_JSON_STRING || strcmp(kind->text, "DataContract") != 0)
        return gy_fail(err, GY_FORMAT, "'%s' is no contract: its kind is not DataContract", path);
    if (version == NULL || version->kind != GY_JSON_STRING || strncmp(version->text, "v3.", 3) != 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "contract '%s': its apiVersion is not v3.x, which is all that is read",
                       path);
    if (schemas == NULL || schemas->kind != GY_JSON_ARRAY || schemas->count == 0)
        return wrong(path, root, "it has no schema", err);
    if (schemas->count > 1)
        return gy_fail(err, GY_UNSUPPORTED,
                       "contract '%s': line %zu: a second schema; one table has one contract", path,
                       schemas->items[1].line);
    *schema = &schemas->items[0];
    return check_properties(*schema, path, err);
}

const gy_json *gy_contract_custom(const gy_json *owner, const char *property)
{
    const gy_json *list = gy_json_get(owner, "customProperties");
    for (size_t i = 0; list != NULL && list->kind == GY_JSON_ARRAY && i < list->count; i++) {
        const gy_json *name = gy_json_get(&list->items[i], "property");
        if (name != NULL && name->kind == GY_JSON_STRING && strcmp(name->text, property) == 0)
            return gy_json_get(&list->items[i], "value");
    }
    return NULL;
}

static gy_status is_marked(bool *marked, const gy_json *column, const char *property,
                           const char *path, gy_error *err)
{
    const gy_json *value = gy_contract_custom(column, property);
    *marked = value != NULL && value->kind == GY_JSON_BOOL && value->boolean;
    if (value != NULL && value->kind != GY_JSON_BOOL)
        return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: %s is neither true nor false",
                       path, value->line, property);
    return GY_OK;
}

static gy_status read_missing(gy_spelling *spelling, const gy_json *list, const char *path,
                              gy_arena *arena, gy_error *err)
{
    if (list->kind != GY_JSON_ARRAY)
        return wrong(path, list, "gyre.missing is no list of texts", err);
    const char **missing = GY_NEW(arena, const char *, list->count + 1);
    if (missing == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for contract '%s'", path);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != GY_JSON_STRING)
            return wrong(path, &list->items[i],
                         "gyre.missing holds something else than text: quote it", err);
        missing[i] = list->items[i].text;
    }
    spelling->missing = missing;
    spelling->missing_count = list->count;
    return GY_OK;
}

// gyre.missing and gyre.decimal of one column.
static gy_status read_spelling(gy_marks *marks, gy_spelling *spellings, const gy_json *column,
                               gy_arena *arena, gy_error *err)
{
    const gy_json *missing = gy_contract_custom(column, "gyre.missing");
    const gy_json *decimal = gy_contract_custom(column, "gyre.decimal");
    if (missing == NULL && decimal == NULL)
        return GY_OK;
    gy_spelling *spelling = &spellings[marks->spelling_count++];
    spelling->column = gy_json_get(column, "name")->text;
    if (missing != NULL)
        GY_TRY(read_missing(spelling, missing, marks->path, arena, err));
    if (decimal == NULL)
        return GY_OK;
    if (decimal->kind != GY_JSON_STRING ||
        (strcmp(decimal->text, ",") != 0 && strcmp(decimal->text, ".") != 0))
        return wrong(marks->path, decimal, "gyre.decimal is neither \",\" nor \".\"", err);
    spelling->decimal = decimal->text[0];
    return GY_OK;
}

// The one column with that mark.
static gy_status set_single(const char **column, const char *name, const gy_json *at,
                            const char *property, const char *path, gy_error *err)
{
    if (*column != NULL)
        return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: %s is on '%s' and on '%s'", path,
                       at->line, property, *column, name);
    *column = name;
    return GY_OK;
}

static gy_status read_marks(gy_marks *marks, const gy_json *schema, const gy_table *table,
                            gy_arena *arena, gy_error *err)
{
    const gy_json *properties = gy_json_get(schema, "properties");
    const char **exclude = GY_NEW(arena, const char *, properties->count + 1);
    const char **pii = GY_NEW(arena, const char *, properties->count + 1);
    gy_spelling *spellings = GY_NEW(arena, gy_spelling, properties->count + 1);
    if (exclude == NULL || pii == NULL || spellings == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for contract '%s'", marks->path);
    for (size_t i = 0; i < properties->count; i++) {
        const gy_json *column = &properties->items[i];
        const char *name = gy_json_get(column, "name")->text;
        bool file, label, excluded, personal;
        GY_TRY(is_marked(&file, column, "gyre.file", marks->path, err));
        GY_TRY(is_marked(&label, column, "gyre.label", marks->path, err));
        GY_TRY(is_marked(&excluded, column, "gyre.exclude", marks->path, err));
        GY_TRY(is_marked(&personal, column, "gyre.pii", marks->path, err));
        GY_TRY(read_spelling(marks, spellings, column, arena, err));
        if (file)
            GY_TRY(set_single(&marks->file_column, name, column, "gyre.file", marks->path, err));
        if (label)
            GY_TRY(set_single(&marks->label_column, name, column, "gyre.label", marks->path, err));
        if ((file || label) && gy_table_column(table, name) == NULL)
            return gy_fail(err, GY_FORMAT, "contract '%s' marks column '%s', which '%s' lacks",
                           marks->path, name, table->path);
        if (excluded)
            exclude[marks->exclude_count++] = name;
        if (personal)
            pii[marks->pii_count++] = name;
    }
    marks->exclude = exclude;
    marks->pii = pii;
    marks->spellings = spellings;
    return GY_OK;
}

static gy_status no_column(const gy_table *table, const char *name, gy_error *err)
{
    char names[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->column_count && used + 100 < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.60s", i == 0 ? "" : ", ",
                                 table->columns[i].name);
    return gy_fail(err, GY_INVALID, "'%s' has no column '%s'; it has: %s%s", table->path, name,
                   names, used + 100 < sizeof(names) ? "" : ", ...");
}

static gy_status guess_columns(gy_marks *marks, const gy_table *table, const char *label,
                               gy_error *err)
{
    static const char *const labels[] = {"label", "target", "class", "y"};
    const gy_column *path = gy_table_column(table, "path");
    if (marks->file_column == NULL && path != NULL && path->type == GY_COLUMN_TEXT)
        marks->file_column = path->name;
    if (label != NULL) {
        const gy_column *column = gy_table_column(table, label);
        if (column == NULL)
            return no_column(table, label, err);
        marks->label_column = column->name;
    }
    for (size_t i = 0; i < 4 && marks->label_column == NULL; i++) {
        const gy_column *column = gy_table_column(table, labels[i]);
        marks->label_column = column == NULL ? NULL : column->name;
    }
    return GY_OK;
}

gy_status gy_table_marks(gy_marks *marks, const gy_table *table, const gy_table_options *options,
                         gy_arena *arena, gy_error *err)
{
    *marks = (gy_marks){0};
    bool given = options != NULL && options->contract != NULL;
    const char *path = given ? options->contract : gy_contract_path(table->path, arena);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (given || gy_file_exists(path)) {
        const gy_json *schema;
        marks->path = path;
        GY_TRY(gy_contract_read(&schema, path, arena, err));
        GY_TRY(read_marks(marks, schema, table, arena, err));
    }
    return guess_columns(marks, table, options == NULL ? NULL : options->label, err);
}
