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

// What takes failures: hundreds of thousands of lines, so that each is put together by hand.
typedef struct printer {
    gy_cli *cli;
    gy_text line;
} printer;

static inline void put(gy_text *line, const char *text)
{
    gy_text_append(line, text, strlen(text));
}

static void put_count(gy_text *line, size_t count)
{
    char digits[24], *end = digits + sizeof(digits), *at = end;
    do
        *--at = (char)('0' + count % 10);
    while ((count /= 10) > 0);
    gy_text_append(line, at, (size_t)(end - at));
}

static void print_json(gy_text *line, const gy_failure *failure)
{
    put(line, "{\"row\":");
    if (failure->row != 0)
        put_count(line, failure->row);
    else
        put(line, "null");
    put(line, failure->id != NULL ? ",\"id\":\"" : ",\"id\":null");
    if (failure->id != NULL)
        put(line, gy_id_text(failure->id).text);
    put(line, failure->id != NULL ? "\",\"rule\":" : ",\"rule\":");
    gy_text_json_string(line, failure->rule, strlen(failure->rule));
    if (failure->column != NULL) {
        put(line, ",\"column\":");
        gy_text_json_string(line, failure->column, strlen(failure->column));
    }
    if (failure->value != NULL) {
        put(line, ",\"value\":");
        gy_text_json_string(line, failure->value, failure->value_length);
    }
    put(line, ",\"why\":");
    gy_text_json_string(line, failure->why, strlen(failure->why));
    put(line, failure->warning ? ",\"severity\":\"warning\"}\n" : ",\"severity\":\"error\"}\n");
}

static void print_line(gy_text *line, const gy_failure *failure)
{
    enum { VALUE_BYTES_MAX = 80 };
    put(line, failure->row != 0 ? "row " : "table");
    if (failure->row != 0)
        put_count(line, failure->row);
    put(line, "\t");
    put(line, failure->id == NULL ? "-" : gy_id_text(failure->id).text);
    put(line, failure->warning ? "\twarning: " : "\t");
    put(line, failure->rule);
    put(line, ": ");
    if (failure->value != NULL) {
        size_t length = failure->value_length;
        gy_text_json_string(line, failure->value,
                            length < VALUE_BYTES_MAX ? length : VALUE_BYTES_MAX);
        put(line, length < VALUE_BYTES_MAX ? ": " : "...: ");
    }
    put(line, failure->why);
    put(line, "\n");
}

static gy_status print_failure(void *context, const gy_failure *failure, gy_error *err)
{
    printer *out = context;
    out->line.length = 0;
    if (out->cli->json)
        print_json(&out->line, failure);
    else
        print_line(&out->line, failure);
    if (out->line.status != GY_OK)
        return gy_fail(err, out->line.status, "no memory for a line");
    fwrite(out->line.bytes, 1, out->line.length, out->cli->out);
    return GY_OK;
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
    printer out = {.cli = cli};
    gy_status status = gy_check(&result, cli->args[0], &how, print_failure, &out, cli->arena, err);
    gy_text_release(&out.line);
    GY_TRY(status);
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
