// SPDX-License-Identifier: Apache-2.0
//
// A table against its contract. Rules that need the whole table (unique, sql, a share of the rows)
// are settled first; then one scan names every failing row, and only those are hashed.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "gyre/quality.h"
#include "quality/evaluate.h"
#include "quality/query.h"
#include "quality/rule.h"
#include "quality/unique.h"
#include "table/named.h"
#include "table/row_id.h"
#include "table/write.h"

enum { CHUNK_ROWS_MAX = 65536, FILES_A_PIECE = 16, THREADS_MAX = 64 };
#define ABSENT SIZE_MAX

typedef struct checking {
    const char *path;
    gy_rules rules;
    gy_marks marks;
    gy_identity identity;
    bool has_identity;
    const gy_check_options *options;
    gy_failure_sink *sink;
    void *context;
    gy_check_result *result;
    bool reporting;  // failures go to the sink; else rows are only counted
    uint8_t **fails; // [rules][CHUNK_ROWS_MAX]
    uint8_t *any;    // [CHUNK_ROWS_MAX]
    gy_cell *cells;  // [CHUNK_ROWS_MAX] of one text column
    size_t cells_of; // its place; ABSENT: none
    gy_text form;
    gy_reading *readings; // of the table's columns
    gy_arena *scratch;    // as long as one chunk
    gy_table_scan *scan;  // the one that looked at the columns, to go on with; NULL: ended
    gy_table first;       // its first chunk
    gy_arena *arena;
} checking;

// ---- the columns of a chunk

static size_t place_of(const gy_table *table, const char *name)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c].name, name) == 0)
            return c;
    return ABSENT;
}

// How each column's cells read: as the contract says, else with the usual gaps where it is to be of
// a type that has no such spellings.
static gy_status find_readings(checking *all, const gy_table *table, gy_error *err)
{
    all->readings = GY_NEW(all->arena, gy_reading, table->column_count + 1);
    if (all->readings == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t c = 0; c < table->column_count; c++) {
        const char *name = table->columns[c].name;
        if (gy_reading_said(&all->readings[c], &all->marks, name))
            continue;
        for (size_t r = 0; r < all->rules.count; r++)
            if (all->rules.items[r].kind == GY_RULE_TYPE &&
                strcmp(all->rules.items[r].column, name) == 0)
                all->readings[c].usual = true;
    }
    return GY_OK;
}

// The readings of the columns that a rule compares.
static gy_status give_readings(checking *all, gy_rule *rule, const gy_table *table, gy_error *err)
{
    gy_reading *readings = GY_NEW(all->arena, gy_reading, rule->column_count);
    if (readings == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
    for (size_t c = 0; c < rule->column_count; c++) {
        size_t place = place_of(table, rule->columns[c]);
        if (place != ABSENT)
            readings[c] = all->readings[place];
    }
    rule->readings = readings;
    return GY_OK;
}

static gy_status place_rules(checking *all, const gy_table *table, gy_error *err)
{
    for (size_t r = 0; r < all->rules.count; r++) {
        gy_rule *rule = &all->rules.items[r];
        rule->place = rule->column == NULL ? ABSENT : place_of(table, rule->column);
        bool absent = rule->kind == GY_RULE_EXISTS && rule->place == ABSENT;
        if (absent)
            rule->told_whole = rule->broken = true;
        for (size_t c = 0; rule->kind == GY_RULE_UNIQUE && c < rule->column_count; c++)
            if (place_of(table, rule->columns[c]) == ABSENT && rule->column == NULL)
                return gy_fail(err, GY_FORMAT,
                               "contract '%s': '%s' names column '%s', which '%s' "
                               "lacks",
                               all->rules.path, rule->name, rule->columns[c], all->path);
        if (rule->kind == GY_RULE_UNIQUE)
            GY_TRY(give_readings(all, rule, table, err));
        if (rule->kind == GY_RULE_FILE || rule->kind == GY_RULE_IMAGE)
            if (rule->place != ABSENT && table->columns[rule->place].type != GY_COLUMN_TEXT &&
                table->columns[rule->place].type != GY_COLUMN_NULL)
                return gy_fail(err, GY_FORMAT,
                               "contract '%s': column '%s' of '%s' holds no text, "
                               "so it names no files",
                               all->rules.path, rule->column, all->path);
    }
    return GY_OK;
}

// ---- files

typedef struct opening {
    const gy_table *chunk;
    const gy_column *paths;
    gy_rule_kind kind;
    uint8_t *fails;
    gy_arena *arenas[THREADS_MAX];
} opening;

static gy_status try_file(const opening *all, size_t row, gy_arena *arena, gy_error *why)
{
    size_t length;
    gy_image image;
    gy_named named;
    const char *name = gy_column_text(all->paths, row, &length);
    if (all->kind == GY_RULE_IMAGE)
        return gy_named_image(&image, all->chunk->folder, name, length, arena, why);
    GY_TRY(gy_named_open(&named, all->chunk->folder, name, length, why));
    close(named.file);
    return GY_OK;
}

static gy_status try_files(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    opening *all = context;
    if (all->arenas[worker] == NULL)
        all->arenas[worker] = gy_arena_new(0);
    gy_arena *arena = all->arenas[worker];
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decode images");
    for (size_t row = begin; row < end; row++) {
        gy_error why = {0};
        gy_arena_mark mark = gy_arena_here(arena);
        if (!gy_quality_has(all->paths, row))
            continue;
        gy_status status = try_file(all, row, arena, &why);
        gy_arena_rewind(arena, mark);
        if (gy_named_must_fail(status, &why))
            return gy_fail(err, status, "%s", why.message);
        // A file that is not there breaks the rule of files, not that of images.
        all->fails[row] = status != GY_OK && (all->kind == GY_RULE_FILE || status != GY_NOT_FOUND);
    }
    return GY_OK;
}

static gy_status check_files(uint8_t *fails, const checking *all, const gy_rule *rule,
                             const gy_table *chunk, gy_error *err)
{
    opening files = {
        .chunk = chunk, .paths = &chunk->columns[rule->place], .kind = rule->kind, .fails = fails};
    memset(fails, 0, chunk->rows);
    if (files.paths->type != GY_COLUMN_TEXT)
        return GY_OK;
    gy_status status =
        gy_thread_loop(chunk->rows, FILES_A_PIECE, all->options->threads, try_files, &files, err);
    for (size_t i = 0; i < THREADS_MAX; i++)
        gy_arena_free(files.arenas[i]);
    return status;
}

// ---- one chunk

static const gy_cell *cells_of(checking *all, const gy_rule *rule, const gy_table *chunk)
{
    const gy_column *column = &chunk->columns[rule->place];
    if (column->type != GY_COLUMN_TEXT || !gy_rule_needs_cells(rule))
        return NULL;
    if (all->cells_of != rule->place)
        for (size_t row = 0; row < chunk->rows; row++)
            gy_cell_of(&all->cells[row], column, row);
    all->cells_of = rule->place;
    return all->cells;
}

// Rows that were found before the scan.
static void mark_rows(uint8_t *fails, gy_rule *rule, const gy_table *chunk)
{
    uint64_t first = chunk->first_row - 1;
    memset(fails, 0, chunk->rows);
    for (; rule->row_next < rule->row_count && rule->rows[rule->row_next] < first + chunk->rows;
         rule->row_next++)
        fails[rule->rows[rule->row_next] - first] = 1;
}

// A broken record has no values: it breaks `readable` and no rule more.
static void mark_faults(uint8_t *fails, const gy_rule *rule, const gy_table *chunk)
{
    bool readable = rule->kind == GY_RULE_READABLE;
    if (readable)
        memset(fails, 0, chunk->rows);
    for (size_t i = 0; i < chunk->fault_count; i++)
        fails[chunk->faults[i].row] = readable;
}

static gy_status evaluate(checking *all, gy_rule *rule, uint8_t *fails, const gy_table *chunk,
                          gy_error *err)
{
    switch (rule->kind) {
    case GY_RULE_UNIQUE:
    case GY_RULE_SQL:
        mark_rows(fails, rule, chunk);
        break;
    case GY_RULE_FILE:
    case GY_RULE_IMAGE:
        if (rule->place != ABSENT)
            GY_TRY(check_files(fails, all, rule, chunk, err));
        break;
    case GY_RULE_EXISTS:
    case GY_RULE_ROW_COUNT:
    case GY_RULE_READABLE:
        break;
    default:
        if (rule->place != ABSENT)
            gy_rule_evaluate(fails, rule, &chunk->columns[rule->place], chunk->rows,
                             cells_of(all, rule, chunk));
    }
    mark_faults(fails, rule, chunk);
    return GY_OK;
}

static bool is_personal(const checking *all, const char *column)
{
    for (size_t i = 0; column != NULL && i < all->marks.pii_count; i++)
        if (strcmp(all->marks.pii[i], column) == 0)
            return true;
    return false;
}

static const char *fault_message(const gy_table *chunk, size_t row)
{
    for (size_t i = 0; i < chunk->fault_count; i++)
        if (chunk->faults[i].row == row)
            return chunk->faults[i].message;
    return NULL;
}

static gy_status row_id(const gy_id **id, gy_id *made, checking *all, const gy_table *chunk,
                        size_t row, gy_error *err)
{
    gy_error why = {0};
    *id = NULL;
    if (fault_message(chunk, row) != NULL)
        return GY_OK;
    size_t paths =
        all->marks.file_column == NULL ? ABSENT : place_of(chunk, all->marks.file_column);
    if (paths != ABSENT) {
        const gy_column *column = &chunk->columns[paths];
        if (column->type == GY_COLUMN_TEXT &&
            gy_identity_file(made, chunk, column, row, &why) == GY_OK)
            *id = made;
        return why.status == GY_IO ? gy_fail(err, GY_IO, "%s", why.message) : GY_OK;
    }
    GY_TRY(gy_identity_id(made, &all->form, &all->identity, chunk, row, err));
    *id = made;
    return GY_OK;
}

// A row that breaks a rule.
typedef struct breach {
    const gy_rule *rule;
    const gy_table *chunk;
    size_t row;
    const gy_id *id; // NULL: it has none
} breach;

static gy_status tell(checking *all, const breach *of, const char *why, gy_error *err)
{
    const gy_rule *rule = of->rule;
    char small[GY_CELL_BYTES_MAX];
    gy_failure failure = {.row = of->chunk->first_row + of->row,
                          .id = of->id,
                          .rule = rule->name,
                          .column = rule->column,
                          .why = why,
                          .warning = rule->warning,
                          .broken = !rule->warning && rule->kind != GY_RULE_UNIQUE &&
                                    (rule->single || rule->kind == GY_RULE_READABLE)};
    const gy_column *column = rule->place == ABSENT ? NULL : &of->chunk->columns[rule->place];
    if (column != NULL && gy_quality_has(column, of->row) && !is_personal(all, rule->column))
        failure.value_length = gy_column_spell(small, &failure.value, column, of->row);
    return all->sink(all->context, &failure, err);
}

// Why a file cannot be read or decoded: that is tried again, which few files need.
static gy_status tell_file(checking *all, const breach *of, gy_error *err)
{
    gy_error why = {0};
    opening one = {
        .chunk = of->chunk, .paths = &of->chunk->columns[of->rule->place], .kind = of->rule->kind};
    gy_arena_mark mark = gy_arena_here(all->arena);
    gy_status status = try_file(&one, of->row, all->arena, &why);
    gy_arena_rewind(all->arena, mark);
    bool plain = status == GY_OK || status == GY_NOT_FOUND;
    return tell(all, of, plain ? of->rule->why : why.message, err);
}

static const char *why_broken(const breach *of)
{
    gy_cell cell;
    gy_reading_plan plan = {0};
    if (of->rule->kind == GY_RULE_READABLE)
        return fault_message(of->chunk, of->row);
    if (of->rule->kind != GY_RULE_TYPE || of->rule->type > GY_LOGICAL_NUMBER)
        return of->rule->why;
    gy_cell_of(&cell, &of->chunk->columns[of->rule->place], of->row);
    if (cell.kind == GY_CELL_TEXT)
        gy_reading_note(&plan, &cell);
    return plan.with_comma + plan.with_groups == 0
               ? of->rule->why
               : "not a number as it is spelled: gyre.decimal says which mark is the decimal one";
}

static gy_status report_row(checking *all, const gy_table *chunk, size_t row, gy_error *err)
{
    gy_id made;
    breach of = {.chunk = chunk, .row = row};
    GY_TRY(row_id(&of.id, &made, all, chunk, row, err));
    for (size_t r = 0; r < all->rules.count; r++) {
        of.rule = &all->rules.items[r];
        if (!all->fails[r][row] || !of.rule->broken)
            continue;
        if (of.rule->kind == GY_RULE_IMAGE || of.rule->kind == GY_RULE_FILE)
            GY_TRY(tell_file(all, &of, err));
        else
            GY_TRY(tell(all, &of, why_broken(&of), err));
    }
    return GY_OK;
}

static gy_status check_chunk(checking *all, const gy_table *chunk, gy_error *err)
{
    gy_table view; // for the rules; ids and messages have the cells as they are
    gy_arena_rewind(all->scratch, (gy_arena_mark){NULL, 0});
    GY_TRY(gy_readings_apply(&view, chunk, all->readings, all->scratch, err));
    if (chunk->rows > CHUNK_ROWS_MAX)
        return gy_fail(err, GY_LIMIT, "a chunk of %zu rows, over %d", chunk->rows, CHUNK_ROWS_MAX);
    memset(all->any, 0, chunk->rows);
    all->cells_of = ABSENT;
    for (size_t r = 0; r < all->rules.count; r++) {
        gy_rule *rule = &all->rules.items[r];
        uint8_t *fails = all->fails[r];
        size_t failing = 0;
        if (rule->kind == GY_RULE_EXISTS || rule->kind == GY_RULE_ROW_COUNT)
            continue; // of the table, not of rows: these stay 0
        GY_TRY(evaluate(all, rule, fails, &view, err));
        for (size_t row = 0; row < chunk->rows; row++)
            failing += fails[row];
        if (failing == 0)
            continue; // as most rules do for most chunks
        rule->failing += failing;
        rule->broken = rule->broken || (rule->single && failing > 0 && !rule->told_whole);
        if (!rule->broken)
            continue;
        for (size_t row = 0; row < chunk->rows; row++)
            all->any[row] |= fails[row];
    }
    for (size_t row = 0; row < chunk->rows && all->reporting; row++) {
        if (!all->any[row])
            continue;
        all->result->failing_rows++;
        if (all->sink != NULL)
            GY_TRY(report_row(all, chunk, row, err));
    }
    return GY_OK;
}

// ---- the whole table

static gy_status check_chunks(checking *all, gy_table_scan *scan, const gy_table *first,
                              gy_error *err)
{
    gy_table chunk;
    gy_status status = GY_OK;
    if (first != NULL)
        chunk = *first;
    else
        status = gy_table_scan_next(scan, &chunk, err);
    while (status == GY_OK && chunk.rows > 0) {
        GY_TRY(check_chunk(all, &chunk, err));
        all->result->rows += chunk.rows;
        if (all->options->progress != NULL)
            all->options->progress(all->options->progress_context, all->result->rows);
        status = gy_table_scan_next(scan, &chunk, err);
    }
    return status;
}

static gy_status scan_table(checking *all, gy_error *err)
{
    gy_table_scan *scan = all->scan;
    bool begun = scan != NULL;
    all->scan = NULL;
    if (!begun)
        GY_TRY(gy_table_scan_open(&scan, all->path, NULL, 0, err));
    all->result->rows = 0;
    for (size_t r = 0; r < all->rules.count; r++) {
        all->rules.items[r].failing = 0;
        all->rules.items[r].row_next = 0;
    }
    gy_status status = check_chunks(all, scan, begun ? &all->first : NULL, err);
    gy_table_scan_close(scan);
    return status;
}

// Marks and rules against the columns that the table has.
static gy_status look_at_columns(checking *all, gy_error *err)
{
    const gy_table *first = &all->first;
    const gy_table_options options = {.contract = all->rules.path};
    GY_TRY(gy_table_scan_open(&all->scan, all->path, NULL, 0, err));
    GY_TRY(gy_table_scan_next(all->scan, &all->first, err));
    GY_TRY(gy_table_marks(&all->marks, first, &options, all->arena, err));
    GY_TRY(find_readings(all, first, err));
    GY_TRY(place_rules(all, first, err));
    const char *paths = all->marks.file_column;
    if (paths == NULL || gy_table_column(first, paths) == NULL) {
        GY_TRY(gy_identity_init(&all->identity, first, &all->marks, all->arena, err));
        all->has_identity = true;
    }
    // The marks name columns of a scan that ends before they do.
    if (paths != NULL)
        all->marks.file_column = gy_arena_copy(all->arena, paths, strlen(paths));
    return paths == NULL || all->marks.file_column != NULL
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory for a name");
}

static gy_status settle_rules(checking *all, gy_error *err)
{
    bool counted = false;
    for (size_t r = 0; r < all->rules.count; r++) {
        gy_rule *rule = &all->rules.items[r];
        if (rule->kind == GY_RULE_UNIQUE && (rule->column == NULL || rule->place != ABSENT))
            GY_TRY(gy_unique_find(rule, all->path, all->arena, err));
        counted = counted || (!rule->single && rule->kind != GY_RULE_SQL);
    }
    GY_TRY(gy_query_rules(&all->rules, all->path, &all->marks, all->arena, err));
    if (counted)
        GY_TRY(scan_table(all, err)); // shares of the rows: who is in breach shows at the end
    for (size_t r = 0; r < all->rules.count && counted; r++) {
        gy_rule *rule = &all->rules.items[r];
        if (rule->single || rule->kind == GY_RULE_SQL)
            continue;
        rule->metric =
            rule->kind == GY_RULE_ROW_COUNT ? (double)all->result->rows : (double)rule->failing;
        rule->broken = !gy_rule_holds(&rule->bound, rule->metric, all->result->rows);
        rule->told_whole = rule->broken && (rule->kind == GY_RULE_ROW_COUNT || rule->failing == 0);
    }
    return GY_OK;
}

static gy_status report_whole(checking *all, gy_error *err)
{
    for (size_t r = 0; r < all->rules.count && all->sink != NULL; r++) {
        const gy_rule *rule = &all->rules.items[r];
        char why[100];
        if (!rule->told_whole || !rule->broken)
            continue;
        snprintf(why, sizeof(why), "is %.15g", rule->metric);
        const gy_failure failure = {.rule = rule->name,
                                    .column = rule->column,
                                    .why = rule->kind == GY_RULE_EXISTS ? rule->why : why,
                                    .warning = rule->warning};
        GY_TRY(all->sink(all->context, &failure, err));
    }
    return GY_OK;
}

static gy_status take_memory(checking *all, gy_error *err)
{
    all->fails = GY_NEW(all->arena, uint8_t *, all->rules.count);
    all->any = GY_NEW(all->arena, uint8_t, CHUNK_ROWS_MAX);
    all->cells = GY_NEW(all->arena, gy_cell, CHUNK_ROWS_MAX);
    bool good = all->fails != NULL && all->any != NULL && all->cells != NULL;
    for (size_t r = 0; r < all->rules.count && good; r++) {
        all->fails[r] = GY_NEW(all->arena, uint8_t, CHUNK_ROWS_MAX);
        good = all->fails[r] != NULL;
    }
    return good ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for %zu rules", all->rules.count);
}

static gy_status give_result(checking *all, gy_error *err)
{
    gy_rule_result *rules = GY_NEW(all->arena, gy_rule_result, all->rules.count);
    if (rules == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rules", all->rules.count);
    for (size_t r = 0; r < all->rules.count; r++) {
        const gy_rule *rule = &all->rules.items[r];
        rules[r] = (gy_rule_result){rule->name, rule->failing, rule->broken, rule->warning};
        all->result->broken_count += rule->broken;
        all->result->refused = all->result->refused || (rule->broken && !rule->warning);
    }
    all->result->rules = rules;
    all->result->rule_count = all->rules.count;
    return GY_OK;
}

static gy_status run(checking *all, const char *contract, gy_error *err)
{
    const gy_json *schema;
    GY_TRY(gy_contract_read(&schema, contract, all->arena, err));
    GY_TRY(gy_rules_read(&all->rules, schema, contract, all->arena, err));
    GY_TRY(take_memory(all, err));
    GY_TRY(look_at_columns(all, err));
    GY_TRY(settle_rules(all, err));
    all->reporting = true;
    GY_TRY(report_whole(all, err));
    GY_TRY(scan_table(all, err));
    return give_result(all, err);
}

gy_status gy_check(gy_check_result *result, const char *path, const gy_check_options *options,
                   gy_failure_sink *sink, void *context, gy_arena *arena, gy_error *err)
{
    const gy_check_options defaults = {0};
    *result = (gy_check_result){0};
    checking all = {.path = path,
                    .options = options == NULL ? &defaults : options,
                    .sink = sink,
                    .context = context,
                    .result = result,
                    .arena = arena};
    const char *contract =
        all.options->contract != NULL ? all.options->contract : gy_contract_path(path, arena);
    if (contract == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (!gy_file_exists(path))
        return gy_fail(err, GY_NOT_FOUND, "cannot read '%s': no such file", path);
    if (!gy_file_exists(contract))
        return gy_fail(err, GY_NOT_FOUND,
                       "no contract '%s' (gyre schema %s -o %s writes one to edit)", contract, path,
                       contract);
    all.scratch = gy_arena_new(0);
    gy_status status = all.scratch == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory to check '%s'", path)
                           : run(&all, contract, err);
    gy_arena_free(all.scratch);
    if (all.scan != NULL)
        gy_table_scan_close(all.scan);
    if (all.has_identity)
        gy_identity_release(&all.identity);
    gy_text_release(&all.form);
    return status;
}
