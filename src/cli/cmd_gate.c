// SPDX-License-Identifier: Apache-2.0
//
// gyre gate: may this model pass? The gates of gyre.yaml, or two files of predictions.

#include <math.h>
#include <string.h>

#include "cli/command.h"

typedef struct gate_options {
    const char *newer, *older, *metric;
    double margin, confidence;
    size_t seed, resamples;
} gate_options;

static void add_number(gy_text *out, const char *key, double value)
{
    gy_text_add(out, ",\"%s\":", key);
    gy_text_json_number(out, value);
}

static void add_result(gy_text *out, const gy_gate_result *result, double margin, double confidence)
{
    add_number(out, "old", result->old_value);
    add_number(out, "new", result->new_value);
    add_number(out, "gain", result->gain);
    add_number(out, "low", result->low);
    add_number(out, "high", result->high);
    add_number(out, "confidence", confidence);
    add_number(out, "margin", margin);
    gy_text_add(out, ",\"samples\":%zu,\"only_old\":%zu,\"only_new\":%zu", result->samples,
                result->only_old, result->only_new);
}

static void add_verdict(gy_text *out, const gy_gate_verdict *verdict, bool json)
{
    if (!json) {
        gy_text_add(out, "%s: %s: %s\n", verdict->name,
                    verdict->status != GY_OK ? "not judged"
                    : verdict->passes        ? "passes"
                                             : "says no",
                    verdict->words);
        return;
    }
    gy_text_add(out, "{\"gate\":");
    gy_text_json_string(out, verdict->name, strlen(verdict->name));
    gy_text_add(out, ",\"passes\":%s,\"metric\":",
                verdict->status != GY_OK ? "null"
                : verdict->passes        ? "true"
                                         : "false");
    gy_text_json_string(out, verdict->metric, strlen(verdict->metric));
    if (verdict->status != GY_OK) {
        gy_text_add(out, ",\"status\":%d", gy_status_exit_code(verdict->status));
    } else if (verdict->compares) {
        add_result(out, &verdict->result, verdict->margin, verdict->confidence);
    } else {
        add_number(out, "value", verdict->value);
        add_number(out, "min", verdict->low);
        add_number(out, "max", verdict->high);
    }
    gy_text_add(out, ",\"words\":");
    gy_text_json_string(out, verdict->words, strlen(verdict->words));
    gy_text_add(out, "}\n");
}

static gy_status judge_files(gy_gate_verdict *verdict, const gate_options *chosen, gy_cli *cli,
                             gy_error *err)
{
    if (chosen->newer == NULL || chosen->older == NULL)
        return gy_fail(err, GY_INVALID, "--new and --old go together");
    if (cli->operands > 0)
        return gy_fail(err, GY_INVALID, "either gates by name, or --new and --old");
    return gy_gate_files(verdict, chosen->newer, chosen->older,
                         &(gy_gate_options){.metric = chosen->metric,
                                            .margin = chosen->margin,
                                            .confidence = chosen->confidence,
                                            .resamples = chosen->resamples,
                                            .seed = chosen->seed},
                         cli->arena, err);
}

static gy_status judge_pipeline(gy_gate_verdict **verdicts, size_t *count, gy_cli *cli,
                                gy_error *err)
{
    gy_pipeline *pipeline;
    *count = 0;
    GY_TRY(gy_pipeline_open(&pipeline, ".", err));
    gy_status status = gy_pipeline_gates(verdicts, count, pipeline, (const char *const *)cli->args,
                                         cli->operands, cli->arena, err);
    gy_pipeline_close(pipeline);
    return status;
}

static gy_status gate_run(gy_cli *cli, gy_error *err)
{
    gate_options chosen = {.confidence = 0.95, .seed = 1};
    gy_gate_verdict one, *verdicts = &one;
    const gy_gate_verdict *refused = NULL;
    size_t count = 1, against = 0;
    gy_status status = GY_OK;
    gy_text out = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_gate, cli, err));
    if (chosen.newer != NULL || chosen.older != NULL)
        GY_TRY(judge_files(&one, &chosen, cli, err));
    else
        status = judge_pipeline(&verdicts, &count, cli, err);
    for (size_t i = 0; i < count; i++) {
        add_verdict(&out, &verdicts[i], cli->json);
        if (verdicts[i].status != GY_OK || verdicts[i].passes)
            continue;
        refused = against++ == 0 ? &verdicts[i] : refused;
    }
    gy_status printed = gy_print_text(cli, &out, status == GY_OK ? err : NULL);
    if (status != GY_OK || printed != GY_OK)
        return status != GY_OK ? status : printed;
    if (refused == NULL)
        return GY_OK;
    return gy_fail(err, GY_REFUSED, "%zu of %zu %s no: '%s': %s", against, count,
                   against == 1 ? "says" : "say", refused->name, refused->words);
}

static const gy_option options[] = {
    {GY_OPTION_TEXT, "new", 0, "FILE", offsetof(gate_options, newer),
     "predictions of the new model: a table of id, label, prediction"},
    {GY_OPTION_TEXT, "old", 0, "FILE", offsetof(gate_options, older),
     "predictions of the old model, of the same samples"},
    {GY_OPTION_TEXT, "metric", 'm', "NAME", offsetof(gate_options, metric),
     "accuracy (default), balanced_accuracy, loss, absolute_error, squared_error"},
    {GY_OPTION_NUMBER, "margin", 0, "X", offsetof(gate_options, margin),
     "the gain must be above it; below 0: how much may be lost (default 0)"},
    {GY_OPTION_NUMBER, "confidence", 0, "SHARE", offsetof(gate_options, confidence),
     "of the interval (default 0.95)"},
    {GY_OPTION_SIZE, "resamples", 0, "N", offsetof(gate_options, resamples),
     "of the bootstrap (default 10000)"},
    {GY_OPTION_SIZE, "seed", 0, "N", offsetof(gate_options, seed), "of the bootstrap (default 1)"},
    GY_OPTIONS_END,
};

const gy_command gy_command_gate = {
    .name = "gate",
    .usage = "gyre gate [NAME...]\n       gyre gate --new FILE --old FILE [OPTION...]",
    .summary = "say whether a model may pass: bounds, and better than before beyond noise",
    .group = "pipeline",
    .details =
        "The gates of gyre.yaml, all or by name. A gate with 'than' compares the predictions of "
        "two\n"
        "models sample by sample: the interval of the gain (paired bootstrap over sample ids) "
        "must\n"
        "lie above the margin. A gate with 'min' or 'max' holds a number of a metrics file "
        "against\n"
        "them. With 'costs', an error counts what it costs. Every verdict goes into the ledger.\n\n"
        "Exit status 1 when a gate says no; where one cannot be judged, the others are told, and "
        "the\n"
        "status is that of what kept it from being judged.",
    .examples = "  gyre gate\n  gyre gate better\n"
                "  gyre gate --new new.csv --old old.csv --metric loss --margin 0.01\n\n"
                "gyre.yaml:\n"
                "  gates:\n"
                "    better:\n"
                "      metric: accuracy\n"
                "      predictions: predictions.csv   # id, label, prediction\n"
                "      than: HEAD~1                   # a git revision\n"
                "    enough:\n"
                "      file: metrics.json\n"
                "      metric: accuracy\n"
                "      min: 0.8",
    .options = options,
    .operands_max = 1000,
    .run = gate_run,
};
