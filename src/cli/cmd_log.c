// SPDX-License-Identifier: Apache-2.0
//
// gyre log: the versions of datasets and outputs in git's history.

#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include "cli/command.h"

typedef struct log_options {
    size_t limit;
} log_options;

static const gy_option options[] = {
    {GY_OPTION_SIZE, "limit", 'n', "N", offsetof(log_options, limit), "show at most N versions"},
    GY_OPTIONS_END,
};

static void print_json(gy_text *out, const gy_version_info *version)
{
    gy_text_add(out, "{\"commit\":\"%s\",\"time\":%lld,\"author\":", version->commit,
                (long long)version->time_s);
    gy_text_json_string(out, version->author, strlen(version->author));
    gy_text_add(out, ",\"subject\":");
    gy_text_json_string(out, version->subject, strlen(version->subject));
    gy_text_add(out, ",\"path\":");
    gy_text_json_string(out, version->path, strlen(version->path));
    gy_text_add(out, ",\"root\":\"%s\",\"samples\":%llu,\"bytes\":%llu",
                gy_id_text(&version->pointer.root).text,
                (unsigned long long)version->pointer.samples,
                (unsigned long long)version->pointer.bytes);
    if (version->counted)
        gy_text_add(out, ",\"added\":%zu,\"removed\":%zu,\"modified\":%zu", version->added,
                    version->removed, version->modified);
    gy_text_add(out, "%s}\n", version->is_output ? ",\"output\":true" : "");
}

static void print_line(gy_text *out, const gy_version_info *version)
{
    char day[32] = "";
    struct tm when;
    time_t time_s = (time_t)version->time_s;
    if (gmtime_r(&time_s, &when) != NULL)
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &when);
    unsigned long long samples = version->pointer.samples, bytes = version->pointer.bytes;
    gy_text_add(out, "%.10s  %s  %s: ", version->commit, day, version->path);
    if (!version->is_output)
        gy_text_add(out, "%llu sample%s, ", samples, samples == 1 ? "" : "s");
    gy_text_add(out, "%llu bytes", bytes);
    if (version->counted && version->pointer.is_folder)
        gy_text_add(out, ", +%zu -%zu ~%zu", version->added, version->removed, version->modified);
    gy_text_add(out, "  %s (%s)\n", version->subject, version->author);
}

static gy_status log_run(gy_cli *cli, gy_error *err)
{
    log_options chosen = {0};
    gy_store *store;
    gy_version_info *versions;
    size_t count = 0;
    GY_TRY(gy_options_parse(&chosen, &gy_command_log, cli, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_status status = gy_store_history(&versions, &count, store, (const char *const *)cli->args,
                                        cli->operands, chosen.limit, cli->arena, err);
    gy_store_close(store);
    GY_TRY(status);
    gy_text out = {0};
    for (size_t i = 0; i < count; i++)
        if (cli->json)
            print_json(&out, &versions[i]);
        else
            print_line(&out, &versions[i]);
    return gy_print_text(cli, &out, err);
}

const gy_command gy_command_log = {
    .name = "log",
    .usage = "gyre log [--limit N] [PATH...]",
    .summary = "list the versions of datasets and outputs in git's history",
    .group = "data",
    .details =
        "A line for each commit that changed a pointer file, newest first: commit, date,\n"
        "samples and bytes; for folders, the files added (+), removed (-) and modified (~)\n"
        "since the version before, where both are in the store. Of an output of a stage: each\n"
        "commit whose gyre.lock names another content of it.",
    .options = options,
    .operands_min = 0,
    .operands_max = 10000,
    .run = log_run,
};
