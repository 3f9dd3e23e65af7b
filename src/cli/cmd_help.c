// SPDX-License-Identifier: Apache-2.0
//
// gyre help: the commands by group, or one command's help.

#include <string.h>

#include "cli/command.h"

static void print_group(FILE *out, const char *group)
{
    bool first = true;
    for (const gy_command *const *command = gy_commands; *command != NULL; command++) {
        if (strcmp((*command)->group, group) != 0)
            continue;
        if (first)
            fprintf(out, "\n%s\n", group);
        first = false;
        fprintf(out, "  %-12s %s\n", (*command)->name, (*command)->summary);
    }
}

static gy_status help_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_help, cli, err));
    if (cli->operands == 1) {
        const gy_command *command = gy_command_find(cli->args[0]);
        if (command == NULL)
            return gy_fail(err, GY_NOT_FOUND, "'%s' is not a command (see gyre help)",
                           cli->args[0]);
        gy_command_print_help(command, cli->out);
        return GY_OK;
    }
    fprintf(cli->out, "usage: gyre [-C DIR] COMMAND [OPTION...] [OPERAND...]\n"
                      "       gyre COMMAND --help | gyre --version\n");
    static const char *const groups[] = {"data",   "quality", "value", "pipeline",
                                         "models", "ledger",  "other"};
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        print_group(cli->out, groups[i]);
    return GY_OK;
}

const gy_command gy_command_help = {
    .name = "help",
    .usage = "gyre help [COMMAND]",
    .summary = "list the commands, or show one command's help",
    .group = "other",
    .operands_max = 1,
    .run = help_run,
};
