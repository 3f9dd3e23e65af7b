// SPDX-License-Identifier: Apache-2.0
//
// gyre init: make a project of this folder.

#include <string.h>

#include "cli/command.h"

// The ledger is made here, so that no later command waits for it. A machine without SQLite, or a
// newer ledger, is no reason to have no project.
static gy_status make_ledger(const char *folder, gy_error *err)
{
    gy_ledger *ledger;
    gy_error reason = {0};
    gy_status status = gy_ledger_open(&ledger, folder, &reason);
    if (status == GY_OK)
        gy_ledger_close(ledger);
    return status == GY_OK || status == GY_UNSUPPORTED ? GY_OK
                                                       : gy_fail(err, status, "%s", reason.message);
}

static gy_status init_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_init, cli, err));
    const char *folder = cli->operands > 0 ? cli->args[0] : ".";
    bool fresh;
    gy_store *store;
    GY_TRY(gy_store_init(&fresh, folder, err));
    GY_TRY(make_ledger(folder, err));
    GY_TRY(gy_store_open(&store, folder, err));
    gy_text line = {0};
    const char *project = gy_store_project(store);
    if (cli->json) {
        gy_text_add(&line, "{");
        gy_text_json_member(&line, "project", project);
        gy_text_add(&line, ",\"fresh\":%s}\n", fresh ? "true" : "false");
    } else {
        gy_text_add(&line, "%s: %s\n", project, fresh ? "a project now" : "is a project already");
    }
    gy_store_close(store);
    return gy_print_text(cli, &line, err);
}

const gy_command gy_command_init = {
    .name = "init",
    .usage = "gyre init [FOLDER]",
    .summary = "make a project of a folder",
    .group = "data",
    .details =
        "Makes .gyre in FOLDER (here, if none is given): the store of its data. git ignores\n"
        "it. A folder that is a project already stays as it is.",
    .examples = "  gyre init && gyre add images labels.csv",
    .operands_min = 0,
    .operands_max = 1,
    .run = init_run,
};
