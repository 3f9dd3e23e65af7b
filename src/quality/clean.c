// SPDX-License-Identifier: Apache-2.0
//
// Findings turned into edits of a table: which rows go, which labels change.

#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/map.h"
#include "gyre/quality.h"

static const char *const recipe_names[] = {"soft", "relabel", "drop"};

gy_status gy_clean_recipe_parse(gy_clean_recipe *recipe, const char *text, gy_error *err)
{
    for (size_t i = 0; i < sizeof(recipe_names) / sizeof(recipe_names[0]); i++)
        if (strcmp(text, recipe_names[i]) == 0) {
            *recipe = (gy_clean_recipe)i;
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID, "'%s' is not a recipe: soft, relabel or drop", text);
}

// What the findings say of one row.
typedef struct verdict {
    const gy_finding *label;
    const gy_finding *broken; // the first that says so
    const char *why_broken;   // all that say so
    bool is_duplicate, is_outlier;
} verdict;

typedef struct cleaner {
    gy_cleaning *cleaning;
    const gy_table *table;
    const gy_marks *marks;
    const gy_clean_options *options;
    verdict *verdicts; // [rows]
    uint8_t *dropped;
    gy_edit *edits;
    gy_label_change *changes;
    gy_broken_rows *broken;
    gy_edit *reasons;
    gy_id_map rows_of_ids; // made when a sample has moved
    gy_arena *arena;
} cleaner;

static bool has_id(const gy_table *table, size_t row)
{
    return (table->has_id[row / 8] >> row % 8 & 1) != 0;
}

static gy_status index_ids(cleaner *job, gy_error *err)
{
    job->rows_of_ids.arena = job->arena;
    for (size_t row = 0; row < job->table->rows; row++) {
        uint64_t *at = NULL;
        bool fresh = false;
        if (!has_id(job->table, row))
            continue;
        GY_TRY(gy_id_map_at(&at, &fresh, &job->rows_of_ids, &job->table->ids[row], err));
        if (fresh) // of equal samples the first
            *at = row;
    }
    return GY_OK;
}

// The row that a finding speaks of: where it was, or where its id is now.
static gy_status find_row(size_t *row, cleaner *job, const gy_finding *finding, gy_error *err)
{
    const gy_table *table = job->table;
    *row = finding->row;
    if (finding->row < table->rows && finding->has_id == has_id(table, finding->row) &&
        (!finding->has_id || gy_id_compare(&table->ids[finding->row], &finding->id) == 0))
        return GY_OK;
    if (finding->has_id && job->rows_of_ids.count == 0)
        GY_TRY(index_ids(job, err));
    const uint64_t *at = finding->has_id ? gy_id_map_find(&job->rows_of_ids, &finding->id) : NULL;
    if (at == NULL)
        return gy_fail(
            err, GY_INVALID,
            "a finding speaks of sample %.12s in row %zu, which is not in '%s': audit or check it "
            "again",
            finding->has_id ? gy_id_text(&finding->id).text : "-", finding->row + 1, table->path);
    *row = (size_t)*at;
    return GY_OK;
}

static gy_status add_broken(cleaner *job, verdict *of, const gy_finding *finding, gy_error *err)
{
    const char *reason = finding->reason != NULL ? finding->reason : "broken";
    if (of->broken == NULL)
        of->broken = finding;
    const char *first = of->why_broken == NULL ? "" : of->why_broken;
    of->why_broken = gy_arena_format(job->arena, "%s%s%s%s%s", first, first[0] == '\0' ? "" : "; ",
                                     finding->rule == NULL ? "" : finding->rule,
                                     finding->rule == NULL ? "" : ": ", reason);
    return of->why_broken != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a reason");
}

static gy_status collect(cleaner *job, const gy_finding *findings, size_t count, gy_error *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t row;
        GY_TRY(find_row(&row, job, &findings[i], err));
        verdict *of = &job->verdicts[row];
        if (findings[i].kind == GY_FINDING_LABEL)
            of->label = &findings[i];
        if (findings[i].kind == GY_FINDING_BROKEN && findings[i].is_flagged)
            GY_TRY(add_broken(job, of, &findings[i], err));
        of->is_duplicate |= findings[i].kind == GY_FINDING_DUPLICATE && findings[i].is_flagged;
        of->is_outlier |= findings[i].kind == GY_FINDING_OUTLIER && findings[i].is_flagged;
    }
    return GY_OK;
}

// Whether the row goes, counted by the first reason.
static bool drop_row(const cleaner *job, const verdict *of)
{
    gy_cleaning *counts = job->cleaning;
    bool is_wrong = of->label != NULL && of->label->is_flagged;
    size_t *reason = of->broken != NULL && !job->options->keep_broken ? &counts->dropped_broken
                     : of->is_duplicate && !job->options->keep_duplicates
                         ? &counts->dropped_duplicates
                     : of->is_outlier && !job->options->keep_outliers    ? &counts->dropped_outliers
                     : is_wrong && job->options->recipe == GY_CLEAN_DROP ? &counts->dropped_labels
                                                                         : NULL;
    if (reason != NULL)
        (*reason)++;
    counts->kept_outliers += reason == NULL && of->is_outlier;
    return reason != NULL;
}

// Few rules name broken rows: one after the other.
static void count_broken(cleaner *job, size_t row, const verdict *of)
{
    gy_cleaning *cleaning = job->cleaning;
    const char *rule = of->broken->rule != NULL     ? of->broken->rule
                       : of->broken->reason != NULL ? of->broken->reason
                                                    : "broken";
    size_t at = 0;
    while (at < cleaning->broken_count && strcmp(job->broken[at].rule, rule) != 0)
        at++;
    if (at == cleaning->broken_count)
        job->broken[cleaning->broken_count++].rule = rule;
    job->broken[at].rows++;
    job->reasons[cleaning->reason_count++] = (gy_edit){row, "gyre_reason", of->why_broken};
}

static void edit_row(cleaner *job, size_t row, const verdict *of)
{
    gy_cleaning *cleaning = job->cleaning;
    const gy_finding *label = of->label;
    if (label == NULL || job->options->recipe == GY_CLEAN_DROP)
        return;
    if (label->is_flagged && label->suggested != NULL) {
        job->edits[cleaning->edit_count++] =
            (gy_edit){row, job->marks->label_column, label->suggested};
        job->changes[cleaning->change_count++] = (gy_label_change){
            row, job->table->ids[row], label->given, label->suggested, label->reason};
    }
    if (job->options->recipe == GY_CLEAN_SOFT && label->soft != NULL) {
        job->edits[cleaning->edit_count++] = (gy_edit){row, "gyre_soft", label->soft};
        cleaning->soft++;
    }
}

gy_status gy_clean(gy_cleaning *cleaning, const gy_table *table, const gy_marks *marks,
                   const gy_finding *findings, size_t count, const gy_clean_options *options,
                   gy_arena *arena, gy_error *err)
{
    assert(table->ids != NULL);
    bool on_labels = false;
    for (size_t i = 0; i < count; i++)
        on_labels = on_labels || findings[i].kind == GY_FINDING_LABEL;
    if (marks->label_column == NULL && on_labels)
        return gy_fail(err, GY_INVALID, "'%s' has no label column (--label names it)", table->path);
    *cleaning = (gy_cleaning){0};
    cleaner job = {.cleaning = cleaning,
                   .table = table,
                   .marks = marks,
                   .options = options,
                   .verdicts = GY_NEW(arena, verdict, table->rows + 1),
                   .dropped = GY_NEW(arena, uint8_t, table->rows / 8 + 1),
                   .edits = GY_NEW(arena, gy_edit, 2 * table->rows + 1),
                   .changes = GY_NEW(arena, gy_label_change, table->rows + 1),
                   .broken = GY_NEW(arena, gy_broken_rows, count + 1),
                   .reasons = GY_NEW(arena, gy_edit, table->rows + 1),
                   .arena = arena};
    if (job.verdicts == NULL || job.dropped == NULL || job.edits == NULL || job.changes == NULL ||
        job.broken == NULL || job.reasons == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to clean %zu rows", table->rows);
    GY_TRY(collect(&job, findings, count, err));
    for (size_t row = 0; row < table->rows; row++) {
        const verdict *of = &job.verdicts[row];
        if (!drop_row(&job, of)) {
            edit_row(&job, row, of);
            continue;
        }
        job.dropped[row / 8] |= (uint8_t)(1u << row % 8);
        if (of->broken != NULL && !options->keep_broken)
            count_broken(&job, row, of);
    }
    cleaning->edits = job.edits;
    cleaning->dropped = job.dropped;
    cleaning->changes = job.changes;
    cleaning->broken = job.broken;
    cleaning->reasons = job.reasons;
    return GY_OK;
}

// ---- writing

static bool is_folder(const char *path)
{
    struct stat state;
    return stat(path, &state) == 0 && S_ISDIR(state.st_mode);
}

typedef struct text_column {
    char *bytes;
    int64_t *offsets;
    size_t used, room, rows;
} text_column;

static bool add_cell(text_column *column, const char *before, const char *text, size_t length)
{
    size_t whole = strlen(before) + length;
    if (column->used + whole > column->room)
        return false;
    memcpy(column->bytes + column->used, before, strlen(before));
    memcpy(column->bytes + column->used + strlen(before), text, length);
    column->used += whole;
    column->offsets[++column->rows] = (int64_t)column->used;
    return true;
}

// The cell that a row has after cleaning.
static const char *cell_of(const gy_cleaning *cleaning, size_t *next, size_t row,
                           const gy_column *column, const char *name, size_t *length)
{
    const char *text = "";
    *length = 0;
    if (column != NULL && gy_column_has(column, row))
        text = gy_column_text(column, row, length);
    while (*next < cleaning->edit_count && cleaning->edits[*next].row < row)
        (*next)++;
    for (size_t i = *next; i < cleaning->edit_count && cleaning->edits[i].row == row; i++)
        if (strcmp(cleaning->edits[i].column, name) == 0) {
            text = cleaning->edits[i].text;
            *length = strlen(text);
        }
    return text;
}

static gy_status make_column(gy_column *made, const gy_cleaning *cleaning, const gy_table *table,
                             const char *name, const char *before, gy_arena *arena, gy_error *err)
{
    const gy_column *column = gy_table_column(table, name);
    text_column cells = {.offsets = GY_NEW(arena, int64_t, table->rows + 1)};
    for (size_t row = 0; row < table->rows; row++)
        cells.room +=
            strlen(before) + (column != NULL && gy_column_has(column, row)
                                  ? (size_t)(column->offsets[row + 1] - column->offsets[row])
                                  : 0);
    for (size_t i = 0; i < cleaning->edit_count; i++)
        cells.room += strlen(cleaning->edits[i].text);
    cells.bytes = GY_NEW(arena, char, cells.room + 1);
    if (cells.offsets == NULL || cells.bytes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", name);
    size_t next = 0;
    for (size_t row = 0; row < table->rows; row++) {
        size_t length;
        if ((cleaning->dropped[row / 8] >> row % 8 & 1) != 0)
            continue;
        const char *text = cell_of(cleaning, &next, row, column, name, &length);
        if (!add_cell(&cells, before, text, length))
            return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", name);
    }
    *made = (gy_column){
        .name = name, .type = GY_COLUMN_TEXT, .values = cells.bytes, .offsets = cells.offsets};
    return GY_OK;
}

// Paths in the new table start at its own folder: the same if both lie where the process is, else
// they are absolute.
static gy_status path_before(char **before, const gy_table *table, const char *out, gy_arena *arena,
                             gy_error *err)
{
    if (strchr(out, '/') == NULL) {
        *before = gy_arena_copy(arena, table->folder, strlen(table->folder));
    } else {
        char *real = realpath(table->path, NULL);
        *before = real != NULL ? gy_arena_format(arena, "%s/", real) : NULL;
        free(real);
    }
    return *before != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a path");
}

gy_status gy_clean_write(const gy_cleaning *cleaning, const gy_table *table, const gy_marks *marks,
                         const char *out, gy_arena *arena, gy_error *err)
{
    if (!is_folder(table->path))
        return gy_table_rewrite(table->path, out, cleaning->edits, cleaning->edit_count,
                                cleaning->dropped, err);
    char *before = NULL;
    GY_TRY(path_before(&before, table, out, arena, err));
    gy_column columns[3];
    gy_table made = {.path = out, .folder = "", .columns = columns, .first_row = 1};
    for (size_t row = 0; row < table->rows; row++)
        made.rows += (cleaning->dropped[row / 8] >> row % 8 & 1) == 0;
    const char *names[3] = {marks->file_column, marks->label_column, "gyre_soft"};
    for (size_t i = 0; i < (cleaning->soft > 0 ? 3 : 2); i++) {
        GY_TRY(
            make_column(&columns[i], cleaning, table, names[i], i == 0 ? before : "", arena, err));
        made.column_count++;
    }
    return gy_table_write(&made, out, err);
}

gy_status gy_clean_quarantine(const gy_cleaning *cleaning, const gy_table *table, const char *out,
                              gy_arena *arena, gy_error *err)
{
    if (is_folder(table->path))
        return gy_fail(
            err, GY_UNSUPPORTED,
            "'%s' is a folder of images: only rows of a table can be put into quarantine",
            table->path);
    uint8_t *others = GY_NEW(arena, uint8_t, table->rows / 8 + 1);
    gy_edit *reasons = GY_NEW(arena, gy_edit, cleaning->reason_count + 1);
    if (others == NULL || reasons == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu broken rows", cleaning->reason_count);
    memset(others, 0xff, table->rows / 8 + 1);
    size_t count = 0, fault = 0;
    for (size_t i = 0; i < cleaning->reason_count; i++) {
        size_t row = cleaning->reasons[i].row;
        others[row / 8] &= (uint8_t)~(1u << row % 8);
        while (fault < table->fault_count && table->faults[fault].row < row)
            fault++;
        if (fault == table->fault_count || table->faults[fault].row != row)
            reasons[count++] = cleaning->reasons[i];
    }
    return gy_table_rewrite(table->path, out, reasons, count, others, err);
}
