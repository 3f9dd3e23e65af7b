// SPDX-License-Identifier: Apache-2.0
//
// gyre id: the ids of files, one a line.

#include "cli/command.h"

static gy_status id_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_id, cli, err));
    for (size_t i = 0; i < cli->operands; i++) {
        gy_id id;
        GY_TRY(gy_id_of_file(&id, cli->args[i], err));
        fprintf(cli->out, "%s\n", gy_id_text(&id).text);
    }
    return GY_OK;
}

const gy_command gy_command_id = {
    .name = "id",
    .usage = "gyre id PATH...",
    .summary = "print the ids of files, one a line",
    .group = "ledger",
    .operands_min = 1,
    .operands_max = 100000,
    .run = id_run,
};
