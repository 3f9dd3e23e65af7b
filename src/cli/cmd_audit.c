// SPDX-License-Identifier: Apache-2.0
//
// gyre audit: wrong labels, outliers and near duplicates of any table or image folder.

#include <string.h>
#include <sys/stat.h>

#include "cli/findings.h"

enum { SHOWN = 10 };

typedef struct audit_options {
    const char *label, *fix, *report, *recipe;
    gy_texts probabilities;
    size_t seed;
    bool all;
} audit_options;

static void show_progress(void *context, const char *step, size_t done, size_t total)
{
    gy_progress(context, step, done, total);
}

static void print_kind(const gy_cli *cli, gy_finding_kind kind, const char *title,
                       const gy_finding *findings, size_t count)
{
    size_t found = 0, shown = 0;
    for (size_t i = 0; i < count; i++)
        found += findings[i].kind == kind && findings[i].is_flagged;
    fprintf(cli->out, "%s: %zu\n", title, found);
    for (size_t i = 0; i < count && shown < SHOWN; i++) {
        const gy_finding *at = &findings[i];
        if (at->kind != kind || !at->is_flagged)
            continue;
        fprintf(cli->out, "  %.12s  row %-6zu  %.3f  ", at->has_id ? gy_id_text(&at->id).text : "-",
                at->row + 1, at->score);
        if (kind == GY_FINDING_LABEL)
            fprintf(cli->out, "%s -> %s  ", at->given, at->suggested);
        fprintf(cli->out, "%s%s%s\n", at->path != NULL ? at->path : "",
                at->path != NULL ? ": " : "", at->reason);
        shown++;
    }
    if (found > shown)
        fprintf(cli->out, "  ... and %zu more (--json shows all)\n", found - shown);
}

static gy_status print_findings(const gy_cli *cli, const gy_finding *findings, size_t count,
                                bool all, const char *unjudged, gy_error *err)
{
    gy_text out = {0};
    for (size_t i = 0; cli->json && i < count; i++)
        if (all || findings[i].is_flagged)
            gy_finding_add_json(&out, &findings[i]);
    if (cli->json)
        return gy_print_text(cli, &out, err);
    if (unjudged == NULL)
        print_kind(cli, GY_FINDING_LABEL, "labels at odds with the sample", findings, count);
    else
        fprintf(cli->out, "labels at odds with the sample: not judged (%s)\n", unjudged);
    print_kind(cli, GY_FINDING_OUTLIER, "outliers", findings, count);
    print_kind(cli, GY_FINDING_DUPLICATE, "near duplicates", findings, count);
    print_kind(cli, GY_FINDING_BROKEN, "broken", findings, count);
    return GY_OK;
}

static gy_status fix(const gy_cli *cli, const gy_subject *subject, const char *out,
                     gy_clean_recipe recipe, const gy_finding *findings, size_t count,
                     gy_error *err)
{
    gy_cleaning cleaning;
    gy_clean_options options = {.recipe = recipe, .keep_outliers = gy_subject_is_plain(subject)};
    GY_TRY(gy_clean(&cleaning, &subject->table, &subject->marks, findings, count, &options,
                    cli->arena, err));
    GY_TRY(gy_clean_write(&cleaning, &subject->table, &subject->marks, out, cli->arena, err));
    if (!cli->quiet)
        gy_cleaning_tell(&cleaning, out, stderr);
    return GY_OK;
}

// What is audited may be the only copy: no output goes over it.
static gy_status check_output(const char *option, const char *output, const char *path,
                              gy_error *err)
{
    struct stat input, there;
    if (output == NULL || stat(path, &input) != 0 || stat(output, &there) != 0 ||
        input.st_dev != there.st_dev || input.st_ino != there.st_ino)
        return GY_OK;
    return gy_fail(err, GY_REFUSED,
                   "%s '%s' would overwrite what is audited: name another file (gyre clean mends a "
                   "table in place, once gyre add has stored it)",
                   option, output);
}

static gy_status audit_run(gy_cli *cli, gy_error *err)
{
    audit_options chosen = {.recipe = "relabel", .seed = 1};
    gy_clean_recipe recipe;
    gy_subject subject;
    gy_audit audit;
    gy_finding *findings;
    size_t count;
    GY_TRY(gy_options_parse(&chosen, &gy_command_audit, cli, err));
    GY_TRY(gy_clean_recipe_parse(&recipe, chosen.recipe, err));
    GY_TRY(check_output("--fix", chosen.fix, cli->args[0], err));
    if (chosen.fix != NULL)
        GY_TRY(gy_table_rewrite_check(cli->args[0], chosen.fix, err));
    GY_TRY(check_output("--report", chosen.report, cli->args[0], err));
    GY_TRY(gy_subject_read(&subject, cli->args[0], chosen.label, cli, err));
    gy_samples samples;
    GY_TRY(gy_samples_read(&samples, &subject.table, &subject.marks, cli->arena, err));
    if (!cli->quiet && samples.note[0] != '\0')
        fprintf(stderr, "%s", samples.note);
    if (!cli->quiet && subject.marks.label_column == NULL)
        fprintf(stderr, "no column is called label, target, class or y: labels are not judged "
                        "(--label COLUMN names it)\n");
    float *probabilities = NULL;
    if (chosen.probabilities.count > 0)
        GY_TRY(gy_probabilities_read(&probabilities, &samples, subject.table.rows,
                                     chosen.probabilities.items, chosen.probabilities.count,
                                     cli->arena, err));
    gy_audit_options options = {.seed = chosen.seed,
                                .probabilities = probabilities,
                                .progress = show_progress,
                                .context = cli};
    GY_TRY(gy_value_audit(&audit, &samples, &options, cli->arena, err));
    // What is repaired, now or by gyre clean later, may want the soft label of every sample.
    bool all = (cli->json && chosen.all) || chosen.fix != NULL || subject.project != NULL;
    GY_TRY(gy_audit_findings(&findings, &count, &audit, &samples, all, cli->arena, err));
    GY_TRY(gy_findings_complete(&findings, &count, &subject.table, &subject.marks, &samples,
                                cli->arena, err));
    if (chosen.report != NULL)
        GY_TRY(gy_audit_page_write(chosen.report, subject.table.path, &audit, &samples, findings,
                                   count, cli->arena, err));
    if (chosen.fix != NULL)
        GY_TRY(fix(cli, &subject, chosen.fix, recipe, findings, count, err));
    GY_TRY(gy_findings_record(findings, count, &subject, cli, err));
    return print_findings(cli, findings, count, chosen.all, audit.unjudged, err);
}

static const gy_option options[] = {
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(audit_options, label),
     "the column of labels (else the contract's, else label, target, class or y)"},
    {GY_OPTION_FLAG, "all", 0, NULL, offsetof(audit_options, all),
     "with --json: every sample and kind, findings or not"},
    {GY_OPTION_TEXT, "fix", 0, "FILE", offsetof(audit_options, fix),
     "write the repaired table: labels mended; copies, broken rows and outlying images left out"},
    {GY_OPTION_TEXT, "recipe", 0, "NAME", offsetof(audit_options, recipe),
     "what --fix does to wrong labels: relabel (as it is), drop or soft"},
    {GY_OPTION_TEXT, "report", 0, "FILE", offsetof(audit_options, report),
     "write a page (HTML) with the worst, as pictures where they are images"},
    {GY_OPTION_TEXTS, "probs", 0, "FILE", offsetof(audit_options, probabilities),
     "your own net's out-of-sample probabilities: npy, npz, CSV or Parquet; may be repeated"},
    {GY_OPTION_SIZE, "seed", 0, "N", offsetof(audit_options, seed),
     "of folds and judges (1 if not given); the same seed gives the same bits"},
    GY_OPTIONS_END};

const gy_command gy_command_audit = {
    .name = "audit",
    .usage = "gyre audit [OPTION...] PATH",
    .summary = "find wrong labels, outliers and near duplicates",
    .group = "value",
    .details =
        "PATH is a CSV, Parquet or JSONL table, a table with a column of image paths, or a folder "
        "of images whose sub-folders are the labels. No model and no project is needed: judges of "
        "several kinds learn on a part of the data and judge the rest.\n\n"
        "With --json, one object a line: id, row (from 1), path, kind (label, outlier, duplicate, "
        "broken), score (0 to 1, higher is worse), given, suggested, reason, and for labels soft, "
        "the probability of each class.\n\n"
        "--fix keeps the outliers of a table of numbers and text: they may be the rarest of the "
        "right ones. gyre clean --drop-outliers leaves them out.\n\n"
        "In a project the findings also go into the ledger, and gyre clean applies them.",
    .examples = "gyre audit train.csv --label species\n"
                "gyre audit labels.csv --report audit.html\n"
                "gyre audit images --fix better.csv\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = audit_run,
};
