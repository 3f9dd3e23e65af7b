// SPDX-License-Identifier: Apache-2.0
//
// gyre report: a page for someone who does not code.

#include <string.h>

#include "cli/command.h"

static gy_status report_run(gy_cli *cli, gy_error *err)
{
    gy_report_options chosen = {.path = "report.html"};
    gy_pipeline *pipeline;
    gy_text out = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_report, cli, err));
    GY_TRY(gy_pipeline_open(&pipeline, ".", err));
    gy_status status = gy_pipeline_report(pipeline, &chosen, err);
    gy_pipeline_close(pipeline);
    GY_TRY(status);
    if (cli->json) {
        gy_text_add(&out, "{");
        gy_text_json_member(&out, "path", chosen.path);
        gy_text_add(&out, "}\n");
    } else if (!cli->quiet) {
        gy_text_add(&out, "%s\n", chosen.path);
    }
    return gy_print_text(cli, &out, err);
}

static const gy_option options[] = {
    {GY_OPTION_TEXT, "output", 'o', "FILE", offsetof(gy_report_options, path),
     "where to write the page (default report.html)"},
    {GY_OPTION_TEXT, "title", 0, "TEXT", offsetof(gy_report_options, title),
     "its heading (default: the folder's name)"},
    {GY_OPTION_TEXT, "data", 0, "FILE", offsetof(gy_report_options, data),
     "a JSON object of figures to show, too"},
    GY_OPTIONS_END,
};

const gy_command gy_command_report = {
    .name = "report",
    .usage = "gyre report [-o FILE] [--title TEXT] [--data FILE]",
    .summary = "write a page for someone who does not code: quality, findings, gates, model card",
    .group = "pipeline",
    .details =
        "The page is one HTML file that loads nothing from anywhere, light and dark, from phone\n"
        "width on. It shows what the ledger, gyre.lock, the metrics files and the predictions\n"
        "say; nothing is run.",
    .examples = "  gyre report -o report.html --title 'Garments, autumn delivery'",
    .options = options,
    .run = report_run,
};
