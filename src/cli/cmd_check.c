// SPDX-License-Identifier: Apache-2.0
//
// gyre check: a table against its contract, every failing row by number and id.

#include <stddef.h>
#include <string.h>

#include "cli/command.h"

typedef struct check_options {
    const char *contract;
} check_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "contract", 0, "FILE", offsetof(check_options, contract),
     "the contract (default: NAME.contract.yaml beside the table)"},
    GY_OPTIONS_END,
};

static void print_json(gy_text *line, const gy_failure *failure)
{
    gy_text_add(line, "{\"row\":");
    if (failure->row != 0)
        gy_text_add(line, "%zu", failure->row);
    else
        gy_text_add(line, "null");
    if (failure->id != NULL)
        gy_text_add(line, ",\"id\":\"%s\",\"rule\":", gy_id_text(failure->id).text);
    else
        gy_text_add(line, ",\"id\":null,\"rule\":");
    gy_text_json_string(line, failure->rule, strlen(failure->rule));
    if (failure->column != NULL) {
        gy_text_add(line, ",\"column\":");
        gy_text_json_string(line, failure->column, strlen(failure->column));
    }
    if (failure->value != NULL) {
        gy_text_add(line, ",\"value\":");
        gy_text_json_string(line, failure->value, failure->value_length);
    }
    gy_text_add(line, ",\"why\":");
    gy_text_json_string(line, failure->why, strlen(failure->why));
    gy_text_add(line, ",\"severity\":\"%s\"}\n", failure->warning ? "warning" : "error");
}

static void print_line(gy_text *line, const gy_failure *failure)
{
    enum { VALUE_BYTES_MAX = 80 };
    if (failure->row != 0)
        gy_text_add(line, "row %zu", failure->row);
    else
        gy_text_add(line, "table");
    gy_text_add(line, "\t%s\t%s%s: ", failure->id == NULL ? "-" : gy_id_text(failure->id).text,
                failure->warning ? "warning: " : "", failure->rule);
    if (failure->value != NULL) {
        size_t length = failure->value_length;
        gy_text_json_string(line, failure->value,
                            length < VALUE_BYTES_MAX ? length : VALUE_BYTES_MAX);
        gy_text_add(line, "%s: ", length < VALUE_BYTES_MAX ? "" : "...");
    }
    gy_text_add(line, "%s\n", failure->why);
}

static gy_status print_failure(void *context, const gy_failure *failure, gy_error *err)
{
    gy_cli *cli = context;
    gy_text line = {0};
    if (cli->json)
        print_json(&line, failure);
    else
        print_line(&line, failure);
    gy_status status = line.status;
    if (status == GY_OK)
        fwrite(line.bytes, 1, line.length, cli->out);
    gy_text_release(&line);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for a line");
}

static void show_progress(void *context, size_t rows)
{
    gy_progress(context, "rows checked", rows, 0);
}

static gy_status check_run(gy_cli *cli, gy_error *err)
{
    check_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_check, cli, err));
    const gy_check_options how = {.contract = chosen.contract,
                                  .progress = cli->progress ? show_progress : NULL,
                                  .progress_context = cli};
    gy_check_result result;
    GY_TRY(gy_check(&result, cli->args[0], &how, print_failure, cli, cli->arena, err));
    if (result.refused)
        return gy_fail(err, GY_REFUSED, "%zu of %zu rules broken, by %zu of %zu rows of '%s'",
                       result.broken_count, result.rule_count, result.failing_rows, result.rows,
                       cli->args[0]);
    if (!cli->quiet)
        fprintf(stderr, "%zu rows keep all of %zu rules\n", result.rows, result.rule_count);
    return GY_OK;
}

const gy_command gy_command_check = {
    .name = "check",
    .usage = "gyre check [--contract FILE] TABLE",
    .summary = "check a table against its contract: every failing row by number and id",
    .group = "quality",
    .details =
        "A line for each row and rule: the row's number (from 1, the header not counted), its id, "
        "the rule, the value and why. Exit status 1 if a rule of severity error is broken. "
        "docs/formats/contract.md describes the rules.",
    .examples = "gyre check labels.csv\ngyre check --json labels.csv",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = check_run,
};
