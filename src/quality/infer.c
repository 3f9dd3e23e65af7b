// SPDX-License-Identifier: Apache-2.0
//
// A contract from what a table is. A column's few odd cells (under one in a hundred) are taken for
// faults and not for what it should hold; the contract says so in a comment beside the rule.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/file.h"
#include "gyre/quality.h"
#include "quality/kinds.h"
#include "quality/survey.h"
#include "quality/unique.h"
#include "table/contract.h"
#include "table/named.h"

enum { UNIQUE_ROWS_MIN = 100, RARE_GAP = 5, FILES_TRIED = 200 };
enum { CATEGORY_VALUES_MAX = 100, CATEGORY_ROWS_MIN = 10 };

typedef struct inferring {
    gy_text *out;
    const char *path;
    gy_survey survey;
    gy_marks marks;
    gy_arena *arena;
} inferring;

// ---- spelling YAML

static void write_scalar(gy_text *out, const char *text, size_t length)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    bool plain = length > 0 && length < 100 && (text[0] < '0' || text[0] > '9');
    for (size_t i = 0; i < length && plain; i++)
        plain = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
                (text[i] >= '0' && text[i] <= '9') || text[i] == '_';
    for (size_t i = 0; i < sizeof(words) / sizeof(*words) && plain; i++)
        plain = strlen(words[i]) != length || strncasecmp(words[i], text, length) != 0;
    gy_cell cell;
    gy_cell_read(&cell, text, length);
    if (plain && cell.kind == GY_CELL_TEXT)
        gy_text_append(out, text, length);
    else
        gy_text_json_string(out, text, length);
}

static void write_rare(gy_text *out, uint64_t count, const char *one, const char *many)
{
    if (count > 0)
        gy_text_add(out, " # %llu row%s %s", (unsigned long long)count, count == 1 ? "" : "s",
                    count == 1 ? one : many);
    gy_text_add(out, "\n");
}

static void write_custom(gy_text *out, bool *any, const char *property, const char *value)
{
    if (!*any)
        gy_text_add(out, "        customProperties:\n");
    *any = true;
    gy_text_add(out, "          - property: %s\n            value: %s", property, value);
    if (value[0] != '\0')
        gy_text_add(out, "\n");
}

// What stands for no value here, and how numbers are spelled.
static void write_reading(gy_text *out, bool *any, const gy_survey_column *column)
{
    if (column->gaps.count > 0)
        write_custom(out, any, "gyre.missing", "");
    for (size_t i = 0; i < column->gaps.count; i++) {
        gy_text_add(out, i == 0 ? "[" : ", ");
        gy_text_json_string(out, column->gaps.items[i].text, column->gaps.items[i].length);
    }
    for (size_t i = 0; i < column->gaps.count; i++)
        gy_text_add(out, "%s%llu", i == 0 ? "] # rows: " : ", ",
                    (unsigned long long)column->gaps.items[i].count);
    if (column->gaps.count > 0)
        gy_text_add(out, "\n");
    if (column->reading.decimal != 0)
        write_custom(out, any, "gyre.decimal", column->reading.decimal == ',' ? "\",\"" : "\".\"");
}

// ---- types

static size_t filled(const gy_survey_column *column)
{
    size_t count = 0;
    for (int kind = GY_CELL_NULL + 1; kind <= GY_CELL_TEXT; kind++)
        count += column->kinds[kind];
    return count;
}

// ---- categories

static int compare_counts(const void *a, const void *b)
{
    const gy_survey_value *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static int compare_texts(const void *a, const void *b)
{
    const gy_survey_value *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

// How many of the values, most frequent first, are meant: the rest is rare, and rarer by far than
// the last that is meant.
static size_t meant_values(const gy_survey_column *column, size_t all)
{
    size_t tail = 0, best = column->value_count;
    double widest = RARE_GAP;
    for (size_t k = column->value_count - 1; k > 0; k--) {
        tail += column->values[k].count;
        if (!gy_is_rare(tail, all))
            break;
        double gap = (double)column->values[k - 1].count / (double)column->values[k].count;
        if (gap >= widest) {
            widest = gap;
            best = k;
        }
    }
    return best;
}

static void write_values(gy_text *out, const gy_survey_column *column, size_t meant, bool numbers)
{
    size_t odd = 0;
    for (size_t i = meant; i < column->value_count; i++)
        odd += column->values[i].count;
    qsort(column->values, meant, sizeof(*column->values), compare_texts);
    gy_text_add(out, "        quality:\n          - type: library\n            metric: "
                     "invalidValues\n            arguments:\n              validValues:");
    write_rare(out, odd, "holds another value", "hold another value");
    for (size_t i = 0; i < meant; i++) {
        gy_text_add(out, "                - ");
        if (numbers)
            gy_text_append(out, column->values[i].text, column->values[i].length);
        else
            write_scalar(out, column->values[i].text, column->values[i].length);
        gy_text_add(out, " # %zu\n", column->values[i].count);
    }
    size_t shown = column->value_count - meant < 10 ? column->value_count : meant + 10;
    for (size_t i = meant; i < shown; i++) {
        gy_text_add(out, "                # rare, taken for a fault: ");
        gy_text_json_string(out, column->values[i].text, column->values[i].length);
        gy_text_add(out, " # %zu\n", column->values[i].count);
    }
    gy_text_add(out, "            mustBe: 0\n");
}

static void infer_values(inferring *all, gy_survey_column *column, const char *type, bool label)
{
    size_t count = filled(column);
    bool text = strcmp(type, "string") == 0, whole = strcmp(type, "integer") == 0;
    if (column->many || column->value_count == 0 || !(text || (label && whole)))
        return;
    qsort(column->values, column->value_count, sizeof(*column->values), compare_counts);
    size_t meant = meant_values(column, count);
    if (whole) // text among numbers is of the wrong type, and told so
        for (size_t i = 0; i < meant; i++) {
            gy_cell cell;
            gy_cell_read(&cell, column->values[i].text, column->values[i].length);
            if (cell.kind != GY_CELL_INTEGER)
                return;
        }
    if (count / meant >= CATEGORY_ROWS_MIN && (meant <= CATEGORY_VALUES_MAX || label))
        write_values(all->out, column, meant, whole);
}

// ---- ranges

static void write_range(inferring *all, const gy_survey_column *column, const char *type)
{
    char least[GY_CELL_BYTES_MAX], most[GY_CELL_BYTES_MAX];
    if (column->least <= column->most &&
        (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)) {
        gy_decimal_spell(least, column->least);
        gy_decimal_spell(most, column->most);
        gy_text_add(all->out, "        # seen: %s to %s\n", least, most);
        if (column->least >= 0.0)
            gy_text_add(all->out, "        logicalTypeOptions:\n          minimum: 0\n");
    }
    if (column->first <= column->last &&
        (strcmp(type, "date") == 0 || strcmp(type, "timestamp") == 0)) {
        gy_cell cell = {.kind = GY_CELL_TIME, .as.integer = column->first};
        gy_cell_spell(least, &cell);
        cell.as.integer = column->last;
        gy_cell_spell(most, &cell);
        bool date = type[0] == 'd';
        gy_text_add(all->out, "        # seen: %.*s to %.*s\n", date ? 10 : 32, least,
                    date ? 10 : 32, most);
    }
}

// ---- unique, files

static gy_status is_unique(bool *unique, inferring *all, const gy_survey_column *column,
                           const char *type, gy_error *err)
{
    size_t count = filled(column);
    bool candidate = strcmp(type, "string") == 0 || strcmp(type, "integer") == 0;
    *unique = candidate && column->distinct && !column->many && count >= UNIQUE_ROWS_MIN;
    if (!candidate || !column->many || !column->distinct)
        return GY_OK;
    const char *name = column->name;
    gy_rule rule = {
        .kind = GY_RULE_UNIQUE, .columns = &name, .readings = &column->reading, .column_count = 1};
    GY_TRY(gy_unique_find(&rule, all->path, all->arena, err));
    *unique = rule.row_count == 0;
    return GY_OK;
}

// What the first values of a text column are: names of files, of images.
static gy_status try_files(bool *files, bool *images, const gy_survey_column *column,
                           const char *folder, gy_error *err)
{
    size_t there = 0, decoded = 0, tried = 0;
    gy_arena *scratch = gy_arena_new(0);
    gy_status status = scratch == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for images") : GY_OK;
    for (size_t i = 0; i < column->value_count && tried < FILES_TRIED && status == GY_OK; i++) {
        const gy_survey_value *value = &column->values[i];
        gy_image image;
        gy_named named;
        gy_error why = {0};
        tried++;
        gy_status found = gy_named_open(&named, folder, value->text, value->length, &why);
        if (found == GY_OK) {
            close(named.file);
            there++;
            gy_arena_mark mark = gy_arena_here(scratch);
            found = gy_named_image(&image, folder, value->text, value->length, scratch, &why);
            decoded += found == GY_OK;
            gy_arena_rewind(scratch, mark);
        }
        // Without a decoder a column of images is one of files.
        if (found == GY_IO || found == GY_NO_MEMORY)
            status = gy_fail(err, found, "%s", why.message);
    }
    gy_arena_free(scratch);
    *files = tried > 0 && 10 * there >= 9 * tried;
    *images = *files && 2 * decoded >= there;
    return status;
}

static gy_status write_column(inferring *all, gy_survey_column *column, const char *folder,
                              gy_error *err)
{
    gy_text *out = all->out;
    uint64_t odd;
    size_t rows = all->survey.rows - all->survey.faults;
    size_t nulls = rows > filled(column) ? rows - filled(column) : 0;
    const char *type = gy_kinds_type(column->kinds, &odd);
    bool unique = false, files = false, images = false, custom = false;
    bool label =
        all->marks.label_column != NULL && strcmp(all->marks.label_column, column->name) == 0;
    gy_text_add(out, "      - name: ");
    write_scalar(out, column->name, strlen(column->name));
    gy_text_add(out, "\n");
    if (filled(column) == 0) {
        gy_text_add(out, "        # no row has a value here\n");
        return GY_OK;
    }
    gy_text_add(out, "        logicalType: %s", type);
    write_rare(out, odd, "holds something else", "hold something else");
    if (gy_is_rare(nulls, rows)) {
        gy_text_add(out, "        required: true");
        write_rare(out, nulls, "has no value", "have no value");
    } else {
        gy_text_add(out, "        # %zu of %zu rows have no value\n", nulls, rows);
    }
    GY_TRY(is_unique(&unique, all, column, type, err));
    if (unique)
        gy_text_add(out, "        unique: true\n");
    write_range(all, column, type);
    if (strcmp(type, "string") == 0 && !label)
        GY_TRY(try_files(&files, &images, column, folder, err));
    if (files)
        write_custom(out, &custom, "gyre.file", "true");
    if (images)
        write_custom(out, &custom, "gyre.image", "true");
    if (label)
        write_custom(out, &custom, "gyre.label", "true");
    write_reading(out, &custom, column);
    if (!files)
        infer_values(all, column, type, label);
    return GY_OK;
}

static const char *stem_of(const char *path, size_t *length)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    const char *name = path + start, *point = memchr(name, '.', end - start);
    *length = point == NULL || point == name ? end - start : (size_t)(point - name);
    return name;
}

// The marks of the columns' names, or of a contract that is there already.
static gy_status find_marks(inferring *all, const char *label, const char **folder, gy_error *err)
{
    gy_table_scan *scan;
    gy_table chunk;
    GY_TRY(gy_table_scan_open(&scan, all->path, NULL, 0, err));
    gy_status status = gy_table_scan_next(scan, &chunk, err);
    for (size_t c = 0; c < chunk.column_count && status == GY_OK; c++) {
        static const char *const labels[] = {"label", "target", "class", "y"};
        for (size_t i = 0; i < 4 && all->marks.label_column == NULL; i++)
            if (label == NULL && gy_table_column(&chunk, labels[i]) != NULL)
                all->marks.label_column = labels[i];
    }
    if (status == GY_OK && label != NULL) {
        all->marks.label_column = label;
        if (gy_table_column(&chunk, label) == NULL)
            status = gy_fail(err, GY_INVALID, "'%s' has no column '%s'", all->path, label);
    }
    *folder = status == GY_OK ? gy_arena_copy(all->arena, chunk.folder, strlen(chunk.folder)) : "";
    if (*folder == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_table_scan_close(scan);
    return status;
}

static gy_status infer(inferring *all, const char *label, gy_error *err)
{
    size_t length;
    const char *stem = stem_of(all->path, &length), *folder = "";
    GY_TRY(find_marks(all, label, &folder, err));
    GY_TRY(gy_survey_table(&all->survey, all->path, all->arena, err));
    gy_text_add(all->out, "# What this table seems to be: read it, correct it, then `gyre check` "
                          "holds the table to it.\n# Under one row in a hundred that is otherwise "
                          "was taken for a fault; comments say how many.\n"
                          "apiVersion: v3.1.0\nkind: DataContract\nid: ");
    write_scalar(all->out, stem, length);
    gy_text_add(all->out, "\nversion: 0.1.0\nstatus: draft\nschema:\n  - name: ");
    write_scalar(all->out, stem, length);
    gy_text_add(all->out, "\n    # %zu rows", all->survey.rows);
    if (all->survey.faults > 0)
        gy_text_add(all->out, ", of which %zu cannot be read", all->survey.faults);
    gy_text_add(all->out, "\n    properties:\n");
    for (size_t c = 0; c < all->survey.column_count; c++)
        GY_TRY(write_column(all, &all->survey.columns[c], folder, err));
    return all->out->status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory");
}

gy_status gy_schema_infer(gy_text *yaml, const char *path, const char *label, gy_error *err)
{
    inferring all = {.out = yaml, .path = path, .arena = gy_arena_new(0)};
    if (all.arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    gy_status status = infer(&all, label, err);
    gy_arena_free(all.arena);
    return status;
}

gy_status gy_schema_write(const gy_text *yaml, const char *path, gy_error *err)
{
    return gy_file_replace(path, yaml->bytes, yaml->length, err);
}

gy_status gy_schema_to_json(gy_text *json, const gy_text *yaml, gy_arena *arena, gy_error *err)
{
    gy_json *root;
    GY_TRY(gy_yaml_parse(&root, yaml->bytes, yaml->length, "contract", arena, err));
    gy_json_write(json, root);
    return json->status == GY_OK ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for JSON");
}
