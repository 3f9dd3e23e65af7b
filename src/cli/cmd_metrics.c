// SPDX-License-Identifier: Apache-2.0
//
// gyre metrics: the numbers that stages have made, now or against a git revision.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

// One number now and then; NAN: not there.
typedef struct metric_pair {
    const char *path, *name;
    double old_value, new_value;
} metric_pair;

static int compare_pairs(const void *left, const void *right)
{
    const metric_pair *a = left, *b = right;
    int order = strcmp(a->path, b->path);
    return order != 0 ? order : strcmp(a->name, b->name);
}

static gy_status read_pairs(metric_pair **pairs, size_t *count, const gy_pipeline *pipeline,
                            const char *old_revision, const char *new_revision, gy_cli *cli,
                            gy_error *err)
{
    gy_metric *older = NULL, *newer;
    size_t older_count = 0, newer_count, matched = 0;
    GY_TRY(gy_pipeline_metrics(&newer, &newer_count, pipeline, new_revision, cli->arena, err));
    if (old_revision != NULL)
        GY_TRY(gy_pipeline_metrics(&older, &older_count, pipeline, old_revision, cli->arena, err));
    *pairs = GY_NEW(cli->arena, metric_pair, older_count + newer_count);
    if (*pairs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu metrics", older_count + newer_count);
    for (size_t i = 0; i < newer_count; i++)
        (*pairs)[i] = (metric_pair){newer[i].path, newer[i].name, NAN, newer[i].value};
    for (size_t i = 0; i < older_count; i++)
        (*pairs)[newer_count + i] =
            (metric_pair){older[i].path, older[i].name, older[i].value, NAN};
    qsort(*pairs, older_count + newer_count, sizeof(metric_pair), compare_pairs);
    for (size_t i = 0; i < older_count + newer_count; i++) {
        metric_pair *last = matched == 0 ? NULL : &(*pairs)[matched - 1];
        const metric_pair *next = &(*pairs)[i];
        if (last == NULL || compare_pairs(last, next) != 0) {
            (*pairs)[matched++] = *next;
            continue;
        }
        last->old_value = isnan(last->old_value) ? next->old_value : last->old_value;
        last->new_value = isnan(last->new_value) ? next->new_value : last->new_value;
    }
    *count = matched;
    return GY_OK;
}

static void add_pair(gy_text *out, const metric_pair *pair, bool difference, bool json)
{
    if (json) {
        gy_text_add(out, "{");
        gy_text_json_member(out, "path", pair->path);
        gy_text_json_member(out, "name", pair->name);
        gy_text_add(out, difference ? ",\"old\":" : ",\"value\":");
        gy_text_json_number(out, difference ? pair->old_value : pair->new_value);
        if (difference) {
            gy_text_add(out, ",\"new\":");
            gy_text_json_number(out, pair->new_value);
            gy_text_add(out, ",\"change\":");
            gy_text_json_number(out, pair->new_value - pair->old_value);
        }
        gy_text_add(out, "}\n");
        return;
    }
    const double values[] = {pair->old_value, pair->new_value, pair->new_value - pair->old_value};
    gy_text_add(out, "%-32s", pair->name);
    for (size_t i = difference ? 0 : 1; i < (difference ? 3 : 2); i++)
        if (isnan(values[i]))
            gy_text_add(out, " %12s", "-");
        else
            gy_text_add(out, i == 2 ? " %+12.6g" : " %12.6g", values[i]);
    gy_text_add(out, "  %s\n", pair->path);
}

static gy_status metrics_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_metrics, cli, err));
    bool difference = cli->operands > 0 && strcmp(cli->args[0], "diff") == 0;
    if (cli->operands > 0 && !difference && strcmp(cli->args[0], "show") != 0)
        return gy_fail(err, GY_INVALID, "'%s' is neither 'show' nor 'diff'; usage: %s",
                       cli->args[0], gy_command_metrics.usage);
    if (!difference && cli->operands > 2)
        return gy_fail(err, GY_INVALID, "'show' takes one revision");
    const char *first = cli->operands > 1 ? cli->args[1] : NULL;
    const char *second = cli->operands > 2 ? cli->args[2] : NULL;
    gy_pipeline *pipeline;
    metric_pair *pairs;
    size_t count = 0;
    GY_TRY(gy_pipeline_open(&pipeline, ".", err));
    gy_status status = difference ? read_pairs(&pairs, &count, pipeline,
                                               first == NULL ? "HEAD" : first, second, cli, err)
                                  : read_pairs(&pairs, &count, pipeline, NULL, first, cli, err);
    gy_text out = {0};
    if (status == GY_OK && count > 0 && !cli->json && difference)
        gy_text_add(&out, "%-32s %12s %12s %12s\n", "metric", "old", "new", "change");
    for (size_t i = 0; status == GY_OK && i < count; i++)
        add_pair(&out, &pairs[i], difference, cli->json);
    gy_pipeline_close(pipeline);
    gy_status printed = gy_print_text(cli, &out, err);
    return status == GY_OK ? printed : status;
}

const gy_command gy_command_metrics = {
    .name = "metrics",
    .usage = "gyre metrics [show [REV]]\n       gyre metrics diff [REV [REV]]",
    .summary = "the numbers that stages have made, now or against a git revision",
    .group = "pipeline",
    .details =
        "Every number in the metrics files of gyre.yaml, under its dotted name. diff compares\n"
        "the work tree (or the second revision) with a revision, HEAD if none is named. An\n"
        "older metrics file is read from the store by the gyre.lock of the revision, else from "
        "git.",
    .examples = "  gyre metrics\n  gyre metrics diff HEAD~1",
    .operands_max = 3,
    .run = metrics_run,
};
