// SPDX-License-Identifier: Apache-2.0
//
// gyre clean: apply what an audit found, by a recipe.

#include "cli/findings.h"

typedef struct clean_options {
    const char *recipe, *from, *output, *label;
    bool keep_outliers, keep_duplicates, keep_broken, dry_run;
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
            "\"dropped_duplicates\":%zu,\"dropped_outliers\":%zu,\"dropped_labels\":%zu}\n",
            cleaning->change_count, cleaning->soft, cleaning->dropped_broken,
            cleaning->dropped_duplicates, cleaning->dropped_outliers, cleaning->dropped_labels);
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
    how.keep_outliers = chosen.keep_outliers;
    how.keep_duplicates = chosen.keep_duplicates;
    how.keep_broken = chosen.keep_broken;
    GY_TRY(gy_subject_read(&subject, path, chosen.label, cli, err));
    if (chosen.from != NULL)
        GY_TRY(gy_findings_read(&findings, &count, chosen.from, cli->arena, err));
    else if (subject.project != NULL)
        GY_TRY(
            gy_findings_kept(&findings, &count, subject.project, &subject.table, cli->arena, err));
    else
        return gy_fail(err, GY_INVALID,
                       "'%s' is in no project that keeps audits: give --from FILE, what gyre audit "
                       "--json --all printed",
                       path);
    GY_TRY(gy_clean(&cleaning, &subject.table, &subject.marks, findings, count, &how, cli->arena,
                    err));
    if (chosen.output == NULL && !chosen.dry_run)
        GY_TRY(check_stored(&subject, path, cli, err));
    if (!chosen.dry_run) {
        GY_TRY(gy_clean_write(&cleaning, &subject.table, &subject.marks, out, cli->arena, err));
        GY_TRY(gy_changes_record(&cleaning, &subject, cli, err));
    }
    print_result(cli, &cleaning, out);
    return GY_OK;
}

static const gy_option options[] = {
    {GY_OPTION_TEXT, "recipe", 0, "NAME", offsetof(clean_options, recipe),
     "for wrong labels: soft (as it is), relabel or drop"},
    {GY_OPTION_TEXT, "from", 0, "FILE", offsetof(clean_options, from),
     "findings, as gyre audit --json --all prints them (else those of the last audit)"},
    {GY_OPTION_TEXT, "output", 'o', "FILE", offsetof(clean_options, output),
     "write there, and leave PATH as it is"},
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(clean_options, label), "the column of labels"},
    {GY_OPTION_FLAG, "keep-outliers", 0, NULL, offsetof(clean_options, keep_outliers),
     "leave outliers in"},
    {GY_OPTION_FLAG, "keep-duplicates", 0, NULL, offsetof(clean_options, keep_duplicates),
     "leave near duplicates in"},
    {GY_OPTION_FLAG, "keep-broken", 0, NULL, offsetof(clean_options, keep_broken),
     "leave rows in that cannot be read or have no label"},
    {GY_OPTION_FLAG, "dry-run", 'n', NULL, offsetof(clean_options, dry_run),
     "only say what would change"},
    GY_OPTIONS_END};

const gy_command gy_command_clean = {
    .name = "clean",
    .usage = "gyre clean [OPTION...] PATH",
    .summary = "apply what an audit found: mend labels, drop copies, outliers and broken rows",
    .group = "quality",
    .details =
        "With the recipe soft, a wrong label becomes the likeliest class, and the column gyre_soft "
        "says how likely each class is: training on those shares wins back more than any choice "
        "between them. relabel changes the label alone, drop leaves the row out.\n\n"
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
