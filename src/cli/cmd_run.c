// SPDX-License-Identifier: Apache-2.0
//
// gyre run: run the stages of gyre.yaml that are out of date.

#include <string.h>
#include <unistd.h>

#include "cli/command.h"

typedef struct run_options {
    bool dry_run, force, single, twice;
} run_options;

static const char *const state_names[] = {[GY_STAGE_FRESH] = "fresh",
                                          [GY_STAGE_FROZEN] = "frozen",
                                          [GY_STAGE_WOULD_RUN] = "would-run",
                                          [GY_STAGE_STARTS] = "starts",
                                          [GY_STAGE_RAN] = "ran",
                                          [GY_STAGE_UNSTORED] = "unstored",
                                          [GY_STAGE_TRACKED] = "tracked",
                                          [GY_STAGE_SAME] = "same",
                                          [GY_STAGE_RESTORED] = "restored",
                                          [GY_STAGE_DIFFERS] = "differs"};

static void print_json(const gy_cli *cli, const gy_stage_event *event)
{
    gy_text out = {0};
    gy_text_add(&out, "{");
    gy_text_json_member(&out, "stage", event->stage);
    gy_text_add(&out, ",\"state\":\"%s\"", state_names[event->state]);
    if (event->reason != NULL)
        gy_text_json_member(&out, "reason", event->reason);
    if (event->run != NULL)
        gy_text_add(&out, ",\"run\":\"%s\"", event->run);
    if (event->state == GY_STAGE_RAN) {
        gy_text_add(&out, ",\"seconds\":");
        gy_text_json_number(&out, event->seconds);
    }
    gy_text_add(&out, "}\n");
    fwrite(out.bytes, 1, out.length, cli->out);
    gy_text_release(&out);
}

// A line each: a list of commands, or one over several lines.
static void print_command(const gy_cli *cli, const char *command)
{
    for (size_t length; *command != '\0'; command += length + (command[length] == '\n')) {
        length = strcspn(command, "\n");
        fprintf(cli->out, "> %.*s\n", (int)length, command);
    }
}

static void print_event(void *context, const gy_stage_event *event)
{
    const gy_cli *cli = context;
    if (cli->json) {
        print_json(cli, event);
    } else if (event->state == GY_STAGE_STARTS) {
        fprintf(cli->out, "%s: runs: %s\n", event->stage, event->reason);
        if (!cli->quiet)
            print_command(cli, event->command);
    } else if (event->state == GY_STAGE_WOULD_RUN) {
        fprintf(cli->out, "%s: would run: %s\n", event->stage, event->reason);
    } else if (event->state == GY_STAGE_DIFFERS) {
        fprintf(cli->out, "%s: '%s' came out otherwise\n", event->stage, event->reason);
    } else if (event->state == GY_STAGE_UNSTORED) {
        fprintf(cli->out, "%s: outputs are not stored: %s\n", event->stage, event->reason);
    } else if (event->state == GY_STAGE_TRACKED) {
        fprintf(cli->out,
                "%s: '%s' is in the store, and git still tracks it: git rm -r --cached %s\n",
                event->stage, event->reason, event->reason);
    } else if (event->state == GY_STAGE_SAME) {
        fprintf(cli->out, "%s: same bytes twice\n", event->stage);
    } else if (event->state == GY_STAGE_RESTORED) {
        fprintf(cli->out, "%s: outputs of an earlier run are back: %s\n", event->stage,
                event->reason);
    } else if (event->state == GY_STAGE_RAN) {
        fprintf(cli->out, "%s: done in %.1f s\n", event->stage, event->seconds);
    } else if (!cli->quiet) {
        fprintf(cli->out, "%s: %s\n", event->stage,
                event->state == GY_STAGE_FROZEN ? "frozen" : "nothing to do");
    }
    fflush(cli->out); // before a command writes to the same place
}

static gy_status run_run(gy_cli *cli, gy_error *err)
{
    run_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_run, cli, err));
    gy_pipeline *pipeline;
    GY_TRY(gy_pipeline_open(&pipeline, ".", err));
    gy_status status = gy_pipeline_run(
        pipeline,
        &(gy_run_options){.stages = (const char *const *)cli->args,
                          .count = cli->operands,
                          .single = chosen.single,
                          .dry_run = chosen.dry_run,
                          .force = chosen.force,
                          .twice = chosen.twice,
                          .output = cli->json ? STDERR_FILENO : 0, // stdout is for the objects
                          .report = print_event,
                          .context = cli},
        err);
    gy_pipeline_close(pipeline);
    return status;
}

static const gy_option options[] = {
    {GY_OPTION_FLAG, "dry-run", 'n', NULL, offsetof(run_options, dry_run),
     "run nothing, tell what would run and why"},
    {GY_OPTION_FLAG, "force", 'f', NULL, offsetof(run_options, force),
     "run also what is up to date"},
    {GY_OPTION_FLAG, "single", 's', NULL, offsetof(run_options, single),
     "the named stages alone, not what they need"},
    {GY_OPTION_FLAG, "twice", 0, NULL, offsetof(run_options, twice),
     "run each stage once more and name every output whose bytes differ"},
    GY_OPTIONS_END,
};

const gy_command gy_command_run = {
    .name = "run",
    .usage = "gyre run [OPTION...] [STAGE...]",
    .summary = "run the stages of gyre.yaml that are out of date",
    .group = "pipeline",
    .details =
        "A stage runs when it never ran, or when its command, a parameter, an input or an output\n"
        "is not as its last run left it in gyre.lock. Without names: all stages; with names: "
        "these\n"
        "and what they need. The keys of gyre.yaml are those of dvc.yaml. The name of a foreach "
        "or\n"
        "matrix is all stages that it makes, NAME@ITEM is one of them.\n\n"
        "Outputs go into the store, gyre.lock names them, and git ignores them (`cache: false`\n"
        "keeps one in git instead). Where the same command ran with the same inputs before, they\n"
        "come back from there and it does not run; --force runs it all the same.\n\n"
        "A dataset that gyre add keeps counts by its pointer file: change it, gyre add it, run.\n"
        "A command finds its run's id in GYRE_RUN and the project in GYRE_PROJECT.\n\n"
        "When a command fails, nothing of its run is recorded and the exit status is 7. With\n"
        "--twice the exit status is 1 when an output differs.",
    .examples = "  gyre run\n  gyre run --dry-run train\n  gyre run --twice --json\n\n"
                "gyre.yaml:\n"
                "  stages:\n"
                "    train:\n"
                "      cmd: python3 train.py\n"
                "      deps: [train.py, labels.csv, images.gyre]\n"
                "      params: [train]            # a key of params.yaml\n"
                "      outs: [model.onnx]\n"
                "    evaluate:\n"
                "      cmd: python3 evaluate.py\n"
                "      deps: [evaluate.py, model.onnx]\n"
                "      outs: [predictions.csv]\n"
                "      metrics: [metrics.json]",
    .options = options,
    .operands_max = 1000,
    .run = run_run,
};
