// SPDX-License-Identifier: Apache-2.0
//
// gyre check: a table against its contract, every failing row by number and id.

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/findings.h"

// Of one check: what goes into the ledger, and the lines that are kept for gyre clean.
enum { RECORDS_MAX = 10000, KEPT_BYTES_MAX = 256 << 20 };

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
    const char *project; // NULL: nothing is kept
    gy_text kept;        // JSON lines
    gy_record *records;  // [RECORDS_MAX]
    gy_id *ids;          // [RECORDS_MAX]
    size_t record_count;
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
    put(line, failure->warning ? ",\"severity\":\"warning\",\"kind\":\"broken\",\"flagged\":"
                               : ",\"severity\":\"error\",\"kind\":\"broken\",\"flagged\":");
    put(line, failure->broken ? "true}\n" : "false}\n");
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

static gy_status record_failure(printer *out, const gy_failure *failure, gy_error *err)
{
    gy_text body = {0};
    if (failure->id == NULL || failure->warning || out->record_count == RECORDS_MAX)
        return GY_OK;
    put(&body, "{\"kind\":\"broken\",\"rule\":");
    gy_text_json_string(&body, failure->rule, strlen(failure->rule));
    if (failure->value != NULL) {
        put(&body, ",\"given\":");
        gy_text_json_string(&body, failure->value, failure->value_length);
    }
    put(&body, ",\"reason\":");
    gy_text_json_string(&body, failure->why, strlen(failure->why));
    put(&body, "}");
    gy_id *id = &out->ids[out->record_count];
    *id = *failure->id;
    gy_record *record = &out->records[out->record_count++];
    *record = (gy_record){.kind = "finding", .ids = id, .id_count = 1, .writer = "gyre check"};
    if (body.status == GY_OK)
        record->body = gy_arena_copy(out->cli->arena, body.bytes, body.length);
    gy_text_release(&body);
    return record->body != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a record");
}

static gy_status take_failure(void *context, const gy_failure *failure, gy_error *err)
{
    printer *out = context;
    bool keep = out->project != NULL && out->kept.length < KEPT_BYTES_MAX;
    out->line.length = 0;
    if (out->cli->json || keep)
        print_json(&out->line, failure);
    if (keep) {
        gy_text_append(&out->kept, out->line.bytes, out->line.length);
        GY_TRY(record_failure(out, failure, err));
    }
    if (!out->cli->json) {
        out->line.length = 0;
        print_line(&out->line, failure);
    }
    if (out->line.status != GY_OK)
        return gy_fail(err, out->line.status, "no memory for a line");
    fwrite(out->line.bytes, 1, out->line.length, out->cli->out);
    return GY_OK;
}

// A table in a project: what fails is kept for gyre clean, and in the ledger for gyre show.
static gy_status start_keeping(printer *out, gy_subject *subject, const char *path, gy_error *err)
{
    struct stat about;
    const char *slash = strrchr(path, '/');
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return GY_OK;
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    subject->table.path = path;
    subject->table.folder = gy_arena_copy(out->cli->arena, path, length);
    if (subject->table.folder != NULL)
        GY_TRY(gy_subject_find_project(subject, out->cli, err));
    if (subject->project != NULL) {
        out->records = GY_NEW(out->cli->arena, gy_record, RECORDS_MAX);
        out->ids = GY_NEW(out->cli->arena, gy_id, RECORDS_MAX);
    }
    out->project = subject->project;
    bool lacks = subject->project != NULL && (out->records == NULL || out->ids == NULL);
    return subject->table.folder != NULL && !lacks
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory to record failures");
}

// The same check of the same content says nothing new.
static gy_status end_keeping(printer *out, const gy_subject *subject, gy_error *err)
{
    bool fresh;
    if (out->project == NULL)
        return GY_OK;
    if (out->kept.length >= KEPT_BYTES_MAX) {
        fprintf(stderr,
                "over %d MiB of failures: none is kept for gyre clean (its --from takes what "
                "--json prints)\n",
                KEPT_BYTES_MAX >> 20);
        return GY_OK;
    }
    GY_TRY(gy_findings_keep(&fresh, &out->kept, "check", out->project, &subject->table, err));
    if (out->record_count == RECORDS_MAX && !out->cli->quiet)
        fprintf(stderr, "the ledger takes the first %d failures\n", RECORDS_MAX);
    return fresh ? gy_records_append(out->records, out->record_count, out->project, err) : GY_OK;
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
    gy_subject subject = {0};
    GY_TRY(start_keeping(&out, &subject, cli->args[0], err));
    gy_status status = gy_check(&result, cli->args[0], &how, take_failure, &out, cli->arena, err);
    if (status == GY_OK)
        status = end_keeping(&out, &subject, err);
    gy_text_release(&out.line);
    gy_text_release(&out.kept);
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
        "docs/formats/contract.md describes the rules.\n\n"
        "In a project what fails also goes into the ledger, and gyre clean leaves those rows out.",
    .examples = "gyre check labels.csv\ngyre check --json labels.csv",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = check_run,
};
