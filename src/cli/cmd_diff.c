// SPDX-License-Identifier: Apache-2.0
//
// gyre diff: what differs between two versions, sample by sample.

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/diff.h"

typedef struct diff_options {
    bool all;
} diff_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "all", 'a', NULL, offsetof(diff_options, all),
     "show every sample, not 20 a dataset"},
    GY_OPTIONS_END,
};

enum { SHOWN_MAX = 20, REVISIONS_MAX = 2 };
static const char *const kinds[] = {"added", "removed", "changed"};

// One dataset compared.
typedef struct comparison {
    gy_cli *cli;
    gy_store *store;
    const gy_dataset *dataset;
    const char *revisions[REVISIONS_MAX]; // NULL: the pointer file; the work tree
    gy_pointer pointers[REVISIONS_MAX];
    bool has_pointer[REVISIONS_MAX];
    size_t shown_max;
    gy_text *out;
} comparison;

// Operands that name a path of the work tree are paths; up to two before them are revisions.
static bool is_path(gy_cli *cli, const char *operand)
{
    char *pointer = gy_arena_format(cli->arena, "%s.gyre", operand);
    return access(operand, F_OK) == 0 || (pointer != NULL && access(pointer, F_OK) == 0);
}

static gy_status read_pointer(comparison *it, int which, gy_error *err)
{
    gy_error reason = {0};
    gy_status status = gy_store_version(&it->pointers[which], it->store, it->dataset,
                                        it->revisions[which], it->cli->arena, &reason);
    it->has_pointer[which] = status == GY_OK;
    return status == GY_OK || status == GY_NOT_FOUND ? GY_OK
                                                     : gy_fail(err, status, "%s", reason.message);
}

static void print_change(comparison *it, const gy_change *change)
{
    const gy_id *id = change->kind == GY_CHANGE_REMOVED ? &change->before : &change->after;
    gy_text *out = it->out;
    if (!it->cli->json) {
        gy_text_add(out, "  %-8s %.16s %s\n", kinds[change->kind], gy_id_text(id).text,
                    change->path);
        return;
    }
    gy_text_add(out, "{\"dataset\":");
    gy_text_json_string(out, it->dataset->path, strlen(it->dataset->path));
    gy_text_add(out, ",\"kind\":\"%s\",\"path\":", kinds[change->kind]);
    gy_text_json_string(out, change->path, strlen(change->path));
    if (change->kind != GY_CHANGE_ADDED)
        gy_text_add(out, ",\"before\":\"%s\"", gy_id_text(&change->before).text);
    if (change->kind != GY_CHANGE_REMOVED)
        gy_text_add(out, ",\"after\":\"%s\"", gy_id_text(&change->after).text);
    gy_text_add(out, "}\n");
}

static void print_files(comparison *it, const gy_change *changes, size_t count)
{
    size_t counts[3] = {0};
    for (size_t i = 0; i < count; i++)
        counts[changes[i].kind]++;
    if (!it->cli->json)
        gy_text_add(it->out, "%s: %zu added, %zu removed, %zu changed\n", it->dataset->path,
                    counts[0], counts[1], counts[2]);
    for (size_t i = 0; i < count && (it->shown_max == 0 || i < it->shown_max); i++)
        print_change(it, &changes[i]);
    if (it->shown_max > 0 && count > it->shown_max)
        gy_text_add(it->out, "  ... and %zu more (--all shows them)\n", count - it->shown_max);
}

// A side of a table: a version is written to a file of its own, the work tree's is read in place.
static gy_status make_side(gy_diff_side *side, comparison *it, int which, const char *scratch,
                           gy_error *err)
{
    const char *project = gy_store_project(it->store), *path = it->dataset->path;
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    *side = (gy_diff_side){.revision = it->revisions[which], .is_output = it->dataset->is_output};
    side->folder = gy_arena_format(it->cli->arena, "%s/%.*s", project,
                                   slash == NULL ? 0 : (int)(slash - path) + 1, path);
    bool is_work = which == 1 && it->revisions[1] == NULL;
    char *file = is_work ? gy_arena_format(it->cli->arena, "%s/%s", project, path)
                         : gy_arena_format(it->cli->arena, "%s/%d-%s", scratch, which, name);
    if (file == NULL || side->folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (is_work ? access(file, F_OK) != 0 : !it->has_pointer[which])
        return GY_OK;
    side->table = file;
    return is_work ? GY_OK : gy_store_write_to(it->store, &it->pointers[which].root, file, err);
}

// A row changes in any column, its soft label, say: how many labels are other ones is told apart.
static void print_counts(comparison *it, const gy_diff_counts *counts)
{
    gy_text_add(it->out, "%s: rows: %zu added, %zu removed, %zu changed", it->dataset->path,
                counts->added, counts->removed, counts->changed);
    if (counts->changed > 0 && counts->has_labels)
        gy_text_add(it->out, ", %zu of them in the label", counts->labels);
    gy_text_add(it->out, "\n");
    if (counts->without_id > 0)
        gy_text_add(it->out, "  rows without an id, not compared: %zu\n", counts->without_id);
}

static gy_status diff_table(comparison *it, gy_error *err)
{
    gy_scratch scratch;
    gy_diff_side sides[2] = {{0}, {0}};
    gy_diff_counts counts = {0};
    gy_text lines = {0};
    GY_TRY(gy_scratch_open(&scratch, it->cli->arena, err));
    gy_status status = make_side(&sides[0], it, 0, scratch.path, err);
    if (status == GY_OK)
        status = make_side(&sides[1], it, 1, scratch.path, err);
    if (status == GY_OK)
        status = gy_diff_tables(&lines, &counts, it->cli, it->store, it->dataset->path, &sides[0],
                                &sides[1], it->shown_max, err);
    gy_scratch_close(&scratch);
    if (status == GY_OK && lines.status != GY_OK)
        status = gy_fail(err, lines.status, "no memory for the results");
    if (status == GY_OK && !it->cli->json)
        print_counts(it, &counts);
    if (status == GY_OK)
        gy_text_append(it->out, lines.bytes, lines.length);
    gy_text_release(&lines);
    return status;
}

static gy_status diff_dataset(comparison *it, gy_error *err)
{
    gy_change *changes;
    size_t count;
    GY_TRY(read_pointer(it, 0, err));
    if (it->revisions[1] != NULL)
        GY_TRY(read_pointer(it, 1, err));
    const gy_pointer *before = it->has_pointer[0] ? &it->pointers[0] : NULL;
    if (it->revisions[1] != NULL)
        GY_TRY(gy_store_compare(&changes, &count, it->store, before,
                                it->has_pointer[1] ? &it->pointers[1] : NULL, it->cli->arena, err));
    else
        GY_TRY(gy_store_compare_work(&changes, &count, it->store, before, it->dataset->path,
                                     it->cli->arena, err));
    if (count == 0)
        return GY_OK;
    bool is_table = !it->dataset->pointer.is_folder && gy_table_is_rows(it->dataset->path);
    gy_error reason = {0};
    gy_status status = GY_FORMAT;
    if (is_table && (before == NULL || !before->is_folder))
        status = diff_table(it, &reason);
    // An output may be called as a table is, and be none: an empty list of what is wrong, say.
    bool is_file = status == GY_FORMAT && (!is_table || it->dataset->is_output);
    if (status != GY_OK && !is_file)
        return gy_fail(err, status, "%s", reason.message);
    if (is_file)
        print_files(it, changes, count);
    return GY_OK;
}

static gy_status diff_run(gy_cli *cli, gy_error *err)
{
    diff_options chosen = {0};
    gy_store *store;
    gy_dataset *datasets;
    size_t count = 0, revisions = 0;
    gy_text out = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_diff, cli, err));
    while (revisions < cli->operands && revisions < REVISIONS_MAX &&
           !is_path(cli, cli->args[revisions]))
        revisions++;
    GY_TRY(gy_store_open(&store, ".", err));
    gy_status status =
        gy_store_contents(&datasets, &count, store, (const char *const *)cli->args + revisions,
                          cli->operands - revisions, cli->arena, err);
    for (size_t i = 0; status == GY_OK && i < count; i++) {
        comparison it = {.cli = cli,
                         .store = store,
                         .dataset = &datasets[i],
                         .shown_max = chosen.all || cli->json ? 0 : SHOWN_MAX,
                         .out = &out};
        for (size_t k = 0; k < revisions; k++)
            it.revisions[k] = cli->args[k];
        status = diff_dataset(&it, err);
    }
    gy_store_close(store);
    if (status == GY_OK && out.length == 0 && !cli->json)
        gy_text_add(&out, "no differences\n");
    gy_status printed = gy_print_text(cli, &out, status == GY_OK ? err : NULL);
    return status == GY_OK ? printed : status;
}

const gy_command gy_command_diff = {
    .name = "diff",
    .usage = "gyre diff [--all] [REVISION [REVISION]] [PATH...]",
    .summary = "show what differs between two versions, sample by sample",
    .group = "data",
    .details =
        "Compares the data of the work tree with the version that the pointer files and "
        "gyre.lock name; with one REVISION of git, with the version that it names; with two, "
        "those two. Folders are compared file by file, tables row by row, rows matched by the "
        "ids of their samples: a label that was corrected is a change of one row, not a new "
        "sample. Predictions that a stage made are matched by their column of ids, and scores "
        "beside them are no change.",
    .examples = "  gyre diff\n  gyre diff HEAD~1\n  gyre diff v1 v2 labels.csv",
    .options = options,
    .operands_min = 0,
    .operands_max = 10000,
    .run = diff_run,
};
