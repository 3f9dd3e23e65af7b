// SPDX-License-Identifier: Apache-2.0
//
// gyre help: the commands by group, or one command's help.

#include <stddef.h>
#include <string.h>

#include "cli/command.h"

typedef struct help_options {
    bool names;
} help_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "names", 0, NULL, offsetof(help_options, names), "only the names, one a line"},
    GY_OPTIONS_END,
};

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

static void add_json_option(gy_text *out, const gy_option *option, const char *separator)
{
    gy_text_add(out, "%s{", separator);
    gy_text_json_member(out, "name", option->name);
    if (option->value != NULL)
        gy_text_json_member(out, "value", option->value);
    gy_text_json_member(out, "help", option->help);
    gy_text_add(out, "}");
}

// One object a line.
static gy_status print_json(FILE *file, const gy_command *command, gy_error *err)
{
    gy_text out = {0};
    gy_text_add(&out, "{");
    gy_text_json_member(&out, "name", command->name);
    gy_text_json_member(&out, "group", command->group);
    gy_text_json_member(&out, "summary", command->summary);
    gy_text_json_member(&out, "usage", command->usage);
    gy_text_add(&out, ",\"options\":[");
    const gy_option *option = command->options;
    for (; option != NULL && option->kind != GY_OPTION_END; option++)
        add_json_option(&out, option, option == command->options ? "" : ",");
    gy_text_add(&out, "]}\n");
    gy_status status = out.status;
    if (status == GY_OK)
        fwrite(out.bytes, 1, out.length, file);
    gy_text_release(&out);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for the help");
}

static gy_status print_one(gy_cli *cli, const char *name, gy_error *err)
{
    const gy_command *command = gy_command_find(name);
    if (command == NULL)
        return gy_fail(err, GY_NOT_FOUND, "'%s' is not a command (see gyre help)", name);
    if (cli->json)
        return print_json(cli->out, command, err);
    gy_command_print_help(command, cli->out);
    return GY_OK;
}

static gy_status help_run(gy_cli *cli, gy_error *err)
{
    help_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_help, cli, err));
    if (cli->operands == 1)
        return print_one(cli, cli->args[0], err);
    if (chosen.names || cli->json) {
        for (const gy_command *const *command = gy_commands; *command != NULL; command++)
            if (cli->json)
                GY_TRY(print_json(cli->out, *command, err));
            else
                fprintf(cli->out, "%s\n", (*command)->name);
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
    .usage = "gyre help [--names] [COMMAND]",
    .summary = "list the commands, or show one command's help",
    .group = "other",
    .options = options,
    .operands_max = 1,
    .run = help_run,
};
