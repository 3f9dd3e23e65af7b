// SPDX-License-Identifier: Apache-2.0
//
// gyre manual: a command's manual page in man(7) form, made from its row. `make install` writes
// them.

#include <ctype.h>
#include <string.h>

#include "cli/command.h"

// Text as roff takes it: a backslash, a leading dot or quote, and hyphens that are minus signs.
static void print_roff(FILE *out, const char *text)
{
    bool line_starts = true;
    for (; *text != '\0'; text++) {
        if (line_starts && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        line_starts = *text == '\n';
    }
}

static void print_literal(FILE *out, const char *heading, const char *text)
{
    fprintf(out, ".SH %s\n.nf\n", heading);
    print_roff(out, text);
    fputs("\n.fi\n", out);
}

static void print_page(FILE *out, const gy_command *command)
{
    char title[32] = {0};
    for (size_t i = 0; command->name[i] != '\0' && i < sizeof(title) - 1; i++)
        title[i] = (char)toupper((unsigned char)command->name[i]);
    fprintf(out, ".TH GYRE\\-%s 1 \"\" \"gyre %s\"\n.SH NAME\ngyre\\-%s \\- ", title, gy_version(),
            command->name);
    print_roff(out, command->summary);
    fputc('\n', out);
    print_literal(out, "SYNOPSIS", command->usage);
    if (command->details != NULL) {
        fputs(".SH DESCRIPTION\n", out);
        print_roff(out, command->details);
        fputc('\n', out);
    }
    fputs(".SH OPTIONS\n", out);
    for (const gy_option *option = command->options;
         option != NULL && option->kind != GY_OPTION_END; option++) {
        fputs(".TP\n.B ", out);
        if (option->letter != 0)
            fprintf(out, "\\-%c, ", option->letter);
        fputs("\\-\\-", out);
        print_roff(out, option->name);
        fprintf(out, " %s\n", option->value == NULL ? "" : option->value);
        print_roff(out, option->help);
        fputc('\n', out);
    }
    fputs(".TP\n.B \\-\\-json\nresults for programs\n.TP\n.B \\-q, \\-\\-quiet\nresults only, no "
          "progress or hints\n.TP\n.B \\-\\-outside\nrows may name files outside of their "
          "table\'s folder and project\n",
          out);
    if (command->examples != NULL)
        print_literal(out, "EXAMPLES", command->examples);
    fputs(".SH EXIT STATUS\n", out);
#define STATUS(name, exit_code, text) fprintf(out, ".TP\n%d\n%s\n", exit_code, text);
    GY_STATUS_LIST(STATUS)
#undef STATUS
}

static gy_status manual_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_manual, cli, err));
    const gy_command *command = gy_command_find(cli->args[0]);
    if (command == NULL)
        return gy_fail(err, GY_NOT_FOUND, "'%s' is not a command (see gyre help)", cli->args[0]);
    if (cli->json)
        return gy_fail(
            err, GY_INVALID,
            "a manual page is man(7) text, not JSON (gyre help %s --json tells the same to "
            "programs)",
            command->name);
    print_page(cli->out, command);
    return GY_OK;
}

const gy_command gy_command_manual = {
    .name = "manual",
    .usage = "gyre manual COMMAND",
    .summary = "print a command's manual page in man(7) form",
    .group = "other",
    .examples = "  gyre manual id | man -l -",
    .operands_min = 1,
    .operands_max = 1,
    .run = manual_run,
};
