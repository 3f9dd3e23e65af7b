// SPDX-License-Identifier: Apache-2.0
//
// The gyre program: options that stand before the command, then one row of the table of commands.

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

// Take the options that every command has; the rest moves up. -C and --version stand before the
// command alone.
static gy_status take_common(gy_cli *cli, char **args, gy_error *err)
{
    char **kept = args;
    bool operands_only = false;
    for (char **arg = args; *arg != NULL; arg++) {
        if (strcmp(*arg, "--") == 0)
            operands_only = true;
        if (!operands_only && strcmp(*arg, "--json") == 0)
            cli->json = true;
        else if (!operands_only && (strcmp(*arg, "--quiet") == 0 || strcmp(*arg, "-q") == 0))
            cli->quiet = true;
        else if (!operands_only && strcmp(*arg, "--outside") == 0)
            setenv("GYRE_OUTSIDE", "1", 1); // for the library, and for the stages of gyre run
        else
            *kept++ = *arg;
    }
    *kept = NULL;
    (void)err;
    return GY_OK;
}

static gy_status change_folder(const char *folder, gy_error *err)
{
    if (folder == NULL)
        return gy_fail(err, GY_INVALID, "-C needs a folder");
    if (chdir(folder) != 0)
        return gy_fail(err, GY_NOT_FOUND, "cannot enter '%s': %s", folder, strerror(errno));
    return GY_OK;
}

static gy_status run_command(gy_cli *cli, const gy_command *command, gy_error *err)
{
    for (char **arg = cli->args; *arg != NULL && strcmp(*arg, "--") != 0; arg++)
        if (strcmp(*arg, "--help") == 0) {
            gy_command_print_help(command, cli->out);
            return GY_OK;
        }
    cli->arena = gy_arena_new(0);
    if (cli->arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory");
    gy_status status = command->run(cli, err);
    gy_arena_free(cli->arena);
    return status;
}

static gy_status dispatch(gy_cli *cli, char **args, gy_error *err, const char **name)
{
    while (*args != NULL && **args == '-') {
        if (strcmp(*args, "--version") == 0) {
            fprintf(cli->out, "gyre %s\n", gy_version());
            return GY_OK;
        }
        if (strcmp(*args, "--help") == 0 || strcmp(*args, "-h") == 0) {
            *args = (char *)"help";
            break;
        }
        if (strcmp(*args, "-C") != 0)
            return gy_fail(err, GY_INVALID, "unknown option '%s' (see gyre help)", *args);
        GY_TRY(change_folder(args[1], err));
        args += 2;
    }
    const gy_command *command = gy_command_find(*args == NULL ? "help" : *args);
    if (command == NULL)
        return gy_fail(err, GY_INVALID, "'%s' is not a command (see gyre help)", *args);
    *name = command->name;
    cli->args = *args == NULL ? args : args + 1;
    GY_TRY(take_common(cli, cli->args, err));
    return run_command(cli, command, err);
}

int main(int argc, char **argv)
{
    gy_cli cli = {
        .out = stdout,
        .color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
        .progress = isatty(STDERR_FILENO),
    };
    gy_error err = {0};
    const char *name = NULL;
    gy_cut_short_catch();
    gy_status status = dispatch(&cli, argv + (argc > 0), &err, &name);
    // Results that did not reach their reader are a failure: a full disk behind `>` must not pass.
    if (fflush(stdout) != 0 && status == GY_OK)
        status = gy_fail(&err, GY_IO, "cannot write the results: %s", strerror(errno));
    if (status != GY_OK && err.message[0] != '\0')
        fprintf(stderr, "gyre%s%s: %s\n", name == NULL ? "" : " ", name == NULL ? "" : name,
                err.message);
    return gy_status_exit_code(status);
}
