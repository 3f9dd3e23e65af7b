// SPDX-License-Identifier: Apache-2.0
//
// gyre init: make a project of this folder.

#include <string.h>

#include "cli/command.h"

static gy_status init_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_init, cli, err));
    const char *folder = cli->operands > 0 ? cli->args[0] : ".";
    bool fresh;
    gy_store *store;
    GY_TRY(gy_store_init(&fresh, folder, err));
    GY_TRY(gy_store_open(&store, folder, err));
    gy_text line = {0};
    const char *project = gy_store_project(store);
    if (cli->json) {
        gy_text_add(&line, "{\"project\":");
        gy_text_json_string(&line, project, strlen(project));
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
