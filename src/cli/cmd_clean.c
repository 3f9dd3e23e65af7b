// SPDX-License-Identifier: Apache-2.0
//
// gyre clean: apply what an audit and a check found, by a recipe.

#include <string.h>
#include <unistd.h>

#include "cli/findings.h"
#include "cli/record.h"

typedef struct clean_options {
    const char *recipe, *output, *label, *quarantine;
    gy_texts from;
    bool keep_outliers, drop_outliers, keep_duplicates, keep_broken, dry_run;
} clean_options;

// A table is rewritten in place only when what it was before can be had again.
static gy_status check_stored(const gy_subject *subject, const char *path, const gy_cli *cli,
                              gy_error *err)
{
    if (subject->project == NULL)
        return gy_fail(err, GY_REFUSED,
                       "'%s' is in no project that keeps its present state: give --output FILE, or "
                       "gyre init and gyre add it first",
                       path);
    gy_store *store;
    gy_dataset *datasets;
    size_t count = 0;
    GY_TRY(gy_store_open(&store, subject->project, err));
    gy_status status = gy_store_status(&datasets, &count, store, &path, 1, cli->arena, err);
    gy_store_close(store);
    if (status == GY_NOT_FOUND || (status == GY_OK && count == 0))
        return gy_fail(err, GY_REFUSED,
                       "'%s' is not stored: gyre add it first, or give --output FILE", path);
    GY_TRY(status);
    if (datasets[0].state != GY_DATASET_CLEAN)
        return gy_fail(err, GY_REFUSED,
                       "the present state of '%s' is not stored: gyre add it first, or give "
                       "--output FILE",
                       path);
    return GY_OK;
}

static void print_result(const gy_cli *cli, const gy_cleaning *cleaning, const char *path)
{
    if (!cli->json) {
        gy_cleaning_tell(cleaning, path, cli->out);
        return;
    }
    fprintf(cli->out,
            "{\"labels_changed\":%zu,\"soft_labels\":%zu,\"dropped_broken\":%zu,"
            "\"dropped_duplicates\":%zu,\"dropped_outliers\":%zu,\"dropped_labels\":%zu,\"kept_"
            "outliers\":%zu,\"broken\":{",
            cleaning->change_count, cleaning->soft, cleaning->dropped_broken,
            cleaning->dropped_duplicates, cleaning->dropped_outliers, cleaning->dropped_labels,
            cleaning->kept_outliers);
    gy_text rules = {0};
    for (size_t i = 0; i < cleaning->broken_count; i++) {
        gy_text_add(&rules, i == 0 ? "" : ",");
        gy_json_text(&rules, cleaning->broken[i].rule);
        gy_text_add(&rules, ":%zu", cleaning->broken[i].rows);
    }
    fprintf(cli->out, "%s}}\n", rules.bytes == NULL ? "" : rules.bytes);
    gy_text_release(&rules);
}

static gy_status add_findings(gy_finding **all, size_t *all_count, const gy_finding *more,
                              size_t more_count, gy_arena *arena, gy_error *err)
{
    gy_finding *both = GY_NEW(arena, gy_finding, *all_count + more_count + 1);
    if (both == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu findings", *all_count + more_count);
    if (*all_count > 0)
        memcpy(both, *all, *all_count * sizeof(*both));
    if (more_count > 0)
        memcpy(both + *all_count, more, more_count * sizeof(*both));
    *all = both;
    *all_count += more_count;
    return GY_OK;
}

// What checks and audits say of the table's present content.
static gy_status kept_findings(gy_finding **findings, size_t *count, const gy_subject *subject,
                               gy_arena *arena, gy_error *err)
{
    static const char *const deeds[] = {"check", "audit"};
    bool any = false;
    if (subject->project == NULL)
        return gy_fail(err, GY_INVALID,
                       "'%s' is in no project that keeps findings: give --from FILE, what gyre "
                       "audit --json --all or gyre check --json printed",
                       subject->table.path);
    for (size_t i = 0; i < 2; i++) {
        gy_finding *kept;
        size_t kept_count;
        gy_error why = {0};
        gy_status status = gy_findings_kept(&kept, &kept_count, deeds[i], subject->project,
                                            &subject->table, arena, &why);
        if (status == GY_NOT_FOUND)
            continue;
        if (status != GY_OK)
            return gy_fail(err, status, "%s", why.message);
        GY_TRY(add_findings(findings, count, kept, kept_count, arena, err));
        any = true;
    }
    return any ? GY_OK
               : gy_fail(err, GY_NOT_FOUND,
                         "neither an audit nor a check of the present content of '%s': run gyre "
                         "audit %s",
                         subject->table.path, subject->table.path);
}

static gy_status read_findings(gy_finding **findings, size_t *count, const clean_options *chosen,
                               const gy_subject *subject, gy_arena *arena, gy_error *err)
{
    *findings = NULL;
    *count = 0;
    for (size_t i = 0; i < chosen->from.count; i++) {
        gy_finding *more;
        size_t more_count;
        GY_TRY(gy_findings_read(&more, &more_count, chosen->from.items[i], arena, err));
        GY_TRY(add_findings(findings, count, more, more_count, arena, err));
    }
    return chosen->from.count > 0 ? GY_OK : kept_findings(findings, count, subject, arena, err);
}

// Write the table and record what was changed. A table in place keeps a second name until the
// ledger has taken it: what it would not take is undone without any room on the disk.
static gy_status write_table(const gy_cleaning *cleaning, const gy_subject *subject,
                             const char *out, bool in_place, const gy_cli *cli, gy_error *err)
{
    const char *slash = strrchr(out, '/'), *name = slash == NULL ? out : slash + 1;
    const char *before =
        gy_arena_format(cli->arena, "%.*s.%s.gyre-before", (int)(name - out), out, name);
    if (before == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    unlink(before); // of a run that was killed
    bool is_kept = in_place && link(out, before) == 0;
    gy_status status =
        gy_clean_write(cleaning, &subject->table, &subject->marks, out, cli->arena, err);
    if (status == GY_OK) {
        status = gy_changes_record(cleaning, subject, cli, err);
        if (status != GY_OK && is_kept && rename(before, out) == 0)
            return status;
        if (status != GY_OK && in_place) {
            gy_error reason = err == NULL ? (gy_error){0} : *err;
            status = gy_fail(err, status,
                             "%.300s; the ledger does not know what was changed in '%s': gyre "
                             "checkout --force brings it back, to be cleaned again",
                             reason.message, out);
        }
    }
    if (is_kept)
        unlink(before);
    return status;
}

static gy_status clean_run(gy_cli *cli, gy_error *err)
{
    clean_options chosen = {.recipe = "soft"};
    gy_clean_options how = {0};
    gy_subject subject;
    gy_finding *findings;
    gy_cleaning cleaning;
    size_t count;
    GY_TRY(gy_options_parse(&chosen, &gy_command_clean, cli, err));
    const char *path = cli->args[0], *out = chosen.output != NULL ? chosen.output : path;
    GY_TRY(gy_clean_recipe_parse(&how.recipe, chosen.recipe, err));
    how.keep_duplicates = chosen.keep_duplicates;
    how.keep_broken = chosen.keep_broken;
    GY_TRY(gy_subject_read(&subject, path, chosen.label, cli, err));
    how.keep_outliers =
        chosen.keep_outliers || (!chosen.drop_outliers && gy_subject_is_plain(&subject));
    GY_TRY(read_findings(&findings, &count, &chosen, &subject, cli->arena, err));
    GY_TRY(gy_clean(&cleaning, &subject.table, &subject.marks, findings, count, &how, cli->arena,
                    err));
    if (chosen.output == NULL && !chosen.dry_run)
        GY_TRY(check_stored(&subject, path, cli, err));
    if (chosen.quarantine != NULL && !chosen.dry_run)
        GY_TRY(gy_clean_quarantine(&cleaning, &subject.table, chosen.quarantine, cli->arena, err));
    if (!chosen.dry_run)
        GY_TRY(write_table(&cleaning, &subject, out, chosen.output == NULL, cli, err));
    print_result(cli, &cleaning, out);
    return GY_OK;
}

static const gy_option options[] = {
    {GY_OPTION_TEXT, "recipe", 0, "NAME", offsetof(clean_options, recipe),
     "for wrong labels: soft (as it is), relabel or drop"},
    {GY_OPTION_TEXTS, "from", 0, "FILE", offsetof(clean_options, from),
     "findings, as gyre audit --json --all and gyre check --json print them (else those of the "
     "last "
     "audit and check); may be repeated"},
    {GY_OPTION_TEXT, "output", 'o', "FILE", offsetof(clean_options, output),
     "write there, and leave PATH as it is"},
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(clean_options, label), "the column of labels"},
    {GY_OPTION_FLAG, "keep-outliers", 0, NULL, offsetof(clean_options, keep_outliers),
     "leave outliers in (as is done in a table of numbers and text)"},
    {GY_OPTION_FLAG, "drop-outliers", 0, NULL, offsetof(clean_options, drop_outliers),
     "leave outliers out (as is done with images)"},
    {GY_OPTION_FLAG, "keep-duplicates", 0, NULL, offsetof(clean_options, keep_duplicates),
     "leave near duplicates in"},
    {GY_OPTION_FLAG, "keep-broken", 0, NULL, offsetof(clean_options, keep_broken),
     "leave rows in that cannot be read, have no label or break a rule"},
    {GY_OPTION_TEXT, "quarantine", 0, "FILE", offsetof(clean_options, quarantine),
     "write broken rows there, with the reason in a column gyre_reason, instead of losing them"},
    {GY_OPTION_FLAG, "dry-run", 'n', NULL, offsetof(clean_options, dry_run),
     "only say what would change"},
    GY_OPTIONS_END};

const gy_command gy_command_clean = {
    .name = "clean",
    .usage = "gyre clean [OPTION...] PATH",
    .summary = "apply what audit and check found: mend labels, drop copies and broken rows",
    .group = "quality",
    .details =
        "With the recipe soft, a wrong label becomes the likeliest class, and the column gyre_soft "
        "says how likely each class is: training on those shares wins back more than any choice "
        "between them. relabel changes the label alone, drop leaves the row out.\n\n"
        "A row that breaks a rule of severity error by itself (a wrong type, no label, an unknown "
        "class, a file that cannot be decoded) is broken and goes, or into quarantine. Rules of "
        "several rows, unique and shares of the rows, name no row that is at fault: theirs "
        "stay.\n\n"
        "The table is rewritten in place, and only if its present state is stored (gyre add); what "
        "does not change keeps its bytes. Changed labels are recorded in the ledger.",
    .examples = "gyre audit labels.csv && gyre clean labels.csv\n"
                "gyre audit train.csv --json --all >found.jsonl\n"
                "gyre clean train.csv --from found.jsonl -o better.csv\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = clean_run,
};
