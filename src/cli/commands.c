// SPDX-License-Identifier: Apache-2.0
//
// The table of commands, made from commands.def.

#include <string.h>

#include "cli/command.h"

const gy_command *const gy_commands[] = {
#define COMMAND(name) &gy_command_##name,
#include "cli/commands.def"
#undef COMMAND
    NULL,
};

const gy_command *gy_command_find(const char *name)
{
    for (const gy_command *const *command = gy_commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}
