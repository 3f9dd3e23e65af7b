// SPDX-License-Identifier: Apache-2.0
//
// gyre completion: shell code that completes commands and options, made from their tables.

#include <string.h>

#include "cli/command.h"

static void print_options(FILE *out, const gy_command *command, const char *separator)
{
    for (const gy_option *option = command->options;
         option != NULL && option->kind != GY_OPTION_END; option++)
        fprintf(out, "--%s%s", option->name, separator);
    fprintf(out, "--help%s--json%s--quiet%s--outside", separator, separator, separator);
}

static void print_bash(FILE *out)
{
    fprintf(out,
            "_gyre()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options=\n"
            "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    for (const gy_command *const *command = gy_commands; *command != NULL; command++)
        fprintf(out, "%s ", (*command)->name);
    fprintf(out, "--version --help\" -- \"$word\"))\n        return\n    fi\n    case $verb in\n");
    for (const gy_command *const *command = gy_commands; *command != NULL; command++) {
        fprintf(out, "    %s) options=\"", (*command)->name);
        print_options(out, *command, " ");
        fprintf(out, "\" ;;\n");
    }
    fprintf(out, "    esac\n    case $word in\n    -*) COMPREPLY=($(compgen -W \"$options\" -- "
                 "\"$word\")) ;;\n"
                 "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac\n}\n"
                 "complete -o filenames -F _gyre gyre\n");
}

static void print_zsh(FILE *out)
{
    fprintf(out, "#compdef gyre\n_gyre()\n{\n    local -a verbs options\n    if (( CURRENT == 2 "
                 ")); then\n        verbs=(\n");
    for (const gy_command *const *command = gy_commands; *command != NULL; command++)
        fprintf(out, "            \"%s:%s\"\n", (*command)->name, (*command)->summary);
    fprintf(out, "        )\n        _describe command verbs\n        return\n    fi\n    case "
                 "$words[2] in\n");
    for (const gy_command *const *command = gy_commands; *command != NULL; command++) {
        fprintf(out, "    %s) options=(", (*command)->name);
        print_options(out, *command, " ");
        fprintf(out, ") ;;\n");
    }
    fprintf(out, "    esac\n    if [[ $words[CURRENT] == -* ]]; then\n        compadd -- "
                 "$options\n    else\n        _files\n    fi\n}\ncompdef _gyre gyre\n");
}

static gy_status completion_run(gy_cli *cli, gy_error *err)
{
    GY_TRY(gy_options_parse(NULL, &gy_command_completion, cli, err));
    if (cli->json)
        return gy_fail(err, GY_INVALID,
                       "completion is shell code, not JSON (gyre help --json tells commands and "
                       "options to programs)");
    if (strcmp(cli->args[0], "bash") == 0)
        print_bash(cli->out);
    else if (strcmp(cli->args[0], "zsh") == 0)
        print_zsh(cli->out);
    else
        return gy_fail(err, GY_UNSUPPORTED, "no completion for '%s', only for bash and zsh",
                       cli->args[0]);
    return GY_OK;
}

const gy_command gy_command_completion = {
    .name = "completion",
    .usage = "gyre completion bash|zsh",
    .summary = "print shell code that completes gyre's commands and options",
    .group = "other",
    .examples = "  eval \"$(gyre completion bash)\"",
    .operands_min = 1,
    .operands_max = 1,
    .run = completion_run,
};
