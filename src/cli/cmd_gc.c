// SPDX-License-Identifier: Apache-2.0
//
// gyre gc: drop what no version names any more.

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

typedef struct gc_options {
    bool dry_run;
    const char *grace;
} gc_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "dry-run", 'n', NULL, offsetof(gc_options, dry_run),
     "only tell what would be dropped"},
    {GY_OPTION_TEXT, "grace", 0, "TIME", offsetof(gc_options, grace),
     "how long it must have been unneeded: 30s, 10m, 12h, 14d (14d)"},
    GY_OPTIONS_END,
};

static gy_status read_time(uint64_t *seconds, const char *text, gy_error *err)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 24 * 3600}};
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (text[0] >= '0' && text[0] <= '9' && strcmp(end, units[i].unit) == 0 &&
            number < 1000000000) {
            *seconds = number * units[i].seconds;
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID, "--grace: '%s' is not a time such as 30s, 10m, 12h or 14d",
                   text);
}

static void print_result(gy_text *out, const gy_gc_result *result, bool dry_run, bool json)
{
    unsigned long long before = result->bytes_before, after = result->bytes_after;
    if (json)
        gy_text_add(out,
                    "{\"live\":%zu,\"waiting\":%zu,\"dropped\":%zu,\"packs_before\":%zu,"
                    "\"packs_after\":%zu,\"bytes_before\":%llu,\"bytes_after\":%llu}\n",
                    result->objects_live, result->objects_waiting, result->objects_dropped,
                    result->packs_before, result->packs_after, before, after);
    else if (dry_run)
        gy_text_add(out, "%zu objects are needed, %zu wait, %zu would be dropped\n",
                    result->objects_live, result->objects_waiting, result->objects_dropped);
    else
        gy_text_add(out, "%zu objects are needed, %zu wait, %zu dropped; %llu bytes, before %llu\n",
                    result->objects_live, result->objects_waiting, result->objects_dropped, after,
                    before);
}

static gy_status gc_run(gy_cli *cli, gy_error *err)
{
    gc_options chosen = {0};
    gy_gc_options how = {.grace_s = GY_GC_GRACE_S};
    gy_gc_result result;
    gy_store *store;
    GY_TRY(gy_options_parse(&chosen, &gy_command_gc, cli, err));
    how.dry_run = chosen.dry_run;
    if (chosen.grace != NULL)
        GY_TRY(read_time(&how.grace_s, chosen.grace, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_status status = gy_store_gc(&result, store, &how, err);
    gy_store_close(store);
    GY_TRY(status);
    gy_text out = {0};
    print_result(&out, &result, how.dry_run, cli->json);
    return gy_print_text(cli, &out, err);
}

const gy_command gy_command_gc = {
    .name = "gc",
    .usage = "gyre gc [--dry-run] [--grace TIME]",
    .summary = "drop stored data that no version names any more",
    .group = "data",
    .details = "Kept is all that a pointer file or a gyre.lock names: in the work tree, the git "
               "index, any\n"
               "branch, tag, stash or reflog entry. What is not needed is noted first and dropped "
               "by a later gc, when\n"
               "it has stayed unneeded for --grace. Many small packs are joined.",
    .options = options,
    .operands_min = 0,
    .operands_max = 0,
    .run = gc_run,
};
